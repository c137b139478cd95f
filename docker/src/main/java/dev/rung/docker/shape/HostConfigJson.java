package dev.rung.docker.shape;

import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.BlockRates;
import dev.rung.engine.spec.ClientStreams;
import dev.rung.engine.spec.DeviceOption;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.Limits;
import dev.rung.engine.spec.MountOption;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.engine.spec.Ulimit;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** HostConfig of a container, in the order and with the nulls of Docker. */
final class HostConfigJson {
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

    private HostConfigJson() {}

    static String networkMode(ContainerRecord record) {
        NamespaceMode mode = record.host().network();
        return switch (mode.kind()) {
            case DEFAULT -> "bridge";
            case NONE, PRIVATE -> "none";
            case HOST -> "host";
            case SHAREABLE, CONTAINER, NETWORK -> mode.toString();
        };
    }

    static void write(JsonWriter json, ContainerRecord record) {
        HostOptions host = record.host();
        json.beginObject();
        orNull(json, "Binds", binds(host.mounts()));
        json.field("ContainerIDFile", "");
        json.name("LogConfig").beginObject().field("Type", host.log().driver());
        GoMap.write(json.name("Config"), host.log().options());
        json.endObject().field("NetworkMode", networkMode(record));
        ports(json.name("PortBindings"), host);
        json.name("RestartPolicy").beginObject();
        json.field("Name", host.restart().when().toString());
        json.field("MaximumRetryCount", host.restart().attempts()).endObject();
        json.field("AutoRemove", host.autoRemove()).field("VolumeDriver", "");
        orNull(json, "VolumesFrom", host.volumesFrom());
        ClientStreams client = record.config().client();
        json.name("ConsoleSize").beginArray().value(client.rows()).value(client.columns());
        json.endArray();
        orNull(json, "CapAdd", host.capAdd());
        orNull(json, "CapDrop", host.capDrop());
        json.field("CgroupnsMode", orDefault(host.cgroupns(), "host"));
        json.field("Dns", host.dns()).field("DnsOptions", host.dnsOptions());
        json.field("DnsSearch", host.dnsSearch());
        orNull(json, "ExtraHosts", host.extraHosts());
        orNull(json, "GroupAdd", host.groupAdd());
        json.field("IpcMode", orDefault(host.ipc(), "private")).field("Cgroup", "");
        orNull(json, "Links", links(record));
        json.field("OomScoreAdj", host.oomScoreAdj()).field("PidMode", host.pid().toString());
        json.field("Privileged", host.privileged());
        json.field("PublishAllPorts", host.publishAll());
        json.field("ReadonlyRootfs", host.readonlyRootfs());
        orNull(json, "SecurityOpt", securityOptions(host));
        tmpfs(json, host.mounts());
        json.field("UTSMode", host.uts().toString()).field("UsernsMode", host.userns());
        json.field("ShmSize", host.shmSize());
        if (!host.sysctls().isEmpty()) {
            GoMap.write(json.name("Sysctls"), host.sysctls());
        }
        json.field("Runtime", host.runtime()).field("Isolation", "");
        limits(json, host);
        mounts(json, host.mounts());
        boolean open = host.privileged() || "unconfined".equals(host.security("systempaths"));
        ConfigJson.listOrNull(json, "MaskedPaths", open ? null : MASKED);
        ConfigJson.listOrNull(json, "ReadonlyPaths", open ? null : READ_ONLY);
        annotations(json, host);
        json.endObject();
    }

    static void annotations(JsonWriter json, HostOptions host) {
        if (!host.annotations().isEmpty()) {
            GoMap.write(json.name("Annotations"), host.annotations());
        }
    }

    /** Labels of SELinux are not for those with all rights. */
    private static List<String> securityOptions(HostOptions host) {
        var all = new ArrayList<>(host.securityOptions());
        if (host.privileged() && !all.contains("label=disable")) {
            all.add("label=disable");
        }
        return all;
    }

    /** On the default network as /OTHER:/THIS/ALIAS; else a link is of the place in a network. */
    private static List<String> links(ContainerRecord record) {
        if (record.host().network().kind() != NamespaceMode.Kind.DEFAULT) {
            return record.host().links();
        }
        return record.host().links().stream()
                .map(link -> {
                    int colon = link.indexOf(':');
                    String other = colon < 0 ? link : link.substring(0, colon);
                    String alias = link.substring(colon + 1);
                    return "/" + other + ":/" + record.name() + "/" + alias;
                })
                .toList();
    }

