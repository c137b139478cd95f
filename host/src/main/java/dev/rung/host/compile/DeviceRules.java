package dev.rung.host.compile;

import dev.rung.host.cgroup.ContainerCgroups.DeviceLimits;
import dev.rung.host.cgroup.ContainerCgroups.DeviceLimits.Line;
import dev.rung.oci.LinuxConfig.Device;
import dev.rung.oci.Resources.DeviceRule;
import dev.rung.oci.Resources.DeviceRuleType;
import java.util.ArrayList;
import java.util.List;

/**
 * Which devices a container may use (config-linux.md "Allowed Device list"): the rules of the
 * config in order, then those that runc allows to every container.
 */
final class DeviceRules {
    private DeviceRules() {}

    /** The rules in order, the defaults last. */
    static List<DeviceRule> all(ContainerPlan plan) {
        List<DeviceRule> given = plan.linux().resources().devices();
        var rules = new ArrayList<DeviceRule>(given.size() + 12);
        rules.addAll(given);
        rules.add(rule(DeviceRuleType.CHARACTER, -1, -1, "m"));
        rules.add(rule(DeviceRuleType.BLOCK, -1, -1, "m"));
        standard(plan, rules, "/dev/null", 1, 3);
        standard(plan, rules, "/dev/random", 1, 8);
        standard(plan, rules, "/dev/full", 1, 7);
        standard(plan, rules, "/dev/tty", 5, 0);
        standard(plan, rules, "/dev/zero", 1, 5);
        standard(plan, rules, "/dev/urandom", 1, 9);
        rules.add(rule(DeviceRuleType.CHARACTER, 136, -1, "rwm")); // /dev/pts
        rules.add(rule(DeviceRuleType.CHARACTER, 5, 2, "rwm")); // ptmx
        rules.add(rule(DeviceRuleType.CHARACTER, 10, 200, "rwm")); // /dev/net/tun
        return rules;
    }

    /** One that the config makes itself is not allowed unasked. */
    private static void standard(
            ContainerPlan plan, List<DeviceRule> rules, String path, long major, long minor) {
        List<Device> devices = plan.linux().devices();
        for (int i = 0; i < devices.size(); i++) {
            if (devices.get(i).path().equals(path)) {
                return;
            }
        }
        rules.add(rule(DeviceRuleType.CHARACTER, major, minor, "rwm"));
    }

    private static DeviceRule rule(DeviceRuleType type, long major, long minor, String access) {
        return new DeviceRule(true, type, major, minor, access);
    }

    static DeviceLimits of(ContainerPlan plan) {
        var outcome = dev.rung.host.bpf.DeviceRules.of(all(plan));
        List<dev.rung.host.bpf.DeviceRules.Line> legacy = outcome.legacyLines();
        var lines = new ArrayList<Line>(legacy.size());
        for (int i = 0; i < legacy.size(); i++) {
            lines.add(new Line(legacy.get(i).allow(), legacy.get(i).rule()));
        }
        // nobody in a user namespace may load it; there devices are the user's own to open
        boolean loads = plan.host().caller().initialUserNamespace() || plan.cgroups().isLenient();
        return new DeviceLimits(
                lines, loads && plan.cgroups().isUnified() ? outcome.program() : new byte[0]);
    }
}
