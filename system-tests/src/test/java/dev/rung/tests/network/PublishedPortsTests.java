package dev.rung.tests.network;

import static dev.rung.tests.network.Namespace.callFromHere;
import static dev.rung.tests.network.Namespace.exchange;
import static dev.rung.tests.network.Neighbourhood.HOST;
import static dev.rung.tests.network.Neighbourhood.in;
import static dev.rung.tests.network.Neighbourhood.publishing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.network.NetworkDefaults;
import dev.rung.network.NetworkSpec;
import dev.rung.network.PortBinding;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ports of the host that lead to containers, called from everywhere. */
@SystemTest
@NeedsProgram({"ip", "nft", "nsenter"})
class PublishedPortsTests {
    private String before = "";
    private Neighbourhood host;

    @BeforeEach
    void settle() {
        before = Neighbourhood.traces();
        host = new Neighbourhood();
    }

    @AfterEach
    void shouldLeaveNothing() {
        host.close();
        Patience.await(() -> Neighbourhood.traces().equals(before), Neighbourhood::traces);
    }

    @Test
    void shouldLeadToTheContainerFromEverywhere() throws IOException {
        Namespace one = host.start("one", publishing("8080:80"));
        one.serve(80, "one");
        Namespace two = host.start("two");
        host.create("other", spec -> spec);
        Namespace three = host.start("three", in("other"));

        assertThat(host.beyond.call(HOST, 8080)).isEqualTo("one " + Neighbourhood.BEYOND);
        assertThat(callFromHere("127.0.0.1", 8080)).isEqualTo("one 172.17.0.1");
        assertThat(callFromHere(HOST, 8080)).startsWith("one ");
        assertThat(callFromHere("172.17.0.1", 8080)).startsWith("one ");
        assertThat(callFromHere("::1", 8080)).startsWith("one ");
        assertThat(host.beyond.call("fd99::1", 8080)).startsWith("one ");
        assertThat(two.call(HOST, 8080)).startsWith("one ");
        assertThat(two.call("172.17.0.1", 8080)).startsWith("one ");
        assertThat(three.call(HOST, 8080)).startsWith("one ");
        assertThat(one.call(HOST, 8080)).startsWith("one ");
    }

    @Test
    void shouldOnlyHoldPortsWhereForwardingIsOff() throws IOException {
        host.reopen(NetworkDefaults.USUAL.withProxy(false));
        host.start("one", publishing("8080:80", "5353:53/udp")).serve(80, "one");

        assertThat(callFromHere("127.0.0.1", 8080)).isEqualTo("one 172.17.0.1");
        assertThat(host.beyond.call(HOST, 8080)).isEqualTo("one " + Neighbourhood.BEYOND);
        assertThat(callFromHere("::1", 8080)).isEmpty();
        assertThat(host.beyond.call("fd99::1", 8080)).isEmpty();
        try (ServerSocketChannel other = ServerSocketChannel.open()) {
            assertThatThrownBy(() -> other.bind(new InetSocketAddress(8080)))
                    .isInstanceOf(BindException.class);
        }
        assertThatThrownBy(() -> host.start("two", publishing("5353:53/udp")))
                .isInstanceOf(Failure.AlreadyExists.class);
        host.end("one");
        host.start("three", publishing("8080:80")).serve(80, "three");
        assertThat(callFromHere("127.0.0.1", 8080)).startsWith("three ");
    }

    @Test
    void shouldStayOnTheLoopbackAddress() throws IOException {
        host.start("one", publishing("127.0.0.1:8080:80")).serve(80, "one");

        assertThat(callFromHere("127.0.0.1", 8080)).startsWith("one ");
        assertThat(host.beyond.call(HOST, 8080)).isEqualTo("nobody");
        assertThat(host.start("two").call(HOST, 8080)).isEqualTo("nobody");
    }

    @Test
    void shouldNotBeReachedByForgedLoopbackAddresses() {
        host.start("one", publishing("127.0.0.1:8080:80")).serve(80, "one");
        host.beyond.ip("link set lo down");
        host.beyond.ip("address del 127.0.0.1/8 dev lo");
        host.beyond.ip("rule add pref 5 lookup local");
        host.beyond.ip(
                "route add 127.0.0.1/32 via " + HOST + " dev eth0 src " + Neighbourhood.BEYOND);
        host.beyond.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet");

        assertThat(host.beyond.call("127.0.0.1", 8080)).isEqualTo("nobody");
    }

