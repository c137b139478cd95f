package dev.rung.tests.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.network.NetworkStep;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** kill -9 of the engine in the middle of what it does for networks. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "ip", "nft"})
@TestInstance(Lifecycle.PER_CLASS)
class NetworkEndTests {
    private static final List<List<String>> SCRIPT =
            List.of(
                    List.of("network", "create", "front"),
                    List.of(
                            "run",
                            "-d",
                            "--name",
                            "web",
                            "--network",
                            "front",
                            "-p",
                            "127.0.0.1:18082:80",
                            Engine.IMAGE,
                            "sh",
                            "-c",
                            "while true; do echo served | nc -l -p 80; done"),
                    List.of("network", "create", "aback"),
                    List.of("network", "connect", "aback", "web"),
                    List.of("network", "disconnect", "aback", "web"),
                    List.of("network", "connect", "aback", "web"),
                    List.of("network", "disconnect", "front", "web"),
                    List.of("rm", "-f", "web"),
                    List.of("network", "rm", "front"),
                    List.of("network", "rm", "aback"));

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    private String before = "";

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = Engine.mortal();
        engine.rung("run", "--rm", Engine.IMAGE, "true")
                .succeed(); // which makes the default network
        before = traces();
    }

    @AfterAll
    void end() {
        if (engine != null) {
            engine.close();
        }
    }

    /** Links, addresses and packet rules of the host. */
    static String traces() {
        String script =
                "ip -o link | sed 's/^[0-9]*: \\([^:@]*\\).*/\\1/' | sort;"
                        + " ip -o -4 address | awk '{print $2, $4}' | sort; nft list ruleset";
        return Command.of("sh", "-c", script).succeed().output();
    }

    @ParameterizedTest
    @EnumSource(names = {"BRIDGE_MADE", "LINKS_MADE", "GATEWAY_RECORDED", "NETWORK_FORGOTTEN"})
    void shouldLeaveNothing(NetworkStep step) {
        die(step);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"BRIDGE_MADE", "LINKS_MADE", "GATEWAY_RECORDED", "NETWORK_FORGOTTEN"})
    @Tag("long")
    void shouldLeaveNothingAnywhere(NetworkStep step) {
        die(step);
    }

    /** In the middle of the change of a container that runs. */
    @ParameterizedTest
    @EnumSource(names = {"ENDPOINT_RECORDED", "LINKS_MADE", "GATEWAY_RECORDED", "PORTS_WITHDRAWN"})
    void shouldHaveAContainerWhereItBelongs(NetworkStep step) {
        run(SCRIPT.subList(0, 3), true);
        engine.dieAfter(step);
        run(SCRIPT.subList(3, 7), false);
        check(step);
        clear();
    }

    private void die(NetworkStep step) {
        engine.rung("ps").succeed();
        engine.dieAfter(step);
        run(SCRIPT, false);
        check(step);
        clear();
    }

    private void run(List<List<String>> script, boolean all) {
        for (List<String> words : script) {
            int status = engine.rung(words.toArray(new String[0])).run().status();
            if (all) {
                assertThat(status).as(words.toString()).isZero();
            } else if (status != 0) {
                break;
            }
        }
    }

    /** A container that runs has exactly what the engine says, and it works. */
    private void check(NetworkStep step) {
        Patience.await(() -> !engine.isToDie(), () -> "it has not come to " + step);
        sleep(200); // it is on its way to its end
        if (!engine.rung("ps", "-q").succeed().output().isEmpty()) {
            List<String> told =
                    engine.inspect("web", "range .NetworkSettings.Networks}}{{.IPAddress}} {{end")
                            .lines()
                            .flatMap(line -> List.of(line.strip().split(" ")).stream())
                            .filter(word -> !word.isEmpty())
                            .sorted()
                            .toList();
            String script = "ip -o -4 addr | grep -v ' lo ' | sed 's/.*inet \\([0-9.]*\\).*/\\1/'";
            List<String> there =
                    engine.rung("exec", "web", "sh", "-c", script)
                            .succeed()
                            .output()
                            .lines()
                            .sorted()
                            .toList();
            assertThat(there).isNotEmpty().isEqualTo(told);
            String routes = engine.rung("exec", "web", "ip", "route").succeed().output();
            assertThat(routes.lines().filter(line -> line.startsWith("default"))).hasSize(1);
            String names = engine.rung("exec", "web", "cat", "/etc/hosts").succeed().output();
            assertThat(names).contains(told);
            Patience.await(() -> call().equals("served\n"), () -> NetworkEndTests.traces());
        }
    }

    private static String call() {
        try (SocketChannel channel =
                SocketChannel.open(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 18082))) {
            channel.socket().setSoTimeout(1000);
            return new String(channel.socket().getInputStream().readAllBytes(), UTF_8);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void clear() {
        engine.rung("rm", "-f", "web").run();
        for (String network : List.of("front", "aback")) {
            engine.rung("network", "rm", network).run();
        }
        assertThat(engine.rung("network", "ls", "--format", "{{.Name}}").succeed().output().lines())
                .containsExactlyInAnyOrder("bridge", "host", "none");
        Patience.await(
                () -> engine.left().isEmpty() && traces().equals(before),
                () -> "left: " + engine.left() + " of\n" + before + "\nand\n" + traces());
        engine.rung("run", "--rm", Engine.IMAGE, "true").succeed();
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
