package dev.rung.host.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.oci.Seccomp.Architecture;
import org.junit.jupiter.api.Test;

class SyscallTableTests {
    private final SyscallTable table = SyscallTable.load();

    @Test
    void shouldKnowNumbers() {
        assertThat(table.number("read", Arch.X86_64)).isEqualTo(0);
        assertThat(table.number("openat2", Arch.X86_64)).isEqualTo(437);
        assertThat(table.number("openat2", Arch.AARCH64)).isEqualTo(437);
        assertThat(table.number("execve", Arch.AARCH64)).isEqualTo(221);
        assertThat(table.number("execve", Arch.X32)).isEqualTo(0x40000000 + 520);
        assertThat(table.number("cacheflush", Arch.ARM)).isEqualTo(0xf0002);
        assertThat(table.number("write", Arch.MIPSEL)).isEqualTo(4004);
    }

    @Test
    void shouldKnowTheNewestCallsOnEveryArchitecture() {
        for (Arch arch : Arch.values()) {
            int base =
                    switch (arch) {
                        case X32 -> Arch.X32_BIT;
                        case MIPS, MIPSEL -> 4000;
                        case MIPS64, MIPSEL64 -> 5000;
                        case MIPS64N32, MIPSEL64N32 -> 6000;
                        default -> 0;
                    };
            assertThat(table.number("file_setattr", arch)).as(arch.name()).isEqualTo(base + 469);
            assertThat(table.number("pidfd_send_signal", arch)).isEqualTo(base + 424);
        }
    }

    @Test
    void shouldTellWhatItDoesNotKnow() {
        assertThat(table.number("open", Arch.AARCH64)).isEqualTo(SyscallTable.NONE);
        for (String name : new String[] {"", "#", "a", "zzz", "rea", "readx", "read ", "réad"}) {
            assertThat(table.row(name)).as(name).isEqualTo(SyscallTable.NONE);
        }
        assertThat(table.name(-1, Arch.X86_64)).isNull();
        assertThat(table.name(100_000, Arch.X86_64)).isNull();
    }

    @Test
    void shouldFindEveryNameAndNumber() {
        for (int row = 0; row < table.rows(); row++) {
            String name = table.name(row);
            assertThat(table.row(name)).isEqualTo(row);
            for (Arch arch : Arch.values()) {
                int number = table.number(row, arch);
                if (number != SyscallTable.NONE) {
                    assertThat(table.name(number, arch)).as("%s %s", name, arch).isEqualTo(name);
                }
            }
        }
    }

    @Test
    void shouldKnowEveryArchitectureOfTheSpecification() {
        assertThat(Architecture.values()).hasSameSizeAs(Arch.values());
        for (Architecture architecture : Architecture.values()) {
            assertThat("SCMP_ARCH_" + Arch.of(architecture)).isEqualTo(architecture.name());
            assertThat(table.number("getpid", Arch.of(architecture))).isPositive();
        }
    }

    @Test
    void shouldHaveTheMultiplexersWhereCallsAreMultiplexed() {
        for (Arch arch : Arch.values()) {
            if (arch.multiplexed()) {
                assertThat(table.number("socketcall", arch)).isPositive();
                assertThat(table.number("ipc", arch)).isPositive();
            }
        }
    }
}
