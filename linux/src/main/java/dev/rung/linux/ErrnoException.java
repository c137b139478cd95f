package dev.rung.linux;

import dev.rung.domain.Errno;

/** A system call that failed: which, on what, and the errno it left. */
public final class ErrnoException extends Exception {
    private final String call;
    private final String object;
    private final int errno;

    /** The object is what the call acted on, for the message; it may be empty. */
    public ErrnoException(String call, Object object, int errno) {
        super(null, null, false, false); // a fact for the caller to judge, often no error at all
        this.call = call;
        this.object = object.toString();
        this.errno = errno;
    }

    public String call() {
        return call;
    }

    public int errno() {
        return errno;
    }

    /** Such as: openat2 "/run/rung": no such file or directory. */
    @Override
    public String getMessage() {
        return (object.isEmpty() ? call : call + " \"" + object + "\"")
                + ": "
                + Errno.phrase(errno);
    }
}
