package dev.rung.oci;

import dev.rung.oci.json.JsonFields;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Limits set through control groups (config-linux.md "Control groups"), and the file of update's
 * -r. A part that is absent is here as one in which nothing is given.
 *
 * @param pidsLimit of tasks; 0 is a limit, -1 is none; null: not given
 * @param rdma by device
 * @param unified cgroup v2 files by name, with what to write
 */
public record Resources(
        List<DeviceRule> devices,
        Memory memory,
        Cpu cpu,
        @Nullable Long pidsLimit,
        BlockIo blockIo,
        List<HugepageLimit> hugepageLimits,
        Network network,
        Map<String, Rdma> rdma,
        Map<String, String> unified) {

    private static final Memory NO_MEMORY =
            new Memory(null, null, null, null, null, null, null, null, null);
    private static final Cpu NO_CPU = new Cpu(null, null, null, null, null, null, null, null, null);
    private static final BlockIo NO_BLOCK_IO =
            new BlockIo(null, null, List.of(), List.of(), List.of(), List.of(), List.of());
    private static final Network NO_NETWORK = new Network(null, List.of());

    /** Nothing given. */
    public static final Resources NONE =
            new Resources(
                    List.of(),
                    NO_MEMORY,
                    NO_CPU,
                    null,
                    NO_BLOCK_IO,
                    List.of(),
                    NO_NETWORK,
                    Map.of(),
                    Map.of());

    /**
     * One rule of the devices controller, in order.
     *
     * @param major -1: any
     * @param minor -1: any
     * @param access letters out of "rwm", at least one
     */
    public record DeviceRule(
            boolean allow, DeviceRuleType type, long major, long minor, String access) {}

    /** What a device rule is about. */
    public enum DeviceRuleType {
        ALL("a"),
        CHARACTER("c"),
        BLOCK("b");

        private final String text;

        DeviceRuleType(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Sizes in bytes, -1: unlimited. Swap is memory and swap together. */
    public record Memory(
            @Nullable Long limit,
            @Nullable Long reservation,
            @Nullable Long swap,
            @Nullable Long kernel,
            @Nullable Long kernelTcp,
            @Nullable Long swappiness,
            @Nullable Boolean disableOomKiller,
            @Nullable Boolean useHierarchy,
            @Nullable Boolean checkBeforeUpdate) {}

    /**
     * Times in µs; shares, burst, period and realtimePeriod are 64 bits without a sign; a quota of
     * -1 is none.
     */
    public record Cpu(
            @Nullable Long shares,
            @Nullable Long quota,
            @Nullable Long burst,
            @Nullable Long period,
            @Nullable Long realtimeRuntime,
            @Nullable Long realtimePeriod,
            @Nullable String cpus,
            @Nullable String mems,
            @Nullable Long idle) {

        /** The same with another quota and period. */
        public Cpu with(@Nullable Long newQuota, @Nullable Long newPeriod) {
            return new Cpu(
                    shares,
                    newQuota,
                    burst,
                    newPeriod,
                    realtimeRuntime,
                    realtimePeriod,
                    cpus,
                    mems,
                    idle);
        }
    }

    /** Weights from 10 to 1000. */
    public record BlockIo(
            @Nullable Integer weight,
            @Nullable Integer leafWeight,
            List<WeightDevice> weightDevice,
            List<ThrottleDevice> throttleReadBpsDevice,
            List<ThrottleDevice> throttleWriteBpsDevice,
            List<ThrottleDevice> throttleReadIopsDevice,
            List<ThrottleDevice> throttleWriteIopsDevice) {}

    public record WeightDevice(
            long major, long minor, @Nullable Integer weight, @Nullable Integer leafWeight) {}

    /** The rate in bytes or operations per second, 64 bits without a sign; 0 takes it away. */
    public record ThrottleDevice(long major, long minor, long rate) {}

    /**
     * A limit for one size of pages.
     *
     * @param pageSize as in the file's name, such as 2MB
     * @param limit in bytes, 64 bits without a sign
     */
    public record HugepageLimit(String pageSize, long limit) {}

    public record Network(@Nullable Long classId, List<InterfacePriority> priorities) {}

    public record InterfacePriority(String name, long priority) {}

    public record Rdma(@Nullable Long hcaHandles, @Nullable Long hcaObjects) {}

    /** The same with other limits for processors. */
    public Resources with(Cpu newCpu) {
        return new Resources(
                devices,
                memory,
                newCpu,
                pidsLimit,
                blockIo,
                hugepageLimits,
                network,
                rdma,
                unified);
    }

    /** Reads the file of update's -r. */
    public static Resources read(String file, byte[] json) {
        return of(JsonFields.read(file, json));
    }

    static Resources of(@Nullable JsonFields fields) {
        if (fields == null) {
            return NONE;
        }
        JsonFields pids = fields.optionalObject("pids");
        return new Resources(
                devices(fields),
                memory(fields.optionalObject("memory")),
                cpu(fields.optionalObject("cpu")),
                pids == null ? null : signed(pids, "limit"),
                blockIo(fields.optionalObject("blockIO")),
                hugepages(fields),
                network(fields.optionalObject("network")),
                rdma(fields.optionalObject("rdma")),
                fields.textMap("unified"));
    }

    private static @Nullable Long signed(JsonFields fields, String name) {
        return fields.optionalInteger(name, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    private static List<DeviceRule> devices(JsonFields fields) {
        List<JsonFields> entries = fields.objects("devices");
        if (entries.isEmpty()) {
            return List.of();
        }
        var list = new ArrayList<DeviceRule>(entries.size());
        for (JsonFields entry : entries) {
            DeviceRuleType type = Choice.optional(entry, "type", DeviceRuleType.values());
            String access = entry.optionalText("access");
            if (access == null) {
                throw entry.invalid("access", "device access cannot be empty");
            }
            for (int i = 0; i < access.length(); i++) {
                if ("rwm".indexOf(access.charAt(i)) < 0) {
                    throw entry.invalid("access", "want letters out of \"rwm\"");
                }
            }
            list.add(
                    new DeviceRule(
                            entry.flag("allow"),
                            type == null ? DeviceRuleType.ALL : type,
                            entry.integerOr("major", -1, JsonFields.MAX_UINT32, -1),
                            entry.integerOr("minor", -1, JsonFields.MAX_UINT32, -1),
                            access));
        }
        return List.copyOf(list);
    }

    private static Memory memory(@Nullable JsonFields fields) {
        if (fields == null) {
            return NO_MEMORY;
        }
        return new Memory(
                signed(fields, "limit"),
                signed(fields, "reservation"),
                signed(fields, "swap"),
                signed(fields, "kernel"),
                signed(fields, "kernelTCP"),
                fields.optionalUnsigned("swappiness"),
                fields.optionalFlag("disableOOMKiller"),
                fields.optionalFlag("useHierarchy"),
                fields.optionalFlag("checkBeforeUpdate"));
    }

    private static Cpu cpu(@Nullable JsonFields fields) {
        if (fields == null) {
            return NO_CPU;
        }
        return new Cpu(
                fields.optionalUnsigned("shares"),
                signed(fields, "quota"),
                fields.optionalUnsigned("burst"),
                fields.optionalUnsigned("period"),
                signed(fields, "realtimeRuntime"),
                fields.optionalUnsigned("realtimePeriod"),
                fields.optionalText("cpus"),
                fields.optionalText("mems"),
                signed(fields, "idle"));
    }

    private static BlockIo blockIo(@Nullable JsonFields fields) {
        if (fields == null) {
            return NO_BLOCK_IO;
        }
        List<JsonFields> entries = fields.objects("weightDevice");
        var weights = new ArrayList<WeightDevice>(entries.size());
        for (JsonFields entry : entries) {
            weights.add(
                    new WeightDevice(
                            device(entry, "major"),
                            device(entry, "minor"),
                            weight(entry, "weight"),
                            weight(entry, "leafWeight")));
        }
        return new BlockIo(
                weight(fields, "weight"),
                weight(fields, "leafWeight"),
                List.copyOf(weights),
                throttles(fields, "throttleReadBpsDevice"),
                throttles(fields, "throttleWriteBpsDevice"),
                throttles(fields, "throttleReadIOPSDevice"),
                throttles(fields, "throttleWriteIOPSDevice"));
    }

    private static @Nullable Integer weight(JsonFields fields, String name) {
        Long weight = fields.optionalInteger(name, 0, 0xffff);
        return weight == null ? null : weight.intValue();
    }

    private static long device(JsonFields fields, String name) {
        return fields.integer(name, 0, JsonFields.MAX_UINT32);
    }

    private static List<ThrottleDevice> throttles(JsonFields fields, String name) {
        List<JsonFields> entries = fields.objects(name);
        if (entries.isEmpty()) {
            return List.of();
        }
        var list = new ArrayList<ThrottleDevice>(entries.size());
        for (JsonFields entry : entries) {
            list.add(
                    new ThrottleDevice(
                            device(entry, "major"),
                            device(entry, "minor"),
                            entry.unsignedOrZero("rate")));
        }
        return List.copyOf(list);
    }

    private static List<HugepageLimit> hugepages(JsonFields fields) {
        List<JsonFields> entries = fields.objects("hugepageLimits");
        if (entries.isEmpty()) {
            return List.of();
        }
        var list = new ArrayList<HugepageLimit>(entries.size());
        for (JsonFields entry : entries) {
            list.add(new HugepageLimit(entry.text("pageSize"), entry.unsigned("limit")));
        }
        return List.copyOf(list);
    }

    private static Network network(@Nullable JsonFields fields) {
        if (fields == null) {
            return NO_NETWORK;
        }
        List<JsonFields> entries = fields.objects("priorities");
        var priorities = new ArrayList<InterfacePriority>(entries.size());
        for (JsonFields entry : entries) {
            priorities.add(
                    new InterfacePriority(
                            entry.text("name"),
                            entry.integer("priority", 0, JsonFields.MAX_UINT32)));
        }
        return new Network(
                fields.optionalInteger("classID", 0, JsonFields.MAX_UINT32),
                List.copyOf(priorities));
    }

    private static Map<String, Rdma> rdma(@Nullable JsonFields fields) {
        if (fields == null) {
            return Map.of();
        }
        var map = LinkedHashMap.<String, Rdma>newLinkedHashMap(fields.size());
        for (int i = 0; i < fields.size(); i++) {
            JsonFields entry = fields.object(fields.name(i));
            map.put(
                    fields.name(i),
                    new Rdma(
                            entry.optionalInteger("hcaHandles", 0, JsonFields.MAX_UINT32),
                            entry.optionalInteger("hcaObjects", 0, JsonFields.MAX_UINT32)));
        }
        return Collections.unmodifiableMap(map);
    }
}
