package dev.rung.engine.monitor;

/** A stream that a container writes to. A terminal's output is all STDOUT. */
public enum Output {
    STDOUT(1),
    STDERR(2);

    private final int bit;

    Output(int bit) {
        this.bit = bit;
    }

    /** In a frame. */
    int bit() {
        return bit;
    }
}
