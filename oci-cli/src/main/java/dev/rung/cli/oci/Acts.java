package dev.rung.cli.oci;

import dev.rung.domain.ContainerId;
import dev.rung.domain.KernelPath;
import dev.rung.host.cgroup.CgroupDirectory;
import dev.rung.host.cgroup.ContainerCgroups;
import dev.rung.host.compile.HookOutput;
import dev.rung.host.compile.NotifySocket;
import dev.rung.host.compile.OutsideDevices;
import dev.rung.host.compile.ResctrlGroup;
import dev.rung.oci.ContainerState;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.Hooks.Hook;
import dev.rung.program.Assembly;
import dev.rung.program.Bytes;
import dev.rung.program.ControlStep;
import dev.rung.program.FileStep;
import dev.rung.program.Hole;
import dev.rung.program.Label;
import dev.rung.program.Machine;
import dev.rung.program.MountStep;
import dev.rung.program.Operand;
import dev.rung.program.Placed;
import dev.rung.program.ProcessStep;
import dev.rung.program.Program;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep;
import dev.rung.program.StepStream;
import dev.rung.program.Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Programs about a container that is there already: one after another the acts they consist of. */
final class Acts {
    private static final int ENOENT = 2;
    private static final int ESRCH = 3;
    private static final int EBUSY = 16;
    private static final int EINVAL = 22;
    private static final int POLLIN = 1;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET_CLOEXEC = 5 | 02000000;
    private static final long FOLDER =
            FileStep.O_RDONLY | FileStep.O_DIRECTORY | FileStep.O_CLOEXEC;

    /** What lies in the folder of a container's state. */
    private static final List<String> STATE_FILES =
            List.of("start", "init.lock", "config.json", "state.json");

    private final Assembly assembly;
    private final StepStream front;

    Acts() {
        assembly = new Assembly(machine());
        front = assembly.stream(0);
    }

    static Machine machine() {
        return System.getProperty("os.arch", "").equals("amd64") ? Machine.X86_64 : Machine.AARCH64;
    }

    Program build() {
        return assembly.build();
    }

    StepStream front() {
        return front;
    }

    Assembly assembly() {
        return assembly;
    }

    /** The first process, or ESRCH when it is gone, whatever has its number now. */
    Slot process(StoredContainer stored) {
        var label = new Label("", "unable to signal init");
        Operand pid = Operand.of(stored.pid());
        Slot pidfd = front.add(new ProcessStep.PidfdOpen(pid, 0), label).into("pidfd");
        front.add(new ControlStep.Starttime(pid, Operand.of(stored.startTime())), label);
        return pidfd;
    }

    void signal(Slot pidfd, int signal) {
        front.add(
                new ProcessStep.PidfdSendSignal(pidfd, signal),
                new Label("", "unable to signal init"));
    }

    /** Waits for the end of a process; the result of the step is 0 when it did not come in time. */
    Placed awaitEnd(Slot pidfd, long limitMs) {
        return front.add(
                new FileStep.Ppoll(pidfd, POLLIN, limitMs),
                new Label("", "unable to wait for the container's process"));
    }

    /** Moves the first process into a cgroup, if that can be done. */
    void move(StoredContainer stored, String cgroup) {
        var label = new Label("", "unable to move init to " + cgroup);
        var done = front.mark();
        Slot file =
                front.add(
                                new FileStep.Openat(
                                        Operand.CWD,
                                        cgroup + "/cgroup.procs",
                                        FileStep.O_WRONLY | FileStep.O_CLOEXEC),
                                label)
                        .toleratingAll()
                        .skippingTo(done)
                        .into("procs");
        front.add(new FileStep.Write(file, Integer.toString(stored.pid())), label).toleratingAll();
        front.add(new FileStep.Close(file), label);
        front.place(done);
    }

    /** A signal to each of those that are still there. */
    void signalEach(List<Integer> pids, int signal) {
        for (int pid : pids) {
            front.add(
                            new ProcessStep.Kill(Operand.of(pid), signal),
                            new Label("", "unable to signal process " + pid))
                    .tolerating(ESRCH);
        }
    }

