package dev.rung.cli.oci;

import dev.rung.domain.Errno;
import dev.rung.program.Program;
import dev.rung.program.Secrets;
import dev.rung.program.StepError;
import dev.rung.resident.FailureRecord;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A step of a program that failed, told in runc's words first, as tools look for them, then by the
 * key of config.json, the step and the system call.
 */
final class StepFailed extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient FailureRecord failure;
    private final String place;
    private final String call;

    /**
     * @param context what was being done, with a colon and a blank at the end; may be empty
     * @param reason what the kernel says besides, with a comma and a blank before it; may be empty
     * @param call the name of the system call or act
     */
    StepFailed(String context, FailureRecord failure, String reason, String call) {
        super(context + words(failure) + reason, null, false, false);
        this.failure = failure;
        this.call = call;
        this.place =
                " ("
                        + (failure.key().isEmpty() ? "" : "config.json: " + failure.key() + ", ")
                        + "step "
                        + failure.step()
                        + (call.isEmpty() ? "" : ", " + call)
                        + ")";
    }

    static StepFailed of(String context, Program program, FailureRecord failure) {
        return of(context, program, failure, "");
    }

    static StepFailed of(String context, Program program, FailureRecord failure, String reason) {
        String call = "";
        for (Program.Entry entry : program.entries(Secrets.HIDDEN)) {
            if (entry.index() == failure.step()) {
                call = name(entry.line());
            }
        }
        return new StepFailed(context, failure, reason, call);
    }

    /** The name that a line begins with, behind the result that it is kept as. */
    private static String name(String line) {
        int end = line.indexOf('(');
        if (end < 0) {
            end = line.length();
        }
        return line.substring(line.lastIndexOf(' ', end - 1) + 1, end);
    }

    /** One line. */
    String text() {
        return getMessage() + place;
    }

    /** What the log gets as fields beside the message. */
    SortedMap<String, String> fields() {
        var fields = new TreeMap<String, String>();
        fields.put("step", Integer.toString(failure.step()));
        if (!failure.key().isEmpty()) {
            fields.put("key", failure.key());
        }
        if (!call.isEmpty()) {
            fields.put("syscall", call);
        }
        return fields;
    }

    /** What failed and why. */
    static String words(FailureRecord failure) {
        String say = failure.say();
        int error = failure.error();
        if (error == StepError.SAID) {
            return say;
        }
        String words = say.isEmpty() ? "" : say + ": ";
        String text = failure.text().strip();
        if (error >= StepError.KILLED) {
            return words + "signal: " + signal(error - StepError.KILLED) + output(text);
        }
        if (error >= StepError.EXITED) {
            // the two ways in which runc and crun say it; each has its readers
            boolean last = failure.key().startsWith("hooks.poststop");
            String ended = last ? "poststop hook failed with exit code " : "exit status ";
            return words + ended + (error - StepError.EXITED) + output(text);
        }
        if (say.startsWith("exec: ")) {
            // as Go's exec.LookPath has it; the text is the path that was tried
            boolean missing = error == Errno.ENOENT && !text.isEmpty();
            return words + (missing ? "stat " + text + ": " : "") + Errno.phrase(error);
        }
        return words + Errno.phrase(error);
    }

    private static String output(String text) {
        return text.isEmpty() ? "" : ", output: " + text.replace('\n', ' ');
    }

    /** As Go programs name those that end hooks. */
    private static String signal(int number) {
        return switch (number) {
            case 2 -> "interrupt";
            case 6 -> "aborted";
            case Signals.KILL -> "killed";
            case 11 -> "segmentation fault";
            case Signals.TERM -> "terminated";
            default -> "signal " + number;
        };
    }
}
