package dev.rung.image.layer;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import dev.rung.image.layer.LayerStack.Found;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Goes through a folder that a container wrote to and tells how it differs from the layers below.
 * The container may still run: its folders are opened without following links, and what vanishes
 * meanwhile is left out.
 */
final class Comparison {
    private static final int BELOW_WITHOUT_LINKS = 4 | 8; // RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH
    private final Fd top;
    private final LayerStack below;
    private final boolean whole;
    private final Visitor visitor;
    private final FileCalls calls;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();

    /** A folder to go through; what it covers is null when there is no such folder below. */
    private record Pending(KernelPath path, @Nullable Found covers) {}

    /** Is told of differences; folders come before what is in them. */
    interface Visitor {
        /** Something that is new or not the same; the folder is open only during the call. */
        void there(Change.Kind kind, KernelPath path, Fd folder, KernelPath name, FileStatus status)
                throws ErrnoException, IOException;

        /** The folder, just told of, hides all that the layers below have in it. */
        void opaque(KernelPath folder) throws ErrnoException, IOException;

        /** Something of the layers below is gone. */
        void gone(KernelPath path) throws ErrnoException, IOException;
    }

    private Comparison(Fd top, LayerStack below, boolean whole, Visitor visitor, FileCalls calls) {
        this.top = top;
        this.below = below;
        this.whole = whole;
        this.visitor = visitor;
        this.calls = calls;
    }

    /** Of the upper folder of an overlay, which holds only what differs. */
    static void ofUpper(Fd upper, LayerStack below, FileCalls calls, Visitor visitor)
            throws ErrnoException, IOException {
        new Comparison(upper, below, false, visitor, calls).run();
    }

    /**
     * Of a folder that began as a copy of the layers; content counts as changed when time or size
     * is.
     */
    static void ofWhole(Fd folder, LayerStack below, FileCalls calls, Visitor visitor)
            throws ErrnoException, IOException {
        new Comparison(folder, below, true, visitor, calls).run();
    }

    private void run() throws ErrnoException, IOException {
        pending.push(new Pending(LayerPath.ROOT, below.root()));
        while (!pending.isEmpty()) {
            Pending next = pending.pop();
            try (Fd folder = open(next.path())) {
                compare(folder, next);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
                    throw e;
                }
            }
        }
    }

    private Fd open(KernelPath path) throws ErrnoException {
        return Paths.open(top, LayerPath.forCall(path), Paths.O_DIRECTORY, 0, BELOW_WITHOUT_LINKS);
    }

    private void compare(Fd folder, Pending here) throws ErrnoException, IOException {
        Set<KernelPath> names = new TreeSet<>(Paths.list(folder));
        for (KernelPath name : names) {
            FileStatus status = status(folder, name);
            if (status != null) {
                compareOrLeaveOut(folder, name, status, here);
            }
        }
        if (whole && here.covers() != null) {
            for (KernelPath name : below.names(here.path(), here.covers())) {
                KernelPath path = LayerPath.below(here.path(), name);
                if (!names.contains(name) && below.child(path, here.covers().merged()) != null) {
                    visitor.gone(path);
                }
            }
        }
    }

    private void compareOrLeaveOut(Fd folder, KernelPath name, FileStatus status, Pending here)
            throws ErrnoException, IOException {
        try {
            compareOne(folder, name, status, here);
        } catch (ErrnoException e) {
            boolean vanished = e.errno() == Errno.ENOENT || e.errno() == Errno.EINVAL;
            if (!vanished) { // EINVAL: it was a link, and is none now
                throw e;
            }
        }
    }

    private void compareOne(Fd folder, KernelPath name, FileStatus status, Pending here)
            throws ErrnoException, IOException {
        KernelPath path = LayerPath.below(here.path(), name);
        Found old = here.covers() == null ? null : below.child(path, here.covers().merged());
        if (!whole && Whiteouts.isWhiteout(status)) {
            if (old != null) {
                visitor.gone(path);
            }
            return;
        }
        if (!whole || old == null || !isSame(folder, name, status, path, old)) {
            Change.Kind kind = old == null ? Change.Kind.ADDED : Change.Kind.CHANGED;
            visitor.there(kind, path, folder, name, status);
        }
        if (status.is(FileStatus.Type.DIRECTORY)) {
            boolean covers = old != null && old.isFolder();
            if (covers && !whole && LayerStack.isOpaque(folder, name)) {
                visitor.opaque(path);
                covers = false;
            }
            pending.push(new Pending(path, covers ? old : null));
        }
    }

    private boolean isSame(Fd folder, KernelPath name, FileStatus now, KernelPath path, Found old)
            throws ErrnoException {
        FileStatus then = old.status();
        if (now.mode() != then.mode()
                || now.uid() != then.uid()
                || now.gid() != then.gid()
                || now.specialDevice() != then.specialDevice()
                || now.modifiedSeconds() != then.modifiedSeconds()
                || now.modifiedNanos() != then.modifiedNanos()) {
            return false;
        }
        if (now.is(FileStatus.Type.LINK)) {
            return Paths.readLink(folder, name)
                    .equals(Paths.readLink(below.folder(old.layer()), path));
        }
        return (!now.is(FileStatus.Type.REGULAR) || now.size() == then.size())
                && LayerAttributes.areSame(folder, name, below.folder(old.layer()), path);
    }

    private @Nullable FileStatus status(Fd folder, KernelPath name) throws ErrnoException {
        try {
            return calls.status(folder, name);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    /** The names that a folder of the layers below shows, unless it is gone there. */
    static List<KernelPath> shown(LayerStack below, KernelPath folder) throws ErrnoException {
        Found found = below.find(folder);
        if (found == null || !found.isFolder()) {
            return List.of();
        }
        var shown = new ArrayList<KernelPath>();
        for (KernelPath name : below.names(folder, found)) {
            if (below.child(LayerPath.below(folder, name), found.merged()) != null) {
                shown.add(name);
            }
        }
        return shown;
    }
}
