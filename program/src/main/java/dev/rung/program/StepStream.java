package dev.rung.program;

import java.util.ArrayList;
import java.util.List;

/** The steps of one stream in the order in which they run. */
public final class StepStream {
    private final Assembly assembly;
    private final Lowering lowering;
    private final List<Mark> marks = new ArrayList<>();

    StepStream(Assembly assembly, Lowering lowering) {
        this.assembly = assembly;
        this.lowering = lowering;
    }

    /** Adds a step that nothing in config.json asks for. */
    public Placed add(Step step) {
        return add(step, Label.NONE);
    }

    /**
     * Adds a step; what else there is to say about it is said to the result, before the next add.
     */
    public Placed add(Step step, Label label) {
        int first = lowering.count();
        step.lower(lowering);
        lowering.label(first, label);
        return new Placed(this, label, lowering.count() - 1);
    }

    /** A place to skip to, which {@link #place} settles later. */
    public Mark mark() {
        var mark = new Mark(this);
        marks.add(mark);
        return mark;
    }

    /** Puts the mark before the next step to be added. */
    public void place(Mark mark) {
        if (!mark.isOf(this) || mark.isPlaced()) {
            throw new IllegalStateException("a mark of another stream, or placed before");
        }
        mark.place(lowering.count(), lowering);
    }

    /** How many steps there are by now. */
    public int size() {
        return lowering.count();
    }

    Slot slot(String name) {
        return assembly.slot(name);
    }

    Lowering lowering() {
        return lowering;
    }

    void check() {
        for (Mark mark : marks) {
            if (mark.isWanted() && !mark.isPlaced()) {
                throw new IllegalStateException("a step skips to a mark that was never placed");
            }
        }
    }
}
