package dev.rung.cli;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.FileSystems;
import dev.rung.linux.Paths;
import dev.rung.program.Assembly;
import dev.rung.program.FileStep;
import dev.rung.program.Label;
import dev.rung.program.Machine;
import dev.rung.program.Operand;
import dev.rung.program.Step;
import dev.rung.program.Text;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.PhaseHandler;
import dev.rung.resident.RunResult;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A file of the person's that is written with that person's rights: under another name, synced, and
 * renamed by {@link #finish}. What is no regular file, such as /dev/null or a link to a file, is
 * written to as it is.
 */
final class PersonFile implements AutoCloseable {
    private static final int O_WRONLY = 1;
    private static final int O_CREAT_EXCL = 0xc0;
    private static final int O_TRUNC = 0x200;
    private static final int O_PATH = 0x200000;
    private static final int OWNERS_ALONE = 0600;
    private static final int OWNERS_FOLDER = 0700;

    private final Invocation call;
    private final String path;
    private final @Nullable String beside; // null when it is the file itself
    private final Fd fd;
    private boolean finished;

    private PersonFile(Invocation call, String path, @Nullable String beside, Fd fd) {
        this.call = call;
        this.path = path;
        this.beside = beside;
        this.fd = fd;
    }

    /** A new file in the place of that one, of which only its owner may read. */
    static PersonFile replacing(Invocation call, String path) {
        boolean special = isSpecial(call, path);
        String beside = special ? null : beside(path);
        int flags = O_WRONLY | (special ? O_TRUNC : O_CREAT_EXCL | Paths.O_NOFOLLOW);
        KernelPath opened = KernelPath.of(beside == null ? path : beside);
        try {
            Fd fd = call.caller().open(new OpenRequest(null, opened, flags, 0)).orThrow(path);
            var file = new PersonFile(call, path, beside, fd);
            file.restrict();
            return file;
        } catch (ErrnoException e) {
            throw refused("open", path, e.errno());
        }
    }

    private static boolean isSpecial(Invocation call, String path) {
        FileStatus status = status(call, path, Paths.O_NOFOLLOW);
        boolean link = status != null && status.is(FileStatus.Type.LINK);
        FileStatus target = link ? status(call, path, 0) : status;
        if (target != null && target.is(FileStatus.Type.DIRECTORY)) {
            throw refused("open", path, Errno.EISDIR);
        }
        return target != null && (link || !target.is(FileStatus.Type.REGULAR));
    }

    /** Null when nothing is there. */
    private static @Nullable FileStatus status(Invocation call, String path, int flags) {
        var request = new OpenRequest(null, KernelPath.of(path), O_PATH | flags, 0);
        var there = call.caller().open(request);
        if (there.errno() == Errno.ENOENT) {
            return null;
        }
        try (Fd fd = there.orThrow(path)) {
            return Descriptors.status(fd);
        } catch (ErrnoException e) {
            throw refused("open", path, e.errno());
        }
    }

    private static String beside(String path) {
        int slash = path.lastIndexOf('/');
        String folder = path.substring(0, slash + 1);
        int number = ThreadLocalRandom.current().nextInt(0x10000000);
        return folder + ".tmp-" + path.substring(slash + 1) + Integer.toHexString(number);
    }

    private void restrict() throws ErrnoException {
        if (beside != null) {
            try (var calls = new FileCalls()) {
                calls.changeMode(fd, OWNERS_ALONE);
            }
        }
    }

    /** Open for writing. */
    Fd fd() {
        return fd;
    }

    /** Puts it in its place. */
    void finish() {
        if (beside != null) {
            try {
                FileSystems.syncFile(fd);
            } catch (ErrnoException e) {
                throw refused("write", path, e.errno());
            }
            RunResult renamed =
                    run(
                            call,
                            new FileStep.Renameat2(
                                    Operand.CWD, Text.of(beside), Operand.CWD, Text.of(path), 0));
            if (renamed.failure() != null) {
                throw refused("rename to", path, renamed.failure().error());
            }
        }
        finished = true;
    }

    @Override
    public void close() {
        fd.close();
        if (!finished && beside != null) {
            run(call, new FileStep.Unlinkat(Operand.CWD, Text.of(beside), 0));
        }
    }

    /** Makes the folder that a file is to lie in, unless it is there, for its owner alone. */
    static void makeFolderOf(Invocation call, String path) {
        int slash = path.lastIndexOf('/');
        if (slash > 0 && status(call, path.substring(0, slash), 0) == null) {
            Text folder = Text.of(path.substring(0, slash));
            run(call, new FileStep.Mkdirat(Operand.CWD, folder, OWNERS_FOLDER));
        }
    }

    private static RunResult run(Invocation call, Step step) {
        var assembly = new Assembly(Machine.own());
        assembly.stream(0).add(step, Label.NONE);
        call.caller().seal();
        return call.caller().run(assembly.build().bytes(), PhaseHandler.NONE);
    }

    private static Failure refused(String doing, String path, int errno) {
        return new Failure.HostRefused(
                doing + " " + Printable.of(path) + ": " + Errno.phrase(errno), null);
    }
}