    @Test
    void shouldPublishRangesAndFreePorts() throws IOException {
        Namespace one = host.start("one", publishing("9000-9002:80-82", "127.0.0.1::83"));
        one.serve(81, "second");
        one.serve(83, "fourth");

        assertThat(host.beyond.call(HOST, 9001)).startsWith("second ");
        PortBinding chosen = host.endpoint("one").ports().getLast();
        assertThat(chosen.hostPort()).isBetween(1024, 65535);
        assertThat(callFromHere("127.0.0.1", chosen.hostPort())).startsWith("fourth ");
    }

    @Test
    void shouldRefuseWhatIsTaken() throws IOException {
        host.start("one", publishing("8080:80"));
        try (var server =
                ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 8081))) {
            assertThat(server.isOpen()).isTrue();
            assertThatThrownBy(() -> host.start("two", publishing("8081:80")))
                    .isInstanceOf(Failure.AlreadyExists.class)
                    .hasMessage(
                            "failed to bind host port for 0.0.0.0:8081/tcp: address already in"
                                    + " use");
        }
        assertThatThrownBy(() -> host.start("three", publishing("127.0.0.1:8080:80")))
                .isInstanceOf(Failure.AlreadyExists.class)
                .hasMessage("Bind for 127.0.0.1:8080 failed: port is already allocated");
        host.end("one");
        host.start("four", publishing("8080:80")).serve(80, "four");
        assertThat(callFromHere("127.0.0.1", 8080)).startsWith("four ");
    }

    @Test
    void shouldLeadUdpToWhoeverHasThePortNow() {
        var flow = host.beyond.udp(HOST, 5353);
        assertThat(exchange(flow)).isEqualTo("nobody"); // from now on the kernel knows this flow
        host.start("one", publishing("5353:53/udp")).serveUdp(53, "one");
        assertThat(exchange(flow)).isEqualTo("one");
        host.end("one");
        host.start("two", publishing("5353:53/udp")).serveUdp(53, "two");

        assertThat(exchange(flow)).isEqualTo("two");
    }

    @Test
    void shouldForwardUdpToLoopbackV6() throws IOException {
        host.start("one", publishing("5353:53/udp")).serveUdp(53, "one");
        try (var flow =
                DatagramChannel.open()
                        .connect(new InetSocketAddress(InetAddress.ofLiteral("::1"), 5353))) {
            assertThat(exchange(flow)).isEqualTo("one");
        }
    }

    @Test
    void shouldForwardEverythingWhereThereAreNoPacketRules() throws IOException {
        host.withoutRules();
        String rules = Neighbourhood.nft("list ruleset");
        host.start("one", publishing("8080:80", "5353:53/udp")).serve(80, "one");
        host.container("one").serveUdp(53, "one");
        host.start("two", publishing("127.0.0.1:8081:80")).serve(80, "two");

        assertThat(host.beyond.call(HOST, 8080)).isEqualTo("one 172.17.0.1");
        assertThat(callFromHere("127.0.0.1", 8081)).startsWith("two ");
        assertThat(host.beyond.call(HOST, 8081)).isEqualTo("nobody");
        assertThat(host.container("two").call("172.17.0.1", 8080)).isEqualTo("one 172.17.0.1");
        try (var flow = host.beyond.udp(HOST, 5353)) {
            assertThat(exchange(flow)).isEqualTo("one");
        }
        assertThat(Neighbourhood.nft("list ruleset")).isEqualTo(rules);
    }

    @Test
    void shouldPublishOverIpv6() throws IOException {
        host.create("six", NetworkSpec::withIpv6);
        host.start("one", spec -> publishing("8080:80").apply(in("six").apply(spec)))
                .serve(80, "one");

        assertThat(host.beyond.call("fd99::1", 8080)).isEqualTo("one fd99:0:0:0:0:0:0:2");
        assertThat(host.beyond.call(HOST, 8080)).isEqualTo("one " + Neighbourhood.BEYOND);
        assertThat(callFromHere("::1", 8080)).startsWith("one ");
    }

    @Test
    void shouldLeadThereWhenOpenedAnew() throws IOException {
        host.start("one", publishing("8080:80")).serve(80, "one");
        host.reopen();

        assertThat(host.beyond.call(HOST, 8080)).isEqualTo("one " + Neighbourhood.BEYOND);
        assertThat(callFromHere("::1", 8080)).startsWith("one ");
        assertThatThrownBy(() -> host.start("two", publishing("8080:80")))
                .hasMessage("Bind for 0.0.0.0:8080 failed: port is already allocated");
    }
}
