package dev.rung.cri;

import dev.rung.domain.Failure;
import dev.rung.engine.config.Blueprint;
import dev.rung.engine.config.ConfigPatch;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.CriOptions;
import dev.rung.engine.spec.DeviceOption;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.Limits;
import dev.rung.nri.Removal;
import dev.rung.nri.v1alpha1.ContainerAdjustment;
import dev.rung.nri.v1alpha1.Hook;
import dev.rung.nri.v1alpha1.HugepageLimit;
import dev.rung.nri.v1alpha1.IOPrioClass;
import dev.rung.nri.v1alpha1.KeyValue;
import dev.rung.nri.v1alpha1.LinuxCPU;
import dev.rung.nri.v1alpha1.LinuxContainerAdjustment;
import dev.rung.nri.v1alpha1.LinuxDevice;
import dev.rung.nri.v1alpha1.LinuxDeviceCgroup;
import dev.rung.nri.v1alpha1.LinuxMemory;
import dev.rung.nri.v1alpha1.LinuxNamespace;
import dev.rung.nri.v1alpha1.LinuxNetDevice;
import dev.rung.nri.v1alpha1.LinuxRdt;
import dev.rung.nri.v1alpha1.LinuxResources;
import dev.rung.nri.v1alpha1.LinuxScheduler;
import dev.rung.nri.v1alpha1.LinuxSchedulerFlag;
import dev.rung.nri.v1alpha1.LinuxSchedulerPolicy;
import dev.rung.nri.v1alpha1.LinuxSeccomp;
import dev.rung.nri.v1alpha1.LinuxSeccompArg;
import dev.rung.nri.v1alpha1.LinuxSyscall;
import dev.rung.nri.v1alpha1.Mount;
import dev.rung.nri.v1alpha1.MpolFlag;
import dev.rung.nri.v1alpha1.POSIXRlimit;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What plug-ins of NRI want of a container, as the engine keeps it: what it has words for itself,
 * and changes of config.json.
 */
final class AdjustmentWords {
    private final ContainerAdjustment asked;
    private final LinuxContainerAdjustment linux;
    private final LinuxResources resources;
    private final JsonWriter json = JsonWriter.compact();

    AdjustmentWords(ContainerAdjustment asked) {
        this.asked = asked;
        this.linux = asked.getLinux();
        this.resources = linux.getResources();
    }

    ContainerRecord over(ContainerRecord record) {
        HostOptions host = record.host();
        var config = record.config();
        var env = new ArrayList<String>();
        for (KeyValue variable : asked.getEnvList()) {
            String name = Removal.plain(variable.getKey());
            FieldRules.variable("NRI adjustment: env", name);
            // a name alone takes the variable away
            env.add(Removal.isMarked(variable.getKey()) ? name : name + "=" + variable.getValue());
        }
        config = config.with(env);
        if (asked.getArgsCount() > 0) {
            config = config.running(asked.getArgsList());
        }
        var devices = new ArrayList<>(host.devices());
        asked.getCDIDevicesList()
                .forEach(device -> devices.add(DeviceOption.parse(cdi(device.getName()))));
        Map<String, String> hugePages = new LinkedHashMap<>(host.cri().hugePages());
        for (HugepageLimit limit : resources.getHugepageLimitsList()) {
            hugePages.put(limit.getPageSize(), Long.toUnsignedString(limit.getLimit()));
        }
        var unified = new LinkedHashMap<>(host.cri().unified());
        unified.putAll(resources.getUnifiedMap());
        CriOptions cri = host.cri().amended(hugePages, unified, patch());
        long oomScore =
                linux.hasOomScoreAdj() ? linux.getOomScoreAdj().getValue() : host.oomScoreAdj();
        return record.with(
                config,
                host.amended(
                        Math.toIntExact(Math.clamp(oomScore, -1000L, 1000L)),
                        merged(host.sysctls(), linux.getSysctlMap()),
                        merged(host.annotations(), asked.getAnnotationsMap()),
                        limits(host.limits(), resources),
                        devices,
                        cri));
    }

    private static String cdi(String name) {
        if (!DeviceOption.cdi(name).isCdi()) {
            throw new Failure.Invalid("NRI adjustment: unresolvable CDI device: " + name);
        }
        return name;
    }

