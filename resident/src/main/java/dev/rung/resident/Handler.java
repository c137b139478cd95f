package dev.rung.resident;

/** A command line: serves one call of a front end, on a thread that may block. */
public interface Handler {
    /**
     * Serves the call. A {@link dev.rung.domain.Failure} or any other exception that escapes is
     * printed as one line on the caller's standard error, with exit code 1.
     */
    Ending serve(Caller caller);
}
