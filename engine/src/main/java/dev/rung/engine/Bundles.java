package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.config.Blueprint;
import dev.rung.engine.config.Blueprint.DeviceNode;
import dev.rung.engine.config.Blueprint.Machine;
import dev.rung.engine.config.Blueprint.ResolvedMount;
import dev.rung.engine.config.ConfigJson;
import dev.rung.engine.config.ProcessUser;
import dev.rung.engine.config.SeccompProfile;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.ContainerRecord.MountPoint;
import dev.rung.engine.record.PodRecord;
import dev.rung.engine.spec.ClientStreams;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.MountOption;
import dev.rung.engine.spec.MountOption.Recursion;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.oci.IdMapping;
import dev.rung.oci.LinuxConfig.NamespaceType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a runtime gets to make a container of: its root, mounted, and config.json. */
final class Bundles {
    private static final int SHORT_ID = 12;
    private static final List<String> INIT_PROGRAMS =
            List.of(
                    "/usr/bin/tini-static",
                    "/usr/bin/docker-init",
                    "/usr/libexec/podman/catatonit",
                    "/usr/bin/catatonit",
                    "/usr/bin/tini");

    private final EngineFolders folders;
    private final Registry registry;
    private final PodRegistry pods;
    private final SecretFiles secrets;
    private final ContainerLinks links;
    private final CgroupDriver cgroups;
    private final HookFolders hooks;
    private final Machine machine;
    private final ProcessDocuments processes = new ProcessDocuments(this);

    Bundles(
            EngineFolders folders,
            Registry registry,
            PodRegistry pods,
            SecretFiles secrets,
            ContainerLinks links,
            CgroupDriver cgroups,
            HookFolders hooks,
            Machine machine) {
        this.folders = folders;
        this.registry = registry;
        this.pods = pods;
        this.secrets = secrets;
        this.links = links;
        this.cgroups = cgroups;
        this.hooks = hooks;
        this.machine = machine;
    }

    /**
     * Writes the bundle for a start, whose root is mounted there already.
     *
     * @param sources where on the host lies what is mounted, by destination
     * @param mapped whether it gets a user namespace of its own
     */
    Path write(ContainerRecord container, Path root, Map<String, Path> sources, boolean mapped) {
        Path folder = folders.bundle(container.id());
        try {
            Files.createDirectories(folder);
            Files.write(
                    folder.resolve("config.json"),
                    ConfigJson.of(blueprint(container, root, sources, mapped)));
            return folder;
        } catch (IOException e) {
            throw new Failure.HostRefused(
                    "write config.json in \"" + folder + "\": " + e.getMessage(), e);
        }
    }

    /** What is executed in containers that run. */
    ProcessDocuments processes() {
        return processes;
    }

    /** Writes the process of an exec into a file of its own; the root is seen at that path. */
    Path writeProcess(ContainerRecord container, ExecOrder order, Path root) {
        byte[] json = process(container, order, root);
        try {
            Path folder = folders.of(container.id()).running();
            Path file = Files.createTempFile(folder, "exec-", ".json");
            Files.write(file, json);
            return file;
        } catch (IOException e) {
            throw new Failure.HostRefused("write the process of an exec: " + e.getMessage(), e);
        }
    }

    /** The process of an exec, as JSON. */
    byte[] process(ContainerRecord container, ExecOrder order, Path root) {
        ContainerConfig own = container.config();
        var env = new ArrayList<>(own.env());
        env.addAll(secrets.environment(container));
        env.addAll(order.env());
        String user = order.user().isEmpty() ? own.user() : order.user();
        List<String> groups = order.user().isEmpty() ? container.host().groupAdd() : List.of();
        ProcessUser who = RootFiles.user(root, user, groups, container.host().cri().strictGroups());
        if (!hasHome(env)) {
            // else the runtime would have to look there while its program runs
            env.add("HOME=" + RootFiles.home(root, who.uid()));
        }
        var config =
                new ContainerConfig(
                        own.hostname(),
                        own.domainname(),
                        user,
                        order.tty(),
                        false,
                        false,
                        List.copyOf(env),
                        order.command(),
                        List.of(),
                        own.image(),
                        order.workingDir().isEmpty() ? own.workingDir() : order.workingDir(),
                        own.labels(),
                        own.exposedPorts(),
                        own.volumes(),
                        own.stopSignal(),
                        null,
                        null,
                        ClientStreams.NONE);
        return ConfigJson.process(
                config, container.host(), who, hostname(container), order.privileged(), machine);
    }

    private static boolean hasHome(List<String> env) {
        for (String variable : env) {
            if (variable.startsWith("HOME=") && variable.length() > "HOME=".length()) {
                return true;
            }
        }
        return false;
    }

