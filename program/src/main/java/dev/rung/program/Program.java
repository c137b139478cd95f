package dev.rung.program;

/** A finished program: its bytes, and how they read. */
public final class Program {
    private final byte[] bytes;
    private final String[] slots;
    private final int[] hidden;

    Program(byte[] bytes, String[] slots, int[] hidden) {
        this.bytes = bytes;
        this.slots = slots;
        this.hidden = hidden;
    }

    /** What the executor takes; not a copy, and not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /** The name of a slot, for listings. */
    String slotName(int index) {
        return index < slots.length ? slots[index] : "slot" + index;
    }

    /** Whether listings leave out what stands there in the data. */
    boolean hides(int at) {
        for (int i = 0; i < hidden.length; i += 2) {
            if (at >= hidden[i] && at < hidden[i + 1]) {
                return true;
            }
        }
        return false;
    }
}