    private static String orDefault(NamespaceMode mode, String usual) {
        return mode.kind() == NamespaceMode.Kind.DEFAULT ? usual : mode.toString();
    }

    private static void limits(JsonWriter json, HostOptions host) {
        Limits limits = host.limits();
        BlockRates rates = limits.blockRates();
        json.field("CpuShares", limits.cpuShares()).field("Memory", limits.memory());
        json.field("NanoCpus", limits.nanoCpus()).field("CgroupParent", host.cgroupParent());
        json.field("BlkioWeight", limits.blkioWeight());
        rates(json, "BlkioWeightDevice", "Weight", rates.weights());
        rates(json, "BlkioDeviceReadBps", "Rate", rates.readBytes());
        rates(json, "BlkioDeviceWriteBps", "Rate", rates.writeBytes());
        rates(json, "BlkioDeviceReadIOps", "Rate", rates.reads());
        rates(json, "BlkioDeviceWriteIOps", "Rate", rates.writes());
        json.field("CpuPeriod", limits.cpuPeriod()).field("CpuQuota", limits.cpuQuota());
        json.field("CpuRealtimePeriod", limits.cpuRealtimePeriod());
        json.field("CpuRealtimeRuntime", limits.cpuRealtimeRuntime());
        json.field("CpusetCpus", limits.cpusetCpus()).field("CpusetMems", limits.cpusetMems());
        json.name("Devices").beginArray();
        for (DeviceOption device : host.devices()) {
            json.beginObject().field("PathOnHost", device.hostPath());
            json.field("PathInContainer", device.containerPath());
            json.field("CgroupPermissions", device.access()).endObject();
        }
        json.endArray();
        orNull(json, "DeviceCgroupRules", host.deviceRules());
        json.name("DeviceRequests").value(JsonNull.NULL);
        json.field("MemoryReservation", limits.memoryReservation());
        json.field("MemorySwap", limits.effectiveMemorySwap());
        number(json, "MemorySwappiness", limits.memorySwappiness());
        json.field("OomKillDisable", limits.oomKillDisable());
        number(json, "PidsLimit", limits.pids());
        json.name("Ulimits").beginArray();
        for (Ulimit ulimit : host.ulimits()) {
            json.beginObject().field("Name", ulimit.name()).field("Hard", ulimit.hard());
            json.field("Soft", ulimit.soft()).endObject();
        }
        json.endArray();
        json.field("CpuCount", 0).field("CpuPercent", 0);
        json.field("IOMaximumIOps", 0).field("IOMaximumBandwidth", 0);
        if (host.init()) {
            json.field("Init", true);
        }
    }

    private static void rates(
            JsonWriter json, String name, String value, List<BlockRates.Rate> rates) {
        json.name(name).beginArray();
        for (BlockRates.Rate rate : rates) {
            json.beginObject().field("Path", rate.path()).field(value, rate.value()).endObject();
        }
        json.endArray();
    }

    private static void number(JsonWriter json, String name, @Nullable Long number) {
        if (number == null) {
            json.name(name).value(JsonNull.NULL);
        } else {
            json.field(name, number);
        }
    }

    private static void ports(JsonWriter json, HostOptions host) {
        var byPort = new LinkedHashMap<String, List<String[]>>();
        for (var port : host.ports()) {
            byPort.computeIfAbsent(port.port(), _ -> new ArrayList<>())
                    .add(
                            new String[] {
                                port.hostAddress(),
                                port.hostPort() == 0 ? "" : Integer.toString(port.hostPort())
                            });
        }
        json.beginObject();
        byPort.forEach((port, bindings) -> {
            json.name(port).beginArray();
            for (String[] binding : bindings) {
                json.beginObject().field("HostIp", binding[0]);
                json.field("HostPort", binding[1]).endObject();
            }
            json.endArray();
        });
        json.endObject();
    }

    /** Those that {@code --volume} asked for are written as it does. */
    private static List<String> binds(List<MountOption> mounts) {
        var binds = new ArrayList<String>();
        for (MountOption mount : mounts) {
            if (isBind(mount)) {
                String mode = mount.readOnly() ? ":ro" : "";
                binds.add(mount.source() + ":" + mount.target() + mode);
            }
        }
        return binds;
    }

