package dev.rung.host.compile;

import static dev.rung.domain.Errno.ENOSYS;
import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.ProcessStep.CLONE_PARENT;
import static dev.rung.program.ProcessStep.CLONE_VM;
import static dev.rung.program.ProcessStep.P_PIDFD;
import static dev.rung.program.ProcessStep.SIGKILL;
import static dev.rung.program.ProcessStep.WALL;
import static dev.rung.program.ProcessStep.WEXITED;

import dev.rung.domain.Failure;
import dev.rung.host.cgroup.ContainerCgroups;
import dev.rung.host.compile.ProcessSetup.Groups;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.ContainerProcess;
import dev.rung.oci.ContainerProcess.CpuAffinity;
import dev.rung.oci.ContainerState;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.RuntimeConfig;
import dev.rung.program.Assembly;
import dev.rung.program.ControlStep.Fork;
import dev.rung.program.ControlStep.HeedStream;
import dev.rung.program.ControlStep.Signals;
import dev.rung.program.ControlStep.Starttime;
import dev.rung.program.CredentialStep.KeyctlJoin;
import dev.rung.program.CredentialStep.Prctl;
import dev.rung.program.Hole;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.PidfdOpen;
import dev.rung.program.ProcessStep.Setns;
import dev.rung.program.ProcessStep.Setsid;
import dev.rung.program.ProcessStep.Umask;
import dev.rung.program.ProcessStep.Waitid;
import dev.rung.program.Slot;
import dev.rung.program.Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compiles exec: a process that joins the cgroups of a running container, enters all its namespaces
 * at once by its first process, and becomes another program in it.
 *
 * <p>A pid namespace is entered by children only, so a process in between enters the others first
 * and then forks the one that becomes the program. From its birth that one has its root, working
 * directory and descriptors inside, as whoever may trace it in there could take them.
 */
public final class ExecProgram {
    private static final int FRONT = 0;

    private final RuntimeConfig config;
    private final HostDescription host;
    private final ExecRequest request;
    private final ContainerProcess process;
    private final ContainerCgroups cgroups;
    private final SeccompFilters filters;
    private final Namespaces namespaces;
    private final Assembly assembly;
    private final Script front;
    private final Phases phases = new Phases();
    private final List<String> warnings = new ArrayList<>(0);
    private final boolean middle;
    private final int child;
    private final Groups groups;
    private final Hole mayGroup;

    private ExecProgram(
            RuntimeConfig config,
            HostDescription host,
            ExecRequest request,
            ContainerCgroups cgroups,
            SeccompFilters filters) {
        this.filters = filters;
        this.config = config;
        this.host = host;
        this.request = request;
        this.process = request.process();
        this.cgroups = cgroups;
        this.namespaces = Namespaces.of(config.linux());
        this.assembly = new Assembly(Compiled.machine(host));
        this.front = new Script(assembly, FRONT, phases);
        this.middle = namespaces.has(Namespaces.PID);
        this.child = middle ? 2 : 1;
        this.groups = Groups.of(host, config.annotations(), namespaces.has(Namespaces.USER));
        this.mayGroup = ProcessSetup.answer(front);
    }

    /**
     * The program of an exec.
     *
     * @param config what the container was made from
     * @param cgroups those that the process joins
     * @throws Failure.Invalid for a process that cannot be
     * @throws Failure.Unsupported for one that this host cannot do, naming what it lacks
     */
    public static Compiled compile(
            RuntimeConfig config,
            HostDescription host,
            ExecRequest request,
            ContainerCgroups cgroups) {
        return compile(config, host, request, cgroups, new SeccompFilters());
    }

    /** The same, for who compiles more than once. */
    public static Compiled compile(
            RuntimeConfig config,
            HostDescription host,
            ExecRequest request,
            ContainerCgroups cgroups,
            SeccompFilters filters) {
        Checks.process(request.process(), host);
        return new ExecProgram(config, host, request, cgroups, filters).assemble();
    }

