package dev.rung.host.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.oci.Resources.DeviceRule;
import dev.rung.oci.Resources.DeviceRuleType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeviceRulesTests {
    private static final DeviceRule DENY_ALL = rule(false, DeviceRuleType.ALL, -1, -1, "rwm");
    private static final DeviceRule ALLOW_ALL = rule(true, DeviceRuleType.ALL, -1, -1, "rwm");

    @Test
    void shouldAllowNothingWithoutRules() {
        DeviceRules rules = DeviceRules.of(List.of());
        assertThat(rules.legacyLines()).containsExactly(deny("a *:* rwm"));
        assertThat(new ProgramMachine(rules.program()).grants('c', 1, 3, Access.READ)).isFalse();
    }

    @Test
    void shouldAllowEverything() {
        DeviceRules rules = DeviceRules.of(List.of(DENY_ALL, allowing("c", 1, 3, "r"), ALLOW_ALL));
        assertThat(rules.legacyLines()).containsExactly(allow("a *:* rwm"));
        assertThat(new ProgramMachine(rules.program()).grants('b', 8, 0, Access.ALL)).isTrue();
    }

    @Test
    void shouldListExceptionsInTheirOrder() {
        DeviceRules rules =
                DeviceRules.of(
                        List.of(
                                DENY_ALL,
                                allowing("c", 136, -1, "rwm"),
                                allowing("c", 1, 5, "m"),
                                allowing("b", 1, 5, "w"),
                                allowing("c", 1, 5, "r"),
                                allowing("b", -1, -1, "m"),
                                allowing("c", -1, -1, "m")));
        assertThat(rules.legacyLines())
                .containsExactly(
                        deny("a *:* rwm"),
                        allow("c 136:* rwm"),
                        allow("c 1:5 rm"),
                        allow("b 1:5 w"),
                        allow("b *:* m"),
                        allow("c *:* m"));
    }

    @Test
    void shouldTakeAwayWhatALaterRuleDenies() {
        DeviceRules rules =
                DeviceRules.of(
                        List.of(
                                allowing("c", 1, 3, "rwm"),
                                allowing("c", 1, 5, "rw"),
                                denying("c", 1, 3, "w"),
                                denying("c", 1, 5, "rwm"),
                                denying("c", 1, 9, "rwm")));
        assertThat(rules.legacyLines()).containsExactly(deny("a *:* rwm"), allow("c 1:3 rm"));
        var program = new ProgramMachine(rules.program());
        assertThat(program.grants('c', 1, 3, Access.READ)).isTrue();
        assertThat(program.grants('c', 1, 3, Access.READ | Access.WRITE)).isFalse();
        assertThat(program.grants('c', 1, 5, Access.READ)).isFalse();
    }

    @Test
    void shouldDenyAnyPartOfWhatIsDenied() {
        DeviceRules rules = DeviceRules.of(List.of(ALLOW_ALL, denying("b", 8, -1, "w")));
        assertThat(rules.legacyLines()).containsExactly(allow("a *:* rwm"), deny("b 8:* w"));
        var program = new ProgramMachine(rules.program());
        assertThat(program.grants('b', 8, 1, Access.READ)).isTrue();
        assertThat(program.grants('b', 8, 1, Access.WRITE)).isFalse();
        assertThat(program.grants('b', 8, 1, Access.READ | Access.WRITE)).isFalse();
        assertThat(program.grants('c', 8, 1, Access.WRITE)).isTrue();
    }

    @Test
    void shouldRefuseHolesInWildcards() {
        assertThatThrownBy(() ->
                        DeviceRules.of(
                                List.of(allowing("c", 1, -1, "rwm"), denying("c", 1, 3, "w"))))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage(
                        "unable to remove 'allow' exception: requested rule [c 1:3 w] not supported"
                                + " by devices cgroupv1 (cannot punch hole in existing wildcard rule"
                                + " [c 1:* rwm]): linux.resources.devices");
        assertThatThrownBy(() ->
                        DeviceRules.of(
                                List.of(
                                        ALLOW_ALL,
                                        denying("b", -1, 3, "r"),
                                        allowing("b", 8, 3, "rw"))))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageStartingWith("unable to remove 'deny' exception");
        DeviceRules fine =
                DeviceRules.of(List.of(allowing("c", 1, -1, "r"), denying("c", 1, 3, "w")));
        assertThat(fine.legacyLines()).containsExactly(deny("a *:* rwm"), allow("c 1:* r"));
    }

    @Test
    void shouldChangeACgroupInUseByWhatDiffersOnly() {
        DeviceRules rules =
                DeviceRules.of(List.of(allowing("c", 1, 3, "rw"), allowing("c", 1, -1, "m")));
        assertThat(rules.legacyLines("c 1:3 rm\nb 8:0 r\nc 1:* m\n"))
                .containsExactly(deny("c 1:3 m"), deny("b 8:0 r"), allow("c 1:3 w"));
        assertThat(rules.legacyLines("")).hasSize(2).doesNotContain(deny("a *:* rwm"));
        assertThat(rules.legacyLines("a *:* rwm\n")).isEqualTo(rules.legacyLines());
        assertThatThrownBy(() -> rules.legacyLines("c 1-3 rm\n"))
                .isInstanceOf(Failure.HostRefused.class)
                .hasMessage("error parsing line \"c 1-3 rm\" of devices.list");
    }

    @Test
    void shouldTakeNumbersThatNoDeviceHas() {
        DeviceRules rules = DeviceRules.of(List.of(allowing("c", 0xffffffffL, 0, "rwm")));
        assertThat(rules.legacyLines()).contains(allow("c 4294967295:0 rwm"));
        var program = new ProgramMachine(rules.program());
        assertThat(program.grants('c', 0xffffffffL, 0, Access.READ)).isFalse();
    }

    @Test
    void shouldDecideLikeCgroupV1() {
        int refused = 0;
        for (int seed = 0; seed < 500; seed++) {
            var random = new Random(seed);
            List<DeviceRule> given = rules(random);
            DeviceRules rules;
            try {
                rules = DeviceRules.of(given);
            } catch (Failure.Invalid e) {
                refused++;
                continue;
            }
            var expected = new LegacyDevices();
            expected.write(false, "a *:* rwm");
            for (DeviceRule rule : given) {
                expected.write(rule.allow(), line(rule));
            }
            var fresh = new LegacyDevices();
            write(rules.legacyLines(), fresh);
            var used = new LegacyDevices();
            write(DeviceRules.of(List.of(allowing("c", 1, 1, "rw"))).legacyLines(), used);
            write(rules.legacyLines(used.list()), used);
            var program = new ProgramMachine(rules.program());
            for (int access = 1; access <= Access.ALL; access++) {
                for (int device = 0; device < 18; device++) {
                    char type = device % 2 == 0 ? 'b' : 'c';
                    long major = device / 2 % 3;
                    long minor = device / 6;
                    boolean granted = expected.grants(type, major, minor, access);
                    assertThat(
                                    List.of(
                                            fresh.grants(type, major, minor, access),
                                            used.grants(type, major, minor, access),
                                            program.grants(type, major, minor, access)))
                            .as("seed %d: %c %d:%d %d", seed, type, major, minor, access)
                            .containsOnly(granted);
                }
            }
        }
        assertThat(refused).isBetween(1, 400);
    }

    private static List<DeviceRule> rules(Random random) {
        var rules = new ArrayList<DeviceRule>();
        for (int i = random.nextInt(9); i > 0; i--) {
            DeviceRuleType type =
                    random.nextInt(8) == 0
                            ? DeviceRuleType.ALL
                            : random.nextBoolean()
                                    ? DeviceRuleType.BLOCK
                                    : DeviceRuleType.CHARACTER;
            rules.add(
                    rule(
                            random.nextInt(3) > 0,
                            type,
                            random.nextInt(4) - 1,
                            random.nextInt(4) - 1,
                            Access.letters(1 + random.nextInt(7))));
        }
        return rules;
    }

    private static void write(List<DeviceRules.Line> lines, LegacyDevices cgroup) {
        for (DeviceRules.Line line : lines) {
            cgroup.write(line.allow(), line.rule());
        }
    }

    private static String line(DeviceRule rule) {
        return rule.type() == DeviceRuleType.ALL
                ? "a"
                : new Devices(rule.type() == DeviceRuleType.BLOCK, rule.major(), rule.minor())
                        .line(Access.of(rule.access()));
    }

    private static DeviceRules.Line allow(String rule) {
        return new DeviceRules.Line(true, rule);
    }

    private static DeviceRules.Line deny(String rule) {
        return new DeviceRules.Line(false, rule);
    }

    private static DeviceRule allowing(String type, long major, long minor, String access) {
        return rule(true, type(type), major, minor, access);
    }

    private static DeviceRule denying(String type, long major, long minor, String access) {
        return rule(false, type(type), major, minor, access);
    }

    private static DeviceRuleType type(String letter) {
        return letter.equals("b") ? DeviceRuleType.BLOCK : DeviceRuleType.CHARACTER;
    }

    private static DeviceRule rule(
            boolean allow, DeviceRuleType type, long major, long minor, String access) {
        return new DeviceRule(allow, type, major, minor, access);
    }
}
