package dev.rung.build;

import dev.rung.build.dockerfile.GoPattern;
import dev.rung.domain.Digest;
import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.RawText;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import dev.rung.linux.Xattrs;
import java.security.MessageDigest;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Files that are copied from: the context, or what a stage or an image has. The root of the tree is
 * the root of all paths; links in it lead nowhere else. For any number of threads.
 */
final class FileTree implements AutoCloseable {
    private static final int O_PATH = 0x200000;
    private static final int O_NONBLOCK = 0x800;
    private static final int RESOLVE_NO_MAGICLINKS_IN_ROOT = 0x02 | 0x10;
    private static final int CHUNK = 64 * 1024;
    private static final int DEEPEST = 256;
    private static final KernelPath CAPABILITY = KernelPath.of("security.capability");

    private final Fd root;

    /** The descriptor is the tree's from now on. */
    FileTree(Fd root) {
        this.root = root;
    }

    /** The folder that is the root; NotFound when it is missing. */
    static FileTree open(KernelPath folder) {
        try {
            return new FileTree(Paths.open(null, folder, Paths.O_DIRECTORY, 0, 0));
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("open \"" + folder + "\": " + e.getMessage(), e);
        }
    }

    Fd root() {
        return root;
    }

    /** Null when nothing is there; the caller closes it. Links are followed. */
    @Nullable Fd open(String path) throws ErrnoException {
        return open(root, path);
    }

    static @Nullable Fd open(Fd root, String path) throws ErrnoException {
        KernelPath absolute = KernelPath.of(RawText.encode("/" + path));
        try (Fd place = Paths.open(root, absolute, O_PATH, 0, RESOLVE_NO_MAGICLINKS_IN_ROOT)) {
            FileStatus status = Descriptors.status(place);
            boolean readable =
                    status.is(FileStatus.Type.REGULAR) || status.is(FileStatus.Type.DIRECTORY);
            int flags = readable ? O_NONBLOCK : O_PATH;
            return Paths.open(root, absolute, flags, 0, RESOLVE_NO_MAGICLINKS_IN_ROOT);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }

    /** All paths that the pattern matches, sorted. */
    List<String> match(GoPattern pattern) throws ErrnoException {
        var found = new TreeSet<String>();
        try (Fd top = Paths.open(root, KernelPath.of("."), Paths.O_DIRECTORY, 0, 0);
                var calls = new FileCalls()) {
            match(pattern, top, "", found, 0, calls);
        }
        return List.copyOf(found);
    }

    private static void match(
            GoPattern pattern,
            Fd folder,
            String path,
            Set<String> found,
            int depth,
            FileCalls calls)
            throws ErrnoException {
        checkDepth(depth, path);
        for (KernelPath name : Paths.list(folder)) {
            String text = RawText.decode(name.toBytes());
            String whole = path.isEmpty() ? text : path + "/" + text;
            if (pattern.matches(whole)) {
                found.add(whole);
            }
            if (calls.status(folder, name).is(FileStatus.Type.DIRECTORY)) {
                try (Fd below = calls.openFolder(folder, name)) {
                    match(pattern, below, whole, found, depth + 1, calls);
                }
            }
        }
    }

    /**
     * What a file, or all in a folder, is known by: names, types, modes, owners, targets of links,
     * capabilities and contents, but no times.
     *
     * @param taken which paths below the folder count
     */
    Digest digest(Fd file, Predicate<KernelPath> taken) throws ErrnoException {
        try (var hash = new Hash(taken)) {
            return hash.of(file);
        }
    }

    /** One digest that is made; for one thread. */
    private static final class Hash implements AutoCloseable {
        private final FileCalls calls = new FileCalls();
        private final byte[] chunk = new byte[CHUNK];
        private final StepKey key = new StepKey();
        private final Predicate<KernelPath> taken;

        Hash(Predicate<KernelPath> taken) {
            this.taken = taken;
        }

        Digest of(Fd file) throws ErrnoException {
            FileStatus status = Descriptors.status(file);
            if (status.is(FileStatus.Type.DIRECTORY)) {
                content(file, KernelPath.of(""), 0);
            } else {
                looks(status);
                if (status.is(FileStatus.Type.REGULAR)) {
                    file(file);
                }
            }
            return key.done();
        }

        private void looks(FileStatus status) {
            key.add(status.mode()).add(status.uid()).add(status.gid()).add(status.specialDevice());
        }

        private void content(Fd folder, KernelPath path, int depth) throws ErrnoException {
            checkDepth(depth, path.toString());
            for (KernelPath name : new TreeSet<>(Paths.list(folder))) {
                KernelPath whole = below(path, name);
                if (!taken.test(whole)) {
                    continue;
                }
                FileStatus status = calls.status(folder, name);
                key.add(whole.toBytes());
                looks(status);
                if (status.is(FileStatus.Type.DIRECTORY)) {
                    try (Fd below = calls.openFolder(folder, name)) {
                        content(below, whole, depth + 1);
                    }
                } else if (status.is(FileStatus.Type.LINK)) {
                    key.add(Paths.readLink(folder, name).toBytes());
                } else if (status.is(FileStatus.Type.REGULAR)) {
                    try (Fd file = calls.openRegular(folder, name)) {
                        file(file);
                    }
                }
            }
        }

        private void file(Fd file) throws ErrnoException {
            try {
                key.add(Xattrs.get(file, CAPABILITY));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENODATA && e.errno() != Errno.EOPNOTSUPP) {
                    throw e;
                }
            }
            MessageDigest content = Digest.Algorithm.SHA256.hash();
            for (int count = calls.read(file, chunk, 0, CHUNK);
                    count > 0;
                    count = calls.read(file, chunk, 0, CHUNK)) {
                content.update(chunk, 0, count);
            }
            key.add(Digest.of(Digest.Algorithm.SHA256, content).hex());
        }

        @Override
        public void close() {
            calls.close();
        }
    }

    private static void checkDepth(int depth, String path) {
        if (depth > DEEPEST) {
            throw new Failure.Invalid("\"" + path + "\" is too deep");
        }
    }

    static KernelPath below(KernelPath folder, KernelPath name) {
        return folder.length() == 0
                ? name
                : KernelPath.of(
                        RawText.encode(
                                RawText.decode(folder.toBytes())
                                        + "/"
                                        + RawText.decode(name.toBytes())));
    }

    @Override
    public void close() {
        root.close();
    }
}
