package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.List;
import java.util.Locale;

/** Signals by name or number (signal(7)); the numbers are those of x86 and ARM. */
public final class Signals {
    public static final int KILL = 9;
    static final int TERM = 15;
    private static final int LAST = 64;
    private static final List<String> NAMES =
            List.of(
                    "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1",
                    "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP",
                    "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
                    "PWR", "SYS");

    private Signals() {}

    /** Such as 9, KILL, SIGKILL or SIGRTMIN+3. */
    public static int parse(String text) {
        String name = text.toUpperCase(Locale.ROOT);
        if (name.startsWith("SIG")) {
            name = name.substring("SIG".length());
        }
        int known = NAMES.indexOf(name);
        if (known > 0) {
            return known;
        }
        try {
            int number =
                    name.startsWith("RTMIN+")
                            ? 34 + Integer.parseInt(name.substring("RTMIN+".length()))
                            : Integer.parseInt(name);
            if (number > 0 && number <= LAST) {
                return number;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw new Failure.Invalid("invalid signal: " + Printable.of(text));
    }
}
