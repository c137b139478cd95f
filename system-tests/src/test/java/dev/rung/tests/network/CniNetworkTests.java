package dev.rung.tests.network;

import static dev.rung.tests.network.CniSide.attachment;
import static dev.rung.tests.network.Namespace.callFromHere;
import static dev.rung.tests.network.Neighbourhood.BEYOND;
import static dev.rung.tests.network.Neighbourhood.HOST;
import static dev.rung.tests.network.Neighbourhood.ip;
import static dev.rung.tests.network.Neighbourhood.nft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.network.MacAddress;
import dev.rung.network.Prefix;
import dev.rung.network.cni.Attachment;
import dev.rung.network.cni.Capabilities;
import dev.rung.network.cni.Capabilities.PortMapping;
import dev.rung.network.cni.NetworkConf;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Networks of CNI that Rung makes by itself, beside the same ones made by Debian's plugins. */
@SystemTest
@NeedsProgram({"ip", "nft", "nsenter", "iptables", "/usr/lib/cni/bridge"})
class CniNetworkTests {
    private static final String BRIDGE =
            """
            {"cniVersion": "%s", "name": "net", "plugins": [
              {"type": "loopback"},
              {"type": "bridge", "bridge": "cnitest0", "isGateway": true, "ipMasq": true,
               "hairpinMode": true, "mtu": 1400,
               "ipam": {"type": "host-local", "dataDir": "DATA", "ranges": %s,
                        "routes": [{"dst": "0.0.0.0/0"}%s]}},
              {"type": "portmap", "capabilities": {"portMappings": true}}]}
            """;
    private static final String V4 = "[[{\"subnet\": \"10.77.0.0/24\"}]]";
    private static final String BOTH =
            "[[{\"subnet\": \"10.77.0.0/24\", \"rangeStart\": \"10.77.0.10\"}],"
                    + " [{\"subnet\": \"fd77::/64\", \"gateway\": \"fd77::fe\"}]]";

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
        nft("flush ruleset"); // the reference leaves chains of its own
        Patience.await(() -> Neighbourhood.traces().equals(before), Neighbourhood::traces);
    }

    /** None is there when the plugin itself failed. */
    private static void deleteBridge() {
        Command.of("ip", "link", "delete", "cnitest0").run();
    }

    private static final Capabilities PORTS =
            Capabilities.none()
                    .withPorts(
                            List.of(
                                    new PortMapping(8080, 80, "tcp", null),
                                    new PortMapping(5353, 53, "udp", null)));

    @Test
    void shouldMakeWhatTheReferenceMakes() {
        host.beyond.serve(80, "world");
        for (String version : List.of("0.3.1", "0.4.0", "1.0.0")) {
            String conf = BRIDGE.formatted(version, BOTH, ", {\"dst\": \"::/0\"}");
            var seen = new ArrayList<List<String>>();
            for (CniSide side : List.of(CniSide.reference(), CniSide.own())) {
                try (side;
                        Namespace container = Namespace.make()) {
                    seen.add(attachAndLook(side, side.network(conf), container));
                } finally {
                    deleteBridge();
                }
            }
            assertThat(seen.get(1)).as(version).isEqualTo(seen.get(0));
        }
    }

    /** What there is, and what works, and what is left after it has gone. */
    private List<String> attachAndLook(CniSide side, NetworkConf network, Namespace container) {
        Attachment attachment = attachment("one", container, PORTS);
        container.serve(80, "one");
        container.serveUdp(53, "names");
        side.networks.add(network, attachment);
        // the reference's bridge asks for a second or two whether somebody has its address
        Patience.await(
                () -> !ip("-6 address show dev cnitest0").contains("tentative"),
                () -> ip("address show dev cnitest0"));
        if (side.builtIn && !network.version().equals("0.3.1")) {
            // the reference looks for IPv4 rules among those of IPv6
            side.networks.check(network, new Attachment.Key("one", "eth0"));
        }
        var seen = new ArrayList<String>();
        seen.add(side.result("net", "one"));
        seen.add(CniSide.inside(container));
        seen.add(side.addresses("net"));
        seen.add(CniSide.plain(ip("-o -4 address show dev cnitest0")));
        seen.add(CniSide.plain(ip("-o -6 address show dev cnitest0 scope global")));
        seen.add(ip("link show cnitest0").replaceAll("(?s).*(mtu \\d+).*", "$1"));
        seen.add("out " + container.call(BEYOND, 80));
        seen.add("host " + here("127.0.0.1", 8080) + ", " + here(HOST, 8080));
        seen.add(
                "beyond "
                        + host.beyond.call(HOST, 8080)
                        + ", "
                        + host.beyond.call("fd99::1", 8080));
        seen.add("itself " + container.call("10.77.0.1", 8080).replaceAll(" .*", ""));
        seen.add("udp " + Namespace.exchange(host.beyond.udp(HOST, 5353)));
        side.networks.delete(network, attachment);
        side.networks.delete(network, attachment); // again is the same
        seen.add(CniSide.inside(container));
        seen.add(side.addresses("net"));
        seen.add("gone " + here("127.0.0.1", 8080));
        return seen;
    }

    private static String here(String address, int port) {
        try {
            return callFromHere(address, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldPassFirewallsThatDropWhatTheReferencePasses() {
        host.beyond.serve(80, "world");
        host.beyond.ip("route add 10.77.0.0/24 via " + HOST);
        String conf =
                BRIDGE.formatted("1.0.0", V4, "").replace("}}]}", "}}, {\"type\": \"firewall\"}]}");
        var seen = new ArrayList<List<String>>();
        for (CniSide side : List.of(CniSide.reference(), CniSide.own())) {
            try (side;
                    Namespace container = Namespace.make()) {
                container.serve(80, "one");
                iptables("-P FORWARD DROP");
                NetworkConf network = side.network(conf);
                var attachment = attachment("one", container, Capabilities.none());
                side.networks.add(network, attachment);
                side.networks.check(network, attachment.key());
                seen.add(
                        List.of(
                                container.call(BEYOND, 80),
                                host.beyond.call("10.77.0.2", 80),
                                side.result("net", "one")));
                assertThat(iptables("-S FORWARD")).contains("-P FORWARD DROP");
                if (side.builtIn) {
                    assertThat(iptables("-S FORWARD")).contains("RELATED,ESTABLISHED");
                    iptables("-F FORWARD");
                    Patience.await(
                            () -> container.call(BEYOND, 80).startsWith("world"),
                            () -> nft("list ruleset"));
                }
                side.networks.delete(network, attachment);
                assertThat(iptables("-S")).doesNotContain("10.77.0.2");
            } finally {
                nft("flush ruleset");
                deleteBridge();
            }
        }
        assertThat(seen.get(1)).isEqualTo(seen.get(0));
        assertThat(seen.get(1)).startsWith("world " + HOST, "nobody");
    }

    private static String iptables(String words) {
        return Command.of(("iptables " + words).split(" ")).succeed().output();
    }

    @Test
    void shouldTuneAsTheReferenceDoes() {
        String conf =
                BRIDGE.formatted("1.0.0", V4, "")
                        .replace(
                                "}}]}",
                                """
                                }}, {"type": "tuning", "dataDir": "DATA/tuning", "mtu": 1300,
                                    "sysctl": {"net.core.somaxconn": "500"}, "promisc": true,
                                    "mac": "02:11:22:33:44:55"}]}\
                                """);
        var seen = new ArrayList<List<String>>();
        for (CniSide side : List.of(CniSide.reference(), CniSide.own())) {
            try (side;
                    Namespace container = Namespace.make()) {
                NetworkConf network = side.network(conf);
                var attachment = attachment("one", container, Capabilities.none());
                side.networks.add(network, attachment);
                side.networks.check(network, attachment.key());
                String link = container.ip("-d link show eth0");
                seen.add(
                        List.of(
                                side.result("net", "one"),
                                container.run("cat", "/proc/sys/net/core/somaxconn"),
                                link.replaceAll("(?s).*?(mtu \\d+).*", "$1"),
                                link.replaceAll("(?s).*link/ether (\\S+).*", "$1"),
                                link.replaceAll("(?s).*(promiscuity \\d+).*", "$1")));
                side.networks.delete(network, attachment);
                assertThat(side.folder.resolve("data/tuning")).isEmptyDirectory();
            } finally {
                deleteBridge();
            }
        }
        assertThat(seen.get(1)).isEqualTo(seen.get(0));
        assertThat(seen.get(1)).contains("500\n", "mtu 1300", "02:11:22:33:44:55");
    }

    @Test
    void shouldLeaveNoRulesAndFilesWhenTheNamespaceIsGoneAlready() {
        try (CniSide side = CniSide.own()) {
            NetworkConf network = side.network(BRIDGE.formatted("1.1.0", V4, ""));
            Namespace container = Namespace.make();
            Attachment attachment = attachment("one", container, PORTS);
            side.networks.add(network, attachment);
            assertThat(nft("list ruleset")).contains("8080", "masquerade");
            container.close();

            side.networks.deleteAll("one", "");
            assertThat(nft("list ruleset")).doesNotContain("rung-cni");
            assertThat(side.addresses("net")).doesNotContain("one");
            assertThat(side.networks.attachments()).isEmpty();
        } finally {
            deleteBridge();
        }
    }

    @Test
    void shouldCollectWhatNobodyHas() {
        try (CniSide side = CniSide.own();
                Namespace one = Namespace.make();
                Namespace two = Namespace.make()) {
            NetworkConf network = side.network(BRIDGE.formatted("1.1.0", V4, ""));
            side.networks.add(network, attachment("one", one, PORTS));
            side.networks.add(network, attachment("two", two, Capabilities.none()));
            side.networks.collect(network, Set.of(new Attachment.Key("two", "eth0")));

            assertThat(side.networks.attachments())
                    .containsExactly(new Attachment.Key("two", "eth0"));
            assertThat(side.addresses("net")).doesNotContain("one").contains("10.77.0.3 two|eth0");
            assertThat(nft("list ruleset")).doesNotContain("8080").contains("10.77.0.3");
            side.networks.check(network, new Attachment.Key("two", "eth0"));
            assertThatThrownBy(
                            () -> side.networks.check(network, new Attachment.Key("one", "eth0")))
                    .isInstanceOf(Failure.NotFound.class);
            side.networks.deleteAll("two", "");
        } finally {
            deleteBridge();
        }
    }

    @Test
    void shouldNoticeWhatIsMissing() {
        try (CniSide side = CniSide.own();
                Namespace one = Namespace.make()) {
            NetworkConf network = side.network(BRIDGE.formatted("1.1.0", V4, ""));
            side.networks.add(network, attachment("one", one, PORTS));
            var key = new Attachment.Key("one", "eth0");
            side.networks.check(network, key);

            one.ip("route delete default");
            assertThatThrownBy(() -> side.networks.check(network, key))
                    .hasMessageContaining("Expected Route 0.0.0.0/0 not found");
            one.ip("route add default via 10.77.0.1");
            one.ip("address delete 10.77.0.2/24 dev eth0");
            assertThatThrownBy(() -> side.networks.check(network, key))
                    .hasMessageContaining("Failed to match addr 10.77.0.2/24");
            side.networks.deleteAll("one", "");
        } finally {
            deleteBridge();
        }
    }

    @Test
    void shouldTakeBackWhatAFailedPluginLeaves() {
        try (CniSide side = CniSide.own();
                Namespace one = Namespace.make()) {
            NetworkConf network =
                    side.network(
                            BRIDGE.formatted("1.1.0", V4, "")
                                    .replace(
                                            "{\"type\": \"portmap\"",
                                            "{\"type\": \"portmap\", \"snat\": \"perhaps\""));
            assertThatThrownBy(() -> side.networks.add(network, attachment("one", one, PORTS)))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("plugin type=\"portmap\" failed (add)")
                    .hasMessageContaining("snat");

            assertThat(one.ip("link")).doesNotContain("eth0");
            assertThat(side.addresses("net")).doesNotContain("one");
            assertThat(nft("list ruleset")).doesNotContain("rung-cni");
            assertThat(side.networks.attachments()).isEmpty();
        } finally {
            deleteBridge();
        }
    }

    @Test
    void shouldFindRulesAgainThatSomebodyFlushed() {
        try (CniSide side = CniSide.own();
                Namespace one = Namespace.make()) {
            NetworkConf network = side.network(BRIDGE.formatted("1.1.0", V4, ""));
            host.beyond.serve(80, "world");
            one.serve(80, "one");
            side.networks.add(network, attachment("one", one, PORTS));
            nft("flush ruleset");

            Patience.await(
                    () -> host.beyond.call(HOST, 8080).startsWith("one"),
                    () -> nft("list ruleset"));
            assertThat(one.call(BEYOND, 80)).isEqualTo("world " + HOST);
            side.networks.deleteAll("one", "");
        } finally {
            deleteBridge();
        }
    }

    @Test
    void shouldShareAddressesWithTheReference() {
        try (CniSide side = CniSide.own(CniSide.REFERENCE);
                Namespace one = Namespace.make();
                Namespace two = Namespace.make()) {
            String text = BRIDGE.formatted("1.0.0", V4, "");
            NetworkConf network = side.network(text);
            NetworkConf theirs =
                    side.network(
                            text.replace(
                                    "\"bridge\": \"cnitest0\"",
                                    "\"vlan\": 0, \"ipMasqBackend\": \"iptables\", \"bridge\":"
                                            + " \"cnitest0\""));
            side.networks.add(network, attachment("one", one, Capabilities.none()));
            side.networks.add(theirs, attachment("two", two, Capabilities.none()));

            assertThat(side.addresses("net"))
                    .contains(
                            "10.77.0.2 one|eth0",
                            "10.77.0.3 two|eth0",
                            "last_reserved_ip.0 10.77.0.3");
            one.serve(80, "one");
            assertThat(two.call("10.77.0.2", 80)).isEqualTo("one 10.77.0.3");
            side.networks.deleteAll("one", "");
            side.networks.deleteAll("two", "");
            assertThat(side.addresses("net")).doesNotContain("eth0");
        } finally {
            deleteBridge();
        }
    }

    @Test
    void shouldGiveTheAddressAndHardwareAddressThatAreAskedFor() {
        try (CniSide side = CniSide.own();
                Namespace one = Namespace.make();
                Namespace two = Namespace.make()) {
            NetworkConf network =
                    side.network(
                            BRIDGE.formatted("1.1.0", V4, "")
                                    .replace(
                                            "\"hairpinMode\"",
                                            "\"capabilities\": {\"ips\": true, \"mac\": true},"
                                                    + " \"hairpinMode\""));
            var asked =
                    Capabilities.none()
                            .withIps(List.of(Prefix.parseAddress("10.77.0.50")))
                            .withMac(MacAddress.parse("02:11:22:33:44:55"));
            side.networks.add(network, attachment("one", one, asked));

            assertThat(one.ip("address show dev eth0"))
                    .contains("10.77.0.50/24", "02:11:22:33:44:55");
            assertThatThrownBy(() -> side.networks.add(network, attachment("two", two, asked)))
                    .hasMessageContaining("requested IP address 10.77.0.50 is not available");
            assertThatThrownBy(() -> side.networks.add(network, attachment("one", one, asked)))
                    .isInstanceOf(Failure.AlreadyExists.class);
            side.networks.deleteAll("one", "");
        } finally {
            deleteBridge();
        }
    }
}
