package dev.rung.docker;

/** A failure to which Docker gives another status than its kind has everywhere else. */
final class StatusFailure extends RuntimeException {
    private final int status;

    StatusFailure(int status, String message) {
        super(message);
        this.status = status;
    }

    /** The same, told in Docker's words. */
    static StatusFailure of(dev.rung.domain.Failure failure, String message) {
        return new StatusFailure(dev.rung.rpc.WireStatus.of(failure).http(), message);
    }

    int status() {
        return status;
    }
}
