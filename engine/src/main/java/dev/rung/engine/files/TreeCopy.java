package dev.rung.engine.files;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.layer.Removal;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import dev.rung.linux.Xattrs;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Copies files from one open folder into another, with modes, times, attributes, holes and hard
 * links. Somebody hostile may change both sides meanwhile: every name is one component, links are
 * copied and never followed. For one thread.
 */
public final class TreeCopy implements AutoCloseable {
    private static final int O_NONBLOCK =
            0x800; // a fifo in the place of a file must not hold us up
    private static final int O_PATH = 0x200000;
    private static final KernelPath OWN_DESCRIPTORS = KernelPath.of("/proc/self/fd");
    private static final int CHUNK = 64 * 1024;
    private static final int DEEPEST = 256; // two descriptors each
    private static final int OURS = 0700;

    private final FileCalls calls = new FileCalls();
    private final Owners owners;
    private final boolean replaces;
    private final Predicate<KernelPath> taken;
    private final byte[] chunk = new byte[CHUNK];
    private final byte[] zeros = new byte[CHUNK];

    /** The first names of files that have several, below the folder that copying began in. */
    private final Map<Inode, KernelPath> linked = new HashMap<>();

    private record Inode(long device, long number) {}

    /** Whose the copies become. */
    public interface Owners {
        /** A new owner of what this one has. */
        int uid(int of);

        int gid(int of);

        /** A new mode, of what this one is. */
        default int mode(int of) {
            return of;
        }

        /** The same. */
        Owners SAME = shifted(0);

        /** Set-user-id and set-group-id. */
        int SET_IDS = 06000;

        /** All are one user's. */
        static Owners only(int uid, int gid) {
            return new Owners() {
                @Override
                public int uid(int of) {
                    return uid;
                }

                @Override
                public int gid(int of) {
                    return gid;
                }
            };
        }

        /** All are one user's, and nobody runs them with that user's rights unasked. */
        static Owners person(int uid, int gid) {
            return new Owners() {
                @Override
                public int uid(int of) {
                    return uid;
                }

                @Override
                public int gid(int of) {
                    return gid;
                }

                @Override
                public int mode(int of) {
                    return of & ~SET_IDS;
                }
            };
        }

        /** Each number grows by that much. */
        static Owners shifted(int by) {
            return new Owners() {
                @Override
                public int uid(int of) {
                    return of + by;
                }

                @Override
                public int gid(int of) {
                    return of + by;
                }
            };
        }
    }

    /** A copy of all, which refuses to put a folder in a file's place or the other way round. */
    public TreeCopy(Owners owners) {
        this(owners, false, path -> true);
    }

    /**
     * A copy of some.
     *
     * @param replaces whether what is in the way goes, whatever it is
     * @param taken which paths are copied, as from the folder that copying begins in
     */
    public TreeCopy(Owners owners, boolean replaces, Predicate<KernelPath> taken) {
        this.owners = owners;
        this.replaces = replaces;
        this.taken = taken;
    }

    /** All that is in a folder, and the looks of the folder itself. */
    public void contentAndLooks(Fd from, Fd to) throws ErrnoException {
        content(from, to);
        attributes(from, to);
        looks(Descriptors.status(from), to);
    }

    /** All that is in a folder, joined with what the other one has. */
    public void content(Fd from, Fd to) throws ErrnoException {
        content(from, to, KernelPath.of(""), to, 0);
    }

    /**
     * One file or tree that is open, into a folder under a name. It replaces a file, and joins a
     * folder.
     *
     * @param from open for reading, but for a link or a node
     */
    public void opened(Fd from, Fd to, KernelPath name) throws ErrnoException {
        FileStatus status = Descriptors.status(from);
        if (status.is(FileStatus.Type.DIRECTORY)) {
            makeFolder(to, name, name);
            try (Fd target = calls.openFolder(to, name)) {
                contentAndLooks(from, target);
            }
            return;
        }
        clear(to, name, name);
        if (status.is(FileStatus.Type.REGULAR)) {
            file(from, to, name);
        } else if (status.is(FileStatus.Type.LINK)) {
            calls.makeLink(to, name, Paths.readLink(from, KernelPath.of("")));
            named(status, to, name);
        } else {
            node(status, to, name);
        }
    }

