package dev.rung.host.seccomp;

import dev.rung.oci.Seccomp;
import dev.rung.oci.Seccomp.Operator;

/**
 * One comparison of an argument, without a sign. For MASKED_EQ the argument's bits under the mask
 * must equal the value; otherwise the mask is all ones.
 *
 * @param argument 0 to 5
 */
record Condition(int argument, Operator operator, long value, long mask) {
    private static final long LOWER_HALF = 0xffffffffL;

    /** As libseccomp, bits of the value outside of the mask do not count. */
    static Condition of(Seccomp.Argument given) {
        return given.op() == Operator.SCMP_CMP_MASKED_EQ
                ? new Condition(
                        given.index(), given.op(), given.value() & given.valueTwo(), given.value())
                : new Condition(given.index(), given.op(), given.value(), -1);
    }

    /** The first argument equals that. */
    static Condition first(int value) {
        return new Condition(0, Operator.SCMP_CMP_EQ, value, -1);
    }

    /** As libseccomp, only the lower half is looked at where arguments have 32 bits. */
    Condition on(Arch arch) {
        return arch.argumentBits() == 64
                ? this
                : new Condition(argument, operator, value & LOWER_HALF, mask & LOWER_HALF);
    }

    boolean isMasked() {
        return operator == Operator.SCMP_CMP_MASKED_EQ;
    }

    boolean isAlwaysTrue() {
        return mask == 0;
    }
}