    private static Map<String, String> merged(
            Map<String, String> before, Map<String, String> changes) {
        var all = new LinkedHashMap<>(before);
        changes.keySet().stream()
                .filter(Removal::isMarked)
                .forEach(name -> all.remove(Removal.plain(name)));
        changes.forEach((name, value) -> {
            if (!Removal.isMarked(name)) {
                all.put(name, value);
            }
        });
        return all;
    }

    /** What is not said stays as it is; memory without swap is no way around the limit. */
    static Limits limits(Limits now, LinuxResources asked) {
        LinuxMemory memory = asked.getMemory();
        LinuxCPU cpu = asked.getCpu();
        long limit = memory.getLimit().getValue();
        long swap = memory.getSwap().getValue();
        return new Limits(
                limit > 0 ? limit : now.memory(),
                swap != 0 ? swap : limit > 0 ? limit : now.memorySwap(),
                memory.hasReservation()
                        ? memory.getReservation().getValue()
                        : now.memoryReservation(),
                memory.hasSwappiness()
                        ? (Long) memory.getSwappiness().getValue()
                        : now.memorySwappiness(),
                memory.hasDisableOomKiller()
                        ? memory.getDisableOomKiller().getValue()
                        : now.oomKillDisable(),
                now.nanoCpus(),
                positive(cpu.getShares().getValue(), now.cpuShares()),
                positive(cpu.getPeriod().getValue(), now.cpuPeriod()),
                cpu.getQuota().getValue() != 0 ? cpu.getQuota().getValue() : now.cpuQuota(),
                cpu.getCpus().isEmpty() ? now.cpusetCpus() : cpu.getCpus(),
                cpu.getMems().isEmpty() ? now.cpusetMems() : cpu.getMems(),
                asked.hasPids() ? (Long) asked.getPids().getLimit() : now.pids(),
                now.blkioWeight(),
                now.blockRates(),
                positive(cpu.getRealtimePeriod().getValue(), now.cpuRealtimePeriod()),
                positive(cpu.getRealtimeRuntime().getValue(), now.cpuRealtimeRuntime()));
    }

    private static long positive(long asked, long now) {
        return asked > 0 ? asked : now;
    }

    /** What of it the engine has no words for; empty: nothing. */
    private String patch() {
        if (!resources.getBlockioClass().getValue().isEmpty()) {
            throw new Failure.Unsupported(
                    "NRI adjustment: there are no classes of block I/O, such as "
                            + resources.getBlockioClass().getValue());
        }
        json.beginObject();
        process();
        hooks();
        mounts();
        linux();
        String patch = new String(json.endObject().bytes(), StandardCharsets.UTF_8);
        return patch.equals("{\"process\":{},\"linux\":{}}") ? "" : patch;
    }

    private void process() {
        json.name("process").beginObject();
        if (asked.getRlimitsCount() > 0) {
            json.name("rlimits").beginArray();
            for (POSIXRlimit limit : asked.getRlimitsList()) {
                json.beginObject().field("type", limit.getType());
                unsigned("hard", limit.getHard());
                unsigned("soft", limit.getSoft());
                json.endObject();
            }
            json.endArray();
        }
        if (linux.hasIoPriority()) {
            if (linux.getIoPriority().getClass_() == IOPrioClass.IOPRIO_CLASS_NONE) {
                json.name("ioPriority").value(JsonNull.NULL);
            } else {
                json.name("ioPriority").beginObject();
                json.field("class", linux.getIoPriority().getClass_().name());
                json.field("priority", linux.getIoPriority().getPriority()).endObject();
            }
        }
        if (linux.hasScheduler()) {
            scheduler(linux.getScheduler());
        }
        json.endObject();
    }

    private void scheduler(LinuxScheduler scheduler) {
        if (scheduler.getPolicy() == LinuxSchedulerPolicy.SCHED_NONE) {
            json.name("scheduler").value(JsonNull.NULL);
            return;
        }
        json.name("scheduler").beginObject().field("policy", scheduler.getPolicy().name());
        json.field("nice", scheduler.getNice()).field("priority", scheduler.getPriority());
        json.optional(
                "flags", scheduler.getFlagsList().stream().map(LinuxSchedulerFlag::name).toList());
        positiveField("runtime", scheduler.getRuntime());
        positiveField("deadline", scheduler.getDeadline());
        positiveField("period", scheduler.getPeriod());
        json.endObject();
    }

