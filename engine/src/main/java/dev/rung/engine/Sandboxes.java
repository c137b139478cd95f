package dev.rung.engine;

import dev.rung.cli.oci.LentFront;
import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.engine.record.CniWish;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.PodFolder;
import dev.rung.engine.record.PodRecord;
import dev.rung.engine.spec.Limits;
import dev.rung.image.snapshot.Rootfs;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.IdMap;
import dev.rung.linux.Links;
import dev.rung.linux.Mounts;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.NetworkNamespaces;
import dev.rung.linux.Paths;
import dev.rung.oci.LinuxConfig.NamespaceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the containers of a pod share as long as the pod runs: namespaces, held by mounts in the
 * pod's running folder, its place in networks, and /dev/shm. No process holds them, but one where
 * process numbers are shared. All is there when the file "ready" is.
 */
final class Sandboxes {
    private static final List<String> KINDS = List.of("net", "ipc", "uts", "pid", "user");
    private static final String MEMORY = "shm";
    private static final String READY = "ready";
    private static final String FIRST_PROCESS = "first-process";
    private static final String CGROUPS = "cgroups";
    private static final String ADDRESSES = "addresses"; // in a CNI network, one a line
    private static final String LOOPBACK = "lo";
    private static final long MS_BIND = 0x1000;
    private static final long MS_PRIVATE = 0x40000;
    private static final long MS_SHARED = 0x100000;
    private static final long NOSUID_NODEV_NOEXEC = 0x2 | 0x4 | 0x8;
    private static final KernelPath NONE = KernelPath.of("");
    private static final KernelPath TMPFS = KernelPath.of("tmpfs");

    private final EngineFolders folders;
    private final PodFolder records;
    private final ContainerNetworks networks;
    private final CniPods cni;
    private final OciWorker worker;
    private final CgroupDriver cgroups;
    private final Step.Listener steps;
    private final Set<ContainerId> held = ConcurrentHashMap.newKeySet();

    Sandboxes(
            EngineFolders folders,
            PodFolder records,
            ContainerNetworks networks,
            CniPods cni,
            OciWorker worker,
            CgroupDriver cgroups,
            Step.Listener steps) {
        this.folders = folders;
        this.records = records;
        this.networks = networks;
        this.cni = cni;
        this.worker = worker;
        this.cgroups = cgroups;
        this.steps = steps;
    }

    Step.Listener steps() {
        return steps;
    }

    private static List<String> kinds(PodRecord pod) {
        var kinds = new ArrayList<String>();
        for (String kind : KINDS) {
            boolean own = kind.equals("user") && !pod.host().cri().uids().isEmpty();
            if (own || pod.shares().contains(kind)) {
                kinds.add(kind);
            }
        }
        return kinds;
    }

    /** Takes over what an earlier engine has made; false when not all of it is there. */
    boolean takeOver(PodRecord pod) {
        Path own = folders.runningPod(pod.id());
        if (!Files.exists(own.resolve(READY))) {
            return false;
        }
        for (String kind : kinds(pod)) {
            if (!isMounted(own.resolve(kind))) {
                return false;
            }
        }
        held.add(pod.id());
        try {
            limit(pod); // the engine before may have ended between its record and the kernel
        } catch (Failure e) {
            System.getLogger("dev.rung.engine")
                    .log(
                            System.Logger.Level.WARNING,
                            "limit pod " + pod.id() + " as it is recorded: " + e.getMessage());
        }
        return isReady(pod);
    }

    /**
     * Whether all of it is there. That is known without a look at its mounts, which nobody else
     * takes away; only a process may have ended by itself.
     */
    boolean isReady(PodRecord pod) {
        return held.contains(pod.id())
                && (!pod.shares().contains("pid")
                        || firstProcess(folders.runningPod(pod.id())) != 0);
    }

    private static boolean isMounted(Path place) {
        try {
            return !Files.getAttribute(place, "unix:dev")
                    .equals(Files.getAttribute(place.resolveSibling(""), "unix:dev"));
        } catch (IOException _) {
            return false;
        }
    }

