package dev.rung.host.compile;

import static dev.rung.domain.Errno.EINVAL;
import static dev.rung.domain.Errno.EPERM;
import static dev.rung.program.FileStep.O_WRONLY;
import static dev.rung.program.MountStep.MS_SLAVE;
import static dev.rung.program.ProcessStep.P_PIDFD;
import static dev.rung.program.ProcessStep.WALL;
import static dev.rung.program.ProcessStep.WEXITED;

import dev.rung.host.cgroup.ContainerCgroups;
import dev.rung.host.compile.MountPlan.Kind;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.Hooks;
import dev.rung.oci.LinuxConfig.TimeOffset;
import dev.rung.oci.Resources;
import dev.rung.oci.RuntimeConfig;
import dev.rung.program.Assembly;
import dev.rung.program.ControlStep.Fork;
import dev.rung.program.ControlStep.HeedStream;
import dev.rung.program.CredentialStep.Prctl;
import dev.rung.program.FileStep.Chdir;
import dev.rung.program.Hole;
import dev.rung.program.Machine;
import dev.rung.program.MountStep.MountSetattr;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.PidfdOpen;
import dev.rung.program.ProcessStep.Waitid;
import dev.rung.program.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compiles create and run. Stream 0 is the front end's: it keeps the state, makes the cgroups, and
 * writes limits and whatever needs the caller's rights while the container's process mounts; the
 * last stream is that process, which enters the cgroups first of all.
 */
public final class ContainerProgram {
    private static final int FRONT = 0;

    private final ContainerPlan plan;
    private final SeccompFilters filters;
    private final Assembly assembly;
    private final Script front;
    private final Phases phases = new Phases();
    private final TimeMarks marks;
    private final List<String> warnings = new ArrayList<>(0);
    private final boolean middle;
    private final int child;

    private ContainerProgram(ContainerPlan plan, Machine machine, SeccompFilters filters) {
        this.plan = plan;
        this.filters = filters;
        this.assembly = new Assembly(machine);
        this.front = new Script(assembly, FRONT, phases);
        this.marks = new TimeMarks(plan.request().timings(), assembly);
        this.middle = plan.namespaces().needsMiddle();
        this.child = middle ? 2 : 1;
    }

    /**
     * The program of a create or run.
     *
     * @throws dev.rung.domain.Failure.Invalid for a config that cannot be
     * @throws dev.rung.domain.Failure.Unsupported for one that this host cannot do, naming what it
     *     lacks
     */
    public static Compiled compile(
            RuntimeConfig config, HostDescription host, ContainerRequest request) {
        return compile(config, host, request, new SeccompFilters());
    }

    /** The same, for who compiles more than once. */
    public static Compiled compile(
            RuntimeConfig config,
            HostDescription host,
            ContainerRequest request,
            SeccompFilters filters) {
        ContainerPlan plan = ContainerPlan.of(config, host, request);
        return new ContainerProgram(plan, Compiled.machine(host), filters).assemble();
    }

