package dev.rung.host.bpf;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.Resources.DeviceRule;
import dev.rung.oci.Resources.DeviceRuleType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What rules for devices come to when they are applied in order, as the devices controller of
 * cgroup v1 would: a default for all devices, and exceptions from it. A rule for all devices sets
 * the default and drops the exceptions; any other adds an exception or takes one away. Exceptions
 * keep their order, as config-linux.md wants them applied.
 *
 * <p>The same holds on cgroup v2, so that a container may do the same on both. What v1 would
 * silently ignore, taking a part out of an exception with a wildcard, is refused as by runc: the
 * config would look safer than it is.
 */
public final class DeviceRules {
    private static final String EVERYTHING = "a *:* rwm";

    private final boolean allowing;
    private final SequencedMap<Devices, Integer> exceptions;

    private DeviceRules(boolean allowing, SequencedMap<Devices, Integer> exceptions) {
        this.allowing = allowing;
        this.exceptions = exceptions;
    }

    /**
     * One line to write to the devices controller of cgroup v1.
     *
     * @param allow to devices.allow, else to devices.deny
     * @param rule such as "c 1:3 rwm"
     */
    public record Line(boolean allow, String rule) {}

    /**
     * The rules in order, on top of a cgroup that allows nothing.
     *
     * @throws Failure.Invalid for a rule that takes a part out of a wildcard
     */
    public static DeviceRules of(List<DeviceRule> rules) {
        boolean allowing = false;
        var exceptions = new LinkedHashMap<Devices, Integer>();
        for (int i = 0; i < rules.size(); i++) {
            DeviceRule rule = rules.get(i);
            if (rule.type() == DeviceRuleType.ALL) {
                allowing = rule.allow();
                exceptions.clear();
            } else {
                var devices =
                        new Devices(
                                rule.type() == DeviceRuleType.BLOCK,
                                Math.max(rule.major(), Devices.ANY),
                                Math.max(rule.minor(), Devices.ANY));
                int access = Access.of(rule.access());
                if (rule.allow() == allowing) {
                    take(exceptions, devices, access, allowing);
                } else {
                    put(exceptions, devices, access | exceptions.getOrDefault(devices, 0));
                }
            }
        }
        return new DeviceRules(allowing, exceptions);
    }

    /**
     * What to write to a new cgroup v1, in order: first the default for all devices, whatever the
     * cgroup inherited, then the exceptions.
     */
    public List<Line> legacyLines() {
        return difference(new DeviceRules(true, new LinkedHashMap<>()));
    }

    /**
     * What to write to a cgroup v1 in use, in order: as little as possible, so that nothing that
     * stays allowed fails meanwhile.
     *
     * @param devicesList the content of devices.list; it does not show what a cgroup that allows by
     *     default denies, so such a cgroup is written anew
     * @throws Failure.HostRefused when the content cannot be understood
     */
    public List<Line> legacyLines(String devicesList) {
        return difference(listed(devicesList));
    }

    /**
     * The same as a program of type BPF_PROG_TYPE_CGROUP_DEVICE: an array of struct bpf_insn,
     * little-endian. It calls no helper, so that any licence will do.
     *
     * <p>Differs: where the default is to allow, runc's program denies only what an exception
     * covers as a whole, so that a device denied for reading can be opened for reading and writing.
     * This one denies any part of it, as cgroup v1 does.
     */
    public byte[] program() {
        var program = new DeviceProgram(allowing);
        for (Map.Entry<Devices, Integer> exception : exceptions.entrySet()) {
            program.add(exception.getKey(), exception.getValue());
        }
        return program.toBytes();
    }

    private List<Line> difference(DeviceRules present) {
        var lines = new ArrayList<Line>(exceptions.size() + 1);
        SequencedMap<Devices, Integer> old = present.exceptions;
        if (present.allowing || present.allowing != allowing) {
            lines.add(new Line(allowing, EVERYTHING));
            old = new LinkedHashMap<>();
        }
        for (Map.Entry<Devices, Integer> exception : old.entrySet()) {
            int dropped = exception.getValue() & ~exceptions.getOrDefault(exception.getKey(), 0);
            if (dropped != Access.NONE) {
                lines.add(new Line(allowing, exception.getKey().line(dropped)));
            }
        }
        for (Map.Entry<Devices, Integer> exception : exceptions.entrySet()) {
            int gained = exception.getValue() & ~old.getOrDefault(exception.getKey(), 0);
            if (gained != Access.NONE) {
                lines.add(new Line(!allowing, exception.getKey().line(gained)));
            }
        }
        return lines;
    }

    private static void put(
            SequencedMap<Devices, Integer> exceptions, Devices devices, int access) {
        if (access == Access.NONE) {
            exceptions.remove(devices);
        } else {
            exceptions.put(devices, access);
        }
    }

    private static void take(
            SequencedMap<Devices, Integer> exceptions,
            Devices devices,
            int access,
            boolean allowing) {
        Devices[] wider = {
            new Devices(devices.block(), Devices.ANY, devices.minor()),
            new Devices(devices.block(), devices.major(), Devices.ANY),
            new Devices(devices.block(), Devices.ANY, Devices.ANY),
        };
        for (Devices wildcard : wider) {
            int covered = exceptions.getOrDefault(wildcard, 0);
            if ((covered & access) != 0 && !wildcard.equals(devices)) {
                throw new Failure.Invalid(
                        "unable to remove '"
                                + (allowing ? "deny" : "allow")
                                + "' exception: requested rule ["
                                + devices.line(access)
                                + "] not supported by devices cgroupv1 (cannot punch hole in"
                                + " existing wildcard rule ["
                                + wildcard.line(covered)
                                + "]): linux.resources.devices");
            }
        }
        put(exceptions, devices, exceptions.getOrDefault(devices, 0) & ~access);
    }

    private static DeviceRules listed(String devicesList) {
        var exceptions = new LinkedHashMap<Devices, Integer>();
        int from = 0;
        while (from < devicesList.length()) {
            int to = devicesList.indexOf('\n', from);
            to = to < 0 ? devicesList.length() : to;
            String line = devicesList.substring(from, to);
            if (line.startsWith("a ")) {
                return new DeviceRules(true, new LinkedHashMap<>());
            }
            if (!line.isEmpty()) {
                addListed(exceptions, line);
            }
            from = to + 1;
        }
        return new DeviceRules(false, exceptions);
    }

    /** One line, such as "b 8:* rw". */
    private static void addListed(SequencedMap<Devices, Integer> exceptions, String line) {
        int colon = line.indexOf(':');
        int blank = line.lastIndexOf(' ');
        boolean block = line.startsWith("b ");
        if (!block && !line.startsWith("c ") || colon < 0 || blank < colon) {
            throw unreadable(line);
        }
        var devices =
                new Devices(
                        block,
                        number(line.substring(2, colon), line),
                        number(line.substring(colon + 1, blank), line));
        int access = Access.of(line.substring(blank + 1));
        put(exceptions, devices, access | exceptions.getOrDefault(devices, 0));
    }

    private static long number(String text, String line) {
        if (text.equals("*")) {
            return Devices.ANY;
        }
        try {
            return Integer.parseUnsignedInt(text) & 0xffffffffL;
        } catch (NumberFormatException e) {
            throw unreadable(line);
        }
    }

    private static Failure.HostRefused unreadable(String line) {
        return new Failure.HostRefused(
                "error parsing line \"" + Printable.of(line) + "\" of devices.list", null);
    }
}
