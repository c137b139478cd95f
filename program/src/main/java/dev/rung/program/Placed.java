package dev.rung.program;

/** A step in its stream, for what can be said about any step. */
public final class Placed {
    private final StepStream stream;
    private final Label label;
    private final int index;

    Placed(StepStream stream, Label label, int index) {
        this.stream = stream;
        this.label = label;
        this.index = index;
    }

    /** Keeps the step's result in a new slot; a tolerated error as its negative number. */
    public Slot into(String name) {
        Slot slot = stream.slot(name);
        into(slot);
        return slot;
    }

    /** Keeps the step's result in this slot. */
    public Placed into(Slot slot) {
        stream.lowering().result(index, slot);
        return this;
    }

    /** Goes on after these errors, four at most. */
    public Placed tolerating(int errno) {
        stream.lowering().tolerate(index, errno);
        return this;
    }

    /** Goes on after these errors. */
    public Placed tolerating(int errno, int other) {
        return tolerating(errno).tolerating(other);
    }

    /** Goes on after these errors. */
    public Placed tolerating(int errno, int second, int third) {
        return tolerating(errno).tolerating(second).tolerating(third);
    }

    /** Goes on after any error. */
    public Placed toleratingAll() {
        return flag(Format.FLAG_TOLERATE_ALL);
    }

    /** After a tolerated error goes on at the mark, which must be placed later. */
    public Placed skippingTo(Mark mark) {
        if (!mark.isOf(stream) || mark.isPlaced()) {
            throw new IllegalStateException("skips lead forward, inside their stream");
        }
        mark.skipFrom(index);
        return this;
    }

    /** Reports a tolerated error as a warning. */
    public Placed warning() {
        return flag(Format.FLAG_WARN);
    }

    /** Tries again for up to two seconds while the error is EBUSY. */
    public Placed patient() {
        return flag(Format.FLAG_PATIENT);
    }

    /**
     * Adds a step right behind that is run only when this stream fails later, and this step had
     * succeeded: the last such step of a stream first. Said last, after {@link #into}.
     */
    public Placed undo(Step step) {
        Lowering lowering = stream.lowering();
        int before = lowering.count();
        stream.add(step, label);
        if (lowering.count() != before + 1) {
            throw new IllegalArgumentException(
                    step + " takes more than one step, so it undoes nothing");
        }
        lowering.flag(before, Format.FLAG_UNDO);
        return this;
    }

    /** Where the step is in its stream, counted from 0. */
    public int index() {
        return index;
    }

    private Placed flag(int flag) {
        stream.lowering().flag(index, flag);
        return this;
    }
}
