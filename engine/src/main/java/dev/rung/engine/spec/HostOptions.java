package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the machine that the container runs on (Docker's HostConfig).
 *
 * @param autoRemove whether it is removed when it ends
 * @param capAdd with or without CAP_, or ALL
 * @param extraHosts NAME:ADDRESS
 * @param groupAdd names or numbers
 * @param userns host, or empty: one of its own, where nothing speaks against it
 * @param oomScoreAdj -1000 to 1000
 * @param shmSize of /dev/shm in bytes, 0: the engine's own
 * @param runtime empty: the default one
 * @param deviceRules such as "c 42:* rmw"
 * @param cgroupParent empty: the engine's own
 * @param pod the id of the pod that it is in, empty: of none
 * @param links CONTAINER or CONTAINER:ALIAS
 * @param cri what the Kubernetes CRI asks for besides
 */
public record HostOptions(
        List<MountOption> mounts,
        List<String> volumesFrom,
        LogOptions log,
        NamespaceMode network,
        List<PublishedPort> ports,
        boolean publishAll,
        RestartPolicy restart,
        boolean autoRemove,
        List<String> capAdd,
        List<String> capDrop,
        NamespaceMode cgroupns,
        List<String> dns,
        List<String> dnsOptions,
        List<String> dnsSearch,
        List<String> extraHosts,
        List<String> groupAdd,
        NamespaceMode ipc,
        NamespaceMode pid,
        NamespaceMode uts,
        String userns,
        int oomScoreAdj,
        boolean privileged,
        boolean readonlyRootfs,
        List<String> securityOptions,
        long shmSize,
        String runtime,
        Map<String, String> sysctls,
        Map<String, String> annotations,
        Limits limits,
        List<DeviceOption> devices,
        List<String> deviceRules,
        List<Ulimit> ulimits,
        boolean init,
        String cgroupParent,
        List<SecretOption> secrets,
        String pod,
        List<String> links,
        CriOptions cri) {
    private static final long SHM_BYTES = 64 << 20;

    /** Nothing asked for. */
    public static final HostOptions DEFAULT =
            read(JsonFields.read("defaults", "{}".getBytes(StandardCharsets.US_ASCII)));

    public HostOptions {
        if (oomScoreAdj < -1000 || oomScoreAdj > 1000) {
            throw new Failure.Invalid(
                    "Invalid value " + oomScoreAdj + ", range for oom score adj is [-1000, 1000]");
        }
        if (autoRemove && restart.when() != RestartPolicy.When.NO) {
            throw new Failure.Invalid(
                    "conflicting options: cannot specify both --restart and --rm");
        }
        if (!userns.isEmpty() && !userns.equals("host")) {
            throw new Failure.Invalid("--userns: invalid USER mode");
        }
        if (shmSize < 0) {
            throw new Failure.Invalid("SHM size can not be less than 0");
        }
    }

    public static HostOptions read(JsonFields fields) {
        return new HostOptions(
                list(fields, "Mounts", MountOption::read),
                fields.texts("VolumesFrom"),
                LogOptions.read(fields.optionalObject("LogConfig")),
                NamespaceMode.parse(Texts.orEmpty(fields, "NetworkMode")),
                PublishedPort.read(fields, "PortBindings"),
                fields.flag("PublishAllPorts"),
                RestartPolicy.read(fields.optionalObject("RestartPolicy")),
                fields.flag("AutoRemove"),
                fields.texts("CapAdd"),
                fields.texts("CapDrop"),
                mode(fields, "CgroupnsMode", "cgroupns"),
                fields.texts("Dns"),
                fields.texts("DnsOptions"),
                fields.texts("DnsSearch"),
                fields.texts("ExtraHosts"),
                fields.texts("GroupAdd"),
                mode(fields, "IpcMode", "ipc"),
                mode(fields, "PidMode", "pid"),
                mode(fields, "UTSMode", "uts"),
                Texts.orEmpty(fields, "UsernsMode"),
                (int) fields.integerOr("OomScoreAdj", Integer.MIN_VALUE, Integer.MAX_VALUE, 0),
                fields.flag("Privileged"),
                fields.flag("ReadonlyRootfs"),
                fields.texts("SecurityOpt"),
                fields.integerOr("ShmSize", 0, Long.MAX_VALUE, SHM_BYTES),
                Texts.orEmpty(fields, "Runtime"),
                fields.textMap("Sysctls"),
                fields.textMap("Annotations"),
                Limits.read(fields),
                list(fields, "Devices", DeviceOption::read),
                fields.texts("DeviceCgroupRules"),
                list(fields, "Ulimits", Ulimit::read),
                fields.flag("Init"),
                Texts.orEmpty(fields, "CgroupParent"),
                list(fields, "Secrets", SecretOption::read),
                Texts.orEmpty(fields, "Pod"),
                fields.texts("Links"),
                CriOptions.read(fields.optionalObject("Cri")));
    }

    /** The same with what an engine has settled. */
    HostOptions settled(
            LogOptions newLog,
            List<String> newDns,
            List<String> newDnsOptions,
            List<String> newDnsSearch,
            long newShmSize,
            String newRuntime,
            List<Ulimit> newUlimits,
            boolean newInit,
            String newCgroupParent) {
        var draft = new HostDraft(this);
        draft.log = newLog;
        draft.dns = newDns;
        draft.dnsOptions = newDnsOptions;
        draft.dnsSearch = newDnsSearch;
        draft.shmSize = newShmSize;
        draft.runtime = newRuntime;
        draft.ulimits = newUlimits;
        draft.init = newInit;
        draft.cgroupParent = newCgroupParent;
        return draft.done();
    }

    private static NamespaceMode mode(JsonFields fields, String name, String option) {
        return NamespaceMode.parse(option, Texts.orEmpty(fields, name));
    }

    /** Reads one element of an array. */
    private interface Reader<T> {
        T read(JsonFields fields);
    }

    private static <T> List<T> list(JsonFields fields, String name, Reader<T> reader) {
        var all = new ArrayList<T>();
        for (JsonFields each : fields.objects(name)) {
            all.add(reader.read(each));
        }
        return List.copyOf(all);
    }

    public void write(JsonWriter to) {
        to.beginObject().name("Mounts").beginArray();
        for (MountOption mount : mounts) {
            mount.write(to);
        }
        to.endArray();
        Texts.list(to, "VolumesFrom", volumesFrom);
        log.write(to.name("LogConfig"));
        to.field(
                "NetworkMode",
                network.kind() == NamespaceMode.Kind.DEFAULT ? "default" : network.toString());
        PublishedPort.write(to, "PortBindings", ports);
        to.field("PublishAllPorts", publishAll);
        restart.write(to.name("RestartPolicy"));
        to.field("AutoRemove", autoRemove);
        Texts.list(to, "CapAdd", capAdd);
        Texts.list(to, "CapDrop", capDrop);
        to.field("CgroupnsMode", cgroupns.toString())
                .field("Dns", dns)
                .field("DnsOptions", dnsOptions)
                .field("DnsSearch", dnsSearch);
        Texts.list(to, "ExtraHosts", extraHosts);
        Texts.list(to, "GroupAdd", groupAdd);
        to.field("IpcMode", ipc.toString())
                .field("PidMode", pid.toString())
                .field("UTSMode", uts.toString())
                .field("UsernsMode", userns)
                .field("OomScoreAdj", oomScoreAdj)
                .field("Privileged", privileged)
                .field("ReadonlyRootfs", readonlyRootfs);
        Texts.list(to, "SecurityOpt", securityOptions);
        to.field("ShmSize", shmSize).field("Runtime", runtime);
        if (!sysctls.isEmpty()) {
            Texts.map(to, "Sysctls", sysctls);
        }
        if (!annotations.isEmpty()) {
            Texts.map(to, "Annotations", annotations);
        }
        limits.write(to);
        to.name("Devices").beginArray();
        for (DeviceOption device : devices) {
            device.write(to);
        }
        to.endArray();
        Texts.list(to, "DeviceCgroupRules", deviceRules);
        to.name("Ulimits").beginArray();
        for (Ulimit ulimit : ulimits) {
            ulimit.write(to);
        }
        to.endArray();
        if (init) {
            to.field("Init", true);
        } else {
            to.name("Init").value(JsonNull.NULL);
        }
        to.field("CgroupParent", cgroupParent);
        if (!secrets.isEmpty()) {
            to.name("Secrets").beginArray();
            for (SecretOption secret : secrets) {
                secret.write(to);
            }
            to.endArray();
        }
        Texts.list(to, "Links", links);
        to.optional("Pod", pod.isEmpty() ? null : pod);
        cri.write(to);
        to.endObject();
    }

    /** The same with other limits and another policy. */
    public HostOptions with(Limits newLimits, RestartPolicy newRestart) {
        var draft = new HostDraft(this);
        draft.restart = newRestart;
        draft.limits = newLimits;
        return draft.done();
    }

    /** The same linked to these alone. */
    public HostOptions linkedTo(List<String> newLinks) {
        var draft = new HostDraft(this);
        draft.links = newLinks;
        return draft.done();
    }

    /** The same with other mounts, and who root in it is. */
    public HostOptions asked(List<MountOption> newMounts, String newUserns) {
        var draft = new HostDraft(this);
        draft.mounts = newMounts;
        draft.userns = newUserns;
        return draft.done();
    }

    /**
     * The same with what these fields say of limits and of restarting, where they say something.
     */
    public HostOptions changedBy(JsonFields fields) {
        JsonFields policy = fields.optionalObject("RestartPolicy");
        boolean named = policy != null && policy.optionalText("Name") != null;
        return with(limits.changedBy(fields), named ? RestartPolicy.read(policy) : restart);
    }

    /** The same with the ids of the secrets and of the pod that were named. */
    public HostOptions resolved(List<SecretOption> newSecrets, String newPod) {
        var draft = new HostDraft(this);
        draft.secrets = List.copyOf(newSecrets);
        draft.pod = newPod;
        return draft.done();
    }

    /** The same with other annotations. */
    public HostOptions annotated(Map<String, String> newAnnotations) {
        var draft = new HostDraft(this);
        draft.annotations = Map.copyOf(newAnnotations);
        return draft.done();
    }

    /** The same with what somebody had a say in when it was made. */
    public HostOptions amended(
            int newOomScoreAdj,
            Map<String, String> newSysctls,
            Map<String, String> newAnnotations,
            Limits newLimits,
            List<DeviceOption> newDevices,
            CriOptions newCri) {
        var draft = new HostDraft(this);
        draft.oomScoreAdj = newOomScoreAdj;
        draft.sysctls = Map.copyOf(newSysctls);
        draft.annotations = Map.copyOf(newAnnotations);
        draft.limits = newLimits;
        draft.devices = List.copyOf(newDevices);
        draft.cri = newCri;
        return draft.done();
    }

    /** The value of a security option such as seccomp=unconfined; null when it is not given. */
    public @Nullable String security(String name) {
        String value = null;
        for (String option : securityOptions) {
            if (option.startsWith(name + "=") || option.startsWith(name + ":")) {
                value = option.substring(name.length() + 1);
            } else if (option.equals(name)) {
                value = "true";
            }
        }
        return value;
    }
}