    private void positiveField(String name, long value) {
        if (value != 0) {
            unsigned(name, value);
        }
    }

    /** Some are larger than Java's numbers. */
    private void unsigned(String name, long value) {
        byte[] text = Long.toUnsignedString(value).getBytes(StandardCharsets.US_ASCII);
        json.name(name).value(Json.read("", text));
    }

    private void hooks() {
        if (!asked.hasHooks()) {
            return;
        }
        json.name("hooks").beginObject();
        hooks("prestart", asked.getHooks().getPrestartList());
        hooks("createRuntime", asked.getHooks().getCreateRuntimeList());
        hooks("createContainer", asked.getHooks().getCreateContainerList());
        hooks("startContainer", asked.getHooks().getStartContainerList());
        hooks("poststart", asked.getHooks().getPoststartList());
        hooks("poststop", asked.getHooks().getPoststopList());
        json.endObject();
    }

    private void hooks(String when, List<Hook> hooks) {
        if (hooks.isEmpty()) {
            return;
        }
        json.name(when).beginArray();
        for (Hook hook : hooks) {
            json.beginObject().field("path", hook.getPath());
            json.optional("args", hook.getArgsList()).optional("env", hook.getEnvList());
            json.field(
                    "timeout",
                    hook.hasTimeout()
                            ? hook.getTimeout().getValue()
                            : Blueprint.Hook.LONGEST_SECONDS);
            json.endObject();
        }
        json.endArray();
    }

    private void mounts() {
        if (asked.getMountsCount() == 0) {
            return;
        }
        json.name("mounts").beginArray();
        for (Mount mount : asked.getMountsList()) {
            if (Removal.isMarked(mount.getDestination())) {
                removed("destination", mount.getDestination());
                continue;
            }
            FieldRules.path("NRI adjustment: mounts.destination", mount.getDestination());
            json.beginObject().field("destination", mount.getDestination());
            json.optional("type", mount.getType()).optional("source", mount.getSource());
            json.optional("options", mount.getOptionsList()).endObject();
        }
        json.endArray();
    }

    private void removed(String key, String name) {
        json.beginObject().field(key, Removal.plain(name));
        json.field(ConfigPatch.REMOVE, true).endObject();
    }

    private void linux() {
        json.name("linux").beginObject();
        devices();
        json.optional("cgroupsPath", linux.getCgroupsPath());
        if (linux.hasSeccompPolicy()) {
            seccomp(linux.getSeccompPolicy());
        }
        namespaces();
        links();
        if (linux.hasRdt() || resources.hasRdtClass()) {
            rdt(linux.getRdt());
        }
        if (linux.hasMemoryPolicy()) {
            json.name("memoryPolicy").beginObject();
            json.field("mode", linux.getMemoryPolicy().getMode().name());
            json.optional("nodes", linux.getMemoryPolicy().getNodes());
            json.optional(
                    "flags",
                    linux.getMemoryPolicy().getFlagsList().stream().map(MpolFlag::name).toList());
            json.endObject();
        }
        json.optional("rootfsPropagation", propagation());
        json.endObject();
    }

    /** A mount that passes mounts on takes a root that does. */
    private @Nullable String propagation() {
        String widest = null;
        for (Mount mount : asked.getMountsList()) {
            if (Removal.isMarked(mount.getDestination())) {
                continue;
            }
            if (mount.getOptionsList().contains("rshared")) {
                return "rshared";
            } else if (mount.getOptionsList().contains("rslave")) {
                widest = "rslave";
            }
        }
        return widest;
    }

    private void devices() {
        if (linux.getDevicesCount() > 0) {
            json.name("devices").beginArray();
            for (LinuxDevice device : linux.getDevicesList()) {
                if (Removal.isMarked(device.getPath())) {
                    removed("path", device.getPath());
                } else {
                    device(device);
                }
            }
            json.endArray();
        }
        if (linux.getDevicesCount() > 0 || resources.getDevicesCount() > 0) {
            json.name("resources").beginObject().name("devices").beginArray();
            for (LinuxDevice device : linux.getDevicesList()) {
                if (!Removal.isMarked(device.getPath())) {
                    rule(true, device.getType(), device.getMajor(), device.getMinor(), "rwm");
                }
            }
            for (LinuxDeviceCgroup rule : resources.getDevicesList()) {
                rule(
                        rule.getAllow(),
                        rule.getType(),
                        rule.hasMajor() ? rule.getMajor().getValue() : null,
                        rule.hasMinor() ? rule.getMinor().getValue() : null,
                        rule.getAccess());
            }
            json.endArray().endObject();
        }
    }

