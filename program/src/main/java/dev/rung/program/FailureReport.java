package dev.rung.program;

import dev.rung.domain.Errno;
import java.nio.charset.StandardCharsets;

/**
 * What the executor tells about a step that failed.
 *
 * @param stream the stream that it belongs to
 * @param step its number in the whole program
 * @param error an errno; or 0x1000 + exit status, 0x2000 + signal of a spawned program; or 0x3000
 *     when the words of the step say all
 * @param aux not used yet
 * @param key the step's key of config.json, "" for none
 * @param say what the step says when it fails, "" for none
 * @param text what a spawned program printed, or the path that a step looked at last; may be ""
 */
public record FailureReport(
        int stream, int step, int error, long aux, String key, String say, String text) {
    /**
     * The exit status of a spawned program that ended by itself with another status than 0, else
     * -1.
     */
    public int exitStatus() {
        return (error & ~0xff) == Format.ERROR_EXITED ? error & 0xff : -1;
    }

    /** The signal that ended a spawned program, else -1. */
    public int signal() {
        return (error & ~0xff) == Format.ERROR_KILLED ? error & 0x7f : -1;
    }

    /** The errno, or 0 when the error is none. */
    public int errno() {
        return error < Format.ERROR_EXITED ? error : 0;
    }

    /** One line in runc's words: what was being done, and why it failed. */
    public String message() {
        if (error == Format.ERROR_SAID) {
            return say;
        }
        String why;
        if (exitStatus() >= 0) {
            why = "exit status " + exitStatus();
        } else if (signal() >= 0) {
            why = "signal: " + signalWords(signal());
        } else {
            why = Errno.phrase(error);
        }
        if ((exitStatus() >= 0 || signal() >= 0) && !text.isBlank()) {
            why += ", output: " + Quoted.plain(text.strip().getBytes(StandardCharsets.UTF_8));
        }
        return say.isEmpty() ? why : say + ": " + why;
    }

    /** As Go programs name signals. */
    private static String signalWords(int signal) {
        return switch (signal) {
            case 1 -> "hangup";
            case 2 -> "interrupt";
            case 3 -> "quit";
            case 4 -> "illegal instruction";
            case 5 -> "trace/breakpoint trap";
            case 6 -> "aborted";
            case 7 -> "bus error";
            case 8 -> "floating point exception";
            case 9 -> "killed";
            case 10 -> "user defined signal 1";
            case 11 -> "segmentation fault";
            case 12 -> "user defined signal 2";
            case 13 -> "broken pipe";
            case 14 -> "alarm clock";
            case 15 -> "terminated";
            default -> "signal " + signal;
        };
    }
}
