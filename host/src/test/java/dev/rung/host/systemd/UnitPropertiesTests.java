package dev.rung.host.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.host.cgroup.ContainerCgroups.DeviceLimits;
import dev.rung.oci.Resources;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class UnitPropertiesTests {
    private static final UnitProperties V2 = new UnitProperties(253, true);
    private static final UnitProperties V1 = new UnitProperties(252, false);

    private static Resources resources(String json) {
        return Resources.read("test", json.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, Value> limits(UnitProperties properties, String json) {
        return properties.limits(resources(json), null).stream()
                .collect(Collectors.toMap(Property::name, Property::value));
    }

    private static Value number(long value) {
        return Value.unsigned(value);
    }

    @Test
    void shouldSayLimitsInTheWordsOfVersion2() {
        assertThat(
                        limits(
                                V2,
                                """
                                {"memory": {"limit": 100, "swap": 150, "reservation": 50},
                                 "cpu": {"shares": 1024, "quota": 25001, "period": 50000,
                                         "cpus": "0-1,9", "mems": "0"},
                                 "pids": {"limit": 0}, "blockIO": {"weight": 100}}
                                """))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "MemoryMax", number(100),
                                "MemorySwapMax", number(50),
                                "MemoryLow", number(50),
                                "CPUWeight", number(100),
                                "CPUQuotaPeriodUSec", number(50_000),
                                "CPUQuotaPerSecUSec", number(510_000),
                                "AllowedCPUs", Value.bytes(new byte[] {3, 2}),
                                "AllowedMemoryNodes", Value.bytes(new byte[] {1}),
                                "TasksMax", number(1)));
    }

    @Test
    void shouldSayLimitsInTheWordsOfVersion1() {
        assertThat(
                        limits(
                                V1,
                                """
                                {"memory": {"limit": 100, "swap": 150}, "cpu": {"shares": 512, "quota": -1},
                                 "pids": {"limit": -1}, "blockIO": {"weight": 100}}
                                """))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "MemoryLimit", number(100),
                                "CPUShares", number(512),
                                "CPUQuotaPerSecUSec", number(-1),
                                "TasksMax", number(-1),
                                "BlockIOWeight", number(100)));
    }

    @Test
    void shouldKnowFilesOfVersion2() {
        assertThat(
                        limits(
                                V2,
                                """
                                {"unified": {"memory.max": "max", "memory.high": "5", "pids.max": "0",
                                 "cpu.max": "10000 20000", "cpu.idle": "1", "cpu.weight": "7",
                                 "cpuset.cpus": "1", "io.max": "8:0 rbps=1"}}
                                """))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "MemoryMax", number(-1),
                                "MemoryHigh", number(5),
                                "TasksMax", number(1),
                                "CPUQuotaPeriodUSec", number(20_000),
                                "CPUQuotaPerSecUSec", number(500_000),
                                "CPUWeight", number(0),
                                "AllowedCPUs", Value.bytes(new byte[] {2})));
        assertThatThrownBy(() -> limits(V2, "{\"unified\": {\"memory.max\": \"much\"}}"))
                .isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void shouldLeaveOutWhatAnOldSystemdDoesNotKnow() {
        var old = new UnitProperties(239, true);

        assertThat(limits(old, "{\"cpu\": {\"quota\": 1000, \"period\": 10000, \"cpus\": \"0\"}}"))
                .containsOnlyKeys("CPUQuotaPerSecUSec");
    }

    @Test
    void shouldRoundTheQuotaAsSystemdDoes() {
        Resources.Cpu cpu =
                UnitProperties.rounded(
                                resources("{\"cpu\": {\"quota\": 25001, \"period\": 50000}}"))
                        .cpu();

        assertThat(cpu.quota()).isEqualTo(25_500);
        assertThat(cpu.period()).isEqualTo(50_000);
    }

    @Test
    void shouldSayWhichDevicesMayBeUsed() {
        List<DeviceLimits.Line> lines =
                List.of(
                        line(false, "a *:* rwm"),
                        line(true, "c 1:3 rwm"),
                        line(true, "b 8:* r"),
                        line(true, "c *:5 r"),
                        line(true, "b *:* m"));

        assertThat(V2.limits(Resources.NONE, new DeviceLimits(lines, new byte[0])))
                .containsExactly(
                        new Property("DeviceAllow", new Value.Items("(ss)", List.of())),
                        new Property("DevicePolicy", Value.text("strict")),
                        new Property(
                                "DeviceAllow",
                                new Value.Items(
                                        "(ss)",
                                        List.of(
                                                device("/dev/char/1:3", "rwm"),
                                                device("block-8", "r"),
                                                device("block-*", "m")))));
        var all = new DeviceLimits(List.of(line(true, "a *:* rwm")), new byte[0]);
        assertThat(V2.limits(Resources.NONE, all))
                .contains(new Property("DevicePolicy", Value.text("auto")))
                .hasSize(2);
    }

    private static DeviceLimits.Line line(boolean allow, String rule) {
        return new DeviceLimits.Line(allow, rule);
    }

    private static Value device(String node, String access) {
        return new Value.Fields(List.of(Value.text(node), Value.text(access)));
    }

    @Test
    void shouldTakePropertiesFromAnnotations() {
        assertThat(
                        UnitProperties.annotated(
                                Map.of(
                                        "org.systemd.property.TimeoutStopSec", "uint16 2",
                                        "other", "x")))
                .containsExactly(new Property("TimeoutStopUSec", number(2_000_000)));
        assertThatThrownBy(() ->
                        UnitProperties.annotated(
                                Map.of("org.systemd.property.TimeoutStopSec", "'x'")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("not a number");
    }

    @Test
    void shouldBeginAUnit() {
        var id = new ContainerId("c1");
        ScopeUnit scope = ScopeUnit.of("a-b.slice:p:c1", id, false);
        List<Property> properties = V2.beginning(scope, 12, List.of(), Resources.NONE);

        assertThat(properties)
                .contains(
                        new Property("Slice", Value.text("a-b.slice")),
                        new Property("Delegate", new Value.Flag(true)),
                        new Property("IOAccounting", new Value.Flag(true)));
        ScopeUnit slice = ScopeUnit.of("a.slice:p:a-c.slice", id, false);
        assertThat(V1.beginning(slice, 0, List.of(), Resources.NONE))
                .extracting(Property::name)
                .contains("Wants", "BlockIOAccounting")
                .doesNotContain("Slice", "PIDs", "Delegate");
    }

    @Test
    void shouldNameUnitsAndTheirCgroups() {
        var id = new ContainerId("c1");
        assertThat(ScopeUnit.of("a-b.slice:p:n", id, false).cgroup())
                .isEqualTo("/a.slice/a-b.slice/p-n.scope");
        assertThat(ScopeUnit.of("-.slice:p:n", id, false).cgroup()).isEqualTo("/p-n.scope");
        assertThat(ScopeUnit.of(null, id, false).cgroup()).isEqualTo("/system.slice/rung-c1.scope");
        assertThat(ScopeUnit.of(":p:n", id, true).cgroup()).isEqualTo("/user.slice/p-n.scope");
        for (String wrong :
                List.of(
                        "/a",
                        "a:b",
                        "a:b:c",
                        "a--b.slice:p:n",
                        ".slice:p:n",
                        "x/y.slice:p:n",
                        "a.slice:..:/n",
                        "a.slice:p:n m")) {
            assertThatThrownBy(() -> ScopeUnit.of(wrong, id, false))
                    .isInstanceOf(Failure.Invalid.class);
        }
    }
}
