package dev.rung.oci;

import dev.rung.oci.json.JsonFields;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The "linux" part of a config (config-linux.md); when it is absent, one in which nothing is given.
 *
 * @param netDevices the name outside, with the name inside
 * @param seccomp null also for a profile that asks for nothing
 * @param timeOffsets by clock: monotonic, boottime
 */
public record LinuxConfig(
        List<IdMapping> uidMappings,
        List<IdMapping> gidMappings,
        Map<String, String> sysctl,
        Resources resources,
        @Nullable String cgroupsPath,
        List<Namespace> namespaces,
        List<Device> devices,
        Map<String, String> netDevices,
        @Nullable Seccomp seccomp,
        @Nullable Propagation rootfsPropagation,
        List<String> maskedPaths,
        List<String> readonlyPaths,
        @Nullable String mountLabel,
        @Nullable IntelRdt intelRdt,
        @Nullable MemoryPolicy memoryPolicy,
        @Nullable Personality personality,
        Map<String, TimeOffset> timeOffsets) {

    private static final LinuxConfig NONE =
            new LinuxConfig(
                    List.of(),
                    List.of(),
                    Map.of(),
                    Resources.NONE,
                    null,
                    List.of(),
                    List.of(),
                    Map.of(),
                    null,
                    null,
                    List.of(),
                    List.of(),
                    null,
                    null,
                    null,
                    null,
                    Map.of());

    /**
     * A namespace of the container.
     *
     * @param path a namespace to join; null: a new one
     */
    public record Namespace(NamespaceType type, @Nullable String path) {}

    /** Prints as in the specification: pid, network, ... */
    public enum NamespaceType {
        PID("pid"),
        NETWORK("network"),
        MOUNT("mount"),
        IPC("ipc"),
        UTS("uts"),
        USER("user"),
        CGROUP("cgroup"),
        TIME("time");

        private final String text;

        NamespaceType(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * A device node to make.
     *
     * @param major 0 for a FIFO
     * @param fileMode permission bits, without those of the file's type; null: 0666
     * @param uid inside; null: 0
     * @param gid inside; null: 0
     */
    public record Device(
            String path,
            DeviceType type,
            long major,
            long minor,
            @Nullable Integer fileMode,
            @Nullable Long uid,
            @Nullable Long gid) {}

    /** Prints as in the specification: c, b, u, p. */
    public enum DeviceType {
        CHARACTER("c"),
        BLOCK("b"),
        UNBUFFERED("u"),
        FIFO("p");

        private final String text;

        DeviceType(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Prints as in the specification; runc takes the recursive ones too. */
    public enum Propagation {
        PRIVATE("private"),
        SHARED("shared"),
        SLAVE("slave"),
        UNBINDABLE("unbindable"),
        RPRIVATE("rprivate"),
        RSHARED("rshared"),
        RSLAVE("rslave"),
        RUNBINDABLE("runbindable");

        private final String text;

        Propagation(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * Intel Resource Director Technology (config-linux.md "IntelRdt").
     *
     * @param closId null: the container's id; "/": the root of resctrl
     */
    public record IntelRdt(
            @Nullable String closId,
            List<String> schemata,
            @Nullable String l3CacheSchema,
            @Nullable String memBwSchema,
            boolean enableMonitoring) {}

    /** set_mempolicy(2). */
    public record MemoryPolicy(
            MemoryPolicyMode mode, @Nullable CpuList nodes, List<MemoryPolicyFlag> flags) {}

    public enum MemoryPolicyMode {
        MPOL_DEFAULT,
        MPOL_BIND,
        MPOL_INTERLEAVE,
        MPOL_WEIGHTED_INTERLEAVE,
        MPOL_PREFERRED,
        MPOL_PREFERRED_MANY,
        MPOL_LOCAL
    }

    public enum MemoryPolicyFlag {
        MPOL_F_NUMA_BALANCING,
        MPOL_F_RELATIVE_NODES,
        MPOL_F_STATIC_NODES
    }

    /**
     * What uname(2) tells.
     *
     * @param flags the specification supports none yet
     */
    public record Personality(PersonalityDomain domain, List<String> flags) {}

    public enum PersonalityDomain {
        LINUX,
        LINUX32
    }

    public record TimeOffset(long secs, long nanosecs) {}

    /** The entry of this type, null when the container stays in the caller's namespace. */
    public @Nullable Namespace namespace(NamespaceType type) {
        for (Namespace namespace : namespaces) {
            if (namespace.type == type) {
                return namespace;
            }
        }
        return null;
    }

    /** Whether the container has this namespace for itself or joins one. */
    public boolean has(NamespaceType type) {
        return namespace(type) != null;
    }

    /** Whether a namespace of this type is made anew. */
    public boolean creates(NamespaceType type) {
        Namespace namespace = namespace(type);
        return namespace != null && namespace.path == null;
    }

    static LinuxConfig of(@Nullable JsonFields fields) {
        if (fields == null) {
            return NONE;
        }
        return new LinuxConfig(
                IdMapping.list(fields, "uidMappings"),
                IdMapping.list(fields, "gidMappings"),
                fields.textMap("sysctl"),
                Resources.of(fields.optionalObject("resources")),
                fields.optionalText("cgroupsPath"),
                namespaces(fields),
                devices(fields),
                netDevices(fields.optionalObject("netDevices")),
                Seccomp.of(fields.optionalObject("seccomp")),
                Choice.optional(fields, "rootfsPropagation", Propagation.values()),
                fields.texts("maskedPaths"),
                fields.texts("readonlyPaths"),
                fields.optionalText("mountLabel"),
                intelRdt(fields.optionalObject("intelRdt")),
                memoryPolicy(fields.optionalObject("memoryPolicy")),
                personality(fields.optionalObject("personality")),
                timeOffsets(fields.optionalObject("timeOffsets")));
    }

    private static List<Namespace> namespaces(JsonFields fields) {
        List<JsonFields> entries = fields.objects("namespaces");
        var list = new ArrayList<Namespace>(entries.size());
        for (JsonFields entry : entries) {
            list.add(
                    new Namespace(
                            Choice.required(entry, "type", NamespaceType.values()),
                            entry.optionalText("path")));
        }
        return List.copyOf(list);
    }

    private static List<Device> devices(JsonFields fields) {
        List<JsonFields> entries = fields.objects("devices");
        if (entries.isEmpty()) {
            return List.of();
        }
        var list = new ArrayList<Device>(entries.size());
        for (JsonFields entry : entries) {
            DeviceType type = Choice.required(entry, "type", DeviceType.values());
            long least = type == DeviceType.FIFO ? Long.MIN_VALUE : 0;
            long most = type == DeviceType.FIFO ? Long.MAX_VALUE : JsonFields.MAX_UINT32;
            if (type != DeviceType.FIFO) {
                entry.integer("major", least, most);
                entry.integer("minor", least, most);
            }
            long major = entry.integerOr("major", least, most, 0);
            long minor = entry.integerOr("minor", least, most, 0);
            Long mode = entry.optionalInteger("fileMode", 0, JsonFields.MAX_UINT32);
            list.add(
                    new Device(
                            entry.text("path"),
                            type,
                            type == DeviceType.FIFO ? 0 : major,
                            type == DeviceType.FIFO ? 0 : minor,
                            mode == null ? null : (int) (mode & 07777),
                            entry.optionalInteger("uid", 0, JsonFields.MAX_UINT32 - 1),
                            entry.optionalInteger("gid", 0, JsonFields.MAX_UINT32 - 1)));
        }
        return List.copyOf(list);
    }

    private static Map<String, String> netDevices(@Nullable JsonFields fields) {
        if (fields == null) {
            return Map.of();
        }
        var map = LinkedHashMap.<String, String>newLinkedHashMap(fields.size());
        for (int i = 0; i < fields.size(); i++) {
            String outside = fields.name(i);
            String inside = fields.object(outside).optionalText("name");
            map.put(outside, inside == null ? outside : inside);
        }
        return Collections.unmodifiableMap(map);
    }

    private static @Nullable IntelRdt intelRdt(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        return new IntelRdt(
                fields.optionalText("closID"),
                fields.texts("schemata"),
                fields.optionalText("l3CacheSchema"),
                fields.optionalText("memBwSchema"),
                fields.flag("enableMonitoring"));
    }

    private static @Nullable MemoryPolicy memoryPolicy(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        return new MemoryPolicy(
                Choice.required(fields, "mode", MemoryPolicyMode.values()),
                ContainerProcess.cpuList(fields, "nodes"),
                Choice.listOrEmpty(fields, "flags", MemoryPolicyFlag.values()));
    }

    private static @Nullable Personality personality(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        return new Personality(
                Choice.required(fields, "domain", PersonalityDomain.values()),
                fields.texts("flags"));
    }

    private static Map<String, TimeOffset> timeOffsets(@Nullable JsonFields fields) {
        if (fields == null) {
            return Map.of();
        }
        var map = LinkedHashMap.<String, TimeOffset>newLinkedHashMap(fields.size());
        for (int i = 0; i < fields.size(); i++) {
            JsonFields entry = fields.object(fields.name(i));
            map.put(
                    fields.name(i),
                    new TimeOffset(
                            entry.integerOr("secs", Long.MIN_VALUE, Long.MAX_VALUE, 0),
                            entry.integerOr("nanosecs", 0, 999_999_999, 0)));
        }
        return Collections.unmodifiableMap(map);
    }
}
