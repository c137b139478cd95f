package dev.rung.tests.network;

import static dev.rung.tests.network.Namespace.callFromHere;
import static dev.rung.tests.network.Neighbourhood.BEYOND;
import static dev.rung.tests.network.Neighbourhood.HOST;
import static dev.rung.tests.network.Neighbourhood.in;
import static dev.rung.tests.network.Neighbourhood.nft;
import static dev.rung.tests.network.Neighbourhood.publishing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.network.NetworkSpec;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real ufw and firewalld, with configuration of their own, on the host of the tests: what is
 * published is reached and containers get out, whenever they are started, reloaded and stopped.
 */
@SystemTest
@Timeout(180)
@NeedsProgram({"ip", "nft", "nsenter"})
class OtherFirewallTests {
    @TempDir private Path folder = Path.of("");
    private String before = "";
    private Neighbourhood host;

    @BeforeEach
    void settle() {
        before = Neighbourhood.traces();
        host = new Neighbourhood();
        host.beyond.serve(80, "world");
        host.start("one", publishing("8080:80")).serve(80, "one");
    }

    @AfterEach
    void shouldLeaveNothing() {
        host.close();
        String left = nft("list ruleset");
        nft("flush ruleset"); // the firewalls leave chains of their own
        assertThat(left).doesNotContain("rung");
        Patience.await(() -> Neighbourhood.traces().equals(before), Neighbourhood::traces);
    }

    /** Nobody reaches the host itself from beyond, and everything else is as ever. */
    private void assertLivedWith(String when) throws IOException {
        try (ServerSocketChannel server =
                ServerSocketChannel.open().bind(new InetSocketAddress(HOST, 9090))) {
            assertThat(server.isOpen()).isTrue();
            assertThat(host.beyond.call(HOST, 9090)).as(when).isEqualTo("nobody");
        }
        await(when, "one", "world " + HOST, host.container("one"));
        assertThat(callFromHere("127.0.0.1", 8080)).as(when).startsWith("one ");
        assertThat(callFromHere("::1", 8080)).as(when).startsWith("one ");
    }

    /** A change of rules is heard of, and answered some tenths of a second later. */
    private void await(String when, String name, String world, Namespace container) {
        Patience.await(
                () -> container.call(BEYOND, 80).equals(world),
                () -> when + ": no way out\n" + nft("list ruleset"));
        Patience.await(
                () -> host.beyond.call(HOST, 8080).equals(name + " " + BEYOND),
                () -> when + ": no way in\n" + nft("list ruleset"));
    }

    private void assertNewOnesWork(String when) {
        host.create("later", NetworkSpec::withIpv6);
        Namespace two =
                host.start("two", spec -> in("later").apply(publishing("8081:80").apply(spec)));
        two.serve(80, "two");
        assertThat(two.call(BEYOND, 80)).as(when).isEqualTo("world " + HOST);
        assertThat(two.call("fd99::2", 80)).as(when).startsWith("world ");
        assertThat(host.beyond.call(HOST, 8081)).as(when).isEqualTo("two " + BEYOND);
        assertThat(host.beyond.call("fd99::1", 8081)).as(when).startsWith("two ");
        assertThat(two.call(host.address("one"), 80)).as(when).isEqualTo("nobody");
        assertThat(two.call(HOST, 8080)).as(when).startsWith("one ");
    }

    @Test
    @NeedsProgram({"ufw", "iptables"})
    void shouldLiveWithUfw() throws IOException {
        Command.of("cp", "-r", "/etc/ufw", folder.resolve("etc").toString()).succeed();
        Command.of("cp", "/etc/default/ufw", folder.resolve("default").toString()).succeed();
        Command.of("cp", "-r", "/lib/ufw", folder.resolve("lib").toString()).succeed();
        ufw("--force", "enable");
        try {
            assertLivedWith("enabled");
            assertNewOnesWork("enabled");
            ufw("reload");
            assertLivedWith("reloaded");
            host.reopen();
            assertLivedWith("reloaded, with another engine");
        } finally {
            ufw("--force", "disable");
        }
        await("disabled", "one", "world " + HOST, host.container("one"));
    }

    private void ufw(String... words) {
        String inside =
                "mount --bind $0/etc /etc/ufw && mount --bind $0/default /etc/default/ufw"
                        + " && mount --bind $0/lib /lib/ufw && exec ufw \"$@\"";
        var all = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", inside));
        all.add(folder.toString());
        all.addAll(List.of(words));
        Command.of(all).succeed();
    }

    private static final String BUS =
            """
            <busconfig><type>system</type><listen>unix:path=FOLDER/bus</listen><auth>EXTERNAL</auth>
            <policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/>
            <allow receive_sender="*"/></policy></busconfig>
            """;

    @Test
    @NeedsProgram({"firewalld", "firewall-cmd", "dbus-daemon"})
    void shouldLiveWithFirewalld() throws IOException {
        String settings = folder.resolve("firewalld").toString();
        Command.of("cp", "-r", "/etc/firewalld", settings).succeed();
        Path bus = folder.resolve("bus.conf");
        Files.writeString(bus, BUS.replace("FOLDER", folder.toString()));
        String file = "--config-file=" + bus;
        try (Running daemon = Command.of("dbus-daemon", file, "--nofork", "--nopidfile").start();
                Running firewalld = firewalld(settings)) {
            Patience.await(
                    () -> firewall("--state").run().output().startsWith("running"),
                    () -> daemon.errors() + firewalld.errors());
            assertLivedWith("started");
            assertNewOnesWork("started");
            firewall("--reload").succeed();
            assertLivedWith("reloaded");
            firewall("--complete-reload").succeed();
            assertLivedWith("reloaded completely");
            firewalld.signal("TERM");
            firewalld.await(Duration.ofSeconds(20));
        }
        await("stopped", "one", "world " + HOST, host.container("one"));
    }

    private Running firewalld(String settings) {
        return onBus("firewalld", "--nofork", "--nopid", "--system-config", settings).start();
    }

    private Command firewall(String word) {
        return onBus("firewall-cmd", word);
    }

    private Command onBus(String... words) {
        return Command.of(words)
                .with("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=" + folder.resolve("bus"));
    }
}
