package dev.rung.host.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Runs the few instructions of eBPF that a device program needs. */
final class ProgramMachine {
    private final ByteBuffer program;

    ProgramMachine(byte[] program) {
        this.program = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
    }

    int length() {
        return program.limit() / 8;
    }

    /** Whether the program grants an access (bits of {@link Access}). */
    boolean grants(char type, long major, long minor, int access) {
        var context = new int[] {access << 16 | (type == 'b' ? 1 : 2), (int) major, (int) minor};
        var registers = new long[11];
        for (int at = 0; ; at++) {
            int code = program.get(at * 8) & 0xff;
            int target = program.get(at * 8 + 1) & 0xf;
            int source = (program.get(at * 8 + 1) >> 4) & 0xf;
            int offset = program.getShort(at * 8 + 2);
            int value = program.getInt(at * 8 + 4);
            switch (code) {
                case 0x61 -> {
                    if (source != 1) {
                        throw new AssertionError("only the context can be read");
                    }
                    registers[target] = context[offset / 4] & 0xffffffffL;
                }
                case 0x54 -> registers[target] = registers[target] & value & 0xffffffffL;
                case 0x74 -> registers[target] = (registers[target] & 0xffffffffL) >>> value;
                case 0xb4 -> registers[target] = value & 0xffffffffL;
                case 0x05 -> at += offset;
                case 0x55 -> at += registers[target] == value ? 0 : offset;
                case 0x45 -> at += (registers[target] & value) == 0 ? 0 : offset;
                case 0x95 -> {
                    return registers[0] == 1;
                }
                default -> throw new AssertionError("unknown instruction " + code);
            }
        }
    }
}
