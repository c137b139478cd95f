package dev.rung.host.compile;

import static dev.rung.domain.Errno.EBADF;
import static dev.rung.domain.Errno.ENOSYS;
import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.FileStep.O_RDWR;
import static dev.rung.program.FileStep.O_TRUNC;
import static dev.rung.program.FileStep.O_WRONLY;
import static dev.rung.program.ProcessStep.SIGKILL;
import static dev.rung.program.SocketStep.SOCK_CLOEXEC;

import dev.rung.host.compile.ProcessSetup.Groups;
import dev.rung.oci.ContainerProcess;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.Hooks;
import dev.rung.oci.Sysctls;
import dev.rung.program.ControlStep.Adopt;
import dev.rung.program.ControlStep.Shed;
import dev.rung.program.ControlStep.Signals;
import dev.rung.program.CredentialStep.KeyctlJoin;
import dev.rung.program.CredentialStep.KeyctlSetperm;
import dev.rung.program.CredentialStep.Prctl;
import dev.rung.program.FileStep.CloseRange;
import dev.rung.program.FileStep.Dup3;
import dev.rung.program.Hole;
import dev.rung.program.Mark;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.Setdomainname;
import dev.rung.program.ProcessStep.Sethostname;
import dev.rung.program.ProcessStep.Setsid;
import dev.rung.program.ProcessStep.Umask;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep.Accept4;
import dev.rung.program.Text;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stream of a container's process, from its birth in new namespaces until it is the user's
 * (runtime.md "Lifecycle", steps 2 to 9).
 */
final class InitProcess {
    private static final int SESSION_KEYRING = 0x3f130000; // what a new one has
    private static final int USER_SEARCH = 0x80000;
    private static final int OTHER_SEARCH = 0x8;

    private final ContainerPlan plan;
    private final ContainerProcess process;
    private final Script s;
    private final Program program;

    /** What the container's process takes over from the front end, and what others tell it. */
    record Program(
            Slot pid,
            @Nullable Slot consoleSocket,
            Slot terminal,
            @Nullable Slot startSocket,
            List<@Nullable Slot> outside,
            List<@Nullable Slot> nodes,
            @Nullable Credentials credentials,
            ProcessImage image,
            @Nullable SeccompSteps seccomp,
            TimeMarks marks) {}

    InitProcess(ContainerPlan plan, Script s, Program program) {
        this.plan = plan;
        this.process = plan.config().process();
        this.s = s;
        this.program = program;
    }

    /**
     * @param tasks of the cgroups that the process is to enter, the first thing it does
     */
    void run(List<Slot> tasks) {
        s.at("", "unable to prepare the container's process");
        s.add(Prctl.parentDeathSignal(SIGKILL));
        plan.cgroups().enter(s.stream(), tasks);
        begin();
        program.marks().over(s, "namespaces");
        keyring();
        if (plan.namespaces().creates(Namespaces.NETWORK)) {
            s.at("linux.namespaces", "unable to set up the loopback interface");
            Loopback.raise(s);
        }
        if (!plan.linux().netDevices().isEmpty()) {
            s.at("linux.netDevices", "waiting for the network devices");
            s.waitFor(0, Sync.DEVICES_MOVED);
        }
        s.at("", "unable to open the proc file system of the host");
        Slot hostProc = s.openat("hostProc", Operand.CWD, "/proc", O_PATH | O_DIRECTORY, 0);
        Rootfs rootfs = new Rootfs(plan, s);
        Slot root = rootfs.prepare();
        Mounts mounts = new Mounts(plan, s, root);
        CgroupMounts cgroups = new CgroupMounts(plan, s);
        mounts.all(program.outside(), cgroups);
        root = mounts.root();
        cgroups.enter();
        program.marks().over(s, "mounts");
        if (plan.makesDev()) {
            new Devices(plan, s, root, program.nodes()).all();
        }
        program.marks().over(s, "devices");
        hooks();
        Slot peer = console(root, mounts);
        sysctls(mounts, hostProc);
        Masks masks = new Masks(plan, s, root);
        masks.readonlyPaths();
        masks.maskedPaths();
        Slot cwd = workingDirectory(root);
        program.image().findHome(s, root);
        mounts.finishReadonly();
        if (plan.namespaces().has(Namespaces.MOUNT)) {
            rootfs.finishReadonly(root);
        }
        program.marks().over(s, "paths");
        rootfs.enter(root);
        s.close(root);
        if (plan.makesDev()) {
            ownNullDevice();
        }
        if (peer != null) {
            new Console(process, s).use(peer);
        }
        names();
        program.marks().over(s, "root");
        become(cwd, hostProc);
    }

