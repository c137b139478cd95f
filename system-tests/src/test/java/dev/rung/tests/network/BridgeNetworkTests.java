package dev.rung.tests.network;

import static dev.rung.tests.network.Neighbourhood.BEYOND;
import static dev.rung.tests.network.Neighbourhood.HOST;
import static dev.rung.tests.network.Neighbourhood.in;
import static dev.rung.tests.network.Neighbourhood.ip;
import static dev.rung.tests.network.Neighbourhood.nft;
import static dev.rung.tests.network.Neighbourhood.publishing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.network.EndpointSpec;
import dev.rung.network.NetworkDefaults;
import dev.rung.network.NetworkSpec;
import dev.rung.network.Networks;
import dev.rung.network.Prefix;
import dev.rung.network.PublishedPort;
import dev.rung.network.Teardown;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who reaches whom over bridge networks, judged by connections that are made or not. */
@SystemTest
@NeedsProgram({"ip", "nft", "nsenter"})
class BridgeNetworkTests {
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
    void shouldGiveAddressGatewayAndRoute() {
        Namespace one = host.start("one");

        assertThat(host.address("one")).isEqualTo("172.17.0.2");
        assertThat(one.ip("address show dev eth0"))
                .contains("172.17.0.2/16 brd 172.17.255.255", "02:42:ac:11:00:02", ",UP")
                .doesNotContain("inet6", "tentative");
        assertThat(one.ip("route")).contains("default via 172.17.0.1 dev eth0");
        assertThat(one.ip("address show dev lo")).contains("127.0.0.1/8");
    }

    @Test
    void shouldReachTheWorldWithTheHostsAddress() {
        host.beyond.serve(80, "world");

        assertThat(host.start("one").call(BEYOND, 80)).isEqualTo("world " + HOST);
    }

    @Test
    void shouldReachNeighboursAsThemselves() {
        host.start("one").serve(80, "one");

        assertThat(host.start("two").call(host.address("one"), 80)).isEqualTo("one 172.17.0.3");
    }

    @Test
    void shouldNotBeReachedFromBeyondUnlessPublished() {
        host.start("one").serve(80, "one");
        host.beyond.ip("route add 172.17.0.0/16 via " + HOST);

        assertThat(host.beyond.call("172.17.0.2", 80)).isEqualTo("nobody");
    }

    @Test
    void shouldNotMakeTheHostARouterForOthers() {
        try (Namespace other = Namespace.make()) {
            ip("link add outside2 type veth peer name eth0 netns " + other.pid());
            ip("address add 10.98.0.1/24 dev outside2");
            ip("link set outside2 up");
            other.ip("address add 10.98.0.2/24 dev eth0");
            other.ip("link set eth0 up");
            other.ip("route add default via 10.98.0.1");
            host.beyond.ip("route add default via " + HOST);
            host.beyond.serve(80, "world");
            host.start("one");

            assertThat(other.call(BEYOND, 80)).isEqualTo("nobody");
            assertThat(host.container("one").call(BEYOND, 80)).isEqualTo("world " + HOST);
            ip("link delete outside2");
        }
    }

    @Test
    void shouldKeepNetworksApart() {
        host.create("front", spec -> spec);
        host.create("back", spec -> spec);
        host.start("one", in("front")).serve(80, "one");
        Namespace two = host.start("two", in("back"));

        assertThat(two.call(host.address("one"), 80)).isEqualTo("nobody");
        host.join("two", spec -> in("front").apply(spec).withoutDefaultRoute());
        assertThat(two.call(host.address("one"), 80)).startsWith("one ");
        assertThat(two.ip("route")).contains("default via 172.19.0.1 dev eth0", "dev eth1");
    }

    @Test
    void shouldLetNobodyOutOfAnInternalNetwork() {
        host.create("inner", NetworkSpec::withoutWayOut);
        host.beyond.serve(80, "world");
        host.start("one", in("inner")).serve(80, "one");
        Namespace two = host.start("two", in("inner"));

        assertThat(two.call(host.address("one"), 80)).startsWith("one ");
        assertThat(two.ip("route")).doesNotContain("default");
        two.ip("route add default via 172.18.0.1");
        assertThat(two.call(BEYOND, 80)).isEqualTo("nobody");
    }

