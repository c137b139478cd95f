package dev.rung.rpc;

import dev.rung.domain.Failure;

/**
 * The only place where the status of a failure is chosen, for HTTP (RFC 9110, section 15) and for
 * gRPC (its statuscodes.md); exit codes belong to each command line.
 */
public record WireStatus(int http, int grpc) {
    private static final WireStatus INTERNAL = new WireStatus(500, 13);

    /** HTTP has 507 for it, of which Docker's clients know nothing. */
    private static final WireStatus FULL = new WireStatus(500, 8);

    /** Of any exception: what is no failure is a fault of ours. */
    public static WireStatus of(Throwable thrown) {
        return thrown instanceof Failure failure ? of(failure) : INTERNAL;
    }

    public static WireStatus of(Failure failure) {
        return switch (failure) {
            case Failure.Invalid _ -> new WireStatus(400, 3);
            case Failure.NotFound _ -> new WireStatus(404, 5);
            case Failure.AlreadyExists _ -> new WireStatus(409, 6);
            case Failure.WrongState _ -> new WireStatus(409, 9);
            case Failure.Denied _ -> new WireStatus(403, 7);
            case Failure.Unsupported _ -> new WireStatus(501, 12);
            case Failure.Unavailable _ -> new WireStatus(503, 14);
            case Failure.TimedOut _ -> new WireStatus(504, 4);
            case Failure.Corrupt _ -> new WireStatus(500, 15);
            case Failure.HostRefused refused -> refused.isFull() ? FULL : INTERNAL;
        };
    }
}