    private Compiled assemble() {
        Slot pid = front.slot("pid");
        Slot pidfd = front.slot("pidfd");
        Slot startTime = front.slot("startTime");
        Hooks hooks = plan.config().hooks();
        ContainerRequest request = plan.request();

        marks.over(front, "compile");
        if (request.subreaper()) {
            front.at("", "unable to become the reaper of orphaned processes");
            front.add(Prctl.childSubreaper(true)).toleratingAll().warning();
        }
        boolean terminal = plan.config().process().terminal();
        Operand caller =
                terminal && request.consoleSocket() == null
                        ? FrontSteps.callerTerminal(front, request.callerTerminal())
                        : Operand.NONE;
        Hole stopped =
                front.state(StateRecord.forHooks(plan, ContainerStatus.STOPPED), Operand.NONE);
        // As runc: hooks find themselves there, and relative paths in them are meant from there.
        front.at("", "chdir " + request.bundle());
        front.add(new Chdir(request.bundle()));
        if (!hooks.isEmpty()) {
            HookOutput.redirect(front.stream(), plan.config().annotations());
        }
        StateFolder folder = new StateFolder(plan, front);
        folder.make(stopped);
        Compiled.Notify notify = null;
        if (!request.starts()) {
            folder.prepareStart();
        } else if (request.notifySocket() != null) {
            Slot socket = NotifySocket.bind(front.stream(), folder.made());
            notify =
                    new Compiled.Notify(
                            socket, NotifySocket.connect(front.stream(), request.notifySocket()));
        }
        Slot consoleSocket = null;
        if (terminal && request.consoleSocket() != null) {
            front.at("process.terminal", "unable to connect to the console socket");
            consoleSocket = FrontSteps.connect(front, "consoleSocket", request.consoleSocket());
        }
        Slot master = front.slot("ptmx");
        plan.warn(warnings);
        SeccompSteps seccomp =
                SeccompSteps.of(
                        plan.linux().seccomp(),
                        plan.config().annotations(),
                        plan.host(),
                        filters,
                        front,
                        warnings);
        Slot pidfdSocket = null;
        if (request.pidfdSocket() != null) {
            front.at("", "unable to connect to the pidfd socket");
            pidfdSocket = FrontSteps.connect(front, "pidfdSocket", request.pidfdSocket());
        }
        List<@Nullable Slot> outside = openBinds();
        List<@Nullable Slot> nodes = OutsideDevices.make(plan, front, folder.made());
        IdMaps idMaps = new IdMaps(plan, front, outside, child + 1);
        idMaps.beforeFork();
        marks.over(front, "state");
        ContainerCgroups cgroups = plan.cgroups();
        CgroupSteps around = CgroupSteps.make(plan, assembly, front, phases);
        marks.over(front, "cgroup");
        Slot process = fork(pid, pidfd, around.forkedInto(), idMaps);
        Resources resources = around.forked(pid);
        if (cgroups.joinsLate()) {
            cgroups.join(assembly, front.stream(), pid);
            front.post(child, Sync.IN_CGROUP);
        }
        folder.record(pid, startTime);
        if (plan.resctrl() != null && plan.linux().intelRdt() != null) {
            ResctrlSteps.begin(front, plan.linux().intelRdt(), plan.resctrl(), pid, folder);
        }
        folder.close();
        if (!plan.linux().netDevices().isEmpty()) {
            NetworkDevices.move(front, plan.linux().netDevices(), pid);
            front.post(child, Sync.DEVICES_MOVED);
        }
        FrontSteps.allowAllCpus(front, pid);
        if (pidfdSocket != null) {
            FrontSteps.sendPidfd(front, pidfdSocket, "standard", pidfd);
        }
        if (!plan.userNamespace()) {
            FrontSteps.oomScore(front, process, plan.config().process());
            front.close(process);
        }
        cgroups.limit(front.stream(), resources);
        marks.over(front, "limits");
        if (plan.waitsForHooks()) {
            front.at("hooks", "waiting for the container's mounts");
            front.waitFor(child, Sync.MOUNTED);
            if (!hooks.prestart().isEmpty()) {
                // The older kind was once run by start, and finds what it would have found then.
                Hole created =
                        front.state(StateRecord.forHooks(plan, ContainerStatus.CREATED), pid);
                HookSteps.run(front, "prestart", hooks.prestart(), created, List.of());
            }
            Hole creating = front.state(StateRecord.forHooks(plan, ContainerStatus.CREATING), pid);
            HookSteps.run(front, "createRuntime", hooks.createRuntime(), creating, List.of());
            front.at("hooks", "unable to tell the container that the hooks were run");
            front.post(child, Sync.HOOKED);
        }
        if (plan.limitsFromOutside()) {
            front.at("process.rlimits", "waiting for the container's process");
            front.waitFor(child, Sync.READY);
            for (int i = 0; i < plan.config().process().rlimits().size(); i++) {
                ProcessSetup.limit(front, i, plan.config().process().rlimits().get(i), pid);
            }
        }
        Slot relayed =
                terminal && consoleSocket == null
                        ? FrontSteps.takeTerminal(front, child, pidfd, master, caller)
                        : null;
        front.at("", "unable to start container process");
        front.post(child, Sync.GO);
        if (seccomp != null) {
            seccomp.hand(front, pid, pidfd, StateRecord.of(plan, ContainerStatus.CREATING));
        }
        front.waitFor(child, Sync.CREATED);
        marks.write(front);
        OutsideDevices.forget(front, nodes, folder.made());
        if (request.starts()) {
            front.at("process.args", "unable to start container process");
            front.add(new HeedStream(child));
            Hole running = front.state(StateRecord.forHooks(plan, ContainerStatus.RUNNING), pid);
            HookSteps.run(front, "poststart", hooks.poststart(), running, List.of());
        } else {
            folder.release();
        }
        if (request.pidFile() != null) {
            PidFile.write(front, request.pidFile(), pid);
        }
        if (middle) {
            Script between = new Script(assembly, 1, phases);
            cgroups.enter(between.stream(), around.tasks());
            new MiddleProcess(plan, between).run(child, pid);
        }
        Script inner = new Script(assembly, child, phases);
        Credentials credentials =
                Credentials.of(
                        plan.config().process().capabilities(),
                        plan.host(),
                        plan.userNamespace(),
                        warnings);
        ProcessImage image =
                ProcessImage.of(
                        plan.config().process(),
                        Environment.of(
                                plan.config().process().env(),
                                request.listenFds(),
                                request.notifySocket() != null),
                        request.home(),
                        inner);
        new InitProcess(
                        plan,
                        inner,
                        new InitProcess.Program(
                                pid,
                                consoleSocket,
                                master,
                                request.starts() ? null : folder.startSocket(),
                                outside,
                                nodes,
                                credentials,
                                image,
                                seccomp,
                                marks))
                .run(middle ? List.of() : around.tasks());
        if (idMaps.isHelped()) {
            IdMaps.help(new Script(assembly, child + 1, phases));
        }
        assembly.init(pid);
        marks.finish();
        return new Compiled(assembly.build(), phases.list(), warnings, pid, pidfd, relayed, notify);
    }