    private static boolean isBind(MountOption mount) {
        boolean named = mount.type() == MountOption.Type.VOLUME && !mount.source().isEmpty();
        return mount.makesSource() && (mount.type() == MountOption.Type.BIND || named);
    }

    /** Written as {@code --tmpfs} does it, not as a mount. */
    private static boolean isTmpfsOption(MountOption mount) {
        return mount.type() == MountOption.Type.TMPFS && !mount.copies();
    }

    private static void tmpfs(JsonWriter json, List<MountOption> mounts) {
        var all = new LinkedHashMap<String, String>();
        for (MountOption mount : mounts) {
            if (isTmpfsOption(mount)) {
                all.put(mount.target(), String.join(",", mount.options()));
            }
        }
        if (!all.isEmpty()) {
            GoMap.write(json.name("Tmpfs"), all);
        }
    }

    private static void mounts(JsonWriter json, List<MountOption> mounts) {
        var others = new ArrayList<>(mounts);
        others.removeIf(mount -> isBind(mount) || isTmpfsOption(mount));
        if (others.isEmpty()) {
            return;
        }
        json.name("Mounts").beginArray();
        for (MountOption mount : others) {
            json.beginObject().field("Type", mount.type().toString());
            json.optional("Source", mount.source().isEmpty() ? null : mount.source());
            json.field("Target", mount.target());
            if (mount.readOnly()) {
                json.field("ReadOnly", true);
            }
            details(json, mount);
            json.endObject();
        }
        json.endArray();
    }

    /** What the type of a mount has options for, where they are not the usual ones. */
    private static void details(JsonWriter json, MountOption mount) {
        boolean recursive = mount.recursion() == MountOption.Recursion.ENABLED;
        switch (mount.type()) {
            case TMPFS -> {
                if (!mount.options().isEmpty()) {
                    json.name("TmpfsOptions").beginObject();
                    number(json, mount, "size=", "SizeBytes", 10);
                    number(json, mount, "mode=", "Mode", 8);
                    json.endObject();
                }
            }
            case VOLUME -> {
                boolean plain = mount.labels().isEmpty() && mount.driverOptions().isEmpty();
                if (mount.copies() && plain && mount.subpath().isEmpty()) {
                    return;
                }
                json.name("VolumeOptions").beginObject();
                flag(json, "NoCopy", !mount.copies());
                if (!mount.labels().isEmpty()) {
                    GoMap.write(json.name("Labels"), mount.labels());
                }
                json.optional("Subpath", mount.subpath().isEmpty() ? null : mount.subpath());
                if (!mount.driverOptions().isEmpty()) {
                    json.name("DriverConfig").beginObject().field("Name", "local");
                    GoMap.write(json.name("Options"), mount.driverOptions());
                    json.endObject();
                }
                json.endObject();
            }
            case BIND -> {
                if (mount.propagation().isEmpty() && recursive && !mount.makesSource()) {
                    return;
                }
                json.name("BindOptions").beginObject();
                String propagation = mount.propagation();
                json.optional("Propagation", propagation.isEmpty() ? null : propagation);
                flag(json, "NonRecursive", is(mount, MountOption.Recursion.DISABLED));
                flag(json, "CreateMountpoint", mount.makesSource());
                flag(json, "ReadOnlyNonRecursive", is(mount, MountOption.Recursion.WRITABLE));
                flag(json, "ReadOnlyForceRecursive", is(mount, MountOption.Recursion.READ_ONLY));
                json.endObject();
            }
            case IMAGE -> {
                if (!mount.subpath().isEmpty()) {
                    json.name("ImageOptions").beginObject().field("Subpath", mount.subpath());
                    json.endObject();
                }
            }
        }
    }

    private static boolean is(MountOption mount, MountOption.Recursion recursion) {
        return mount.recursion() == recursion;
    }

    private static void flag(JsonWriter json, String name, boolean set) {
        if (set) {
            json.field(name, true);
        }
    }

    private static void number(
            JsonWriter json, MountOption mount, String option, String name, int radix) {
        for (String each : mount.options()) {
            if (each.startsWith(option) && each.substring(option.length()).matches("[0-9]{1,18}")) {
                json.field(name, Long.parseLong(each.substring(option.length()), radix));
            }
        }
    }

    private static void orNull(JsonWriter json, String name, List<String> texts) {
        ConfigJson.listOrNull(json, name, texts.isEmpty() ? null : texts);
    }
}
