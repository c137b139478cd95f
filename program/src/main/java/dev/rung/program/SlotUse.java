package dev.rung.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which streams set and read which slots. A slot that is read before its own stream has set it must
 * be set by another stream; whether that happens in time is for the streams' posts and waits.
 */
final class SlotUse {
    private record Read(Slot slot, int stream, int step) {}

    private final List<Slot> slots = new ArrayList<>();
    private final List<Read> early = new ArrayList<>();
    private int[] setBy = new int[64];

    Slot make(String name) {
        if (slots.size() == Format.MAX_SLOTS) {
            throw new IllegalStateException("more than " + Format.MAX_SLOTS + " slots");
        }
        if (slots.size() == setBy.length) {
            setBy = Arrays.copyOf(setBy, 2 * setBy.length);
        }
        var slot = new Slot(slots.size(), name);
        slots.add(slot);
        return slot;
    }

    void sets(Slot slot, int stream) {
        setBy[check(slot)] |= 1 << stream;
    }

    void reads(Slot slot, int stream, int step) {
        if ((setBy[check(slot)] >> stream & 1) == 0) {
            early.add(new Read(slot, stream, step));
        }
    }

    /** Refuses a program in which a slot is read that nobody can have set by then. */
    void check() {
        for (Read read : early) {
            if ((setBy[read.slot.index()] & ~(1 << read.stream)) == 0) {
                throw new IllegalStateException(
                        "slot \"%s\" is read by step %d of stream %d, but not set by then"
                                .formatted(read.slot.name(), read.step, read.stream));
            }
        }
    }

    int count() {
        return slots.size();
    }

    String[] names() {
        var names = new String[slots.size()];
        for (int i = 0; i < names.length; i++) {
            names[i] = slots.get(i).name();
        }
        return names;
    }

    private int check(Slot slot) {
        if (slot.index() >= slots.size() || !slots.get(slot.index()).equals(slot)) {
            throw new IllegalArgumentException(slot + " is not of this program");
        }
        return slot.index();
    }
}