    private Compiled assemble() {
        Slot pid = front.slot("pid");
        Slot pidfd = front.slot("pidfd");
        Slot master = front.slot("ptmx");
        front.at("", "container not running");
        Operand initPid = Operand.of(request.pid());
        Slot init = front.add("init", new PidfdOpen(initPid, 0));
        front.add(new Starttime(initPid, Operand.of(request.startTime())));
        Slot consoleSocket = null;
        Operand caller = Operand.NONE;
        if (process.terminal() && request.consoleSocket() == null) {
            caller = FrontSteps.callerTerminal(front, request.callerTerminal());
        } else if (process.terminal() && request.consoleSocket() != null) {
            front.at("process.terminal", "unable to connect to the console socket");
            consoleSocket = FrontSteps.connect(front, "consoleSocket", request.consoleSocket());
        }
        Slot pidfdSocket = null;
        if (request.pidfdSocket() != null) {
            front.at("", "unable to connect to the pidfd socket");
            pidfdSocket = FrontSteps.connect(front, "pidfdSocket", request.pidfdSocket());
        }
        SeccompSteps seccomp =
                SeccompSteps.of(
                        config.linux().seccomp(),
                        config.annotations(),
                        host,
                        filters,
                        front,
                        warnings);
        List<Slot> tasks = cgroups.open(front.stream());
        Slot between = fork(pid, pidfd, cgroups.forkedInto(tasks));
        cgroups.close(front.stream(), tasks);
        if (cgroups.joinsLate()) {
            cgroups.join(assembly, front.stream(), pid);
        }
        if (request.resctrl() != null) {
            ResctrlSteps.join(front, request.resctrl(), pid);
        }
        if (pidfdSocket != null) {
            FrontSteps.sendPidfd(front, pidfdSocket, "setns", pidfd);
        }
        front.at("process.oomScoreAdj", "unable to find the process");
        if (process.oomScoreAdj() != null) {
            Slot folder = front.openProcess("process", pid);
            FrontSteps.oomScore(front, folder, process);
            front.close(folder);
        }
        boolean limited = isLimitedFromOutside();
        if (limited) {
            front.at("process.rlimits", "waiting for the process");
            front.waitFor(child, Sync.READY);
            for (int i = 0; i < process.rlimits().size(); i++) {
                ProcessSetup.limit(front, i, process.rlimits().get(i), pid);
            }
        }
        Slot relayed =
                process.terminal() && consoleSocket == null
                        ? FrontSteps.takeTerminal(front, child, pidfd, master, caller)
                        : null;
        front.at("", "unable to start container process");
        front.post(child, Sync.GO);
        if (between != null) {
            front.add(new Waitid(P_PIDFD, between, null, WEXITED | WALL));
            front.close(between);
        }
        if (seccomp != null) {
            seccomp.hand(front, pid, pidfd, state());
        }
        front.at("process.args", "unable to start container process");
        front.waitFor(child, Sync.CREATED);
        front.add(new HeedStream(child));
        if (request.pidFile() != null) {
            PidFile.write(front, request.pidFile(), pid);
        }
        if (middle) {
            between(init, pid, tasks);
        }
        inside(init, consoleSocket, master, seccomp, limited, tasks);
        assembly.init(pid);
        return new Compiled(assembly.build(), phases.list(), warnings, pid, pidfd, relayed, null);
    }

    private boolean isLimitedFromOutside() {
        return namespaces.has(Namespaces.USER) && !process.rlimits().isEmpty();
    }

    private ContainerState state() {
        return new ContainerState(
                RuntimeConfig.SPECIFICATION,
                request.id().value(),
                ContainerStatus.RUNNING,
                request.pid(),
                request.bundle(),
                config.annotations());
    }

    /** Returns the process in between, which ends by itself. */
    private @Nullable Slot fork(Slot pid, Slot pidfd, Operand cgroup) {
        front.at("", "unable to start the process");
        if (middle) {
            Slot middlePid = front.slot("middlePid");
            Slot middlePidfd = front.slot("middlePidfd");
            // nobody in the container sees it, so it can do without memory of its own, which is
            // dear; but who shares memory enters no time namespace (setns(2))
            long sharing = namespaces.has(Namespaces.TIME) ? 0 : CLONE_VM;
            front.add(new Fork(sharing, 1, cgroup, middlePidfd)).into(middlePid);
            FrontSteps.undoProcess(front, middlePidfd);
            front.waitFor(1, Sync.FORKED);
            front.add(new PidfdOpen(pid, 0)).into(pidfd);
            FrontSteps.undoProcess(front, pidfd);
            return middlePidfd;
        }
        front.add(new Fork(0, child, cgroup, pidfd)).into(pid);
        FrontSteps.undoProcess(front, pidfd);
        return null;
    }

