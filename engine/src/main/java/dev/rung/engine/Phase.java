package dev.rung.engine;

/** What a container does just now; prints as Docker calls it. */
public enum Phase {
    CREATED("created"),
    RUNNING("running"),
    PAUSED("paused"),
    /** It ended, and is about to be started again. */
    RESTARTING("restarting"),
    EXITED("exited"),
    REMOVING("removing");

    private final String text;

    Phase(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }

    public boolean runs() {
        return this == RUNNING || this == PAUSED;
    }
}
