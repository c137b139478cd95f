package dev.rung.tests.network;

import static dev.rung.tests.network.CniSide.attachment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.network.cni.Attachment;
import dev.rung.network.cni.Capabilities;
import dev.rung.network.cni.NetworkConf;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The plugin bandwidth, beside Debian's of that name. */
@SystemTest
@NeedsProgram({"ip", "tc", "nft", "nsenter", "/usr/lib/cni/bandwidth"})
class CniBandwidthTests {
    private static final String CONF =
            """
            {"cniVersion": "%s", "name": "net", "plugins": [
              {"type": "bridge", "bridge": "cnitest0", "isGateway": true, "mtu": 1400,
               "ipam": {"type": "host-local", "dataDir": "DATA", "subnet": "10.77.0.0/24"}},
              {"type": "bandwidth", "capabilities": {"bandwidth": true}%s}]}
            """;
    private static final Capabilities BOTH =
            Capabilities.none()
                    .withBandwidth(
                            new Capabilities.Bandwidth(
                                    8_000_000, 800_000, 5_000_000_000L, 1_000_000));
    private static final Attachment.Key ONE = new Attachment.Key("one", "eth0");

    private String before = "";

    @BeforeEach
    void settle() {
        before = Neighbourhood.traces();
    }

    @AfterEach
    void shouldLeaveNothing() {
        Command.of("ip", "link", "delete", "cnitest0").run();
        Patience.await(() -> Neighbourhood.traces().equals(before), Neighbourhood::traces);
    }

    @Test
    void shouldLimitAsTheReferenceDoes() {
        for (String version : List.of("0.3.1", "0.4.0", "1.0.0")) {
            var seen = new ArrayList<List<String>>();
            for (CniSide side : List.of(CniSide.reference(), CniSide.own())) {
                try (side;
                        Namespace container = Namespace.make()) {
                    NetworkConf network = side.network(CONF.formatted(version, ""));
                    Attachment attachment = attachment("one", container, BOTH);
                    side.networks.add(network, attachment);
                    if (!version.equals("0.3.1")) {
                        side.networks.check(network, ONE);
                    }
                    seen.add(List.of(side.result("net", "one"), queues(), filters()));
                    side.networks.delete(network, attachment);
                    side.networks.delete(network, attachment);
                    assertThat(queues()).isEmpty();
                }
            }
            assertThat(seen.get(1)).as(version).isEqualTo(seen.get(0));
            assertThat(seen.get(1).get(1))
                    .contains("tbf 1: dev VETH root", "tbf 1: dev bwp", "rate 8Mbit", "rate 5Gbit")
                    .contains("ingress ffff: dev VETH");
        }
    }

    private static String tc(String words) {
        return Command.of(("tc " + words).split(" ")).succeed().output();
    }

    /** All that is limited, as tc(8) tells it. */
    private static String queues() {
        return CniSide.plain(tc("qdisc show"))
                .lines()
                .filter(line -> line.contains("tbf") || line.contains("ingress"))
                .map(line -> line.replaceAll("refcnt \\d+ ", ""))
                .sorted()
                .reduce("", (all, line) -> all + line + "\n");
    }

    /** The reference names the same target twice, and the second one is never come to. */
    private static String filters() {
        for (String link : Command.of("ls", "/sys/class/net").succeed().output().split("\\s+")) {
            String text = Command.of("tc", "filter", "show", "dev", link, "ingress").run().output();
            if (!text.isEmpty()) {
                return text.replaceAll("(?s)\\s*action order 2.*", "")
                        .replaceAll(" index \\d+ ref \\d+ bind \\d+", "")
                        .strip();
            }
        }
        return "";
    }

    @Test
    void shouldBeAsFastAsAllowed() throws IOException {
        try (CniSide side = CniSide.own();
                Namespace container = Namespace.make()) {
            NetworkConf network =
                    side.network(
                            CONF.formatted(
                                    "1.1.0", ", \"egressRate\": 4000000, \"egressBurst\": 100000"));
            side.networks.add(network, attachment("one", container, BOTH));

            Duration sending = send(container, 250_000);
            assertThat(sending).isBetween(Duration.ofMillis(350), Duration.ofSeconds(5));
            assertThat(queues()).doesNotContain("8Mbit"); // the configuration counts first
            side.networks.deleteAll("one", "");
        }
    }

