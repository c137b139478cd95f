package dev.rung.host.systemd;

import static java.util.Map.entry;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.host.cgroup.ContainerCgroups.DeviceLimits;
import dev.rung.host.cgroup.LegacyValues;
import dev.rung.oci.Resources;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The properties that say to systemd what a config asks for, as runc chooses them: those that a
 * unit begins with, and those of its limits. What systemd has no property for, or one that it is
 * too old for, stands in the cgroup's files only, where all limits are written too.
 *
 * @param version of systemd
 * @param unified whether cgroups are of version 2
 */
public record UnitProperties(int version, boolean unified) {
    private static final String ANNOTATION = "org.systemd.property.";
    private static final long INFINITY = -1;
    private static final long USUAL_PERIOD = 100_000;
    private static final long SECOND = 1_000_000;
    private static final long PERCENT = SECOND / 100;

    private static final int HAS_PERIOD = 242;
    private static final int HAS_CPUSET = 244;
    private static final int HAS_MAJOR_DEVICES = 240;
    private static final int HAS_IDLE = 252;
    private static final int HAS_OOM_POLICY = 253;

    /** Files of version 2 whose value is a number of bytes, or "max". */
    private static final Map<String, String> SIZES =
            Map.ofEntries(
                    entry("memory.high", "MemoryHigh"),
                    entry("memory.low", "MemoryLow"),
                    entry("memory.min", "MemoryMin"),
                    entry("memory.max", "MemoryMax"),
                    entry("memory.swap.max", "MemorySwapMax"));

    /**
     * What a unit begins with.
     *
     * @param pid of the process that is moved into it, as systemd sees it; 0: none
     * @param given of the config's own choice, see {@link #annotated}
     */
    public List<Property> beginning(
            ScopeUnit unit, int pid, List<Property> given, Resources resources) {
        var properties = new ArrayList<Property>();
        add(properties, "Description", Value.text("libcontainer container " + unit.container()));
        if (unit.isSlice()) {
            add(properties, "Wants", new Value.Items("s", List.of(Value.text(unit.slice()))));
        } else {
            add(properties, "Slice", Value.text(unit.slice()));
            add(properties, "Delegate", new Value.Flag(true));
        }
        if (pid != 0) {
            Value one = new Value.Whole('u', pid);
            add(properties, "PIDs", new Value.Items("u", List.of(one)));
        }
        for (String what : List.of("Memory", "CPU", unified ? "IO" : "BlockIO", "Tasks")) {
            add(properties, what + "Accounting", new Value.Flag(true));
        }
        add(properties, "DefaultDependencies", new Value.Flag(false));
        properties.addAll(given);
        if (unified && version >= HAS_OOM_POLICY) {
            String group = resources.unified().getOrDefault("memory.oom.group", "");
            switch (group) {
                case "0" -> add(properties, "OOMPolicy", Value.text("continue"));
                case "1" -> add(properties, "OOMPolicy", Value.text("kill"));
                default -> {}
            }
        }
        return properties;
    }

    /**
     * The properties that annotations ask for, "org.systemd.property.NAME" with a value as GVariant
     * prints it.
     */
    public static List<Property> annotated(Map<String, String> annotations) {
        var properties = new ArrayList<Property>();
        annotations.forEach((key, text) -> {
            if (key.startsWith(ANNOTATION)) {
                properties.add(annotated(key, text));
            }
        });
        return properties;
    }

    private static Property annotated(String key, String text) {
        String name = key.substring(ANNOTATION.length());
        if (!name.matches("[A-Za-z]{3,}")) {
            throw new Failure.Invalid(
                    "annotation "
                            + Printable.of(key)
                            + " name incorrect: "
                            + (name.length() < 3
                                    ? "too short"
                                    : "contains non-alphabetic character"));
        }
        try {
            Value value = ValueText.read(text);
            // documented in seconds, as TimeoutStopSec; meant in microseconds, as TimeoutStopUSec
            return name.matches(".*[a-z]Sec")
                    ? new Property(
                            name.substring(0, name.length() - 3) + "USec", microseconds(value))
                    : new Property(name, value);
        } catch (Failure.Invalid e) {
            throw new Failure.Invalid(
                    "annotation "
                            + Printable.of(key + "=" + text)
                            + " value parse error: "
                            + e.getMessage());
        }
    }