    /** The sockets by which the first process tells the caller that it is ready. */
    record Notify(Slot socket, Slot caller) {}

    /** Makes them; the folder is that of the container's state. */
    Notify notify(Slot folder, String caller) {
        Slot socket = NotifySocket.bind(front, folder);
        return new Notify(socket, NotifySocket.connect(front, caller));
    }

    /** Another descriptor of what the front end has open. */
    Slot again(String name, long fd) {
        return front.add(
                        new FileStep.Fcntl(Operand.of(fd), FileStep.F_DUPFD_CLOEXEC, 0),
                        new Label("", "unable to pass a descriptor on"))
                .into(name);
    }

    /** A number in a slot. */
    Slot number(String name, int value) {
        var bytes =
                new byte[] {
                    (byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)
                };
        return front.add(new ControlStep.Load(assembly.hole(Bytes.of(bytes), 0)), new Label("", ""))
                .into(name);
    }

    /** EBUSY when a cgroup is frozen: its file, null for none, says FROZEN, FREEZING or 1. */
    void expectThawed(@Nullable String freezerFile) {
        if (freezerFile == null) {
            return;
        }
        var label = new Label("", "unable to start a frozen container");
        var done = front.mark();
        Slot file =
                front.add(
                                new FileStep.Openat(
                                        Operand.CWD,
                                        freezerFile,
                                        FileStep.O_RDONLY | FileStep.O_CLOEXEC),
                                label)
                        .toleratingAll()
                        .skippingTo(done)
                        .into("freezer");
        Hole first = assembly.hole(1);
        front.add(new FileStep.Read(file, first), label);
        for (char frozen : new char[] {'F', '1'}) {
            front.add(new ControlStep.ExpectData(first, 0xff, frozen, EBUSY, true), label);
        }
        front.add(new FileStep.Close(file), label);
        front.place(done);
    }

    /** The folder of a container's state. */
    Slot folder(String folder) {
        return front.add(
                        new FileStep.Openat(Operand.CWD, folder, FOLDER),
                        new Label("", "unable to reach the container's process"))
                .into("state");
    }

    /**
     * Lets the first process go on, which waits on a socket in the folder of the container's state.
     */
    void start(Slot state) {
        var label = new Label("", "unable to reach the container's process");
        Slot socket =
                front.add(new SocketStep.Socket(AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0), label)
                        .into("start");
        // by its short name: a socket's address is no longer than 107 bytes
        front.add(new FileStep.Fchdir(state), label);
        front.add(
                new SocketStep.Connect(socket, SocketStep.unixAddress(KernelPath.of("start"))),
                label);
        front.add(new ControlStep.Heed(socket), new Label("process.args", ""));
        for (String file : List.of("start", "init.lock")) {
            front.add(new FileStep.Unlinkat(state, file, 0), label).tolerating(ENOENT);
        }
    }

    /**
     * Hooks that read the container's state.
     *
     * @param fatal whether one that fails ends the program
     */
    void hooks(String kind, List<Hook> hooks, ContainerState state, boolean fatal) {
        if (!hooks.isEmpty()) {
            HookOutput.redirect(front, state.annotations());
        }
        for (int i = 0; i < hooks.size(); i++) {
            Hook hook = hooks.get(i);
            Long seconds = hook.timeout();
            List<String> args = hook.args().isEmpty() ? List.of(hook.path()) : hook.args();
            Placed spawned =
                    front.add(
                            new ControlStep.Spawn(
                                    Text.of(hook.path()),
                                    texts(args),
                                    texts(hook.env()),
                                    Bytes.of(state.json()),
                                    seconds == null ? 0 : Math.min(seconds, 1_000_000) * 1000),
                            new Label(
                                    "hooks." + kind + "[" + i + "]",
                                    "error running " + kind + " hook #" + i));
            if (!fatal) {
                spawned.toleratingAll().warning();
            }
        }
    }

    private static List<Text> texts(List<String> words) {
        var texts = new ArrayList<Text>(words.size());
        for (String word : words) {
            texts.add(Text.of(word));
        }
        return texts;
    }

