package dev.rung.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.network.StateFolder.Content;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTests {
    @TempDir Path folder = Path.of("");

    @Test
    void shouldReadWhatItWrote() {
        var content = new Content("boot", List.of("eth0"), List.of(network()));
        try (var state = StateFolder.open(folder)) {
            assertThat(state.read()).isNull();
            state.write(content);
            assertThat(state.read()).isEqualTo(content);
        }
    }

    @Test
    void shouldLetOneUseIt() {
        try (var state = StateFolder.open(folder)) {
            assertThat(state.ruleTable()).startsWith("rung-");
            assertThatThrownBy(() -> StateFolder.open(folder))
                    .isInstanceOf(Failure.Unavailable.class);
        }
        StateFolder.open(folder).close();
    }

    @Test
    void shouldRefuseANewerFormat() throws IOException {
        Files.writeString(folder.resolve("networks.json"), "{\"format\": 2}");
        try (var state = StateFolder.open(folder)) {
            assertThatThrownBy(state::read)
                    .isInstanceOf(Failure.Unsupported.class)
                    .hasMessageContaining("has format 2, written by a newer Rung");
        }
    }

    @Test
    void shouldNameAFileThatIsDamaged() throws IOException {
        Files.writeString(folder.resolve("networks.json"), "{\"format\": 1");
        try (var state = StateFolder.open(folder)) {
            assertThatThrownBy(state::read)
                    .isInstanceOf(Failure.Corrupt.class)
                    .hasMessageContaining("networks.json");
        }
    }

    private static Network network() {
        Prefix prefix = Prefix.parse("10.0.0.0/24");
        return new Network(
                "abc",
                "front",
                "br-abc",
                List.of(
                        new Network.Subnet(prefix, prefix, Prefix.parseAddress("10.0.0.1"))
                                .withAuxiliary(Map.of("printer", Prefix.parseAddress("10.0.0.9")))),
                false,
                1500,
                true,
                true,
                Map.of("a", "b"),
                Map.of("com.docker.network.driver.mtu", "1500"),
                Instant.parse("2026-01-02T03:04:05Z"));
    }
}
