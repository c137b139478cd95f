package dev.rung.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishedPortTests {
    @Test
    void shouldReadWhatDockerReads() {
        assertThat(PublishedPort.parse("80")).containsExactly(tcp(null, 0, 0, 80));
        assertThat(PublishedPort.parse("8080:80")).containsExactly(tcp(null, 8080, 8080, 80));
        assertThat(PublishedPort.parse("127.0.0.1:8080:80"))
                .containsExactly(tcp("127.0.0.1", 8080, 8080, 80));
        assertThat(PublishedPort.parse("127.0.0.1::80"))
                .containsExactly(tcp("127.0.0.1", 0, 0, 80));
        assertThat(PublishedPort.parse("[::1]:8080:80"))
                .containsExactly(tcp("::1", 8080, 8080, 80));
        assertThat(PublishedPort.parse("53:53/udp").getFirst().protocol()).isEqualTo(Protocol.UDP);
    }

    @Test
    void shouldPairRanges() {
        assertThat(PublishedPort.parse("9000-9001:80-81"))
                .containsExactly(tcp(null, 9000, 9000, 80), tcp(null, 9001, 9001, 81));
        assertThat(PublishedPort.parse("9000-9005:80")).containsExactly(tcp(null, 9000, 9005, 80));
        assertThat(PublishedPort.parse("80-81"))
                .containsExactly(tcp(null, 0, 0, 80), tcp(null, 0, 0, 81));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "0",
                "65536",
                "80:",
                ":80:80:80",
                "8080:80/sctp",
                "host:80:80",
                "90-80",
                "1-3:1-2",
                "+80",
                "-80",
                "::1:80:80:"
            })
    void shouldRefuse(String text) {
        assertThatThrownBy(() -> PublishedPort.parse(text))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageStartingWith("invalid published port \"" + text + "\"");
    }

    @Test
    void shouldSeeWhichBindingsCollide() {
        assertThat(binding(null).collidesWith(binding("127.0.0.1"))).isTrue();
        assertThat(binding("::1").collidesWith(binding(null))).isTrue();
        assertThat(binding("0.0.0.0").collidesWith(binding("10.0.0.1"))).isTrue();
        assertThat(binding("10.0.0.2").collidesWith(binding("10.0.0.1"))).isFalse();
        assertThat(binding("0.0.0.0").collidesWith(binding("::"))).isFalse();
    }

    private static PortBinding binding(@Nullable String host) {
        return new PortBinding(Protocol.TCP, address(host), 80, 80);
    }

    private static PublishedPort tcp(@Nullable String host, int first, int last, int port) {
        return new PublishedPort(Protocol.TCP, address(host), first, last, port);
    }

    private static @Nullable InetAddress address(@Nullable String host) {
        return host == null ? null : Prefix.parseAddress(host);
    }
}