    @Test
    void shouldSeparateContainersWhereTalkIsOff() {
        host.create("quiet", NetworkSpec::withoutTalk);
        host.beyond.serve(80, "world");
        host.start("one", in("quiet")).serve(80, "one");
        Namespace two = host.start("two", in("quiet"));

        assertThat(two.call(host.address("one"), 80)).isEqualTo("nobody");
        assertThat(two.call(BEYOND, 80)).startsWith("world");
    }

    @Test
    void shouldSpeakIpv6() {
        host.create("six", NetworkSpec::withIpv6);
        host.beyond.serve(80, "world");
        host.start("one", in("six")).serve(80, "one");
        Namespace two = host.start("two", in("six"));

        assertThat(two.call(host.address6("one"), 80)).isEqualTo("one " + host.address6("two"));
        assertThat(two.call("fd99::2", 80)).isEqualTo("world fd99:0:0:0:0:0:0:1");
    }

    @Test
    void shouldChooseSubnetsThatNothingUses() {
        ip("address add 172.17.5.5/24 dev outside");
        ip("route add 172.18.0.0/24 via " + BEYOND);
        host.start("one");

        assertThat(host.address("one")).isEqualTo("172.19.0.2");
        assertThatThrownBy(() ->
                        host.create(
                                "same",
                                spec -> spec.withSubnet(NetworkSpec.Subnet.of("172.19.3.0/24"))))
                .isInstanceOf(Failure.AlreadyExists.class)
                .hasMessageContaining("Pool overlaps");
    }

    @Test
    void shouldLeaveTheDefaultNetworkItsSubnet() {
        host.create("front", spec -> spec);
        host.start("two", in("front"));
        host.start("one");

        assertThat(host.address("two")).isEqualTo("172.18.0.2");
        assertThat(host.address("one")).isEqualTo("172.17.0.2");
    }

    @Test
    void shouldMakeNetworksAsSettled() {
        host.start("early");
        var settled =
                new NetworkDefaults(
                        NetworkSpec.of(Networks.DEFAULT)
                                .withSubnet(
                                        new NetworkSpec.Subnet(
                                                Prefix.parse("10.50.0.0/24"),
                                                Prefix.parse("10.50.0.128/25"),
                                                Prefix.parseAddress("10.50.0.9")))
                                .withoutTalk()
                                .withOptions(Map.of("com.docker.network.driver.mtu", "1400")),
                        List.of(new NetworkDefaults.Pool(Prefix.parse("10.60.0.0/16"), 24)),
                        Map.of("com.docker.network.driver.mtu", "1300"),
                        true);
        host.reopen(settled);
        assertThat(host.address("early")).isEqualTo("172.17.0.2"); // as long as somebody is in it
        host.end("early");
        host.reopen(settled);
        host.start("one").serve(80, "one");
        Namespace two = host.start("two");
        host.create("front", spec -> spec);
        Namespace three = host.start("three", in("front"));

        assertThat(host.address("one")).isEqualTo("10.50.0.128");
        assertThat(two.ip("route")).contains("default via 10.50.0.9");
        assertThat(two.ip("link show dev eth0")).contains("mtu 1400");
        assertThat(two.call("10.50.0.128", 80)).isEqualTo("nobody");
        assertThat(host.address("three")).isEqualTo("10.60.0.2");
        assertThat(three.ip("link show dev eth0")).contains("mtu 1300");
    }