    /** The process that reaps the others'; 0 when it has ended. */
    private static int firstProcess(Path own) {
        try {
            String pid = Files.readString(own.resolve(FIRST_PROCESS)).strip();
            Object inside = Files.getAttribute(Path.of("/proc", pid, "ns", "pid"), "unix:ino");
            boolean same = inside.equals(Files.getAttribute(own.resolve("pid"), "unix:ino"));
            return same ? Integer.parseInt(pid) : 0;
        } catch (IOException | NumberFormatException _) {
            return 0;
        }
    }

    /** Makes all of it, after what an earlier run may have left is gone. */
    void make(PodRecord pod) {
        end(pod);
        Path own = folders.runningPod(pod.id());
        try {
            Files.createDirectories(
                    own,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            mountOnItself(own);
            namespaces(pod, own);
            steps.done(Step.NAMESPACES_HELD, pod.id());
            if (pod.shares().contains("ipc")) {
                Path memory = Files.createDirectory(own.resolve(MEMORY));
                KernelPath options = KernelPath.of("mode=1777,size=" + pod.host().shmSize());
                KernelPath place = KernelPath.of(memory.toString());
                Mounts.mount(KernelPath.of(MEMORY), place, TMPFS, NOSUID_NODEV_NOEXEC, options);
            }
            if (pod.shares().contains("net")) {
                network(pod, own);
            }
            steps.done(Step.POD_JOINED, pod.id());
            Files.createFile(own.resolve(READY));
            held.add(pod.id());
            steps.done(Step.POD_READY, pod.id());
        } catch (ErrnoException | IOException e) {
            throw undone(
                    pod,
                    new Failure.HostRefused(
                            "make the namespaces of pod " + pod.name() + ": " + e.getMessage(), e));
        } catch (RuntimeException e) {
            throw undone(pod, e);
        }
    }

    /**
     * What is mounted in it goes with it: the kernel waits once, not once for each. It goes from
     * whoever has a copy of it, too.
     */
    private static void mountOnItself(Path own) throws ErrnoException {
        KernelPath place = KernelPath.of(own.toString());
        Mounts.mount(place, place, NONE, MS_BIND, NONE);
        Mounts.mount(NONE, place, NONE, MS_PRIVATE, NONE); // of what is around it
        Mounts.mount(NONE, place, NONE, MS_SHARED, NONE);
    }

    private RuntimeException undone(PodRecord pod, RuntimeException why) {
        try {
            end(pod);
        } catch (Failure e) {
            why.addSuppressed(e); // who removes the pod tries again
        }
        return why;
    }

    private void namespaces(PodRecord pod, Path own) throws IOException {
        List<String> kinds = kinds(pod);
        if (kinds.isEmpty()) {
            return;
        }
        for (String kind : kinds) {
            Files.createFile(own.resolve(kind));
        }
        Path empty = Files.createDirectory(own.resolve("empty"));
        var program =
                new SandboxProgram(
                        kinds,
                        pod.config().hostname(),
                        pod.host().cri().userNamespace(),
                        own.resolve(FIRST_PROCESS),
                        empty);
        LentFront.Said said =
                worker.run(front -> {
                    boolean made = program.run(front, (some, held) -> hold(own, some, held));
                    return new LentFront.Said(made ? 0 : 1, "", "");
                });
        if (said.code() != 0) {
            throw new Failure.HostRefused("the kernel makes no namespaces", null);
        }
    }

    private static void hold(Path own, List<String> kinds, List<Fd> namespaces) {
        for (int i = 0; i < kinds.size(); i++) {
            Path place = own.resolve(kinds.get(i));
            Rootfs.unmount(place); // the program was begun before
            KernelPath source = KernelPath.of("/proc/self/fd/" + namespaces.get(i).number());
            try {
                Mounts.mount(source, KernelPath.of(place.toString()), NONE, MS_BIND, NONE);
            } catch (ErrnoException e) {
                throw new Failure.HostRefused("hold a namespace: " + e.getMessage(), e);
            }
        }
    }

    private void network(PodRecord pod, Path folder) throws ErrnoException, IOException {
        ContainerRecord member = pod.member();
        KernelPath place = KernelPath.of(folder.resolve("net").toString());
        try (Fd namespace = Paths.open(null, place, Paths.O_RDONLY, 0, 0)) {
            long groups = Math.min(1L << 31, IdMap.ofGroups().count());
            NetlinkSocket inside =
                    NetworkNamespaces.<NetlinkSocket, ErrnoException>in(
                            namespace,
                            () -> {
                                settle(pod, groups);
                                return NetlinkSocket.route();
                            });
            try (inside) {
                new Links(inside).setUp(LOOPBACK);
            }
            NameFiles.Whereabouts where =
                    member.networks().isEmpty()
                            ? NameFiles.Whereabouts.UNKNOWN
                            : networks.join(member, namespace);
            var own = new ArrayList<String>();
            CniWish wish = pod.cni();
            if (wish != null) {
                List<String> addresses = cni.join(pod.id(), wish, place.toString());
                Files.write(folder.resolve(ADDRESSES), addresses);
                addresses.forEach(each -> own.add(pod.config().hostname() + ":" + each));
            }
            NameFiles.write(records.of(pod.id()), pod.config().hostname(), member, where, own);
        }
    }

    /** Those that it has in a CNI network. */
    List<String> addresses(ContainerId pod) {
        return CgroupFiles.lines(folders.runningPod(pod).resolve(ADDRESSES));
    }

    /** As containers' own networks are; inside the namespace. */
    private static void settle(PodRecord pod, long groups) {
        set("net/ipv4/ip_unprivileged_port_start", "0");
        set("net/ipv4/ping_group_range", "0 " + (groups - 1));
        pod.host()
                .sysctls()
                .forEach((name, value) -> {
                    if (name.startsWith("net.")) {
                        set(name.replace('.', '/'), value);
                    }
                });
    }

    private static void set(String name, String value) {
        try {
            Files.writeString(Path.of("/proc/sys", name), value);
        } catch (IOException e) {
            throw new Failure.HostRefused("set sysctl " + name + ": " + e.getMessage(), e);
        }
    }

    /** The paths of what containers join. */
    Map<NamespaceType, String> namespaces(PodRecord pod) {
        Path own = folders.runningPod(pod.id());
        var all = new EnumMap<NamespaceType, String>(NamespaceType.class);
        for (String kind : kinds(pod)) {
            NamespaceType type =
                    switch (kind) {
                        case "net" -> NamespaceType.NETWORK;
                        case "ipc" -> NamespaceType.IPC;
                        case "uts" -> NamespaceType.UTS;
                        case "user" -> NamespaceType.USER;
                        default -> NamespaceType.PID;
                    };
            all.put(type, own.resolve(kind).toString());
        }
        return all;
    }

    /** What is mounted at /dev/shm of those that share it. */
    Path memory(ContainerId pod) {
        return folders.runningPod(pod).resolve(MEMORY);
    }

    /** Limits all of the pod, before a container of it runs. */
    void limit(PodRecord pod, int pid) {
        if (cgroups == CgroupDriver.SYSTEMD) {
            if (!pod.host().limits().equals(Limits.NONE)) {
                throw new Failure.Unsupported(
                        "limits of a pod are the slice's where systemd makes the cgroups: have it"
                                + " in a slice that has them, by --cgroup-parent");
            }
            return; // its parent is not ours
        }
        var paths = new ArrayList<String>();
        for (Path folder : PodCgroup.limit(pid, pod.host().limits())) {
            paths.add(folder.toString());
        }
        try {
            Files.write(folders.runningPod(pod.id()).resolve(CGROUPS), paths);
        } catch (IOException e) {
            throw new Failure.HostRefused(
                    "note the cgroups of pod " + pod.name() + ": " + e.getMessage(), e);
        }
    }

    /** Limits all of it anew; a cgroup that is somebody else's is left alone. */
    void limit(PodRecord pod) {
        if (cgroups != CgroupDriver.SYSTEMD && !pod.host().cri().flat()) {
            var groups = new ArrayList<Path>();
            for (String line : CgroupFiles.lines(folders.runningPod(pod.id()).resolve(CGROUPS))) {
                groups.add(Path.of(line));
            }
            PodCgroup.limit(groups, pod.host().limits());
        }
    }

    /** Answers names again in those that are ready. */
    void serveNames(PodRecord pod) {
        ContainerRecord member = pod.member();
        if (!pod.shares().contains("net") || !ContainerNetworks.isAnswered(member)) {
            return;
        }
        KernelPath place = KernelPath.of(folders.runningPod(pod.id()).resolve("net").toString());
        try (Fd namespace = Paths.open(null, place, Paths.O_RDONLY, 0, 0)) {
            networks.serveNames(namespace, member);
        } catch (ErrnoException _) {
            // ended meanwhile
        }
    }

    /** From now on, and for the next engine, should this one end in the midst of what follows. */
    void noLongerReady(PodRecord pod) {
        held.remove(pod.id());
        Path file = folders.runningPod(pod.id()).resolve(READY);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new Failure.HostRefused("remove \"" + file + "\": " + e.getMessage(), e);
        }
    }

