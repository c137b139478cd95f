package dev.rung.testkit;

import java.util.List;

/**
 * How a program ended.
 *
 * @param status the exit status; 128 and the signal's number when a signal ended it
 */
public record Outcome(List<String> arguments, int status, String output, String errors) {

    /** This, after checking that the status is 0. */
    public Outcome succeeded() {
        return ended(0);
    }

    /** This, after checking the status. */
    public Outcome ended(int expected) {
        if (status != expected) {
            throw new AssertionError("wanted status " + expected + " of " + this);
        }
        return this;
    }

    /** This, after checking that it failed and that stderr holds these words. */
    public Outcome failedSaying(String words) {
        if (status == 0 || !errors.contains(words)) {
            throw new AssertionError("wanted a failure saying \"" + words + "\" of " + this);
        }
        return this;
    }

    /**
     * This, after checking that it was refused in order: with a status that is no signal's, and one
     * line on stderr that a person can read; warnings may stand before it.
     */
    public Outcome refused() {
        boolean signal = status > 128 && status < 128 + 65;
        String failure = errors.replaceAll("(?m)^time=\\S+ level=warning .*\\n", "");
        if (status == 0 || signal || !isOneClearLine(failure)) {
            throw new AssertionError("wanted a refusal in one clear line of " + this);
        }
        return this;
    }

    /** Whether it is a line without traces of where in the code it came from. */
    private static boolean isOneClearLine(String text) {
        return text.endsWith("\n")
                && text.indexOf('\n') == text.length() - 1
                && text.length() > 20
                && text.chars().noneMatch(c -> c < ' ' && c != '\n')
                && !text.contains("Exception")
                && !text.contains("dev.rung.")
                && !text.contains("panic");
    }

    /** What the observer said, taken from stdout. */
    public Observation observed() {
        return Observation.of(output);
    }

    @Override
    public String toString() {
        return "%s: status %d, stdout \"%s\", stderr \"%s\""
                .formatted(String.join(" ", arguments), status, output.strip(), errors.strip());
    }
}
