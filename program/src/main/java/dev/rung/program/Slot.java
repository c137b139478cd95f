package dev.rung.program;

/**
 * Where a running program keeps the result of a step: 64 bits that all streams see, -1 until a step
 * sets them. Made by {@link Assembly#slot}; the name is for listings only.
 */
public record Slot(int index, String name) implements Operand {
    @Override
    public boolean equals(Object other) {
        return other instanceof Slot slot && slot.index == index && slot.name.equals(name);
    }

    @Override
    public int hashCode() {
        return index;
    }
}
