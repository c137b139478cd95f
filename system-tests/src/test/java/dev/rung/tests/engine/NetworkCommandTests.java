package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Networks as a person of docker makes and uses them, judged from inside the containers. */
@SystemTest
@NeedsProgram({"docker-registry", "skopeo", "umoci", "busybox", "ip"})
class NetworkCommandTests {
    private static Engine engine;

    @BeforeAll
    static void start() {
        engine = new Engine();
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static String rung(String... words) {
        return engine.rung(words).succeed().output();
    }

    private static void sleeper(String name, String... options) {
        var words = new ArrayList<>(List.of("run", "--detach", "--init=false", "--name", name));
        words.addAll(List.of(options));
        words.addAll(List.of(Engine.IMAGE, "sh", "-c", "trap exit TERM; sleep 600 & wait"));
        rung(words.toArray(new String[0]));
    }

    private static void remove(String... names) {
        var words = new ArrayList<>(List.of("rm", "--force"));
        words.addAll(List.of(names));
        rung(words.toArray(new String[0]));
    }

    private static boolean reaches(String from, String name) {
        return engine.rung("exec", from, "ping", "-c", "1", "-W", "2", name).run().status() == 0;
    }

    @Test
    void shouldMakeShowAndRemoveNetworks() {
        String id =
                rung(
                                "network",
                                "create",
                                "--subnet",
                                "10.71.0.0/16",
                                "--ip-range",
                                "10.71.5.0/24",
                                "--gateway",
                                "10.71.5.254",
                                "--label",
                                "who=me",
                                "-o",
                                "com.docker.network.bridge.name=rungtest0",
                                "-o",
                                "com.docker.network.driver.mtu=1400",
                                "made")
                        .strip();

        assertThat(id).hasSize(64);
        assertThat(rung("network", "ls", "--format", "{{.Name}} {{.Driver}} {{.Scope}}"))
                .contains("bridge bridge local\n", "host host local\n", "none null local\n")
                .contains("made bridge local\n");
        assertThat(rung("network", "ls", "-q", "--filter", "label=who=me"))
                .isEqualTo(id.substring(0, 12) + "\n");
        assertThat(
                        rung(
                                "network",
                                "inspect",
                                "-f",
                                "{{(index .IPAM.Config 0).Subnet}} {{(index .IPAM.Config"
                                        + " 0).Gateway}} {{.Labels.who}}",
                                id.substring(0, 9)))
                .isEqualTo("10.71.0.0/16 10.71.5.254 me\n");
        String inside =
                rung("run", "--rm", "--network", "made", Engine.IMAGE, "ip", "address", "show");
        assertThat(inside).contains("inet 10.71.5.0/16", "mtu 1400");
        Outcome again = engine.rung("network", "create", "made").run();
        assertThat(again.errors()).contains("network with name made already exists");
        assertThat(rung("network", "rm", "made")).isEqualTo("made\n");
        assertThat(engine.rung("network", "rm", "made").run().errors())
                .contains("network made not found");
        rung("network", "rm", "--force", "made");
        assertThat(engine.rung("network", "rm", "bridge").run().errors())
                .contains("bridge is a pre-defined network and cannot be removed");
    }

    @Test
    void shouldFindContainersByNameAliasAndAfterTheDaemonWasKilled() {
        rung("network", "create", "front");
        sleeper("web", "--network", "front", "--network-alias", "www", "--hostname", "webhost");
        sleeper("db", "--network", "front");

        assertThat(reaches("db", "web")).isTrue();
        assertThat(reaches("db", "www")).isTrue();
        assertThat(reaches("db", "webhost")).isTrue();
        assertThat(reaches("db", "web.front")).isTrue();
        assertThat(rung("exec", "db", "cat", "/etc/resolv.conf")).contains("nameserver 127.0.0.11");
        rung("rename", "web", "web2");
        assertThat(reaches("db", "web2")).isTrue();
        engine.kill();
        assertThat(reaches("db", "www")).isTrue();
        assertThat(rung("network", "ls", "--filter", "name=front", "-q")).isNotEmpty();
        assertThat(engine.rung("network", "rm", "front").run().errors())
                .contains("has active endpoints");
        remove("web2", "db");
        rung("network", "rm", "front");
    }

    @Test
    void shouldConnectAndDisconnectWhatRuns() {
        rung("network", "create", "aa");
        rung("network", "create", "bb");
        sleeper("one", "--network", "aa");
        sleeper("two", "--network", "bb");
        assertThat(reaches("two", "one")).isFalse();

        rung("network", "connect", "--alias", "uno", "bb", "one");
        assertThat(reaches("two", "uno")).isTrue();
        assertThat(rung("exec", "one", "ip", "route")).contains("eth1").contains("via");
        assertThat(engine.inspect("one", "range $n, $e := .NetworkSettings.Networks}}{{$n}} {{end"))
                .isEqualTo("aa bb");
        rung("network", "disconnect", "aa", "one");
        assertThat(rung("exec", "one", "ip", "route")).contains("default via", "eth1");
        rung("network", "disconnect", "bb", "one");
        assertThat(reaches("two", "one")).isFalse();
        assertThat(engine.rung("network", "disconnect", "bb", "one").run().errors())
                .contains("is not connected to network bb");
        remove("one", "two");
        assertThat(rung("network", "prune", "--force"))
                .contains("Deleted Networks:\n")
                .contains("aa\n")
                .contains("bb\n");
    }

    @Test
    void shouldGiveTheWayOutAndPortsToTheHighestPriority() {
        rung("network", "create", "--subnet", "10.72.0.0/24", "low");
        rung("network", "create", "--subnet", "10.73.0.0/24", "high");
        sleeper("gate", "--network", "low", "-p", "127.0.0.1:7071:80");
        assertThat(rung("exec", "gate", "ip", "route")).contains("default via 10.72.0.1");

        rung("network", "connect", "--gw-priority", "5", "high", "gate");
        assertThat(rung("exec", "gate", "ip", "route")).contains("default via 10.73.0.1");
        assertThat(rung("port", "gate")).isEqualTo("80/tcp -> 127.0.0.1:7071\n");
        rung("network", "disconnect", "high", "gate");
        assertThat(rung("exec", "gate", "ip", "route")).contains("default via 10.72.0.1");
        assertThat(rung("port", "gate", "80")).isEqualTo("127.0.0.1:7071\n");
        assertThat(engine.rung("port", "gate", "81").run().errors())
                .isEqualTo("Error: No public port '81/tcp' published for gate\n");
        remove("gate");
        rung("network", "rm", "low", "high");
    }

    @Test
    void shouldGiveTheAddressesAndNamesThatAreAskedFor() {
        rung("network", "create", "--subnet", "10.74.0.0/24", "--subnet", "fd74::/64", "six");
        String told =
                rung(
                        "run",
                        "--rm",
                        "--network",
                        "six",
                        "--ip",
                        "10.74.0.99",
                        "--ip6",
                        "fd74::99",
                        "--mac-address",
                        "02:00:00:00:00:99",
                        "--hostname",
                        "named",
                        "--add-host",
                        "other:10.9.9.9",
                        "--add-host",
                        "me:host-gateway",
                        "--dns",
                        "10.9.9.1",
                        "--dns-search",
                        "example.org",
                        "--dns-option",
                        "timeout:3",
                        Engine.IMAGE,
                        "sh",
                        "-c",
                        "ip address show eth0; cat /etc/hosts /etc/resolv.conf");
        assertThat(told)
                .contains("inet 10.74.0.99/24", "inet6 fd74::99/64", "02:00:00:00:00:99")
                .contains("10.9.9.9\tother\n", "10.74.0.1\tme\n", "10.74.0.99\tnamed\n")
                .contains("10.74.0.1\thost.docker.internal\n")
                .contains("nameserver 127.0.0.11\nsearch example.org\n")
                .contains("options timeout:3 ndots:0\n");
        rung("network", "rm", "six");
        assertThat(
                        engine.rung("run", "--rm", "--ip", "172.17.0.9", Engine.IMAGE, "true")
                                .run()
                                .errors())
                .contains("user specified IP address is supported on user defined networks only");
        assertThat(engine.rung("run", "--rm", "--network", "nosuch", Engine.IMAGE).run().errors())
                .contains("network nosuch not found");
    }

    @Test
    void shouldPublishWhatIsExposed() {
        sleeper("open", "--expose", "81/udp", "--expose", "80", "-P");

        assertThat(rung("port", "open", "80/tcp")).contains("0.0.0.0:", "[::]:");
        assertThat(rung("port", "open", "81/udp")).contains("0.0.0.0:");
        assertThat(rung("ps", "--filter", "network=bridge", "--format", "{{.Ports}}"))
                .contains("->80/tcp");
        remove("open");
    }

    @Test
    void shouldKeepAnUnreadableContainersPlaceButSweepOthers() {
        rung("network", "create", "kept");
        sleeper("lost", "--network", "kept");
        sleeper("gone", "--network", "kept");
        String id = engine.inspect("lost", ".Id");
        String pid = engine.inspect("gone", ".State.Pid");
        engine.kill();
        String record = engine.read("lib/containers/" + id + "/container.json");
        engine.write("lib/containers/" + id + "/container.json", "{");
        engine.endProcess(pid);
        Patience.await(
                () ->
                        rung("network", "inspect", "-f", "{{json .Containers}}", "kept")
                                        .split("EndpointID")
                                        .length
                                == 2,
                () -> rung("network", "inspect", "kept"));
        assertThat(rung("network", "inspect", "-f", "{{json .Containers}}", "kept")).contains(id);

        engine.write("lib/containers/" + id + "/container.json", record);
        engine.kill();
        remove("lost", "gone");
        rung("network", "rm", "kept");
    }
}
