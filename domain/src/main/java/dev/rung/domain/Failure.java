package dev.rung.domain;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A failure a caller can act on. The kind says what to do next, not which part broke; the message
 * is one line: doing, object in quotes, cause, in lower case and without a full stop.
 */
public abstract sealed class Failure extends RuntimeException {
    private Failure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The request is wrong; sending it again cannot help. */
    public static final class Invalid extends Failure {
        public Invalid(String message) {
            super(message, null);
        }
    }

    /** The named thing is not here. */
    public static final class NotFound extends Failure {
        public NotFound(String message) {
            super(message, null);
        }
    }

    /** The name is taken. */
    public static final class AlreadyExists extends Failure {
        public AlreadyExists(String message) {
            super(message, null);
        }
    }

    /** The thing is here, but not in a state in which this can be done to it. */
    public static final class WrongState extends Failure {
        public WrongState(String message) {
            super(message, null);
        }
    }

    /** The caller may not do this. */
    public static final class Denied extends Failure {
        public Denied(String message) {
            super(message, null);
        }
    }

    /** A valid request for something that this host or this build lacks; the message names it. */
    public static final class Unsupported extends Failure {
        public Unsupported(String message) {
            super(message, null);
        }
    }

    /** What is needed does not answer now; trying again may help. */
    public static final class Unavailable extends Failure {
        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** It was given a time, and took longer; what it was about to make is not there. */
    public static final class TimedOut extends Failure {
        public TimedOut(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Our own record is damaged; the message names the file. */
    public static final class Corrupt extends Failure {
        public Corrupt(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * A valid request that the kernel refused, such as: mount "proc" to "/proc": operation not
     * permitted.
     */
    public static final class HostRefused extends Failure {
        public HostRefused(String message, @Nullable Throwable cause) {
            super(message, cause);
        }

        /**
         * Whether a disk, a quota or a table of inodes was used up. Files' exceptions have no
         * number for that, and what a runtime's program says has none either: only the kernel's
         * words.
         */
        public boolean isFull() {
            String message = String.valueOf(getMessage()).toLowerCase(Locale.ROOT);
            return message.contains("no space left on device")
                    || message.contains("disk quota exceeded");
        }
    }
}
