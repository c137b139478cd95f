package dev.rung.network.cni;

import dev.rung.domain.Failure;
import dev.rung.linux.ErrnoException;

/** A plugin's refusal, with a code of the specification ("Error"). */
final class PluginError extends Exception {
    private static final long serialVersionUID = 1;

    static final int INCOMPATIBLE = 1;
    static final int UNSUPPORTED_FIELD = 2;
    static final int UNKNOWN_CONTAINER = 3;
    static final int INVALID_ENVIRONMENT = 4;
    static final int INPUT_OUTPUT = 5;
    static final int UNDECODABLE = 6;
    static final int INVALID_CONFIGURATION = 7;
    static final int INVALID_NAMESPACE = 8;
    static final int TRY_AGAIN = 11;
    static final int NOT_AVAILABLE = 50;
    static final int LIMITED_CONNECTIVITY = 51;
    static final int INTERNAL = 999;

    private final int code;

    /** The details may be empty. */
    PluginError(int code, String message, String details) {
        super(details.isEmpty() ? message : message + "; " + details);
        this.code = code;
    }

    PluginError(String message) {
        this(INTERNAL, message, "");
    }

    /** The kernel's. */
    static PluginError of(String doing, ErrnoException e) {
        var error = new PluginError(doing + ": " + e.getMessage());
        error.initCause(e);
        return error;
    }

    /** Of what plugins share with the rest. */
    static PluginError of(Failure failure) {
        int code =
                switch (failure) {
                    case Failure.Invalid _ -> INVALID_CONFIGURATION;
                    case Failure.Unavailable _ -> TRY_AGAIN;
                    default -> INTERNAL;
                };
        var error = new PluginError(code, String.valueOf(failure.getMessage()), "");
        error.initCause(failure);
        return error;
    }

    int code() {
        return code;
    }

    /** What the caller of a whole chain is told. */
    Failure failure(String doing) {
        String words = doing + ": " + getMessage();
        return switch (code) {
            case INCOMPATIBLE, UNSUPPORTED_FIELD -> new Failure.Unsupported(words);
            case INVALID_ENVIRONMENT, UNDECODABLE, INVALID_CONFIGURATION ->
                    new Failure.Invalid(words);
            case UNKNOWN_CONTAINER -> new Failure.NotFound(words);
            case TRY_AGAIN, NOT_AVAILABLE, LIMITED_CONNECTIVITY ->
                    new Failure.Unavailable(words, this);
            default -> new Failure.HostRefused(words, this);
        };
    }
}