    /** Takes away cgroups without others below them. */
    void removeCgroups(ContainerCgroups cgroups, boolean patient) {
        for (CgroupDirectory directory : cgroups.directories()) {
            removeFolder(directory.path(), patient);
        }
    }

    /** Changes what a group of resctrl may use. */
    void writeSchemata(ResctrlGroup group, String lines) {
        var label = new Label("linux.intelRdt", "intelrdt: unable to write " + lines.strip());
        Slot file =
                front.add(
                                new FileStep.Openat(
                                        Operand.CWD,
                                        group.folder() + "/schemata",
                                        FileStep.O_WRONLY | FileStep.O_TRUNC | FileStep.O_CLOEXEC),
                                label)
                        .into("schemata");
        front.add(new FileStep.Write(file, lines), label);
        front.add(new FileStep.Close(file), label);
    }

    /** Takes away the groups that are the container's own; with one go those below it. */
    void removeGroups(@Nullable ResctrlGroup resctrl) {
        String folder =
                resctrl == null ? null : resctrl.own() ? resctrl.folder() : resctrl.monitoring();
        if (folder != null) {
            front.add(
                            new FileStep.Unlinkat(Operand.CWD, folder, AT_REMOVEDIR),
                            new Label("linux.intelRdt", "unable to remove " + folder))
                    .tolerating(ENOENT);
        }
    }

    /** Unmounts what may have been unmounted meanwhile; the path is the mount table's. */
    void unmount(String path) {
        front.add(
                        new MountStep.Umount2(
                                path, MountStep.MNT_DETACH | MountStep.UMOUNT_NOFOLLOW),
                        new Label("mounts", "unable to unmount " + path))
                .tolerating(EINVAL, ENOENT);
    }

    void removeFolder(String path, boolean patient) {
        Placed removed =
                front.add(
                        new FileStep.Unlinkat(Operand.CWD, path, AT_REMOVEDIR),
                        new Label("", "unable to remove container's cgroup: " + path));
        removed.tolerating(ENOENT);
        if (patient) {
            removed.patient();
        }
    }

    /**
     * Takes away the record of a container, last of all its folder.
     *
     * @param devices how many nodes a create that was ended may have left
     */
    void removeState(String root, ContainerId id, int devices) {
        var label = new Label("", "unable to remove container state dir");
        var gone = front.mark();
        Slot folder =
                front.add(new FileStep.Openat(Operand.CWD, root + "/" + id, FOLDER), label)
                        .tolerating(ENOENT)
                        .skippingTo(gone)
                        .into("state");
        for (String file : STATE_FILES) {
            front.add(new FileStep.Unlinkat(folder, file, 0), label).tolerating(ENOENT);
        }
        for (int i = 0; i < devices; i++) {
            front.add(new FileStep.Unlinkat(folder, OutsideDevices.name(i), 0), label)
                    .tolerating(ENOENT);
        }
        NotifySocket.remove(front, folder, label);
        front.add(new FileStep.Unlinkat(Operand.CWD, root + "/" + id, AT_REMOVEDIR), label)
                .tolerating(ENOENT);
        front.place(gone);
    }

    /**
     * Writes a file, which is made with the caller's umask.
     *
     * @param how such as O_EXCL or O_TRUNC
     */
    void writeFile(String path, byte[] content, long how) {
        var label = new Label("", "open " + path);
        Slot file =
                front.add(
                                new FileStep.Openat(
                                        Operand.CWD,
                                        path,
                                        FileStep.O_WRONLY
                                                | FileStep.O_CREAT
                                                | FileStep.O_CLOEXEC
                                                | how,
                                        0666),
                                label)
                        .into("file");
        front.add(new FileStep.Write(file, Bytes.of(content)), label);
    }

    static ContainerState state(StoredContainer stored, ContainerStatus status) {
        return new ContainerState(
                stored.ociVersion(),
                stored.id(),
                status,
                status == ContainerStatus.STOPPED ? 0 : stored.pid(),
                stored.bundle(),
                stored.annotations());
    }
}
