package dev.rung.engine.config;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.config.Blueprint.DeviceNode;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.Limits;
import dev.rung.engine.spec.Ulimit;
import dev.rung.oci.IdMapping;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A bundle's config.json (runtime-spec config.md), of a version of the specification that every
 * runtime takes.
 */
public final class ConfigJson {
    private static final String VERSION = "1.0.2";

    /** RLIM_INFINITY, which has more bits than Java's long. */
    private static final Json UNLIMITED =
            Json.read("", "18446744073709551615".getBytes(StandardCharsets.US_ASCII));

    private static final long FUSE_MAJOR = 10;
    private static final long FUSE_MINOR = 229;
    private static final List<String> MASKED =
            List.of(
                    "/proc/asound",
                    "/proc/acpi",
                    "/proc/interrupts",
                    "/proc/kcore",
                    "/proc/keys",
                    "/proc/latency_stats",
                    "/proc/timer_list",
                    "/proc/timer_stats",
                    "/proc/sched_debug",
                    "/proc/scsi",
                    "/sys/firmware",
                    "/sys/devices/virtual/powercap");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    /** Major and minor numbers: zero, null, urandom, random, tty, console. */
    private static final long[][] COMMON_DEVICES = {{1, 5}, {1, 3}, {1, 9}, {1, 8}, {5, 0}, {5, 1}};

    private final Blueprint container;
    private final Set<String> capabilities;
    private final JsonWriter json = JsonWriter.compact();

    private ConfigJson(Blueprint container, boolean privileged) {
        this.container = container;
        this.capabilities =
                Capabilities.of(
                        privileged,
                        container.host().capAdd(),
                        container.host().capDrop(),
                        container.machine().capabilities());
    }

    /** The file's bytes. */
    public static byte[] of(Blueprint container) {
        byte[] config = new ConfigJson(container, container.host().privileged()).write();
        String patch = container.host().cri().patch();
        return patch.isEmpty() ? config : ConfigPatch.apply(config, patch);
    }

    /**
     * The process of an exec, as a runtime's {@code exec --process} takes it.
     *
     * @param config the command, environment, working directory and terminal of the new process
     * @param host that of the container
     * @param privileged whether it gets all capabilities, whatever the container has
     */
    public static byte[] process(
            ContainerConfig config,
            HostOptions host,
            ProcessUser user,
            String hostname,
            boolean privileged,
            Blueprint.Machine machine) {
        var writer =
                new ConfigJson(
                        new Blueprint(
                                config, host, user, hostname, "", List.of(), Map.of(), Set.of(),
                                List.of(), "", null, null, List.of(), null, machine),
                        privileged || host.privileged());
        writer.process(config.argv());
        return writer.json.bytes();
    }

    /** Limits alone, as a runtime's {@code update --resources} takes them. */
    public static byte[] resources(Limits limits) {
        var writer = JsonWriter.compact().beginObject();
        new ResourcesJson(writer).write(limits);
        return writer.endObject().bytes();
    }

    private byte[] write() {
        json.beginObject().field("ociVersion", VERSION);
        json.name("process");
        process(argv());
        json.name("root").beginObject().field("path", container.rootfs());
        json.field("readonly", container.host().readonlyRootfs()).endObject();
        json.optional("hostname", container.hostname());
        if (!container.hostname().isEmpty()) {
            json.optional("domainname", container.config().domainname());
        }
        new MountList(container).write(json);
        hooks();
        json.optional("annotations", container.host().annotations());
        linux();
        return json.endObject().bytes();
    }

    private void hooks() {
        if (container.hooks().isEmpty()) {
            return;
        }
        var kinds = new LinkedHashSet<String>();
        for (Blueprint.Hook hook : container.hooks()) {
            kinds.add(hook.when());
        }
        json.name("hooks").beginObject();
        for (String kind : kinds) {
            json.name(kind).beginArray();
            for (Blueprint.Hook hook : container.hooks()) {
                if (hook.when().equals(kind)) {
                    json.beginObject().field("path", hook.path());
                    json.optional("args", hook.args()).optional("env", hook.env());
                    Long own = hook.timeoutSeconds();
                    json.field("timeout", own == null ? Blueprint.Hook.LONGEST_SECONDS : own);
                    json.endObject();
                }
            }
            json.endArray();
        }
        json.endObject();
    }

