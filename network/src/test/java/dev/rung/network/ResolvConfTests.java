package dev.rung.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.ContainerId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResolvConfTests {
    @Test
    void shouldLeaveOutServersThatAContainerCannotReach() {
        var host =
                ResolvConf.parse(
                        """
                        # comment
                        nameserver 127.0.0.53
                        nameserver ::1
                        nameserver 10.0.0.1
                        nameserver fe80::1%eth0
                        search a.example b.example
                        options edns0 trust-ad
                        options timeout:1
                        """);

        assertThat(host.withoutLoopback().text())
                .isEqualTo(
                        """
                        nameserver 10.0.0.1
                        search a.example b.example
                        options edns0 trust-ad timeout:1
                        """);
    }

    @Test
    void shouldNamePublicServersWhenNoneIsLeft() {
        assertThat(ResolvConf.parse("nameserver 127.0.0.1\nsearch .").withoutLoopback().text())
                .isEqualTo("nameserver 8.8.8.8\nnameserver 8.8.4.4\n");
    }

    @Test
    void shouldWriteHostsAsDockerDoes() {
        var address = Prefix.parseAddress("172.17.0.2");
        var endpoint =
                new Endpoint(
                        "n",
                        new ContainerId("c"),
                        "eth0",
                        "veth",
                        MacAddress.of(address),
                        List.of(new Endpoint.Address(address, 16, null)),
                        List.of(),
                        Map.of(),
                        List.of());

        assertThat(
                        HostsFile.text(
                                "web.example",
                                List.of(endpoint),
                                List.of(new HostsFile.Line("db", Prefix.parseAddress("10.0.0.9")))))
                .startsWith("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n")
                .endsWith("10.0.0.9\tdb\n172.17.0.2\tweb.example web\n");
    }
}