    private void begin() {
        s.at("", "unable to prepare the container's process");
        s.add(new Signals());
        closeInherited();
        boolean mapped = MiddleProcess.makesUserNamespace(plan.namespaces());
        boolean maps = plan.namespaces().creates(Namespaces.USER) && !mapped;
        // Without privileges the front end can write the mappings only while this is not set.
        boolean early = !maps || plan.privileged();
        if (early) {
            s.add(Prctl.dumpable(false));
        }
        s.add(new Umask(0));
        s.add(new Setsid());
        if (maps) {
            s.at("linux.uidMappings", "waiting for the user namespace to be mapped");
            s.waitFor(0, Sync.MAPPED);
        }
        if (plan.userNamespace()) {
            MiddleProcess.becomeRoot(s);
        }
        if (!early) {
            s.at("", "unable to prepare the container's process");
            s.add(Prctl.dumpable(false));
        }
    }

    /** A pipe of the caller's must not stay open for as long as the container waits. */
    private void closeInherited() {
        ContainerRequest request = plan.request();
        int first = 3 + request.preserveFds();
        int last = 2 + request.inheritedFds();
        if (!request.starts() && first <= last) {
            s.add(new CloseRange(Operand.of(first), Operand.of(last), 0));
        }
    }

    /** A session keyring of our own, so that the caller's keys stay out of reach. */
    private void keyring() {
        if (plan.request().noNewKeyring()) {
            return;
        }
        Mark none = s.mark();
        s.at("", "unable to join session keyring");
        Text name = Text.of("_ses." + plan.request().id().value());
        Slot key = s.add("keyring", new KeyctlJoin(name));
        s.orElse(none, ENOSYS);
        s.at("", "unable to mod keyring permissions");
        boolean fresh = plan.namespaces().has(Namespaces.USER);
        int searchable = SESSION_KEYRING | (fresh ? OTHER_SEARCH : USER_SEARCH);
        s.add(new KeyctlSetperm(key, searchable));
        s.place(none);
    }

    private void hooks() {
        Hooks hooks = plan.config().hooks();
        if (plan.waitsForHooks()) {
            s.at("hooks", "waiting for the hooks of the runtime");
            s.post(0, Sync.MOUNTED);
            s.waitFor(0, Sync.HOOKED);
        }
        if (!hooks.createContainer().isEmpty()) {
            Hole state = s.state(StateRecord.forHooks(plan, ContainerStatus.CREATING), pidInside());
            HookSteps.run(s, "createContainer", hooks.createContainer(), state, List.of());
        }
    }

    /** As runc, hooks that run inside are told the pid of the inside. */
    private Operand pidInside() {
        return plan.namespaces().creates(Namespaces.PID) ? Operand.of(1) : program.pid();
    }

    private @Nullable Slot console(Slot root, Mounts mounts) {
        if (!process.terminal()) {
            return null;
        }
        Console console = new Console(process, s);
        Slot peer = console.open(root, mounts.pts(), program.consoleSocket(), program.terminal());
        if (plan.namespaces().has(Namespaces.MOUNT)) {
            console.mount(root, peer);
        }
        return peer;
    }

