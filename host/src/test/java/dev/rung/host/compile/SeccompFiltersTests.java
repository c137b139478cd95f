package dev.rung.host.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.host.seccomp.Arch;
import dev.rung.host.seccomp.SeccompFilter;
import dev.rung.host.seccomp.SeccompSupport;
import dev.rung.oci.Seccomp;
import dev.rung.oci.Seccomp.Action;
import dev.rung.oci.Seccomp.Syscall;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeccompFiltersTests {
    private static final SeccompSupport KERNEL = SeccompSupport.ofRelease(6, 12);

    private final SeccompFilters filters = new SeccompFilters();

    @Test
    void shouldCompileEqualProfilesOnce() {
        SeccompFilter first = filters.of(profile("mount"), Arch.X86_64, KERNEL);
        assertThat(filters.of(profile("mount"), Arch.X86_64, KERNEL)).isSameAs(first);
        assertThat(filters.of(profile("umount2"), Arch.X86_64, KERNEL)).isNotSameAs(first);
        assertThat(filters.of(profile("mount"), Arch.AARCH64, KERNEL)).isNotSameAs(first);
        assertThat(filters.of(profile("mount"), Arch.X86_64, SeccompSupport.ofRelease(4, 1)))
                .isNotSameAs(first);
    }

    @Test
    void shouldForgetThoseThatNobodyAsksForAnyMore() {
        SeccompFilter first = filters.of(profile("mount"), Arch.X86_64, KERNEL);
        for (int i = 0; i < 100; i++) {
            filters.of(profile("unknown" + i), Arch.X86_64, KERNEL);
        }
        assertThat(filters.of(profile("mount"), Arch.X86_64, KERNEL)).isNotSameAs(first);
    }

    private static Seccomp profile(String refused) {
        var rule = new Syscall(List.of(refused), Action.SCMP_ACT_ERRNO, null, List.of());
        return new Seccomp(Action.SCMP_ACT_ALLOW, null, List.of(), null, null, null, List.of(rule));
    }
}
