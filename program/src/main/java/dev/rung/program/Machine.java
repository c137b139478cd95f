package dev.rung.program;

import org.jspecify.annotations.Nullable;

/** The processor that a program is for: its number in ELF headers and its system call numbers. */
public enum Machine {
    X86_64(62),
    AARCH64(183);

    /** The four bits of open(2)'s flags that arm64 has in another order. */
    private static final long MOVED = 0x3c000;

    private final int elf;

    Machine(int elf) {
        this.elf = elf;
    }

    /** That of this JVM. */
    public static Machine own() {
        return System.getProperty("os.arch", "").equals("amd64") ? X86_64 : AARCH64;
    }

    /** e_machine of ELF files for this processor. */
    public int elf() {
        return elf;
    }

    /** The machine of an ELF number, null if programs cannot be for it. */
    static @Nullable Machine of(int elf) {
        return elf == X86_64.elf ? X86_64 : elf == AARCH64.elf ? AARCH64 : null;
    }

    int number(Call call) {
        return this == X86_64 ? call.x86 : call.generic;
    }

    /** The call of a number, null for one that no step uses. */
    @Nullable Call call(int number) {
        for (Call call : Call.values()) {
            if (number(call) == number) {
                return call;
            }
        }
        return null;
    }

    /**
     * Flags of open(2), written with x86-64's values, as this machine has them: O_DIRECT,
     * O_LARGEFILE, O_DIRECTORY and O_NOFOLLOW lie elsewhere on arm64. Its own opposite, because two
     * pairs of bits change places.
     */
    long openFlags(long flags) {
        if (this == X86_64) {
            return flags;
        }
        // O_DIRECT and O_LARGEFILE go up, O_DIRECTORY and O_NOFOLLOW down.
        return flags & ~MOVED | (flags & 0xc000) << 2 | (flags & 0x30000) >> 2;
    }
}
