package dev.rung.cri;

import dev.rung.cri.v1.CDIDevice;
import dev.rung.cri.v1.Capability;
import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.Device;
import dev.rung.cri.v1.ImageSpec;
import dev.rung.cri.v1.KeyValue;
import dev.rung.cri.v1.LinuxContainerResources;
import dev.rung.cri.v1.LinuxContainerSecurityContext;
import dev.rung.cri.v1.NamespaceOption;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.cri.v1.Signal;
import dev.rung.cri.v1.SupplementalGroupsPolicy;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.NewContainer;
import dev.rung.engine.PodView;
import dev.rung.engine.config.Capabilities;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.CriOptions;
import dev.rung.engine.spec.HostOptions;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A container's configuration in the engine's words; Invalid, with the field, where it is none. */
final class ContainerWords {
    private static final String FIELD = "config.linux.security_context.";

    private final PodView pod;
    private final PodSandboxConfig podConfig;
    private final ContainerConfig config;
    private final LinuxContainerSecurityContext security;
    private final NamespaceOption namespaces;
    private final OomScore oomScore;
    private final DefaultMounts defaultMounts;

    ContainerWords(
            PodView pod, ContainerConfig config, OomScore oomScore, DefaultMounts defaultMounts) {
        this.pod = pod;
        this.podConfig = Notes.pod(pod.record());
        this.config = config;
        this.security = config.getLinux().getSecurityContext();
        this.namespaces = security.getNamespaceOptions();
        this.oomScore = oomScore;
        this.defaultMounts = defaultMounts;
    }

    NewContainer container() {
        if (!config.hasMetadata()) {
            throw new Failure.Invalid("config.metadata is missing");
        }
        FieldRules.word("config.metadata.name", config.getMetadata().getName());
        checkSizes();
        FieldRules.require("config.image.image", config.getImage().getImage());
        String name =
                "k8s_"
                        + config.getMetadata().getName()
                        + "_"
                        + PodWords.suffix(podConfig.getMetadata())
                        + "_"
                        + Integer.toUnsignedString(config.getMetadata().getAttempt());
        ResourceClasses.check(
                config.getMetadata().getName(),
                config.getAnnotationsMap(),
                podConfig.getAnnotationsMap());
        return new NewContainer(
                new ContainerName(name), null, settings(), HostOptions.read(host()), List.of());
    }

    private void checkSizes() {
        FieldRules.map("config.labels", config.getLabelsMap());
        FieldRules.map("config.annotations", config.getAnnotationsMap());
        FieldRules.strings("config.command", config.getCommandList());
        FieldRules.strings("config.args", config.getArgsList());
        FieldRules.entries("config.envs", config.getEnvsCount());
        FieldRules.entries("config.mounts", config.getMountsCount());
        FieldRules.entries("config.devices", config.getDevicesCount());
        FieldRules.entries("config.CDI_devices", config.getCDIDevicesCount());
        FieldRules.entries(FIELD + "supplemental_groups", security.getSupplementalGroupsCount());
        FieldRules.entries(FIELD + "masked_paths", security.getMaskedPathsCount());
        FieldRules.entries(FIELD + "readonly_paths", security.getReadonlyPathsCount());
        FieldRules.pathLength("config.working_dir", config.getWorkingDir());
        FieldRules.config("config", config);
    }

    /** What belongs to it wherever it runs. */
    private dev.rung.engine.spec.ContainerConfig settings() {
        var to = JsonWriter.compact().beginObject();
        to.field("User", user());
        to.field("Tty", config.getTty()).field("OpenStdin", config.getStdin());
        to.field("StdinOnce", config.getStdinOnce());
        var env = new ArrayList<String>();
        for (KeyValue variable : config.getEnvsList()) {
            FieldRules.variable("config.envs.key", variable.getKey());
            env.add(variable.getKey() + "=" + variable.getValue().toStringUtf8());
        }
        FieldRules.strings("config.envs", env);
        to.field("Env", env);
        to.field("Cmd", config.getArgsList());
        if (config.getCommandCount() > 0) {
            to.field("Entrypoint", config.getCommandList());
        }
        to.field("Image", image(config.getImage()));
        to.field("WorkingDir", config.getWorkingDir());
        to.name("Labels").beginObject();
        config.getLabelsMap().forEach(to::field);
        to.endObject();
        if (config.getStopSignal() != Signal.SIGNAL_RUNTIME_DEFAULT) {
            to.field("StopSignal", StopSignals.name(config.getStopSignal()));
        }
        return dev.rung.engine.spec.ContainerConfig.read(
                JsonFields.read("config", to.endObject().bytes()));
    }

    static String image(ImageSpec image) {
        return image.getImage();
    }

    /** As Docker writes it; empty: the image's. */
    private String user() {
        if (security.hasRunAsUser()) {
            FieldRules.id(FIELD + "run_as_user", security.getRunAsUser().getValue());
        }
        if (security.hasRunAsGroup()) {
            FieldRules.id(FIELD + "run_as_group", security.getRunAsGroup().getValue());
        }
        String user =
                security.hasRunAsUser()
                        ? Long.toString(security.getRunAsUser().getValue())
                        : security.getRunAsUsername();
        if (!security.hasRunAsGroup()) {
            return user;
        } else if (user.isEmpty()) {
            throw new Failure.Invalid(
                    "config.linux.security_context.run_as_group is given without a user");
        }
        return user + ":" + security.getRunAsGroup().getValue();
    }

