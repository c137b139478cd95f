package dev.rung.host.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * eBPF that answers 1 or 0 to the question in struct bpf_cgroup_dev_ctx. The verifier knows the
 * registers at each block's start as: R2 type, R3 access asked for, R4 major, R5 minor.
 */
final class DeviceProgram {
    private static final int LOAD_WORD = 0x61; // BPF_LDX | BPF_MEM | BPF_W
    private static final int AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
    private static final int SHIFT_RIGHT = 0x74; // BPF_ALU | BPF_RSH | BPF_K
    private static final int MOVE = 0xb4; // BPF_ALU | BPF_MOV | BPF_K
    private static final int JUMP_UNLESS_EQUAL = 0x55; // BPF_JMP | BPF_JNE | BPF_K
    private static final int JUMP_IF_ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K
    private static final int JUMP = 0x05; // BPF_JMP | BPF_JA
    private static final int EXIT = 0x95; // BPF_JMP | BPF_EXIT

    private static final int CONTEXT = 1;
    private static final int TYPE = 2;
    private static final int ACCESS = 3;
    private static final int MAJOR = 4;
    private static final int MINOR = 5;

    private static final int BLOCK_DEVICE = 1; // BPF_DEVCG_DEV_BLOCK
    private static final int CHARACTER_DEVICE = 2; // BPF_DEVCG_DEV_CHAR
    private static final int HIGHEST = (1 << 20) - 1; // of Linux's numbers: 12 and 20 bits

    private final boolean allowing;
    private long[] instructions = new long[128];
    private int size;

    /**
     * @param allowing what is answered where no exception fits
     */
    DeviceProgram(boolean allowing) {
        this.allowing = allowing;
        emit(LOAD_WORD, TYPE, CONTEXT, 0, 0);
        emit(LOAD_WORD, ACCESS, CONTEXT, 0, 0);
        emit(LOAD_WORD, MAJOR, CONTEXT, 4, 0);
        emit(LOAD_WORD, MINOR, CONTEXT, 8, 0);
        emit(AND, TYPE, 0, 0, 0xffff);
        emit(SHIFT_RIGHT, ACCESS, 0, 0, 16);
    }

    /** Devices for which the answer is the other one, for that access. */
    void add(Devices devices, int access) {
        if (devices.major() > HIGHEST || devices.minor() > HIGHEST) {
            return; // there is no such device
        }
        int tests = (devices.major() >= 0 ? 1 : 0) + (devices.minor() >= 0 ? 1 : 0);
        int end = size + 1 + (access == Access.ALL ? 0 : allowing ? 2 : 1) + tests + 2;
        jump(JUMP_UNLESS_EQUAL, TYPE, devices.block() ? BLOCK_DEVICE : CHARACTER_DEVICE, end);
        if (access != Access.ALL && allowing) {
            jump(JUMP_IF_ANY_BIT, ACCESS, access, size + 2);
            jump(JUMP, 0, 0, end);
        } else if (access != Access.ALL) {
            jump(JUMP_IF_ANY_BIT, ACCESS, Access.ALL & ~access, end);
        }
        if (devices.major() >= 0) {
            jump(JUMP_UNLESS_EQUAL, MAJOR, (int) devices.major(), end);
        }
        if (devices.minor() >= 0) {
            jump(JUMP_UNLESS_EQUAL, MINOR, (int) devices.minor(), end);
        }
        answer(!allowing);
    }

    /** The whole program; nothing can be added any more. */
    byte[] toBytes() {
        answer(allowing);
        var bytes = ByteBuffer.allocate(size * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < size; i++) {
            bytes.putLong(instructions[i]);
        }
        return bytes.array();
    }

    private void answer(boolean allow) {
        emit(MOVE, 0, 0, 0, allow ? 1 : 0);
        emit(EXIT, 0, 0, 0, 0);
    }

    private void jump(int code, int register, int value, int target) {
        emit(code, register, 0, target - size - 1, value);
    }

    private void emit(int code, int target, int source, int offset, int value) {
        if (size == instructions.length) {
            instructions = Arrays.copyOf(instructions, size * 2);
        }
        instructions[size++] =
                code
                        | (long) target << 8
                        | (long) source << 12
                        | (offset & 0xffffL) << 16
                        | (long) value << 32;
    }
}
