package dev.rung.host.compile;

import static dev.rung.program.FileStep.O_CREAT;
import static dev.rung.program.FileStep.O_EXCL;
import static dev.rung.program.FileStep.O_RDWR;

import dev.rung.program.ControlStep.Decimal;
import dev.rung.program.FileStep.Renameat2;
import dev.rung.program.FileStep.Write;
import dev.rung.program.Hole;
import dev.rung.program.Operand;
import dev.rung.program.Slot;

/** The file with a process's number, put in its place at once so that nobody reads half of it. */
final class PidFile {
    private PidFile() {}

    static void write(Script s, String path, Slot pid) {
        String draft =
                CleanPath.parent(path).equals("/")
                        ? "/." + CleanPath.name(path)
                        : CleanPath.parent(path) + "/." + CleanPath.name(path);
        s.at("", "unable to write the pid file " + Quoted.of(path));
        Slot file = s.openat("pidFile", Operand.CWD, draft, O_RDWR | O_CREAT | O_EXCL, 0666);
        s.undo().unlinkat(Operand.CWD, draft, 0);
        Hole digits = s.hole(Hole.DIGITS);
        Slot count = s.add("digits", new Decimal(pid, digits, 0));
        s.add(new Write(file, digits, count));
        s.close(file);
        s.add(new Renameat2(Operand.CWD, draft, Operand.CWD, path, 0));
    }
}
