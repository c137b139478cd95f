package dev.rung.program;

/**
 * A number that a step works with, such as a descriptor or a process: known when the program is
 * made, or the value that a slot has when the step runs.
 */
public sealed interface Operand permits Slot, Operand.Literal {
    /** AT_FDCWD: the working directory of whoever runs the step. */
    Operand CWD = new Literal(-100);

    /** -1: no descriptor, nobody, any. */
    Operand NONE = new Literal(-1);

    /** 0: for pid arguments, the process that runs the step. */
    Operand SELF = new Literal(0);

    static Operand of(long value) {
        return new Literal(value);
    }

    /** A number known when the program is made. */
    record Literal(long value) implements Operand {
        @Override
        public boolean equals(Object other) {
            return other instanceof Literal literal && literal.value == value;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(value);
        }
    }
}