    private JsonFields host() {
        var to = JsonWriter.compact().beginObject();
        new MountWords(to).write(defaultMounts.with(config.getMountsList()));
        namespaces(to);
        PodWords.names(to, podConfig);
        to.field("Runtime", pod.record().host().runtime());
        to.field("Pod", pod.record().id().value());
        to.field("CgroupParent", pod.record().host().cgroupParent());
        security(to);
        devices(to);
        sysctls(to);
        LinuxContainerResources resources = config.getLinux().getResources();
        new ResourceWords(resources).write(to);
        to.field("OomScoreAdj", oomScore.allowed(resources.getOomScoreAdj()));
        CriOptions cri = cri(resources);
        cri.write(to);
        return JsonFields.read("config", to.endObject().bytes());
    }

    private CriOptions cri(LinuxContainerResources resources) {
        boolean strict = security.getSupplementalGroupsPolicy() == SupplementalGroupsPolicy.Strict;
        return new CriOptions(
                LogPaths.of(podConfig.getLogDirectory(), config.getLogPath()),
                security.getMaskedPathsList(),
                security.getReadonlyPathsList(),
                strict,
                capabilities(security.getCapabilities().getAddAmbientCapabilitiesList()),
                pod.record().host().cri().flat(),
                ResourceWords.hugePages(resources),
                resources.getUnifiedMap(),
                pod.record().host().cri().uids(),
                pod.record().host().cri().gids(),
                "",
                annotations(),
                Notes.of(config));
    }

    /** The pod's and its own. */
    private Map<String, String> annotations() {
        var all = new LinkedHashMap<>(config.getAnnotationsMap());
        all.putAll(podConfig.getAnnotationsMap());
        return all;
    }

    private static List<String> capabilities(List<String> names) {
        var all = new ArrayList<String>();
        for (String name : names) {
            all.add(name.startsWith("CAP_") ? name : "CAP_" + name);
        }
        return all;
    }

    private void namespaces(JsonWriter to) {
        boolean hostNetwork = !pod.record().shares().contains("net");
        if (hostNetwork) {
            to.field("NetworkMode", "host").field("UTSMode", "host");
        }
        if (!pod.record().shares().contains("ipc")) {
            to.field("IpcMode", "host");
        }
        switch (namespaces.getPid()) {
            case CONTAINER -> to.field("PidMode", "private");
            case NODE -> to.field("PidMode", "host");
            case TARGET -> {
                FieldRules.require(
                        "config.linux.security_context.namespace_options.target_id",
                        namespaces.getTargetId());
                to.field("PidMode", "container:" + namespaces.getTargetId());
            }
            case POD -> {
                if (!pod.record().shares().contains("pid")) {
                    to.field("PidMode", "private");
                }
            }
            case UNRECOGNIZED ->
                    throw new Failure.Invalid(
                            "config.linux.security_context.namespace_options.pid: unknown mode "
                                    + namespaces.getPidValue());
        }
    }

    private void security(JsonWriter to) {
        Capability capabilities = security.getCapabilities();
        known("add_capabilities", capabilities.getAddCapabilitiesList());
        known("drop_capabilities", capabilities.getDropCapabilitiesList());
        known("add_ambient_capabilities", capabilities.getAddAmbientCapabilitiesList());
        var added = new ArrayList<>(capabilities.getAddCapabilitiesList());
        added.addAll(capabilities.getAddAmbientCapabilitiesList());
        to.field("CapAdd", added).field("CapDrop", capabilities.getDropCapabilitiesList());
        to.field("Privileged", security.getPrivileged());
        to.field("ReadonlyRootfs", security.getReadonlyRootfs());
        var groups = new ArrayList<String>();
        for (long group : security.getSupplementalGroupsList()) {
            FieldRules.id(FIELD + "supplemental_groups", group);
            groups.add(Long.toString(group));
        }
        to.field("GroupAdd", groups);
        var options = new ArrayList<String>();
        if (security.getNoNewPrivs()) {
            options.add("no-new-privileges");
        }
        options.addAll(new SecurityProfiles(security).options());
        to.field("SecurityOpt", options);
    }

    private static void known(String list, List<String> names) {
        for (String name : names) {
            if (!Capabilities.isKnown(name)) {
                throw new Failure.Invalid(
                        FIELD
                                + "capabilities."
                                + list
                                + ": "
                                + Printable.of(name)
                                + " is no capability");
            }
        }
    }

    private void devices(JsonWriter to) {
        to.name("Devices").beginArray();
        for (Device device : config.getDevicesList()) {
            FieldRules.require("config.devices.host_path", device.getHostPath());
            to.beginObject().field("PathOnHost", device.getHostPath());
            to.field("PathInContainer", device.getContainerPath());
            String access = device.getPermissions();
            if (access.isEmpty() || !access.chars().allMatch(c -> "rwm".indexOf(c) >= 0)) {
                throw new Failure.Invalid(
                        "config.devices.permissions: "
                                + Printable.of(access)
                                + ", want of r, w, m");
            }
            to.field("CgroupPermissions", access).endObject();
        }
        for (CDIDevice device : config.getCDIDevicesList()) {
            to.beginObject().field("PathOnHost", device.getName());
            to.field("PathInContainer", "").field("CgroupPermissions", "").endObject();
        }
        to.endArray();
    }

    /** Those of the network are the pod's already. */
    private void sysctls(JsonWriter to) {
        var own = new LinkedHashMap<String, String>();
        for (Map.Entry<String, String> each : pod.record().host().sysctls().entrySet()) {
            if (!each.getKey().startsWith("net.")) {
                own.put(each.getKey(), each.getValue());
            }
        }
        to.name("Sysctls").beginObject();
        own.forEach(to::field);
        to.endObject();
    }
}
