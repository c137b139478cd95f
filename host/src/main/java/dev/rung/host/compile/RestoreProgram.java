package dev.rung.host.compile;

import static dev.rung.domain.Errno.ENOTTY;
import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_RDONLY;
import static dev.rung.program.SocketStep.AF_UNIX;
import static dev.rung.program.SocketStep.SOCK_CLOEXEC;
import static dev.rung.program.SocketStep.SOCK_STREAM;

import dev.rung.domain.Failure;
import dev.rung.host.cgroup.CgroupDirectory;
import dev.rung.host.cgroup.ContainerCgroups;
import dev.rung.host.compile.CheckpointRequest.Kind;
import dev.rung.host.compile.CheckpointRequest.OutsideMount;
import dev.rung.host.criu.CriuRequest;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.Hooks;
import dev.rung.oci.Resources;
import dev.rung.oci.RuntimeConfig;
import dev.rung.program.Assembly;
import dev.rung.program.ControlStep.ExpectData;
import dev.rung.program.ControlStep.Load;
import dev.rung.program.CredentialStep.Prctl;
import dev.rung.program.FileStep.Chdir;
import dev.rung.program.Hole;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.PidfdOpen;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep.ReceiveDescriptor;
import dev.rung.program.SocketStep.Socketpair;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compiles restore. As for a new container the front end keeps the state and makes the cgroups; the
 * process that it forks enters them, prepares a root in a mount namespace of its own, and becomes
 * criu, whose restored process is then a child of the front end.
 */
public final class RestoreProgram {
    /** What criu writes into the working folder. */
    public static final String LOG = "restore.log";

    private static final String BEFORE_HOOKS = "setup-namespaces";
    private static final String RESTORED = "post-restore";

    /** The name of the root in a file system that only criu's mount namespace has. */
    private static final String ROOT = "root";

    private final ContainerPlan plan;
    private final RestoreRequest wanted;
    private final Assembly assembly;
    private final Phases phases = new Phases();
    private final Script front;
    private final Script inner;
    private final CriuProcess criu;
    private final Slot images;
    private final Slot work;
    private final List<String> warnings = new ArrayList<>(0);

    private RestoreProgram(ContainerPlan plan, RestoreRequest wanted) {
        this.plan = plan;
        this.wanted = wanted;
        this.assembly = new Assembly(Compiled.machine(plan.host()));
        this.front = new Script(assembly, 0, phases);
        this.inner = new Script(assembly, 1, phases);
        this.criu = new CriuProcess(wanted.criu(), front, inner);
        this.images = front.slot("images");
        this.work = front.slot("work");
    }

    /**
     * The program of a restore.
     *
     * @throws dev.rung.domain.Failure.Invalid for a config that cannot be
     * @throws dev.rung.domain.Failure.Unsupported for one that this host cannot do, naming what it
     *     lacks
     */
    public static Compiled compile(
            RuntimeConfig config,
            HostDescription host,
            ContainerRequest request,
            RestoreRequest wanted) {
        return new RestoreProgram(ContainerPlan.of(config, host, request), wanted).assemble();
    }

    private Compiled assemble() {
        Slot pid = front.slot("pid");
        Slot pidfd = front.slot("pidfd");
        ContainerRequest request = plan.request();
        if (request.subreaper()) {
            front.at("", "unable to become the reaper of orphaned processes");
            front.add(Prctl.childSubreaper(true)).toleratingAll().warning();
        }
        Hole stopped =
                front.state(StateRecord.forHooks(plan, ContainerStatus.STOPPED), Operand.NONE);
        front.at("", "chdir " + request.bundle());
        front.add(new Chdir(request.bundle()));
        if (!plan.config().hooks().isEmpty()) {
            HookOutput.redirect(front.stream(), plan.config().annotations());
        }
        StateFolder folder = new StateFolder(plan, front);
        folder.make(stopped);
        Terminal terminal = terminal();
        CriuRequest asked = request();
        plan.warn(warnings);
        fork(folder);
        Slot socket = criu.meet();
        Hole number = front.hole(4);
        speak(asked.bytes(), RESTORED, number, socket, terminal);
        front.at("", "unable to find the restored process");
        front.add(new Load(number)).into(pid);
        front.add(new PidfdOpen(pid, 0)).into(pidfd);
        FrontSteps.undoProcess(front, pidfd);
        folder.record(pid, front.slot("startTime"));
        folder.close();
        front.at("", "criu failed");
        converse(new Phase.Criu(CriuRequest.goOn(), "", 0), socket, terminal);
        criu.part(socket);
        Slot master = terminal == null ? null : terminal.take(front);
        if (request.pidFile() != null) {
            PidFile.write(front, request.pidFile(), pid);
        }
        assembly.init(pid);
        return new Compiled(assembly.build(), phases.list(), warnings, pid, pidfd, master, null);
    }

