package dev.rung.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndpointLogTests {
    @TempDir Path folder = Path.of("");

    @Test
    void shouldRememberWhoJoinedAndNotWhoLeft() {
        try (var log = EndpointLog.open(file())) {
            log.changed(endpoint("one"));
            log.changed(endpoint("two"));
            log.left(endpoint("one"));
        }
        try (var log = EndpointLog.open(file())) {
            assertThat(log.endpoints()).containsExactly(endpoint("two"));
        }
    }

    @Test
    void shouldRememberWhatWasOnlyBegun() {
        try (var log = EndpointLog.open(file())) {
            log.begun(endpoint("one"));
            log.begun(endpoint("two"));
            log.begun(endpoint("three"));
            log.finished(endpoint("one"));
            log.left(endpoint("two"));
            log.finished(endpoint("two"));
        }
        try (var log = EndpointLog.open(file())) {
            assertThat(log.endpoints()).containsExactly(endpoint("one"), endpoint("three"));
            assertThat(log.unfinished()).containsExactly(endpoint("three"));
        }
    }

    @Test
    void shouldStopBeforeALineThatWasNeverFinished() throws IOException {
        try (var log = EndpointLog.open(file())) {
            log.changed(endpoint("one"));
        }
        byte[] one = Files.readAllBytes(file());
        try (var log = EndpointLog.open(file())) {
            log.changed(endpoint("two"));
        }
        byte[] both = Files.readAllBytes(file());
        for (int length = one.length; length < both.length; length++) {
            Files.write(file(), Arrays.copyOf(both, length));
            try (var log = EndpointLog.open(file())) {
                assertThat(log.endpoints()).containsExactly(endpoint("one"));
                log.changed(endpoint("three"));
            }
            try (var log = EndpointLog.open(file())) {
                assertThat(log.endpoints()).containsExactly(endpoint("one"), endpoint("three"));
            }
        }
    }

    @Test
    void shouldNameALineThatIsDamaged() throws IOException {
        try (var log = EndpointLog.open(file())) {
            log.changed(endpoint("one"));
        }
        byte[] content = Files.readAllBytes(file());
        content[content.length - 10] ^= 1;
        Files.write(file(), content);

        assertThatThrownBy(() -> EndpointLog.open(file()))
                .isInstanceOf(Failure.Corrupt.class)
                .hasMessageContaining("endpoints.log line 2: the checksum does not fit");
    }

    @Test
    void shouldRefuseANewerFormat() throws IOException {
        Files.writeString(file(), "rung-endpoints 2\n");

        assertThatThrownBy(() -> EndpointLog.open(file()))
                .isInstanceOf(Failure.Unsupported.class)
                .hasMessageContaining("has format 2, written by a newer Rung: this one knows 1");
    }

    @Test
    void shouldStaySmall() throws IOException {
        try (var log = EndpointLog.open(file())) {
            log.changed(endpoint("stays"));
            for (int i = 0; i < 3000; i++) {
                log.changed(endpoint("c" + i));
                log.left(endpoint("c" + i));
            }
        }
        assertThat(Files.size(file())).isLessThan(700_000);
        try (var log = EndpointLog.open(file())) {
            assertThat(log.endpoints()).containsExactly(endpoint("stays"));
        }
    }

    private Path file() {
        return folder.resolve("endpoints.log");
    }

    private static Endpoint endpoint(String name) {
        var v4 = Prefix.parseAddress("172.17.0.2");
        return new Endpoint(
                "abc",
                new ContainerId(name),
                "eth0",
                "veth0",
                MacAddress.of(v4),
                List.of(
                        new Endpoint.Address(v4, 16, Prefix.parseAddress("172.17.0.1")),
                        new Endpoint.Address(Prefix.parseAddress("fd00::2"), 64, null)),
                List.of(name, "alias"),
                Map.of("www", "web"),
                List.of(
                        new PortBinding(Protocol.TCP, null, 8080, 80),
                        new PortBinding(Protocol.UDP, Prefix.parseAddress("::1"), 53, 53)));
    }
}
