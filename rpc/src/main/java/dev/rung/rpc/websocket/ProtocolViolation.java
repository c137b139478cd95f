package dev.rung.rpc.websocket;

import java.io.IOException;

/** The peer broke RFC 6455, or a limit; it is told by a close frame. */
final class ProtocolViolation extends IOException {
    static final int PROTOCOL_ERROR = 1002;
    static final int INVALID_DATA = 1007;
    static final int TOO_BIG = 1009;

    private final int code;

    ProtocolViolation(int code, String message) {
        super(message);
        this.code = code;
    }

    /** Section 7.4.1. */
    int code() {
        return code;
    }
}
