package dev.rung.nri.wire;

import org.jspecify.annotations.Nullable;

/** A call came to nothing. */
public final class CallFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /** Codes of gRPC (its statuscodes.md). */
    public static final int UNKNOWN = 2;

    public static final int INVALID_ARGUMENT = 3;
    public static final int RESOURCE_EXHAUSTED = 8;
    public static final int UNIMPLEMENTED = 12;

    private final int code;
    private final boolean lost;

    private CallFailure(int code, boolean lost, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.lost = lost;
    }

    /** Somebody answered: with a failure. */
    public static CallFailure answered(int code, String message) {
        return new CallFailure(code, false, message, null);
    }

    /** Nobody answers any more. */
    static CallFailure lost(String message, @Nullable Throwable cause) {
        return new CallFailure(UNKNOWN, true, message, cause);
    }

    public int code() {
        return code;
    }

    /** Whether the connection is of no use any more. */
    public boolean isLost() {
        return lost;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
