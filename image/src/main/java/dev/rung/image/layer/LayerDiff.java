package dev.rung.image.layer;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.tar.TarWriter;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** What a container changed, as a list for people and as a layer. */
public final class LayerDiff {
    private LayerDiff() {}

    /**
     * How the folder came to be: the upper one of an overlay, or a copy of the layers that was
     * written to.
     */
    public enum Form {
        UPPER,
        COPY
    }

    /**
     * All differences from the layers below, sorted by path. HostRefused as the kernel says.
     *
     * @param marks relative paths that do not count where they are new and empty, because a runtime
     *     made them to mount something on
     */
    public static List<Change> changes(
            Fd folder, Form form, LayerStack below, Set<KernelPath> marks) {
        var listing = new Listing(new TreeMap<>(), below);
        try (var calls = new FileCalls()) {
            compare(folder, form, below, calls, new Unmarked(marks, listing));
        } catch (IOException e) {
            throw new AssertionError("a list does no input or output", e);
        }
        var changes = new ArrayList<Change>();
        listing.kinds().forEach((path, kind) -> changes.add(new Change(kind, path)));
        return changes;
    }

    /** Writes the differences, as {@link #changes} counts them, as the archive of a layer. */
    public static void write(
            Fd folder, Form form, LayerStack below, Set<KernelPath> marks, OutputStream out)
            throws IOException {
        try (var calls = new FileCalls();
                var tar = new TarWriter(out)) {
            var layer = new Layer(new TreeArchiver(tar, calls));
            compare(folder, form, below, calls, new Unmarked(marks, layer));
        }
    }

    /** Writes all that is in a folder, such as a mounted root file system, as an archive. */
    public static void writeAll(Fd folder, OutputStream out) throws IOException {
        try (LayerStack nothing = LayerStack.open(List.of())) {
            write(folder, Form.COPY, nothing, Set.of(), out);
        }
    }

    private static void compare(
            Fd folder, Form form, LayerStack below, FileCalls calls, Comparison.Visitor visitor)
            throws IOException {
        try {
            switch (form) {
                case UPPER -> Comparison.ofUpper(folder, below, calls, visitor);
                case COPY -> Comparison.ofWhole(folder, below, calls, visitor);
            }
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("compare with the image: " + e.getMessage(), e);
        }
    }

    private record Unmarked(Set<KernelPath> marks, Comparison.Visitor visitor)
            implements Comparison.Visitor {
        @Override
        public void there(
                Change.Kind kind, KernelPath path, Fd folder, KernelPath name, FileStatus status)
                throws ErrnoException, IOException {
            boolean empty = status.is(FileStatus.Type.DIRECTORY) || status.size() == 0;
            if (kind != Change.Kind.ADDED || !empty || !marks.contains(path)) {
                visitor.there(kind, path, folder, name, status);
            }
        }

        @Override
        public void opaque(KernelPath folder) throws ErrnoException, IOException {
            visitor.opaque(folder);
        }

        @Override
        public void gone(KernelPath path) throws ErrnoException, IOException {
            visitor.gone(path);
        }
    }

    private record Listing(TreeMap<KernelPath, Change.Kind> kinds, LayerStack below)
            implements Comparison.Visitor {
        @Override
        public void there(
                Change.Kind kind, KernelPath path, Fd folder, KernelPath name, FileStatus status) {
            add(kind, path);
        }

        @Override
        public void opaque(KernelPath folder) throws ErrnoException {
            for (KernelPath name : Comparison.shown(below, folder)) {
                add(Change.Kind.DELETED, LayerPath.below(folder, name));
            }
        }

        @Override
        public void gone(KernelPath path) {
            add(Change.Kind.DELETED, path);
        }

        /** What an opaque folder hides may be there anew, which is told later: a change. */
        private void add(Change.Kind kind, KernelPath path) {
            var absolute = new byte[path.length() + 1];
            absolute[0] = '/';
            System.arraycopy(path.toBytes(), 0, absolute, 1, path.length());
            KernelPath shown = KernelPath.of(absolute);
            boolean anew = kinds.put(shown, kind) == Change.Kind.DELETED;
            if (anew) {
                kinds.put(shown, Change.Kind.CHANGED);
            }
        }
    }

    private record Layer(TreeArchiver archive) implements Comparison.Visitor {
        @Override
        public void there(
                Change.Kind kind, KernelPath path, Fd folder, KernelPath name, FileStatus status)
                throws ErrnoException, IOException {
            archive.add(path, folder, name, status);
        }

        @Override
        public void opaque(KernelPath folder) throws IOException {
            archive.addEmpty(LayerPath.below(folder, Whiteouts.OPAQUE));
        }

        @Override
        public void gone(KernelPath path) throws IOException {
            LayerPath gone = LayerPath.of(path);
            archive.addEmpty(LayerPath.below(gone.parent(), Whiteouts.mark(gone.name())));
        }
    }
}
