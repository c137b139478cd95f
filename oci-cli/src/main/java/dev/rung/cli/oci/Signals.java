package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import java.util.Locale;

/** Signals by name or number, as Linux numbers them on x86-64 and arm64. */
final class Signals {
    static final int KILL = 9;
    static final int TERM = 15;
    private static final int FIRST_REALTIME = 34;
    private static final int LAST = 64;

    private Signals() {}

    /** A number, or a name with or without "SIG" in any case: 9, KILL, sigkill, RTMIN+3. */
    static int number(String text) {
        Long number = GoSyntax.decimal(text);
        if (number != null) {
            if (number < 0 || number > LAST) {
                throw unknown(text);
            }
            return number.intValue();
        }
        String name = text.toUpperCase(Locale.ROOT);
        if (name.startsWith("SIG")) {
            name = name.substring(3);
        }
        int known = named(name);
        if (known == 0) {
            throw unknown(text);
        }
        return known;
    }

    private static int named(String name) {
        return switch (name) {
            case "HUP" -> 1;
            case "INT" -> 2;
            case "QUIT" -> 3;
            case "ILL" -> 4;
            case "TRAP" -> 5;
            case "ABRT", "IOT" -> 6;
            case "BUS" -> 7;
            case "FPE" -> 8;
            case "KILL" -> KILL;
            case "USR1" -> 10;
            case "SEGV" -> 11;
            case "USR2" -> 12;
            case "PIPE" -> 13;
            case "ALRM" -> 14;
            case "TERM" -> TERM;
            case "STKFLT" -> 16;
            case "CHLD", "CLD" -> 17;
            case "CONT" -> 18;
            case "STOP" -> 19;
            case "TSTP" -> 20;
            case "TTIN" -> 21;
            case "TTOU" -> 22;
            case "URG" -> 23;
            case "XCPU" -> 24;
            case "XFSZ" -> 25;
            case "VTALRM" -> 26;
            case "PROF" -> 27;
            case "WINCH" -> 28;
            case "IO", "POLL" -> 29;
            case "PWR" -> 30;
            case "SYS" -> 31;
            default -> realtime(name);
        };
    }

    /** RTMIN, RTMIN+n, RTMAX, RTMAX-n; 0 when it is none of them. */
    private static int realtime(String name) {
        boolean fromFirst = name.startsWith("RTMIN");
        if (!fromFirst && !name.startsWith("RTMAX")) {
            return 0;
        }
        int base = fromFirst ? FIRST_REALTIME : LAST;
        if (name.length() == 5) {
            return base;
        }
        Long distance = GoSyntax.unsigned(name.substring(6));
        if (name.charAt(5) != (fromFirst ? '+' : '-')
                || distance == null
                || distance < 0
                || distance > LAST - FIRST_REALTIME) {
            return 0;
        }
        return fromFirst ? base + distance.intValue() : base - distance.intValue();
    }

    private static Failure.Invalid unknown(String text) {
        return new Failure.Invalid("unknown signal " + GoSyntax.quoted(text));
    }
}