    private Blueprint blueprint(
            ContainerRecord container, Path root, Map<String, Path> sources, boolean mapped) {
        HostOptions host = container.host();
        var joined = new EnumMap<NamespaceType, String>(NamespaceType.class);
        Set<NamespaceType> shared =
                mapped ? EnumSet.noneOf(NamespaceType.class) : EnumSet.of(NamespaceType.USER);
        choose(NamespaceType.PID, "pid", host.pid(), joined, shared);
        choose(NamespaceType.IPC, "ipc", host.ipc(), joined, shared);
        choose(NamespaceType.UTS, "uts", host.uts(), joined, shared);
        choose(NamespaceType.NETWORK, "net", host.network(), joined, shared);
        PodRecord pod = host.pod().isEmpty() ? null : pods.of(container);
        if (pod != null) {
            join(pod, host, joined);
        }
        boolean ownCgroups =
                switch (host.cgroupns().kind()) {
                    case HOST -> false;
                    case PRIVATE -> true;
                    default -> machine.unifiedCgroups() && !host.privileged();
                };
        if (!ownCgroups) {
            shared.add(NamespaceType.CGROUP);
        }
        String hostname = hostname(container);
        Path nameFiles = nameFiles(container);
        if (nameFiles.equals(folders.of(container.id()).durable())) {
            NameFiles.write(
                    nameFiles,
                    hostname,
                    container,
                    NameFiles.Whereabouts.UNKNOWN,
                    links.hosts(container, true));
        }
        List<ResolvedMount> mounts = mounts(container, nameFiles, sources);
        if (joined.containsKey(NamespaceType.IPC) && pod != null) {
            mounts.add(
                    ResolvedMount.bind(
                            pods.sandboxes().memory(pod.id()).toString(),
                            "/dev/shm",
                            "rbind",
                            "rprivate"));
        }
        CdiSpecs.Edits edits = CdiSpecs.editsOf(host.devices());
        mounts.addAll(edits.mounts());
        edits.hooks().addAll(hooks.of(container));
        List<DeviceNode> devices = devices(host);
        devices.addAll(edits.devices());
        ProcessUser user =
                RootFiles.user(
                        root,
                        container.config().user(),
                        host.groupAdd(),
                        host.cri().strictGroups());
        String parent =
                pod == null || host.cri().flat()
                        ? cgroups.parent(host)
                        : cgroups.ofPod(pod.host(), pod.id());
        return new Blueprint(
                container
                        .config()
                        .with(edits.env())
                        .with(secrets.environment(container))
                        .with(links.environment(container)),
                host,
                user.with(edits.groups()),
                shared.contains(NamespaceType.UTS) ? "" : hostname,
                root.toString(),
                mounts,
                joined,
                shared,
                devices,
                machine.cgroups() == null
                        ? ""
                        : cgroups.path(machine.cgroups(), parent, container.id()),
                host.init() ? initProgram() : null,
                profile(host),
                edits.hooks(),
                mapped ? ids(host) : null,
                machine);
    }

    private static IdMapping ids(HostOptions host) {
        IdMapping own = host.cri().userNamespace();
        return own == null ? new IdMapping(0, UserNamespace.FIRST, UserNamespace.COUNT) : own;
    }

    /** Whether there may be cgroups: without root that takes delegated ones. */
    boolean hasCgroups() {
        return machine.cgroups() != null;
    }

    /** Unsupported where there are none. */
    void needCgroups(String doing) {
        if (!hasCgroups()) {
            throw new Failure.Unsupported(
                    doing
                            + " takes control groups: without root those of version 2, delegated to"
                            + " the user");
        }
    }

    /** The namespaces of the pod, but for those of which the container wants others. */
    private void join(PodRecord pod, HostOptions host, Map<NamespaceType, String> joined) {
        pods.sandboxes()
                .namespaces(pod)
                .forEach((type, path) -> {
                    NamespaceMode asked =
                            switch (type) {
                                case PID -> host.pid();
                                case IPC -> host.ipc();
                                case UTS -> host.uts();
                                case USER -> NamespaceMode.DEFAULT;
                                default -> host.network();
                            };
                    if (asked.kind() == NamespaceMode.Kind.DEFAULT) {
                        joined.put(type, path);
                    }
                });
    }

    /** Those that run and are to know where this one is. */
    List<Container> linkedTo(Container container) {
        return links.linkedTo(container);
    }

    /** Tells a container where it is, in the files that it sees already. */
    void writeNames(ContainerRecord container, NameFiles.Whereabouts where) {
        NameFiles.write(
                folders.of(container.id()).durable(),
                hostname(container),
                container,
                where,
                links.hosts(container, false));
    }

    /** The name that was asked for; that of the container whose network it shares; or its id. */
    String hostname(ContainerRecord container) {
        String asked = container.config().hostname();
        NamespaceMode network = container.host().network();
        PodRecord pod = container.host().pod().isEmpty() ? null : pods.of(container);
        if (pod != null && pod.shares().contains("uts")) {
            return pod.config().hostname();
        } else if (!asked.isEmpty()) {
            return asked;
        } else if (network.kind() == NamespaceMode.Kind.CONTAINER) {
            return hostname(registry.find(network.name()).record());
        } else if (network.kind() == NamespaceMode.Kind.HOST
                || container.host().uts().kind() == NamespaceMode.Kind.HOST) {
            return hostsOwnName();
        }
        return container.id().value().substring(0, SHORT_ID);
    }

