package dev.rung.host.seccomp;

import dev.rung.domain.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Classic BPF, written from its end to its start: jumps go forward only, so whatever an instruction
 * leads to is there before it. A place in the program is an {@code int} that counts from the end,
 * and means "what is decided from here on". Asking twice for the same decision gives the same
 * place, so that equal parts of a filter are there once.
 *
 * <p>A conditional jump reaches 255 instructions; further away is bridged here.
 */
final class FilterWriter {
    static final int EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    static final int GREATER = 0x25; // BPF_JMP | BPF_JGT | BPF_K
    static final int GREATER_OR_EQUAL = 0x35; // BPF_JMP | BPF_JGE | BPF_K
    static final int ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K

    private static final int LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private static final int AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
    private static final int JUMP = 0x05; // BPF_JMP | BPF_JA
    private static final int RETURN = 0x06; // BPF_RET | BPF_K

    private static final int REACH = 255;
    private static final int LONGEST = 4096; // BPF_MAXINSNS
    private static final int NOWHERE = -1;

    private long[] instructions = new long[512];
    private int[] nearest = new int[512];
    private int size;
    private final KnownParts known = new KnownParts();

    /** Ends with that action, whatever the accumulator holds. */
    int action(int value) {
        int place = known.find(RETURN, value, NOWHERE, NOWHERE);
        if (place != KnownParts.NONE) {
            return place;
        }
        append(instruction(RETURN, 0, 0, value));
        return known.put(RETURN, value, NOWHERE, NOWHERE, size - 1);
    }

    /** Puts the 32 bits at that offset of struct seccomp_data into the accumulator. */
    int load(int offset, int next) {
        return straight(LOAD, offset, next);
    }

    /** Keeps only the mask's bits in the accumulator. */
    int and(int mask, int next) {
        return straight(AND, mask, next);
    }

    /** Compares the accumulator with a constant, both without a sign. */
    int test(int comparison, int k, int yes, int no) {
        if (yes == no) {
            return yes;
        }
        int place = known.find(comparison, k, yes, no);
        if (place != KnownParts.NONE) {
            return place;
        }
        int to = bridge(yes, REACH); // bridging "no" may put one more instruction between
        int otherwise = bridge(no, REACH + 1);
        append(instruction(comparison, size - to - 1, size - otherwise - 1, k));
        return known.put(comparison, k, yes, no, size - 1);
    }

    /**
     * The program that starts at that place, as an array of struct sock_filter.
     *
     * @throws Failure.Invalid when the kernel does not take one that long
     */
    byte[] program(int start, ByteOrder order) {
        if (start != size - 1) {
            append(instruction(JUMP, 0, 0, size - start - 1));
        }
        var bytes = ByteBuffer.allocate(size * Long.BYTES).order(order);
        for (int i = size - 1; i >= 0; i--) {
            long instruction = instructions[i];
            bytes.putShort((short) (instruction >>> 48))
                    .put((byte) (instruction >>> 40))
                    .put((byte) (instruction >>> 32))
                    .putInt((int) instruction);
        }
        return bytes.array();
    }

    private int straight(int code, int k, int next) {
        int place = known.find(code, k, next, next);
        if (place != KnownParts.NONE) {
            return place;
        }
        if (next != size - 1) {
            append(instruction(JUMP, 0, 0, size - next - 1));
        }
        append(instruction(code, 0, 0, k));
        return known.put(code, k, next, next, size - 1);
    }

    /** A place that decides the same and that the next instruction reaches. */
    private int bridge(int place, int reach) {
        int near = nearest[place];
        if (size - near <= reach) {
            return near;
        }
        long there = instructions[place];
        boolean returns = there >>> 48 == RETURN;
        append(returns ? there : instruction(JUMP, 0, 0, size - near - 1));
        nearest[place] = size - 1;
        return size - 1;
    }

    private void append(long instruction) {
        if (size == LONGEST) {
            throw new Failure.Invalid(
                    "error loading seccomp filter into kernel: more than "
                            + LONGEST
                            + " instructions are needed: linux.seccomp.syscalls must be shorter");
        }
        if (size == instructions.length) {
            instructions = Arrays.copyOf(instructions, size * 2);
            nearest = Arrays.copyOf(nearest, size * 2);
        }
        instructions[size] = instruction;
        nearest[size] = size;
        size++;
    }

    private static long instruction(int code, int yes, int no, int k) {
        return (long) code << 48 | (long) yes << 40 | (long) no << 32 | (k & 0xffffffffL);
    }
}
