package dev.rung.host.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Runs a filter as Linux does, and answers what the kernel would find out about it: whether it is
 * accepted (seccomp_check_filter, bpf_check_classic), and which calls its cache knows as allowed
 * (seccomp_is_const_allow).
 */
final class FilterMachine {
    static final int ALLOW = 0x7fff0000;

    private static final int LOAD = 0x20;
    private static final int AND = 0x54;
    private static final int JUMP = 0x05;
    private static final int EQUAL = 0x15;
    private static final int GREATER = 0x25;
    private static final int GREATER_OR_EQUAL = 0x35;
    private static final int ANY_BIT = 0x45;
    private static final int RETURN = 0x06;

    private final int[] codes;
    private final int[] yes;
    private final int[] no;
    private final int[] constants;
    private final ByteOrder order;
    private int steps;

    FilterMachine(byte[] program, ByteOrder order) {
        this.order = order;
        int length = program.length / 8;
        codes = new int[length];
        yes = new int[length];
        no = new int[length];
        constants = new int[length];
        var bytes = ByteBuffer.wrap(program).order(order);
        for (int i = 0; i < length; i++) {
            codes[i] = bytes.getShort() & 0xffff;
            yes[i] = bytes.get() & 0xff;
            no[i] = bytes.get() & 0xff;
            constants[i] = bytes.getInt();
        }
        check();
    }

    int length() {
        return codes.length;
    }

    /** How many instructions the last run took. */
    int steps() {
        return steps;
    }

    /** What is returned for a call. */
    int run(int architecture, int number, long... arguments) {
        var data = ByteBuffer.allocate(64).order(order);
        data.putInt(number).putInt(architecture).putLong(0);
        for (long argument : arguments) {
            data.putLong(argument);
        }
        int accumulator = 0;
        int at = 0;
        steps = 0;
        while (true) {
            steps++;
            int k = constants[at];
            switch (codes[at]) {
                case LOAD -> accumulator = data.getInt(k);
                case AND -> accumulator &= k;
                case JUMP -> at += k;
                case RETURN -> {
                    return k;
                }
                default -> at += jump(at, accumulator);
            }
            at++;
        }
    }

    /** Whether the kernel allows the call from its cache, without running the filter. */
    boolean isKnownAllowed(int architecture, int number) {
        int accumulator = 0;
        int at = 0;
        while (true) {
            int k = constants[at];
            switch (codes[at]) {
                case LOAD -> {
                    if (k > 4) {
                        return false;
                    }
                    accumulator = k == 0 ? number : architecture;
                }
                case AND -> accumulator &= k;
                case JUMP -> at += k;
                case RETURN -> {
                    return k == ALLOW;
                }
                default -> at += jump(at, accumulator);
            }
            at++;
        }
    }

    private int jump(int at, int accumulator) {
        int order = Integer.compareUnsigned(accumulator, constants[at]);
        boolean met =
                switch (codes[at]) {
                    case EQUAL -> order == 0;
                    case GREATER -> order > 0;
                    case GREATER_OR_EQUAL -> order >= 0;
                    case ANY_BIT -> (accumulator & constants[at]) != 0;
                    default -> throw new AssertionError("unknown instruction " + codes[at]);
                };
        return met ? yes[at] : no[at];
    }

    private void check() {
        if (codes.length == 0 || codes.length > 4096) {
            throw new AssertionError("a program of " + codes.length + " instructions");
        }
        for (int i = 0; i < codes.length; i++) {
            int left = codes.length - i - 1;
            boolean valid =
                    switch (codes[i]) {
                        case LOAD ->
                                constants[i] >= 0 && constants[i] < 64 && constants[i] % 4 == 0;
                        case AND, RETURN -> true;
                        case JUMP -> Integer.compareUnsigned(constants[i], left) < 0;
                        case EQUAL, GREATER, GREATER_OR_EQUAL, ANY_BIT ->
                                yes[i] < left && no[i] < left;
                        default -> false;
                    };
            if (!valid) {
                throw new AssertionError("the kernel refuses instruction " + i);
            }
        }
        if (codes[codes.length - 1] != RETURN) {
            throw new AssertionError("the last instruction does not return");
        }
    }
}