    @Test
    void shouldLeadDefaultRoutesWhereItIsSettled() {
        host.reopen(
                new NetworkDefaults(
                                NetworkSpec.of(Networks.DEFAULT)
                                        .withSubnet(NetworkSpec.Subnet.of("fd50::/64")),
                                List.of(),
                                Map.of(),
                                true)
                        .withRouters(
                                List.of(
                                        Prefix.parseAddress("172.17.0.2"),
                                        Prefix.parseAddress("fd50::2"))));
        Namespace one = host.start("one");

        assertThat(host.address("one")).isEqualTo("172.17.0.3"); // the router's is not given away
        assertThat(one.ip("route")).contains("default via 172.17.0.2 dev eth0");
        assertThat(one.ip("-6 route")).contains("default via fd50::2 dev eth0");
        assertThat(ip("-o -4 address show dev rung0")).contains("172.17.0.1/16");
        host.end("one");
        host.reopen(NetworkDefaults.USUAL);
        assertThat(host.start("two").ip("route")).contains("default via 172.17.0.1");
        host.end("two");
        host.reopen(NetworkDefaults.USUAL.withRouters(List.of(Prefix.parseAddress("192.0.2.1"))));
        assertThatThrownBy(() -> host.start("three"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("invalid default gateway 192.0.2.1: want an address of a");
    }

    @Test
    void shouldHaveNoIpv6RulesWhereThatIsSettled() {
        host.reopen(NetworkDefaults.USUAL.withIpv6Rules(false));
        host.create("six", NetworkSpec::withIpv6);
        host.beyond.serve(80, "world");
        host.start("one", spec -> publishing("8080:80").apply(in("six").apply(spec)))
                .serve(80, "one");
        host.beyond.ip("-6 route add fd00::/8 via fd99::1");

        // the host asks for its neighbours' links when its own address has settled
        Patience.await(
                () ->
                        host.container("one")
                                .call("fd99::2", 80)
                                .equals("world " + host.address6("one")),
                () -> nft("list ruleset"));
        assertThat(host.beyond.call(host.address6("one"), 80)).startsWith("one ");
        assertThat(host.beyond.call(HOST, 8080)).isEqualTo("one " + BEYOND);
        assertThat(host.beyond.call("fd99::1", 8080)).startsWith("one "); // by the forwarder
    }

    @Test
    void shouldStillWorkWhereOthersDropWhatIsForwarded() {
        host.beyond.serve(80, "world");
        host.start("one");
        nft("add table ip filter");
        nft("add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }");
        nft("add table inet firewalld");
        nft("add chain inet firewalld filter_FORWARD { type filter hook forward priority 10; }");
        nft("add rule inet firewalld filter_FORWARD reject");

        Patience.await(
                () -> host.container("one").call(BEYOND, 80).startsWith("world"),
                () -> nft("list ruleset"));
        host.end("one");
        host.networks.remove(Networks.DEFAULT);
        assertThat(nft("list chain ip filter FORWARD")).doesNotContain("rung");
        nft("delete table ip filter");
        nft("delete table inet firewalld");
    }

    @Test
    void shouldComeBackWhenSomebodyFlushesAllRules() {
        host.beyond.serve(80, "world");
        host.start("one");
        nft("flush ruleset");

        Patience.await(
                () -> host.container("one").call(BEYOND, 80).equals("world " + HOST),
                () -> nft("list ruleset"));
    }

    @Test
    void shouldObeyTheAdministratorsChain() {
        host.beyond.serve(80, "world");
        host.start("one");
        String table =
                nft("list tables")
                        .lines()
                        .filter(line -> line.contains("rung"))
                        .findFirst()
                        .orElseThrow();
        nft(
                "add rule "
                        + table.substring("table ".length())
                        + " user ip daddr "
                        + BEYOND
                        + " drop");

        assertThat(host.container("one").call(BEYOND, 80)).isEqualTo("nobody");
        host.create("another", spec -> spec); // which writes all other chains anew
        assertThat(host.container("one").call(BEYOND, 80)).isEqualTo("nobody");
        nft("flush chain " + table.substring("table ".length()) + " user");
    }

    @Test
    void shouldFindEverythingAgainWhenOpenedAnew() {
        host.beyond.serve(80, "world");
        host.start("one");
        host.start("two");
        host.reopen();

        assertThat(host.address("one")).isEqualTo("172.17.0.2");
        assertThat(host.container("one").call(BEYOND, 80)).startsWith("world");
        host.networks.retain(Set.of(new ContainerId("one")));
        assertThat(host.networks.endpoints(new ContainerId("two"))).isEmpty();
        assertThat(host.container("two").ip("link")).doesNotContain("eth0");
        host.start("three");
        assertThat(host.address("three")).isEqualTo("172.17.0.3");
    }

    @Test
    void shouldOpenWhenALinkOfAnotherKindHasABridgesName() {
        host.create("front", spec -> spec.withBridge("taken0"));
        ip("link delete taken0");
        ip("link add taken0 type veth peer name taken1");
        host.reopen();

        assertThatThrownBy(() -> host.start("one", in("front")))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("network front for container one");
        ip("link delete taken0");
        host.start("two", in("front"));
    }

    @Test
    void shouldMakeTheBridgeAnewWhenSomebodyRemovedIt() {
        host.beyond.serve(80, "world");
        host.start("one");
        host.end("one");
        ip("link delete rung0");

        assertThat(host.start("two").call(BEYOND, 80)).startsWith("world");
    }

    @Test
    void shouldGiveNoAddressTwice() throws Exception {
        var addresses = new HashSet<String>();
        try (var namespace = Namespace.make();
                var descriptor = namespace.descriptor();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String network : Set.of("a", "b", "c", "d", "e", "f", "g", "h")) {
                host.create(network, spec -> spec);
            }
            var joining =
                    threads.invokeAll(
                            IntStream.range(0, 80)
                                    .<Callable<String>>mapToObj(i ->
                                            () -> {
                                                var spec =
                                                        EndpointSpec.of(
                                                                new ContainerId("c" + i / 8),
                                                                "abcdefgh"
                                                                        .substring(
                                                                                i % 8, i % 8 + 1));
                                                spec = spec.withoutDefaultRoute();
                                                spec = linked(spec, "n" + i);
                                                return host.networks
                                                        .attach(descriptor, spec)
                                                        .addresses()
                                                        .toString();
                                            })
                                    .toList());
            for (Future<String> joined : joining) {
                addresses.add(joined.get());
            }
            assertThat(addresses).hasSize(80);
            for (int i = 0; i < 10; i++) {
                host.networks.detach(new ContainerId("c" + i), Teardown.NOW);
            }
        }
        assertThat(host.networks.endpoints("a")).isEmpty();
    }

    private static EndpointSpec linked(EndpointSpec spec, String link) {
        return new EndpointSpec(
                spec.container(),
                spec.network(),
                link,
                spec.addresses(),
                spec.mac(),
                spec.defaultRoute(),
                spec.names(),
                spec.links(),
                spec.ports());
    }

    @Test
    void shouldLeaveNothingWhenJoiningFails() {
        Namespace one = host.start("one");
        String rules = nft("list ruleset");

        assertThatThrownBy(
                        () -> {
                            try (var descriptor = one.descriptor()) {
                                var spec =
                                        EndpointSpec.of(new ContainerId("other"), Networks.DEFAULT);
                                host.networks.attach(
                                        descriptor,
                                        linked(spec, "eth0")
                                                .withPorts(PublishedPort.parse("8080:80")));
                            }
                        })
                .isInstanceOf(Failure.HostRefused.class)
                .hasMessageContaining("network bridge for container other")
                .hasMessageContaining("file exists");
        assertThat(nft("list ruleset")).isEqualTo(rules);
        assertThat(host.networks.endpoints(Networks.DEFAULT)).hasSize(1);
    }

    @Test
    void shouldRefuseTheFolderToASecondProcess() {
        assertThatThrownBy(() -> Networks.open(host.folder.resolve("networks")))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("in use by another process");
    }

    @Test
    void shouldNotRemoveANetworkInUse() {
        host.create("front", spec -> spec);
        host.start("one", in("front"));

        assertThatThrownBy(() -> host.networks.remove("front"))
                .isInstanceOf(Failure.WrongState.class)
                .hasMessageContaining("has active endpoints");
    }
}
