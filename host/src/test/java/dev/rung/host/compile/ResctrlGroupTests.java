package dev.rung.host.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.ContainerId;
import dev.rung.isolation.HostDescription.Resctrl;
import dev.rung.oci.LinuxConfig.IntelRdt;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ResctrlGroupTests {

    @Test
    void shouldNameTheGroupAfterTheContainer() {
        assertThat(group(null, true))
                .isEqualTo(new ResctrlGroup("/r/ID", true, "/r/ID/mon_groups/ID"));
    }

    @Test
    void shouldTakeTheGroupThatIsNamed() {
        assertThat(group("gold", true))
                .isEqualTo(new ResctrlGroup("/r/gold", false, "/r/gold/mon_groups/ID"));
        assertThat(group("/", false)).isEqualTo(new ResctrlGroup("/r", false, null));
    }

    private static @Nullable ResctrlGroup group(@Nullable String name, boolean monitoring) {
        return ResctrlGroup.of(
                new IntelRdt(name, List.of(), null, null, monitoring),
                new Resctrl("/r", true, true),
                new ContainerId("ID"));
    }
}