    private static Value microseconds(Value seconds) {
        return switch (seconds) {
            case Value.Whole whole -> Value.unsigned(whole.value() * SECOND);
            case Value.Real(double real) -> Value.unsigned((long) (real * SECOND));
            default -> throw new Failure.Invalid("not a number");
        };
    }

    /**
     * Those of limits.
     *
     * @param devices null: they stay as they are
     */
    public List<Property> limits(Resources resources, @Nullable DeviceLimits devices) {
        var properties = new ArrayList<Property>();
        if (devices != null) {
            devices(properties, devices);
        }
        memory(properties, resources.memory());
        cpu(properties, resources.cpu());
        Integer weight = resources.blockIo().weight();
        if (!unified && weight != null && weight != 0) {
            add(properties, "BlockIOWeight", Value.unsigned(weight));
        }
        Long pids = resources.pidsLimit();
        if (pids != null) {
            // systemd knows no limit of 0
            add(properties, "TasksMax", Value.unsigned(pids < 0 ? INFINITY : Math.max(1, pids)));
        }
        if (unified) {
            boolean idle = isIdle(resources.unified().get("cpu.idle"));
            resources
                    .unified()
                    .forEach((file, value) -> file(properties, file, value.strip(), idle));
        }
        return properties;
    }

    private void memory(List<Property> properties, Resources.Memory memory) {
        long limit = orZero(memory.limit());
        if (limit != 0) {
            add(properties, unified ? "MemoryMax" : "MemoryLimit", Value.unsigned(limit));
        }
        if (!unified) {
            return;
        }
        if (orZero(memory.reservation()) != 0) {
            add(properties, "MemoryLow", Value.unsigned(orZero(memory.reservation())));
        }
        String swap = LegacyValues.swap(limit, orZero(memory.swap()));
        if (!swap.isEmpty()) {
            add(properties, "MemorySwapMax", size(swap));
        }
    }

    private void cpu(List<Property> properties, Resources.Cpu cpu) {
        boolean idle = unified && cpu.idle() != null && isIdle(cpu.idle().toString());
        long shares = orZero(cpu.shares());
        if (idle) {
            add(properties, "CPUWeight", Value.unsigned(0));
        } else if (shares != 0) {
            add(
                    properties,
                    unified ? "CPUWeight" : "CPUShares",
                    Value.unsigned(unified ? LegacyValues.weight(shares) : shares));
        }
        bandwidth(properties, orZero(cpu.quota()), orZero(cpu.period()));
        processors(properties, "AllowedCPUs", cpu.cpus(), "cpu.cpus");
        processors(properties, "AllowedMemoryNodes", cpu.mems(), "cpu.mems");
    }

    /** systemd counts in whole per cent of a processor, so what is between goes up to the next. */
    private void bandwidth(List<Property> properties, long quota, long period) {
        if (period != 0 && version >= HAS_PERIOD) {
            add(properties, "CPUQuotaPeriodUSec", Value.unsigned(period));
        }
        if (quota != 0 || period != 0) {
            add(
                    properties,
                    "CPUQuotaPerSecUSec",
                    Value.unsigned(quota > 0 ? perSecond(quota, period) : INFINITY));
        }
    }

    private static long perSecond(long quota, long period) {
        long exact =
                BigInteger.valueOf(quota)
                        .multiply(BigInteger.valueOf(SECOND))
                        .divide(new BigInteger(Long.toUnsignedString(period(period))))
                        .longValue();
        return (exact + PERCENT - 1) / PERCENT * PERCENT;
    }

    private static long period(long given) {
        return given == 0 ? USUAL_PERIOD : given;
    }

