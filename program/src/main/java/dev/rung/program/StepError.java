package dev.rung.program;

/** What the error of a failed step can be beside an errno. */
public final class StepError {
    /** A spawned program ended by itself; its exit status is added. */
    public static final int EXITED = 0x1000;

    /** A signal ended a spawned program; its number is added. */
    public static final int KILLED = 0x2000;

    /** The words of the step's label are the whole message. */
    public static final int SAID = 0x3000;

    private StepError() {}
}