    /**
     * Opens the folders in criu's own mount namespace, as it mounts something in them. What lies
     * among the images is run with our own rights.
     */
    private void openFolders() {
        inner.at("", "unable to open the images " + Quoted.of(wanted.images()));
        inner.openInto(images, Operand.CWD, wanted.images(), O_RDONLY | O_DIRECTORY);
        long uid = plan.host().caller().uid();
        inner.at("", "the images are not to be trusted");
        inner.phase(new Phase.CheckOwner(wanted.images(), uid), images);
        if (wanted.work() != null) {
            CheckpointProgram.folder(inner, work, wanted.work());
        }
    }

    private CriuRequest request() {
        var asked =
                CriuRequest.restore(
                        wanted.options(),
                        criu.hand(images),
                        LOG,
                        plan.request().stateFolder() + "/" + ROOT);
        if (wanted.work() != null) {
            asked.workFolder(criu.hand(work));
        }
        for (OutsideMount mount : wanted.mounts()) {
            asked.mount(mount.key(), mount.value());
        }
        if (!plan.linux().maskedPaths().isEmpty()) {
            asked.mount("/dev/null", plan.request().stateFolder() + "/" + RestoredRoot.COVER);
        }
        cgroupMounts(asked);
        for (Namespaces.Join join : plan.namespaces().joins()) {
            Kind kind = outside(join.flag());
            if (kind == null) {
                asked.joined(kindToJoin(join), join.path());
            } else {
                front.at(join.key(), "failed to open " + join.path());
                Slot opened = front.openat(kind.key, Operand.CWD, join.path(), O_RDONLY, 0);
                asked.inherited(kind.key, criu.hand(opened));
            }
        }
        for (CgroupDirectory directory : plan.cgroups().directories()) {
            String above = directory.hierarchy().root();
            String path = (above.equals("/") ? "" : above) + directory.inside();
            List<String> controllers =
                    directory.hierarchy().unified()
                            ? List.of("")
                            : directory.hierarchy().controllers();
            for (String controller : controllers) {
                asked.cgroup(controller, path);
            }
        }
        for (int i = 0; i < wanted.descriptors().size(); i++) {
            if (wanted.descriptors().get(i).startsWith("pipe:")) {
                asked.inherited(wanted.descriptors().get(i), i);
            }
        }
        return asked;
    }

    /** In version 1 without a cgroup namespace, those of the host are bound. */
    private void cgroupMounts(CriuRequest asked) {
        if (plan.cgroups().isUnified() || plan.namespaces().has(Namespaces.CGROUP)) {
            return;
        }
        for (MountPlan mount : plan.mounts()) {
            for (CgroupDirectory directory : plan.cgroups().directories()) {
                if (mount.kind() == MountPlan.Kind.CGROUP && !directory.hierarchy().unified()) {
                    String name = CleanPath.name(directory.hierarchy().mountPoint());
                    asked.mount(mount.destination() + "/" + name, directory.path());
                }
            }
        }
    }

    private static String kindToJoin(Namespaces.Join join) {
        return switch (join.type()) {
            case MOUNT -> "mnt";
            case IPC, UTS, USER -> join.type().toString();
            case CGROUP, TIME, PID, NETWORK ->
                    throw new Failure.Unsupported(
                            "criu enters no "
                                    + join.type()
                                    + " namespace (config.json: "
                                    + join.key()
                                    + ")");
        };
    }

