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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a container changed, as a list for people and as a layer. */
public final class LayerDiff {
    private static final int MADE = 0755;

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
     *     made them to mount something on; nor do folders that are different for them alone
     */
    public static List<Change> changes(
            Fd folder, Form form, LayerStack below, Set<KernelPath> marks) {
        var listing = new Listing(new TreeMap<>(), below);
        try (var calls = new FileCalls()) {
            compareUnmarked(folder, form, below, calls, marks, listing);
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
            compareUnmarked(folder, form, below, calls, marks, layer);
        }
    }

    /** Writes all that is in a folder, such as a mounted root file system, as an archive. */
    public static void writeAll(Fd folder, OutputStream out) throws IOException {
        try (LayerStack nothing = LayerStack.open(List.of())) {
            write(folder, Form.COPY, nothing, Set.of(), out);
        }
    }

    private static void compareUnmarked(
            Fd folder,
            Form form,
            LayerStack below,
            FileCalls calls,
            Set<KernelPath> marks,
            Comparison.Visitor visitor)
            throws IOException {
        var touched = new Touched(above(marks), below, new TreeSet<>(), new HashMap<>());
        if (!marks.isEmpty()) {
            compare(folder, form, below, calls, new Unmarked(marks, Set.of(), touched));
        }
        compare(folder, form, below, calls, new Unmarked(marks, touched.alone(), visitor));
    }

    /** All folders that the marks are in, but the root. */
    private static Set<KernelPath> above(Set<KernelPath> marks) {
        var above = new HashSet<KernelPath>();
        for (KernelPath mark : marks) {
            KernelPath parent = LayerPath.of(mark).parent();
            while (parent.length() > 0 && above.add(parent)) {
                parent = LayerPath.of(parent).parent();
            }
        }
        return above;
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

    /**
     * Finds folders that are here for the marks alone: nothing else is in them, and they look as
     * below, but for their time, or as a runtime makes them.
     *
     * @param found of the candidates, in order, those that look so
     * @param inside what was told of each folder
     */
    private record Touched(
            Set<KernelPath> candidates,
            LayerStack below,
            TreeSet<KernelPath> found,
            Map<KernelPath, Set<KernelPath>> inside)
            implements Comparison.Visitor {
        @Override
        public void there(
                Change.Kind kind, KernelPath path, Fd folder, KernelPath name, FileStatus status)
                throws ErrnoException {
            add(path);
            boolean looks = kind == Change.Kind.ADDED ? isMade(status) : isAsBelow(path, status);
            if (looks && candidates.contains(path)) {
                found.add(path);
            }
        }

        private void add(KernelPath path) {
            inside.computeIfAbsent(LayerPath.of(path).parent(), absent -> new HashSet<>())
                    .add(path);
        }

        private static boolean isMade(FileStatus status) {
            return status.is(FileStatus.Type.DIRECTORY)
                    && status.permissions() == MADE
                    && status.uid() == 0
                    && status.gid() == 0;
        }

        private boolean isAsBelow(KernelPath path, FileStatus status) throws ErrnoException {
            LayerStack.Found old = below.find(path);
            return old != null
                    && old.isFolder()
                    && old.status().mode() == status.mode()
                    && old.status().uid() == status.uid()
                    && old.status().gid() == status.gid();
        }

        @Override
        public void opaque(KernelPath folder) {
            add(LayerPath.below(folder, Whiteouts.OPAQUE));
        }

        @Override
        public void gone(KernelPath path) {
            add(path);
        }

        /** Those in folders come before these, as longer paths do. */
        Set<KernelPath> alone() {
            var alone = new HashSet<KernelPath>();
            for (KernelPath folder : found.descendingSet()) {
                if (alone.containsAll(inside.getOrDefault(folder, Set.of()))) {
                    alone.add(folder);
                }
            }
            return alone;
        }
    }

    private record Unmarked(
            Set<KernelPath> marks, Set<KernelPath> touched, Comparison.Visitor visitor)
            implements Comparison.Visitor {
        @Override
        public void there(
                Change.Kind kind, KernelPath path, Fd folder, KernelPath name, FileStatus status)
                throws ErrnoException, IOException {
            boolean empty = status.is(FileStatus.Type.DIRECTORY) || status.size() == 0;
            boolean mark = kind == Change.Kind.ADDED && empty && marks.contains(path);
            if (!mark && !touched.contains(path)) {
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