    private void content(Fd from, Fd to, KernelPath path, Fd top, int depth) throws ErrnoException {
        if (depth > DEEPEST) {
            throw new Failure.Invalid("copy: \"" + path + "\" is too deep");
        }
        for (KernelPath name : Paths.list(from)) {
            KernelPath whole = below(path, name);
            if (taken.test(whole)) {
                one(from, name, to, name, whole, top, depth);
            }
        }
    }

    private static KernelPath below(KernelPath folder, KernelPath name) {
        if (folder.length() == 0) {
            return name;
        }
        byte[] path = Arrays.copyOf(folder.toBytes(), folder.length() + 1 + name.length());
        path[folder.length()] = '/';
        System.arraycopy(name.toBytes(), 0, path, folder.length() + 1, name.length());
        return KernelPath.of(path);
    }

    private void one(
            Fd from, KernelPath name, Fd to, KernelPath newName, KernelPath path, Fd top, int depth)
            throws ErrnoException {
        FileStatus status = calls.status(from, name);
        if (status.is(FileStatus.Type.DIRECTORY)) {
            folder(from, name, to, newName, path, top, depth);
            return;
        }
        clear(to, newName, path);
        if (status.is(FileStatus.Type.REGULAR)) {
            if (!linkedBefore(status, to, newName, path, top)) {
                file(from, name, to, newName);
            }
        } else if (status.is(FileStatus.Type.LINK)) {
            calls.makeLink(to, newName, Paths.readLink(from, name));
            named(status, to, newName);
        } else {
            node(status, to, newName);
        }
    }

    /** Sockets are left out: nobody would listen. */
    private void node(FileStatus status, Fd to, KernelPath name) throws ErrnoException {
        if (!status.is(FileStatus.Type.SOCKET)) {
            calls.makeNode(to, name, status.mode(), status.specialDevice());
            named(status, to, name);
            nodeMode(status, to, name);
        }
    }

    private void folder(
            Fd from, KernelPath name, Fd to, KernelPath newName, KernelPath path, Fd top, int depth)
            throws ErrnoException {
        makeFolder(to, newName, path);
        try (Fd source = calls.openFolder(from, name);
                Fd target = calls.openFolder(to, newName)) {
            content(source, target, path, top, depth + 1);
            attributes(source, target);
            looks(Descriptors.status(source), target);
        }
    }

    private void makeFolder(Fd to, KernelPath name, KernelPath path) throws ErrnoException {
        try {
            calls.makeFolder(to, name, OURS);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            if (calls.status(to, name).is(FileStatus.Type.DIRECTORY)) {
                return;
            } else if (!replaces) {
                throw new Failure.Invalid(
                        "cannot overwrite non-directory \"" + path + "\" with directory");
            }
            calls.remove(to, name);
            calls.makeFolder(to, name, OURS);
        }
    }