    /** Cgroups and processors, while the process is still in the caller's namespaces. */
    private void place(Script s, List<Slot> tasks) {
        CpuAffinity affinity = process.execCpuAffinity();
        Operand self = Operand.of(0);
        if (affinity != null && affinity.initial() != null) {
            FrontSteps.bindToCpus(
                    s,
                    "process.execCPUAffinity.initial",
                    "error setting initial CPU affinity",
                    self,
                    affinity.initial());
        }
        cgroups.enter(s.stream(), tasks);
        if (affinity != null && affinity.last() != null) {
            FrontSteps.bindToCpus(
                    s,
                    "process.execCPUAffinity.final",
                    "error setting final CPU affinity",
                    self,
                    affinity.last());
        } else if (affinity == null || affinity.initial() == null) {
            FrontSteps.allowAllCpus(s, self);
        }
    }

    /** The process that enters; what needs the host's /proc it does for its child. */
    private void between(Slot init, Slot pid, List<Slot> tasks) {
        Script s = new Script(assembly, 1, phases);
        secure(s);
        place(s, tasks);
        ofHost(s);
        enter(s, init, namespaces.all());
        s.at("", "unable to start the process");
        s.add(new Fork(CLONE_PARENT, child)).into(pid);
        s.post(FRONT, Sync.FORKED);
    }

    /** What the host's /proc is needed for, which no descriptor inside may lead to. */
    private void ofHost(Script s) {
        boolean labelled = process.apparmorProfile() != null || process.selinuxLabel() != null;
        if (!labelled && groups != Groups.ASK) {
            return;
        }
        ProcessSetup setup = new ProcessSetup(process, s);
        s.at("", "unable to prepare the process");
        Slot proc = s.openat("hostProc", Operand.CWD, "/proc", O_PATH | O_DIRECTORY, 0);
        setup.labels(proc, host.appArmor());
        if (groups == Groups.ASK) {
            setup.askWhetherGroupsMayBeSet(proc, Integer.toString(request.pid()), mayGroup);
        }
        s.close(proc);
    }

    /** What a process that enters namespaces does first, so that nobody in them can trace it. */
    private static void secure(Script s) {
        s.at("", "unable to prepare the process");
        s.add(Prctl.parentDeathSignal(SIGKILL));
        s.add(Prctl.dumpable(false));
    }

    private static void enter(Script s, Slot init, long flags) {
        s.at("linux.namespaces", "unable to enter the namespaces of the container");
        if (flags != 0) {
            s.add(new Setns(init, flags));
        }
        if ((flags & Namespaces.USER) != 0) {
            MiddleProcess.becomeRoot(s);
        }
    }

    private void inside(
            Slot init,
            @Nullable Slot consoleSocket,
            Slot master,
            @Nullable SeccompSteps seccomp,
            boolean limited,
            List<Slot> tasks) {
        Script s = new Script(assembly, child, phases);
        secure(s);
        s.add(new Signals());
        if (!middle) {
            place(s, tasks);
            ofHost(s);
        }
        enter(s, init, middle ? 0 : namespaces.all());
        s.close(init);
        s.at("", "unable to prepare the process");
        s.add(new Umask(0));
        s.add(new Setsid());
        keyring(s);
        Slot root = s.openat("root", Operand.CWD, "/", O_PATH | O_DIRECTORY, 0);
        if (process.terminal()) {
            Console console = new Console(process, s);
            console.use(console.open(root, null, consoleSocket, master));
        }
        ProcessImage image =
                ProcessImage.of(
                        process,
                        Environment.of(process.env(), request.listenFds(), false),
                        request.home(),
                        s);
        image.findHome(s, root);
        s.at(
                "process.cwd",
                "chdir to cwd (" + Quoted.of(process.cwd()) + ") set in config.json failed");
        Slot cwd = s.openInside("cwd", root, process.cwd(), O_PATH | O_DIRECTORY);
        s.close(root);
        Credentials credentials =
                Credentials.of(
                        process.capabilities(), host, namespaces.has(Namespaces.USER), warnings);
        LastSteps last = new LastSteps(process, s, credentials, image, seccomp, false);
        last.placement(config.linux());
        last.await(limited);
        last.become(cwd, groups, mayGroup, request.preserveFds());
        s.at("", "unable to tell the caller");
        s.post(FRONT, Sync.CREATED);
        last.execute();
    }

    private void keyring(Script s) {
        if (!request.noNewKeyring()) {
            s.at("", "unable to join session keyring");
            s.add(new KeyctlJoin(Text.of("_ses." + request.id().value()))).tolerating(ENOSYS);
        }
    }
}