    /** How long so many bytes take from the container to the host. */
    private static Duration send(Namespace container, int bytes) throws IOException {
        try (ServerSocketChannel server =
                        ServerSocketChannel.open().bind(new InetSocketAddress("10.77.0.1", 5001));
                SocketChannel out =
                        container.in(() ->
                                SocketChannel.open(new InetSocketAddress("10.77.0.1", 5001)));
                SocketChannel in = server.accept()) {
            long begin = System.nanoTime();
            Thread.ofVirtual()
                    .start(() -> {
                        try (out) {
                            out.socket().getOutputStream().write(new byte[bytes]);
                        } catch (IOException e) {
                            // the reader will miss bytes
                        }
                    });
            assertThat(in.socket().getInputStream().readAllBytes()).hasSize(bytes);
            return Duration.ofNanos(System.nanoTime() - begin);
        }
    }

    @Test
    void shouldBeCheckedAndDeletedByTheReference() {
        CniSide side = CniSide.own();
        try (Namespace container = Namespace.make()) {
            NetworkConf network = side.network(CONF.formatted("1.0.0", ""));
            Attachment attachment = attachment("one", container, BOTH);
            side.networks.add(network, attachment);
            side = side.againByReference();
            side.networks.check(network, ONE);
            side.networks.delete(network, attachment);

            assertThat(queues()).isEmpty();
        } finally {
            side.close();
        }
    }

    @Test
    void shouldNoticeWhatIsMissing() {
        try (CniSide side = CniSide.own();
                Namespace container = Namespace.make()) {
            NetworkConf network = side.network(CONF.formatted("1.1.0", ""));
            side.networks.add(network, attachment("one", container, BOTH));
            side.networks.check(network, ONE);
            String link = queues().replaceAll("(?s).*(bwp\\w+).*", "$1");

            tc("qdisc change dev " + link + " handle 1: root tbf rate 1mbit burst 10k limit 9k");
            assertThatThrownBy(() -> side.networks.check(network, ONE))
                    .hasMessageContaining("Rate doesn't match of " + link);
            Command.of("ip", "link", "delete", link).succeed();
            assertThatThrownBy(() -> side.networks.check(network, ONE))
                    .hasMessageContaining("no such device");
            side.networks.deleteAll("one", "");
        }
    }

    @Test
    void shouldRefuseWhatTheReferenceRefuses() {
        for (String wrong :
                List.of("\"ingressRate\": 8000", "\"egressBurst\": 8000, \"egressRate\": 0")) {
            var seen = new ArrayList<String>();
            for (CniSide side : List.of(CniSide.reference(), CniSide.own())) {
                try (side;
                        Namespace container = Namespace.make()) {
                    NetworkConf network = side.network(CONF.formatted("1.0.0", ", " + wrong));
                    assertThatThrownBy(() ->
                                    side.networks.add(
                                            network,
                                            attachment("one", container, Capabilities.none())))
                            .isInstanceOf(Failure.class)
                            .satisfies(failure -> seen.add(failure.getMessage()));
                    if (side.builtIn) { // the reference refuses to delete as well
                        assertThat(side.networks.attachments()).isEmpty();
                    }
                }
            }
            assertThat(seen.get(1)).isEqualTo(seen.get(0));
        }
    }

    @Test
    void shouldDoNothingUnasked() {
        try (CniSide side = CniSide.own();
                Namespace container = Namespace.make()) {
            NetworkConf network = side.network(CONF.formatted("1.1.0", ""));
            side.networks.add(network, attachment("one", container, Capabilities.none()));
            side.networks.check(network, ONE);

            assertThat(queues()).isEmpty();
            side.networks.deleteAll("one", "");
        }
    }
}
