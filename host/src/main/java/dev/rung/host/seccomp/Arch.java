package dev.rung.host.seccomp;

import dev.rung.oci.Seccomp.Architecture;
import java.nio.ByteOrder;

/**
 * A system call interface that a filter can tell apart, by AUDIT_ARCH_* of linux/audit.h; X32
 * shares that of X86_64 and has bit 30 set in its numbers.
 */
public enum Arch {
    X86("x86", 0x40000003, 32, true),
    X86_64("x86_64", 0xc000003e, 64, false),
    X32("x32", 0xc000003e, 32, false),
    ARM("arm", 0x40000028, 32, false),
    AARCH64("aarch64", 0xc00000b7, 64, false),
    MIPS("mips", 0x00000008, 32, true),
    MIPS64("mips64", 0x80000008, 64, false),
    MIPS64N32("mips64n32", 0xa0000008, 32, false),
    MIPSEL("mips", 0x40000008, 32, true),
    MIPSEL64("mips64", 0xc0000008, 64, false),
    MIPSEL64N32("mips64n32", 0xe0000008, 32, false),
    PPC("ppc", 0x00000014, 32, true),
    PPC64("ppc64", 0x80000015, 64, true),
    PPC64LE("ppc64", 0xc0000015, 64, true),
    S390("s390", 0x00000016, 32, true),
    S390X("s390x", 0x80000016, 64, true),
    PARISC("parisc", 0x0000000f, 32, false),
    PARISC64("parisc64", 0x8000000f, 64, false),
    RISCV64("riscv64", 0xc00000f3, 64, false),
    LOONGARCH64("loongarch64", 0xc0000102, 64, false),
    M68K("m68k", 0x00000004, 32, true),
    SH("sh", 0x4000002a, 32, true),
    SHEB("sh", 0x0000002a, 32, true);

    /** Set in the number of every call made through x32. */
    static final int X32_BIT = 1 << 30;

    private static final int LITTLE_ENDIAN = 1 << 30;

    private final String column;
    private final int audit;
    private final int argumentBits;
    private final boolean multiplexed;

    Arch(String column, int audit, int argumentBits, boolean multiplexed) {
        this.column = column;
        this.audit = audit;
        this.argumentBits = argumentBits;
        this.multiplexed = multiplexed;
    }

    /** The constant of the specification's name: SCMP_ARCH_X86 is {@link #X86}. */
    public static Arch of(Architecture architecture) {
        return valueOf(architecture.name().substring("SCMP_ARCH_".length()));
    }

    /** The name in the header of the table of system calls. */
    String column() {
        return column;
    }

    /** What the kernel puts into seccomp_data.arch. */
    int audit() {
        return audit;
    }

    /**
     * 64 when whole arguments are compared, 32 when only their lower half is, which is all that
     * such a process can set.
     */
    int argumentBits() {
        return argumentBits;
    }

    /** Whether calls such as connect and shmat also go through socketcall and ipc. */
    boolean multiplexed() {
        return multiplexed;
    }

    /** Of the machine, and so of the instructions of a filter made for it. */
    public ByteOrder byteOrder() {
        return (audit & LITTLE_ENDIAN) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }
}