    /** Written through a proc file system that the container's image had no hand in. */
    private void sysctls(Mounts mounts, Slot hostProc) {
        Slot proc = mounts.proc() == null ? hostProc : mounts.proc();
        for (Map.Entry<String, String> entry : plan.linux().sysctl().entrySet()) {
            String name = entry.getKey();
            s.at("linux.sysctl[" + Quoted.of(name) + "]", "open sysctl " + name + " file");
            Slot file = s.slot("sysctl");
            s.openBelow(file, proc, "sys/" + Sysctls.path(name), O_WRONLY | O_TRUNC);
            s.at(
                    "linux.sysctl[" + Quoted.of(name) + "]",
                    "failed to write sysctl " + name + " = " + Quoted.of(entry.getValue()));
            s.write(file, entry.getValue());
            s.close(file);
        }
    }

    /** Opened inside the root, so that no descriptor of ours can be its way out. */
    private Slot workingDirectory(Slot root) {
        String cwd = process.cwd();
        s.at("process.cwd", "mkdir " + cwd);
        return s.ensureDirectory("cwd", root, cwd);
    }

    /** A null device that the caller gave as 0, 1 or 2 becomes that of the container. */
    private void ownNullDevice() {
        s.at("linux.devices", "error reopening /dev/null inside container");
        Slot device = s.openat("null", Operand.CWD, "/dev/null", O_RDWR, 0);
        s.expectCharacterDevice(device, 1, 3);
        for (int fd = 0; fd < 3; fd++) {
            Mark next = s.mark();
            s.statx(Operand.of(fd)).orElse(next, EBADF);
            s.skipUnlessNullDevice(next);
            s.add(new Dup3(device, Operand.of(fd), 0));
            s.place(next);
        }
        s.close(device);
    }

    private void names() {
        String hostname = plan.config().hostname();
        if (hostname != null) {
            s.at("hostname", "sethostname");
            s.add(new Sethostname(hostname));
        }
        String domainname = plan.config().domainname();
        if (domainname != null) {
            s.at("domainname", "setdomainname");
            s.add(new Setdomainname(domainname));
        }
    }

    private void become(Slot cwd, Slot hostProc) {
        boolean hooked = !plan.config().hooks().startContainer().isEmpty();
        LastSteps last =
                new LastSteps(
                        process,
                        s,
                        program.credentials(),
                        program.image(),
                        program.seccomp(),
                        hooked);
        ProcessSetup setup = new ProcessSetup(process, s);
        setup.labels(hostProc, plan.host().appArmor());
        Groups groups = groups();
        Hole mayGroup = ProcessSetup.answer(s);
        if (groups == Groups.ASK) {
            setup.askWhetherGroupsMayBeSet(hostProc, "self", mayGroup);
        }
        s.close(hostProc);
        last.placement(plan.linux());
        last.await(plan.limitsFromOutside());
        last.become(cwd, groups, mayGroup, plan.request().preserveFds());
        program.marks().over(s, "rights");
        s.post(0, Sync.CREATED);
        awaitStart();
        if (hooked) {
            Hole state = s.state(StateRecord.forHooks(plan, ContainerStatus.CREATED), pidInside());
            HookSteps.run(
                    s,
                    "startContainer",
                    plan.config().hooks().startContainer(),
                    state,
                    program.image().environment());
        }
        last.execute();
    }

    private void awaitStart() {
        Slot socket = program.startSocket();
        if (socket != null) {
            s.at("", "waiting for start");
            s.add(new Shed());
            Slot caller = s.add("startCaller", new Accept4(socket, SOCK_CLOEXEC));
            s.add(new Adopt(caller));
            s.close(socket);
        }
    }

    private Groups groups() {
        return Groups.of(
                plan.host(), plan.config().annotations(), plan.namespaces().joins(Namespaces.USER));
    }
}