    /** Takes away what is in the way. */
    private void clear(Fd to, KernelPath name, KernelPath path) throws ErrnoException {
        try {
            calls.remove(to, name);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EISDIR && replaces) {
                Removal.remove(calls, to, name);
            } else if (e.errno() == Errno.EISDIR) {
                throw new Failure.Invalid(
                        "cannot overwrite directory \"" + path + "\" with non-directory");
            } else if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /** A further name of a file that was copied; false when it is the first one. */
    private boolean linkedBefore(FileStatus status, Fd to, KernelPath name, KernelPath path, Fd top)
            throws ErrnoException {
        if (status.links() < 2) {
            return false;
        }
        KernelPath first = linked.putIfAbsent(new Inode(status.device(), status.inode()), path);
        if (first == null) {
            return false;
        }
        byte[] whole = first.toBytes();
        int slash = lastSlash(whole);
        if (slash < 0) {
            return link(top, first, to, name);
        }
        KernelPath parent = KernelPath.of(Arrays.copyOf(whole, slash));
        KernelPath last = KernelPath.of(Arrays.copyOfRange(whole, slash + 1, whole.length));
        try (Fd folder = calls.openFolderInRoot(top, parent, Paths.O_NOFOLLOW)) {
            return link(folder, last, to, name);
        } catch (ErrnoException e) {
            return false; // somebody moved it: a copy does as well
        }
    }

    private static int lastSlash(byte[] path) {
        for (int i = path.length - 1; i >= 0; i--) {
            if (path[i] == '/') {
                return i;
            }
        }
        return -1;
    }

    private boolean link(Fd folder, KernelPath first, Fd to, KernelPath name) {
        try {
            calls.link(folder, first, to, name);
            return true;
        } catch (ErrnoException e) {
            return false; // such as between two mounts
        }
    }

    private void file(Fd from, KernelPath name, Fd to, KernelPath newName) throws ErrnoException {
        try (Fd source = calls.open(from, name, Paths.O_RDONLY | O_NONBLOCK)) {
            file(source, to, newName);
        }
    }

    private void file(Fd source, Fd to, KernelPath name) throws ErrnoException {
        FileStatus status = Descriptors.status(source);
        if (!status.is(FileStatus.Type.REGULAR)) {
            throw new Failure.Invalid("copy: \"" + name + "\" changed meanwhile");
        }
        try (Fd target = calls.create(to, name, OURS)) {
            bytes(source, target);
            looks(status, target);
            attributes(source, target); // a change of owner takes capabilities away
            calls.setTimes(target, status.modifiedSeconds(), status.modifiedNanos());
        }
    }

    /** To the end, whatever the size was said to be; blocks of zeros become holes. */
    private void bytes(Fd source, Fd target) throws ErrnoException {
        long size = 0;
        boolean hole = false;
        while (true) {
            int count = calls.read(source, chunk, 0, CHUNK);
            if (count == 0) {
                break;
            }
            boolean empty = Arrays.equals(chunk, 0, count, zeros, 0, count);
            size += count;
            if (!empty) {
                if (hole) {
                    calls.seek(target, size - count);
                }
                calls.write(target, chunk, 0, count);
            }
            hole = empty;
        }
        if (hole) {
            calls.resize(target, size);
        }
    }

    /** The owner first: a change of it takes set-user-id bits away. */
    private void looks(FileStatus status, Fd target) throws ErrnoException {
        calls.changeOwner(target, owners.uid(status.uid()), owners.gid(status.gid()));
        calls.changeMode(target, owners.mode(status.permissions()));
        calls.setTimes(target, status.modifiedSeconds(), status.modifiedNanos());
    }

    private void named(FileStatus status, Fd to, KernelPath name) throws ErrnoException {
        calls.changeOwner(to, name, owners.uid(status.uid()), owners.gid(status.gid()));
        calls.setTimes(to, name, status.modifiedSeconds(), status.modifiedNanos());
    }

    /** Through its descriptor: a change by name would follow a link that lies there by now. */
    private void nodeMode(FileStatus status, Fd to, KernelPath name) throws ErrnoException {
        try (Fd node = calls.open(to, name, O_PATH);
                Fd ours = Paths.open(null, OWN_DESCRIPTORS, Paths.O_DIRECTORY, 0, 0)) {
            FileStatus there = Descriptors.status(node);
            if (there.is(FileStatus.Type.LINK) || there.is(FileStatus.Type.DIRECTORY)) {
                throw new Failure.Invalid("copy: \"" + name + "\" changed meanwhile");
            }
            KernelPath number = KernelPath.of(Integer.toString(node.number()));
            calls.changeMode(ours, number, status.permissions());
        }
    }

    /** Users' own ones and file capabilities; others belong to the file system they are on. */
    private static void attributes(Fd source, Fd target) throws ErrnoException {
        for (KernelPath attribute : Xattrs.list(source)) {
            String text = attribute.toString();
            boolean taken =
                    text.startsWith("user.") && !text.startsWith("user.overlay.")
                            || text.equals("security.capability")
                            || text.startsWith("system.posix_acl_");
            if (!taken) {
                continue;
            }
            try {
                Xattrs.set(target, attribute, Xattrs.get(source, attribute));
            } catch (ErrnoException e) {
                boolean mayMiss =
                        e.errno() == Errno.ENODATA
                                || e.errno() == Errno.EOPNOTSUPP
                                || e.errno() == Errno.EPERM;
                if (!mayMiss) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void close() {
        calls.close();
    }
}