    /** Takes it out of its CNI networks already, while its containers are being ended. */
    void leaveNetworks(PodRecord pod) {
        noLongerReady(pod);
        leaveNetworks(pod.id());
    }

    private void leaveNetworks(ContainerId pod) {
        Path namespace = folders.runningPod(pod).resolve("net");
        cni.leave(pod, isMounted(namespace) ? namespace.toString() : "");
    }

    /** Takes all of it away, or what there is of it; no container of the pod runs. */
    void end(PodRecord pod) {
        noLongerReady(pod);
        Path own = folders.runningPod(pod.id());
        if (pod.cni() == null || !Files.exists(own)) {
            clear(pod);
            return;
        }
        int first = firstProcess(own);
        // a link that goes waits for the kernel's grace periods, and so does a mount
        Aside.run(
                "leave " + pod.id(),
                () -> {
                    leaveNetworks(pod.id());
                    leave(pod.id());
                    unmount(own);
                },
                () -> {
                    endProcess(first);
                    clearCgroups(own, pod.id(), cgroups.parent(pod.host()));
                });
        Lifecycle.removeFolder(own);
    }

    /** The same at the engine's start, when it leaves CNI networks by itself. */
    void clear(PodRecord pod) {
        clear(pod.id(), cgroups.parent(pod.host()));
    }