    private static @Nullable Kind outside(long flag) {
        return flag == Namespaces.NETWORK ? Kind.NETWORK : flag == Namespaces.PID ? Kind.PID : null;
    }

    /** Makes the cgroups and the process that enters them, and limits them. */
    private void fork(StateFolder folder) {
        ContainerCgroups cgroups = plan.cgroups();
        CgroupSteps around = CgroupSteps.make(plan, assembly, front, phases);
        criu.fork(around.forkedInto());
        Resources resources = around.forked(criu.pid());
        cgroups.enter(inner.stream(), around.tasks());
        if (cgroups.joinsLate()) {
            cgroups.join(assembly, front.stream(), criu.pid());
            front.post(1, Sync.IN_CGROUP);
            inner.at("linux.cgroupsPath", "unable to apply cgroup configuration");
            inner.waitFor(0, Sync.IN_CGROUP);
        }
        if (plan.resctrl() != null && plan.linux().intelRdt() != null) {
            ResctrlSteps.begin(front, plan.linux().intelRdt(), plan.resctrl(), criu.pid(), folder);
        }
        cgroups.limit(front.stream(), resources);
        new RestoredRoot(plan, inner).make(ROOT);
        openFolders();
        criu.become(true);
    }

    /** Lets criu go on up to a point, and runs the hooks on the way. */
    private void speak(
            byte[] request, String until, Hole number, Slot socket, @Nullable Terminal terminal) {
        byte[] next = request;
        front.at("", "criu failed");
        if (plan.waitsForHooks()) {
            converse(new Phase.Criu(next, BEFORE_HOOKS, number.at()), socket, terminal);
            Slot made = front.add("restored", new Load(number));
            Hooks hooks = plan.config().hooks();
            Hole state = front.state(StateRecord.forHooks(plan, ContainerStatus.CREATING), made);
            HookSteps.run(front, "prestart", hooks.prestart(), state, List.of());
            HookSteps.run(front, "createRuntime", hooks.createRuntime(), state, List.of());
            next = CriuRequest.goOn();
            front.at("", "criu failed");
        }
        converse(new Phase.Criu(next, until, number.at()), socket, terminal);
    }

    private void converse(Phase.Criu phase, Slot socket, @Nullable Terminal terminal) {
        front.phase(phase, socket, terminal == null ? Operand.NONE : terminal.sink());
    }

    /** Where the master of the container's terminal goes; null when it has none. */
    private @Nullable Terminal terminal() {
        if (!plan.config().process().terminal()) {
            return null;
        }
        String socket = plan.request().consoleSocket();
        if (socket != null) {
            front.at("process.terminal", "unable to connect to the console socket");
            return new Terminal(FrontSteps.connect(front, "consoleSocket", socket), null);
        }
        front.at("process.terminal", "unable to make a socket for the console");
        Hole pair = front.hole(Socketpair.SIZE);
        front.add(new Socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
        Slot sink = front.add("consoleSink", new Load(pair.part(0, 4)));
        return new Terminal(sink, front.add("consoleSource", new Load(pair.part(4, 4))));
    }

    /**
     * The way of a terminal's master.
     *
     * @param sink the socket that it is sent to
     * @param source where the front end gets it for itself, null: it goes elsewhere
     */
    private record Terminal(Slot sink, @Nullable Slot source) {
        @Nullable Slot take(Script front) {
            front.at("process.terminal", "unable to receive the console");
            front.close(sink);
            if (source == null) {
                return null;
            }
            Hole came = front.hole(ReceiveDescriptor.SIZE);
            front.add(new ReceiveDescriptor(source, came));
            Hole number = ReceiveDescriptor.descriptor(came);
            front.add(new ExpectData(number, -1, 0, ENOTTY, true));
            front.close(source);
            return front.add("terminal", new Load(number));
        }
    }
}