    private List<String> argv() {
        List<String> argv = container.config().argv();
        if (container.initProgram() == null) {
            return argv;
        }
        var all = new ArrayList<>(List.of(MountList.INIT, "--"));
        all.addAll(argv);
        return all;
    }

    private void process(List<String> argv) {
        ProcessUser user = container.user();
        json.beginObject().field("terminal", container.config().tty());
        json.name("user").beginObject().field("uid", user.uid()).field("gid", user.gid());
        json.name("additionalGids").beginArray();
        for (long group : user.groups()) {
            json.value(group);
        }
        json.endArray().endObject();
        json.field("args", argv).field("env", Environment.of(container));
        String folder = container.config().workingDir();
        json.field("cwd", folder.isEmpty() ? "/" : folder);
        var names = List.copyOf(capabilities);
        List<String> ambient = container.host().cri().ambient();
        json.name("capabilities").beginObject().field("bounding", names);
        if (user.uid() == 0) {
            json.field("effective", names).field("permitted", names);
        } else if (!ambient.isEmpty()) {
            json.field("effective", ambient).field("permitted", ambient);
        }
        json.optional("inheritable", ambient).optional("ambient", ambient);
        json.endObject();
        if (!container.host().ulimits().isEmpty()) {
            rlimits();
        }
        json.field("noNewPrivileges", isGiven("no-new-privileges"));
        if (!container.machine().rootless() || container.host().oomScoreAdj() != 0) {
            // without root it can't be less than what the engine has
            json.field("oomScoreAdj", container.host().oomScoreAdj());
        }
        json.endObject();
    }

    private boolean isGiven(String option) {
        String value = container.host().security(option);
        return value != null && !value.equals("false");
    }

    private void rlimits() {
        json.name("rlimits").beginArray();
        for (Ulimit limit : container.host().ulimits()) {
            json.beginObject().field("type", "RLIMIT_" + limit.name().toUpperCase(Locale.ROOT));
            limit("hard", limit.hard());
            limit("soft", limit.soft());
            json.endObject();
        }
        json.endArray();
    }

    private void limit(String name, long value) {
        if (value < 0) {
            json.name(name).value(UNLIMITED);
        } else {
            json.field(name, value);
        }
    }

    private void linux() {
        json.name("linux").beginObject();
        if (container.ids() != null) {
            mapping(json, "uidMappings", container.ids());
            mapping(json, "gidMappings", container.ids());
        }
        json.optional("sysctl", sysctls());
        resources();
        json.optional("cgroupsPath", container.cgroup());
        namespaces();
        if (!container.devices().isEmpty()) {
            json.name("devices").beginArray();
            for (DeviceNode device : container.devices()) {
                device(device);
            }
            json.endArray();
        }
        seccomp();
        json.optional("rootfsPropagation", propagation());
        if (!container.host().privileged() && !isUnmasked()) {
            List<String> masked = container.host().cri().maskedPaths();
            List<String> readonly = container.host().cri().readonlyPaths();
            json.field("maskedPaths", masked == null ? MASKED : masked);
            json.field("readonlyPaths", readonly == null ? READ_ONLY : readonly);
        }
        json.endObject();
    }

    static void mapping(JsonWriter json, String name, IdMapping ids) {
        json.name(name).beginArray().beginObject().field("containerID", ids.containerId());
        json.field("hostID", ids.hostId()).field("size", ids.size()).endObject().endArray();
    }

    private boolean isUnmasked() {
        return "unconfined".equals(container.host().security("systempaths"));
    }

    /** Ports below 1024 and ping are free in a network of one's own, as in Docker. */
    private Map<String, String> sysctls() {
        var all = new LinkedHashMap<String, String>();
        if (container.makes(NamespaceType.NETWORK)) {
            all.put("net.ipv4.ip_unprivileged_port_start", "0");
            long last = container.makes(NamespaceType.USER) ? 65_535 : 2_147_483_647;
            long least = Math.min(last, container.machine().ids() - 1);
            all.put("net.ipv4.ping_group_range", "0 " + least);
        }
        all.putAll(container.host().sysctls());
        return all;
    }