    /** The same for what an end in the middle has left of a pod without a record. */
    void clear(ContainerId pod) {
        clear(pod, CgroupDriver.USUAL_PARENT);
    }

    private void clear(ContainerId pod, String parent) {
        Path own = folders.runningPod(pod);
        leave(pod);
        if (!Files.exists(own)) {
            return;
        }
        endProcess(firstProcess(own));
        unmount(own);
        clearCgroups(own, pod, parent);
        Lifecycle.removeFolder(own);
    }

    private void leave(ContainerId pod) {
        held.remove(pod);
        networks.leaveNow(pod);
        steps.done(Step.POD_LEFT, pod);
    }

    private static void unmount(Path own) {
        Rootfs.unmount(own);
        // where that was not mounted yet, or by an engine that did not do it
        for (String kind : KINDS) {
            Rootfs.unmount(own.resolve(kind));
        }
        Rootfs.unmount(own.resolve(MEMORY));
    }

    private void endProcess(int first) {
        if (first != 0) {
            worker.run(front -> {
                SandboxProgram.end(front, first);
                return new LentFront.Said(0, "", "");
            });
        }
    }

    private static void clearCgroups(Path own, ContainerId pod, String parent) {
        var groups = new ArrayList<Path>();
        if (parent.startsWith("/")) {
            groups.addAll(PodCgroup.folders(parent, pod));
        }
        for (String line : CgroupFiles.lines(own.resolve(CGROUPS))) {
            groups.add(Path.of(line));
        }
        PodCgroup.remove(groups);
    }

    /** The folders of pods that run, or once did. */
    List<ContainerId> left() {
        var left = new ArrayList<ContainerId>();
        Path all = folders.runningPod(new ContainerId("any")).resolveSibling("");
        try (var each = Files.newDirectoryStream(all)) {
            for (Path folder : each) {
                left.add(new ContainerId(folder.getFileName().toString()));
            }
        } catch (IOException _) {
            // there was none yet
        }
        return left;
    }
}
