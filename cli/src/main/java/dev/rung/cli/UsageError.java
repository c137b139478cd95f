package dev.rung.cli;

/** Words that a command does not understand. */
final class UsageError extends RuntimeException {
    private static final int WRONG_OPTION = 125;

    private final String text;
    private final int code;

    /** An option is wrong. */
    UsageError(String text) {
        this(text, WRONG_OPTION);
    }

    UsageError(String text, int code) {
        super(text, null, false, false);
        this.text = text;
        this.code = code;
    }

    int code() {
        return code;
    }

    String text() {
        return text;
    }
}
