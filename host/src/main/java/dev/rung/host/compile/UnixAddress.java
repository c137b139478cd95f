package dev.rung.host.compile;

import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_PATH;

import dev.rung.domain.KernelPath;
import dev.rung.program.FileStep.Fchdir;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep;
import dev.rung.program.SocketStep.Connect;

/** Sockets by their path, which may be longer than an address can hold. */
final class UnixAddress {
    private static final int LONGEST = 107;

    private UnixAddress() {}

    static void connect(Script s, Slot socket, String path) {
        KernelPath whole = KernelPath.of(path);
        if (whole.length() <= LONGEST) {
            s.add(new Connect(socket, SocketStep.unixAddress(whole)));
            return;
        }
        Slot folder =
                s.openat("folder", Operand.CWD, CleanPath.parent(path), O_PATH | O_DIRECTORY, 0);
        Slot back = s.openat("cwd", Operand.CWD, ".", O_PATH | O_DIRECTORY, 0);
        s.add(new Fchdir(folder));
        s.add(new Connect(socket, SocketStep.unixAddress(KernelPath.of(CleanPath.name(path)))));
        s.add(new Fchdir(back));
        s.close(back);
        s.close(folder);
    }
}
