package dev.rung.build;

/** The command of a RUN ended with another code than 0. */
final class CommandFailure extends Exception {
    private final int code;

    CommandFailure(String message, int code) {
        super(message);
        this.code = code;
    }

    int code() {
        return code;
    }
}
