package dev.rung.docker;

/** A failure to which Docker gives another status than its kind has everywhere else. */
final class StatusFailure extends RuntimeException {
    private final int status;

    StatusFailure(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }
}