    private static String hostsOwnName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException _) {
            return "localhost";
        }
    }

    /** Who shares a network shares the names in it. */
    private Path nameFiles(ContainerRecord container) {
        NamespaceMode network = container.host().network();
        PodRecord pod = container.host().pod().isEmpty() ? null : pods.of(container);
        if (pod != null && pod.shares().contains("net")) {
            return pods.folder(pod);
        }
        ContainerId owner =
                network.kind() == NamespaceMode.Kind.CONTAINER
                        ? registry.find(network.name()).id()
                        : container.id();
        return folders.of(owner).durable();
    }

    private void choose(
            NamespaceType type,
            String file,
            NamespaceMode mode,
            Map<NamespaceType, String> joined,
            Set<NamespaceType> shared) {
        if (mode.kind() == NamespaceMode.Kind.HOST) {
            shared.add(type);
        } else if (mode.kind() == NamespaceMode.Kind.CONTAINER) {
            Container other = registry.find(mode.name());
            var process = other.running();
            if (process == null) {
                throw new Failure.WrongState(
                        "cannot join "
                                + type
                                + " namespace of a non running container: "
                                + other.id());
            }
            joined.put(type, "/proc/" + process.process().pid() + "/ns/" + file);
        }
    }

    private static List<ResolvedMount> mounts(
            ContainerRecord container, Path nameFiles, Map<String, Path> sources) {
        var mounts = new ArrayList<ResolvedMount>();
        var targets = new ArrayList<String>();
        for (MountPoint point : container.mounts()) {
            targets.add(point.destination());
            Path source = sources.getOrDefault(point.destination(), Path.of(point.source()));
            mounts.add(
                    point.type().equals("tmpfs")
                            ? tmpfs(container.host(), point)
                            : bind(point, source));
        }
        for (String name : List.of("resolv.conf", "hostname", "hosts")) {
            String target = "/etc/" + name;
            if (!targets.contains(target)) {
                var options = new ArrayList<>(List.of("rbind", "rprivate"));
                if (container.host().readonlyRootfs()) {
                    options.add("ro");
                }
                mounts.add(
                        new ResolvedMount(
                                "bind", nameFiles.resolve(name).toString(), target, options));
            }
        }
        return mounts;
    }

    private static ResolvedMount bind(MountPoint point, Path source) {
        var options = new ArrayList<String>();
        options.add(point.recursion() == Recursion.DISABLED ? "bind" : "rbind");
        if (!point.writable()) {
            boolean below =
                    point.recursion() == Recursion.ENABLED
                            || point.recursion() == Recursion.READ_ONLY;
            options.add(below ? "rro" : "ro");
        }
        if (!point.propagation().isEmpty()) {
            options.add(point.propagation());
        }
        return new ResolvedMount("bind", source.toString(), point.destination(), options);
    }

    /** Neither devices nor programs, unless they were asked for. */
    private static ResolvedMount tmpfs(HostOptions host, MountPoint point) {
        var options = new ArrayList<String>();
        List<String> asked = List.of();
        for (MountOption mount : host.mounts()) {
            if (MountPoints.plain(mount.target()).equals(point.destination())) {
                asked = mount.options();
            }
        }
        for (String usual : List.of("noexec", "nosuid", "nodev")) {
            if (!asked.contains(usual) && !asked.contains(usual.substring(2))) {
                options.add(usual);
            }
        }
        options.add("rprivate");
        for (String option : asked) {
            if (!option.isEmpty()) {
                options.add(option);
            }
        }
        if (!point.writable()) {
            options.add("ro");
        }
        return new ResolvedMount("tmpfs", "tmpfs", point.destination(), options);
    }

    private static List<DeviceNode> devices(HostOptions host) {
        var nodes = new ArrayList<DeviceNode>();
        if (host.privileged()) {
            nodes.addAll(HostDevices.all());
        }
        for (var device : host.devices()) {
            if (!device.isCdi()) {
                nodes.addAll(HostDevices.find(device));
            }
        }
        return nodes;
    }

    private static String initProgram() {
        for (String program : INIT_PROGRAMS) {
            if (Files.isExecutable(Path.of(program))) {
                return program;
            }
        }
        throw new Failure.Unsupported(
                "--init needs one of " + String.join(", ", INIT_PROGRAMS) + " on this machine");
    }

    private static @Nullable SeccompProfile profile(HostOptions host) {
        String given = host.security("seccomp");
        if (given == null || !given.strip().startsWith("{")) {
            return null;
        }
        return SeccompProfile.read("seccomp profile", given.getBytes(StandardCharsets.UTF_8));
    }
}