    private void resources() {
        if (container.machine().cgroups() == null) {
            return;
        }
        json.name("resources").beginObject();
        if (!container.machine().rootless()) {
            deviceRules();
        }
        new ResourcesJson(json).write(container.host().limits());
        Map<String, String> pages = container.host().cri().hugePages();
        if (!pages.isEmpty() && container.machine().hugePages()) { // a kubelet names all sizes
            json.name("hugepageLimits").beginArray();
            pages.forEach((size, bytes) ->
                    json.beginObject()
                            .field("pageSize", size)
                            .field("limit", Long.parseLong(bytes))
                            .endObject());
            json.endArray();
        }
        json.optional("unified", container.host().cri().unified());
        json.endObject();
    }

    private void deviceRules() {
        json.name("devices").beginArray();
        if (container.host().privileged()) {
            json.beginObject().field("allow", true).field("access", "rwm").endObject();
            json.endArray();
            return;
        }
        json.beginObject().field("allow", false).field("access", "rwm").endObject();
        for (long[] numbers : COMMON_DEVICES) {
            deviceRule(true, "c", numbers[0], numbers[1], "rwm");
        }
        deviceRule(false, "c", FUSE_MAJOR, FUSE_MINOR, "rwm");
        for (DeviceNode device : container.devices()) {
            deviceRule(
                    true,
                    device.type().toString(),
                    device.major(),
                    device.minor(),
                    device.access());
        }
        for (String rule : container.host().deviceRules()) {
            givenRule(rule);
        }
        json.endArray();
    }

    private void deviceRule(boolean allow, String type, long major, long minor, String access) {
        json.beginObject().field("allow", allow).field("type", type);
        json.field("major", major).field("minor", minor).field("access", access).endObject();
    }

    /** Such as: c 42:* rmw. */
    private void givenRule(String rule) {
        String[] words = rule.split(" ");
        int colon = words.length == 3 ? words[1].indexOf(':') : -1;
        boolean fits =
                colon > 0
                        && (words[0].equals("a") || words[0].equals("b") || words[0].equals("c"))
                        && !words[2].isEmpty()
                        && words[2].chars().allMatch(c -> "rwm".indexOf(c) >= 0);
        if (!fits) {
            throw invalidRule(rule);
        }
        deviceRule(
                true,
                words[0],
                deviceNumber(rule, words[1].substring(0, colon)),
                deviceNumber(rule, words[1].substring(colon + 1)),
                words[2]);
    }

    private static long deviceNumber(String rule, String text) {
        try {
            return text.equals("*") ? -1 : Integer.parseUnsignedInt(text);
        } catch (NumberFormatException _) {
            throw invalidRule(rule);
        }
    }

    private static Failure.Invalid invalidRule(String rule) {
        return new Failure.Invalid("invalid device cgroup rule: '" + Printable.of(rule) + "'");
    }

    private void device(DeviceNode device) {
        json.beginObject().field("path", device.path()).field("type", device.type().toString());
        json.field("major", device.major()).field("minor", device.minor());
        json.field("fileMode", device.mode());
        json.field("uid", device.uid()).field("gid", device.gid()).endObject();
    }

    private void namespaces() {
        json.name("namespaces").beginArray();
        for (NamespaceType type : NamespaceType.values()) {
            if (type == NamespaceType.TIME || container.shared().contains(type)) {
                continue;
            }
            json.beginObject().field("type", type.toString());
            json.optional("path", container.joined().get(type)).endObject();
        }
        json.endArray();
    }

    private void seccomp() {
        String option = container.host().security("seccomp");
        SeccompProfile profile = container.seccomp();
        if (profile == null) {
            if (container.host().privileged() || "unconfined".equals(option)) {
                return;
            }
            profile = DefaultSeccomp.profile();
        }
        profile.write(json.name("seccomp"), container.machine().name(), capabilities);
    }

    /**
     * A mount that others are to see, or that is to see others', needs a root that passes it on.
     */
    private @Nullable String propagation() {
        String widest = null;
        for (Blueprint.ResolvedMount mount : container.mounts()) {
            for (String option : mount.options()) {
                if (option.equals("shared") || option.equals("rshared")) {
                    return "shared";
                } else if (option.equals("slave") || option.equals("rslave")) {
                    widest = "rslave";
                }
            }
        }
        return widest;
    }
}
