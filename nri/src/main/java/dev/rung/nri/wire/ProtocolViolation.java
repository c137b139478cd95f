package dev.rung.nri.wire;

import java.io.IOException;

/** The other side says what nobody says; there is no going on with it. */
public final class ProtocolViolation extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolViolation(String message) {
        super(message);
    }
}