    /** With a quota rounded up as systemd's is, so that the cgroup's file says the same. */
    public static Resources rounded(Resources resources) {
        Resources.Cpu cpu = resources.cpu();
        long quota = orZero(cpu.quota());
        if (quota <= 0) {
            return resources;
        }
        long period = orZero(cpu.period());
        long rounded =
                BigInteger.valueOf(perSecond(quota, period))
                        .multiply(new BigInteger(Long.toUnsignedString(period(period))))
                        .divide(BigInteger.valueOf(SECOND))
                        .longValue();
        return resources.with(cpu.with(rounded, cpu.period()));
    }

    private void processors(
            List<Property> properties, String name, @Nullable String list, String key) {
        if (list != null && !list.isEmpty() && version >= HAS_CPUSET) {
            add(properties, name, Value.bytes(Bits.of(list, "resources." + key)));
        }
    }

    private boolean isIdle(@Nullable String value) {
        return "1".equals(value) && version >= HAS_IDLE;
    }

    /** A file of version 2 that the config names itself. */
    private void file(List<Property> properties, String file, String value, boolean idle) {
        String size = SIZES.get(file);
        if (size != null) {
            add(properties, size, size(value));
            return;
        }
        switch (file) {
            case "cpu.idle" -> {
                if (idle) {
                    add(properties, "CPUWeight", Value.unsigned(0));
                }
            }
            case "cpu.weight" -> {
                if (!idle) {
                    add(properties, "CPUWeight", size(value));
                }
            }
            case "cpu.max" -> {
                String[] both = value.split("\\s+", -1);
                long quota = both[0].equals("max") ? 0 : number(both[0]);
                bandwidth(properties, quota, both.length > 1 ? number(both[1]) : USUAL_PERIOD);
            }
            case "cpuset.cpus" -> processors(properties, "AllowedCPUs", value, file);
            case "cpuset.mems" -> processors(properties, "AllowedMemoryNodes", value, file);
            case "pids.max" ->
                    add(
                            properties,
                            "TasksMax",
                            value.equals("0") ? Value.unsigned(1) : size(value));
            default -> {}
        }
    }

    private static Value size(String value) {
        return Value.unsigned(value.equals("max") ? INFINITY : number(value));
    }

    private static long number(String text) {
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw new Failure.Invalid(
                    "config.json: linux.resources.unified: want a number or \"max\", got \""
                            + Printable.of(text)
                            + "\"");
        }
    }

    /** The list begins empty, whatever the unit had; nothing is allowed but what stands in it. */
    private void devices(List<Property> properties, DeviceLimits devices) {
        add(properties, "DeviceAllow", new Value.Items("(ss)", List.of()));
        List<DeviceLimits.Line> lines = devices.legacy();
        boolean allowing = !lines.isEmpty() && lines.getFirst().allow();
        // Exceptions from "everything" can't be said; the cgroup's own rules do it
        boolean everything = allowing && lines.size() == 1;
        add(properties, "DevicePolicy", Value.text(everything ? "auto" : "strict"));
        if (allowing) {
            return;
        }
        var allowed = new ArrayList<Value>();
        for (DeviceLimits.Line line : lines) {
            Value device = line.allow() ? device(line.rule()) : null;
            if (device != null) {
                allowed.add(device);
            }
        }
        add(properties, "DeviceAllow", new Value.Items("(ss)", allowed));
    }

    /** A rule such as "c 1:3 rwm"; null for one that systemd can't say. */
    private @Nullable Value device(String rule) {
        String kind = rule.startsWith("b") ? "block" : "char";
        int colon = rule.indexOf(':');
        int blank = rule.lastIndexOf(' ');
        String major = rule.substring(2, colon);
        String minor = rule.substring(colon + 1, blank);
        String node;
        if (major.equals("*")) {
            node = minor.equals("*") ? kind + "-*" : null;
        } else if (minor.equals("*")) {
            node = version >= HAS_MAJOR_DEVICES ? kind + "-" + major : null;
        } else {
            node = "/dev/" + kind + "/" + major + ":" + minor;
        }
        return node == null
                ? null
                : new Value.Fields(
                        List.of(Value.text(node), Value.text(rule.substring(blank + 1))));
    }

    private static void add(List<Property> properties, String name, Value value) {
        properties.add(new Property(name, value));
    }

    private static long orZero(@Nullable Long value) {
        return value == null ? 0 : value;
    }
}
