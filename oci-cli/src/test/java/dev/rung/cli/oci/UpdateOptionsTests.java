package dev.rung.cli.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.oci.Resources;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class UpdateOptionsTests {
    private static Resources resources(String... argv) {
        Syntax update = Objects.requireNonNull(Syntaxes.of("update"));
        return UpdateOptions.resources(Arguments.parse(update, List.of(argv), 0));
    }

    @Test
    void shouldAskForNothingWhenNothingIsGiven() {
        assertThat(resources("id")).isEqualTo(Resources.NONE);
    }

    @Test
    void shouldReadAll() {
        Resources resources =
                resources(
                        "--memory=64m",
                        "--memory-swap=-1",
                        "--cpu-quota=-1",
                        "--cpu-period=1000",
                        "--cpu-share",
                        "512",
                        "--cpuset-cpus=0-1",
                        "--pids-limit=0",
                        "--blkio-weight=500",
                        "--cpu-idle=1",
                        "id");
        assertThat(resources.memory().limit()).isEqualTo(64L << 20);
        assertThat(resources.memory().swap()).isEqualTo(-1);
        assertThat(resources.cpu().quota()).isEqualTo(-1);
        assertThat(resources.cpu().period()).isEqualTo(1000);
        assertThat(resources.cpu().shares()).isEqualTo(512);
        assertThat(resources.cpu().cpus()).isEqualTo("0-1");
        assertThat(resources.cpu().idle()).isEqualTo(1);
        assertThat(resources.pidsLimit()).isZero();
        assertThat(resources.blockIo().weight()).isEqualTo(500);
    }

    @Test
    void shouldRefuseWhatIsNoNumber() {
        assertThatThrownBy(() -> resources("--cpu-period=-1", "id"))
                .hasMessage("invalid value for cpu-period: parsing \"-1\": invalid syntax");
        assertThatThrownBy(() -> resources("--memory=x", "id"))
                .hasMessage("invalid value for memory: parsing \"x\": invalid syntax");
    }
}