    private void device(LinuxDevice device) {
        json.beginObject().field("path", device.getPath()).field("type", device.getType());
        json.field("major", device.getMajor()).field("minor", device.getMinor());
        if (device.hasFileMode()) {
            json.field("fileMode", device.getFileMode().getValue() & 07777);
        }
        if (device.hasUid()) {
            json.field("uid", Integer.toUnsignedLong(device.getUid().getValue()));
        }
        if (device.hasGid()) {
            json.field("gid", Integer.toUnsignedLong(device.getGid().getValue()));
        }
        json.endObject();
    }

    private void rule(
            boolean allow, String type, @Nullable Long major, @Nullable Long minor, String access) {
        json.beginObject().field("allow", allow).optional("type", type);
        if (major != null) {
            json.field("major", major);
        }
        if (minor != null) {
            json.field("minor", minor);
        }
        json.optional("access", access).endObject();
    }

    private void seccomp(LinuxSeccomp policy) {
        json.name("seccomp").beginObject().field("defaultAction", policy.getDefaultAction());
        if (policy.hasDefaultErrno()) {
            json.field(
                    "defaultErrnoRet", Integer.toUnsignedLong(policy.getDefaultErrno().getValue()));
        }
        json.optional("architectures", policy.getArchitecturesList());
        json.optional("flags", policy.getFlagsList());
        json.optional("listenerPath", policy.getListenerPath());
        json.optional("listenerMetadata", policy.getListenerMetadata());
        json.name("syscalls").beginArray();
        for (LinuxSyscall call : policy.getSyscallsList()) {
            json.beginObject().field("names", call.getNamesList());
            json.field("action", call.getAction());
            if (call.hasErrnoRet()) {
                json.field("errnoRet", Integer.toUnsignedLong(call.getErrnoRet().getValue()));
            }
            if (call.getArgsCount() > 0) {
                json.name("args").beginArray();
                for (LinuxSeccompArg argument : call.getArgsList()) {
                    json.beginObject();
                    json.field("index", Integer.toUnsignedLong(argument.getIndex()));
                    unsigned("value", argument.getValue());
                    unsigned("valueTwo", argument.getValueTwo());
                    json.field("op", argument.getOp()).endObject();
                }
                json.endArray();
            }
            json.endObject();
        }
        json.endArray().endObject();
    }

    private void namespaces() {
        if (linux.getNamespacesCount() == 0) {
            return;
        }
        json.name("namespaces").beginArray();
        for (LinuxNamespace namespace : linux.getNamespacesList()) {
            if (Removal.isMarked(namespace.getType())) {
                removed("type", namespace.getType());
            } else {
                json.beginObject().field("type", namespace.getType());
                json.optional("path", namespace.getPath()).endObject();
            }
        }
        json.endArray();
    }

    private void links() {
        if (linux.getNetDevicesCount() == 0) {
            return;
        }
        json.name("netDevices").beginObject();
        for (Map.Entry<String, LinuxNetDevice> link : linux.getNetDevicesMap().entrySet()) {
            if (!Removal.isMarked(link.getKey())) {
                json.name(link.getKey()).beginObject();
                json.optional("name", link.getValue().getName()).endObject();
            } else if (!linux.containsNetDevices(Removal.plain(link.getKey()))) {
                json.name(Removal.plain(link.getKey())).value(JsonNull.NULL);
            }
        }
        json.endObject();
    }

    private void rdt(LinuxRdt rdt) {
        if (rdt.getRemove()) {
            json.name("intelRdt").value(JsonNull.NULL);
            return;
        }
        json.name("intelRdt").beginObject();
        json.optional(
                "closID",
                rdt.hasClosId() ? rdt.getClosId().getValue() : resources.getRdtClass().getValue());
        if (rdt.hasSchemata()) {
            json.field("schemata", rdt.getSchemata().getValueList());
        }
        if (rdt.hasEnableMonitoring()) {
            json.field("enableMonitoring", rdt.getEnableMonitoring().getValue());
        }
        json.endObject();
    }
}
