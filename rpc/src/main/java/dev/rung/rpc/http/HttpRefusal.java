package dev.rung.rpc.http;

import java.io.IOException;

/** A request, or the rest of one, that is no HTTP or exceeds a limit. The connection ends. */
public final class HttpRefusal extends IOException {
    private final int status;

    HttpRefusal(int status, String message) {
        super(message);
        this.status = status;
    }

    /** What the peer is told, if nothing was answered yet. */
    public int status() {
        return status;
    }
}
