package dev.rung.tests.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.Container;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Network devices that go into a container, as config-linux.md says. */
@SystemTest
@NeedsProgram("ip")
class NetworkDevicesTests {

    @Test
    void shouldMoveADeviceWithItsGlobalAddresses(Sandbox sandbox) {
        device(sandbox, "rung-a");
        ip("address add 10.9.8.7/24 dev rung-a");
        ip("address add 10.9.8.8/32 dev rung-a scope link");
        ip("address add 2001:db8::7/64 dev rung-a nodad");
        ip("link set rung-a mtu 1412 address 02:00:00:00:00:07 up");
        Bundle bundle = sandbox.bundle();
        bundle.set("linux.netDevices", Map.of("rung-a", Map.of("name", "eth0")))
                .set("linux.sysctl", Map.of("net.ipv4.conf.eth0.forwarding", "1"))
                .args("/bin/busybox", "ip", "address", "show", "dev", "eth0");

        String seen = sandbox.run(bundle).succeeded().output();

        assertThat(seen)
                .contains("UP", "mtu 1412", "02:00:00:00:00:07")
                .contains("10.9.8.7/24", "2001:db8::7/64")
                .doesNotContain("10.9.8.8");
        assertThat(Command.of("ip", "link", "show", "dev", "rung-a").run().status()).isNotZero();
    }

    @Test
    void shouldMoveDevicesIntoANamespaceThatIsJoined(Sandbox sandbox) {
        device(sandbox, "rung-b");
        device(sandbox, "rung-c");
        Container other = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");
        Path namespace = Path.of("/proc", Long.toString(other.pid()), "ns/net");
        Bundle first = sandbox.bundle().namespace("network", namespace);
        first.set("linux.netDevices", Map.of("rung-b", Map.of("name", "net%d")));
        Bundle second = sandbox.bundle().namespace("network", namespace);
        second.set("linux.netDevices", Map.of("rung-c", Map.of("name", "net%d")));

        assertThat(sandbox.observe(first).map("interface")).containsOnlyKeys("lo", "net0");
        assertThat(sandbox.observe(second).map("interface")).containsOnlyKeys("lo", "net0", "net1");
    }

    @Test
    void shouldRefuseANameThatIsTaken(Sandbox sandbox) {
        device(sandbox, "rung-d");
        Bundle bundle = sandbox.bundle();
        bundle.set("linux.netDevices", Map.of("rung-d", Map.of("name", "lo")));

        assertThat(sandbox.run(bundle).refused().errors())
                .contains("as lo: file exists (config.json: linux.netDevices[");
    }

    @Test
    void shouldSayWhatTheKernelSaysOfADeviceThatCannotMove(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle();
        bundle.set("linux.netDevices", Map.of("lo", Map.of("name", "lo1")));

        assertThat(sandbox.run(bundle).refused().errors())
                .contains("fail to move network device lo", "invalid argument");
    }

    @Test
    void shouldRefuseADeviceThatIsNotThere(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle();
        bundle.set("linux.netDevices", Map.of("rung-e", Map.of()));

        assertThat(sandbox.run(bundle).refused().errors())
                .contains(
                        "link not found for interface rung-e on runtime namespace: no such device");
    }

    /** One end of a pair, the other of which takes it away again. */
    private static void device(Sandbox sandbox, String name) {
        ip("link add " + name + " type veth peer name peer-" + name);
        sandbox.atTheEnd(() -> Command.of("ip", "link", "delete", "peer-" + name).run());
    }

    private static void ip(String words) {
        Command.of(("ip " + words).split(" ")).succeed();
    }
}