    /** Forks, directly or through the middle process, and lets the user namespace be mapped. */
    private Slot fork(Slot pid, Slot pidfd, Operand cgroup, IdMaps idMaps) {
        Namespaces namespaces = plan.namespaces();
        front.at("linux.namespaces", "unable to start init");
        if (!middle) {
            front.add(new Fork(namespaces.fresh(), child, cgroup, pidfd)).into(pid);
            FrontSteps.undoProcess(front, pidfd);
        } else {
            throughMiddle(pid, pidfd, cgroup, idMaps);
        }
        front.at("linux.namespaces", "unable to find init");
        Slot process = front.openProcess("process", pid);
        boolean maps =
                namespaces.creates(Namespaces.USER)
                        && !MiddleProcess.makesUserNamespace(namespaces);
        if (plan.userNamespace()) {
            FrontSteps.oomScore(front, process, plan.config().process());
        }
        if (maps) {
            UserMapping.write(plan, front, process, pid);
            idMaps.afterMapping(process);
            front.at("linux.uidMappings", "unable to map the user namespace");
            front.post(child, Sync.MAPPED);
        }
        if (plan.userNamespace()) {
            front.close(process);
        }
        return process;
    }

    private void throughMiddle(Slot pid, Slot pidfd, Operand cgroup, IdMaps idMaps) {
        Namespaces namespaces = plan.namespaces();
        Slot middlePid = front.slot("middlePid");
        Slot middlePidfd = front.slot("middlePidfd");
        front.add(new Fork(0, 1, cgroup, middlePidfd)).into(middlePid);
        FrontSteps.undoProcess(front, middlePidfd);
        boolean maps = MiddleProcess.makesUserNamespace(namespaces);
        Map<String, TimeOffset> offsets = plan.linux().timeOffsets();
        if (maps || !offsets.isEmpty()) {
            Slot process = front.openProcess("middleProcess", middlePid);
            if (maps) {
                front.at("linux.uidMappings", "unable to map the user namespace");
                front.waitFor(1, Sync.MAP);
                UserMapping.write(plan, front, process, middlePid);
                idMaps.afterMapping(process);
                front.at("linux.uidMappings", "unable to map the user namespace");
                front.post(1, Sync.MAPPED);
            }
            if (!offsets.isEmpty()) {
                clocks(process, offsets);
            }
            front.close(process);
        }
        front.at("linux.namespaces", "unable to start init");
        front.waitFor(1, Sync.FORKED);
        front.add(new PidfdOpen(pid, 0)).into(pidfd);
        FrontSteps.undoProcess(front, pidfd);
        front.add(new Waitid(P_PIDFD, middlePidfd, null, WEXITED | WALL));
        front.close(middlePidfd);
    }

    private void clocks(Slot process, Map<String, TimeOffset> offsets) {
        front.at("linux.timeOffsets", "failed to update timens_offsets");
        front.waitFor(1, Sync.CLOCKS);
        var text = new StringBuilder();
        for (Map.Entry<String, TimeOffset> entry : offsets.entrySet()) {
            text.append(entry.getKey())
                    .append(' ')
                    .append(entry.getValue().secs())
                    .append(' ')
                    .append(entry.getValue().nanosecs())
                    .append('\n');
        }
        Slot file = front.openat("timens_offsets", process, "timens_offsets", O_WRONLY, 0);
        front.write(file, text.toString());
        front.close(file);
        front.post(1, Sync.CLOCKS_SET);
    }

    /**
     * The sources of binds, opened here where the ids of the container's user namespace might not
     * reach them; cut off from the host, as they would be in the container's mount namespace.
     */
    private List<@Nullable Slot> openBinds() {
        List<MountPlan> mounts = plan.mounts();
        var opened = new ArrayList<@Nullable Slot>(mounts.size());
        for (int i = 0; i < mounts.size(); i++) {
            MountPlan mount = mounts.get(i);
            if (mount.kind() != Kind.BIND || !(plan.opensBindsOutside() || mount.idMapped())) {
                opened.add(null);
                continue;
            }
            front.at(mount.key(), mount.say());
            Slot tree = Mounts.openSource(front, mount);
            front.add(MountSetattr.propagation(tree, MS_SLAVE, true)).tolerating(EINVAL, EPERM);
            opened.add(tree);
        }
        return opened;
    }
}
