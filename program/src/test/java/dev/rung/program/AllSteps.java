package dev.rung.program;

import static dev.rung.domain.Errno.EBUSY;
import static dev.rung.domain.Errno.EEXIST;
import static dev.rung.domain.Errno.ENOENT;
import static dev.rung.domain.Errno.ENXIO;
import static dev.rung.domain.Errno.EPERM;
import static dev.rung.program.ControlStep.*;
import static dev.rung.program.CredentialStep.*;
import static dev.rung.program.FileStep.*;
import static dev.rung.program.MountStep.*;
import static dev.rung.program.ProcessStep.*;
import static dev.rung.program.SocketStep.*;

import dev.rung.domain.KernelPath;
import java.util.List;

/** Programs that hold each step at least once, for the listing, the check and the fuzzing. */
final class AllSteps {
    private AllSteps() {}

    static Program assemble(Machine machine) {
        var assembly = new Assembly(machine);
        StepStream front = assembly.stream(0);
        StepStream init = assembly.stream(1);
        Slot pid = assembly.slot("pid");
        Slot pidfd = assembly.slot("pidfd");
        Slot listener = assembly.slot("listener");
        files(assembly, front);
        front.add(
                        new Fork(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS, 1, Operand.NONE, pidfd),
                        new Label("linux.namespaces", "error creating new process"))
                .into(pid)
                .undo(new Kill(pid, SIGKILL));
        assembly.init(pid);
        processes(assembly, front, pid, pidfd);
        sockets(assembly, front, pidfd);
        front.add(new Listener(listener, pidfd)).into("listener_number");
        front.add(new Post(1, 7));
        front.add(new HeedStream(1));
        mounts(init);
        credentials(assembly, init, listener);
        return assembly.build();
    }

    private static void files(Assembly assembly, StepStream front) {
        var label = new Label("root.path", "error opening rootfs \"/b/rootfs\"");
        Slot rootfs =
                front.add(
                                new Openat2(
                                        Operand.CWD,
                                        "/b/rootfs",
                                        O_PATH | O_DIRECTORY | O_CLOEXEC,
                                        RESOLVE_NO_MAGICLINKS),
                                label)
                        .into("rootfs");
        Slot state =
                front.add(
                                new Openat(
                                        Operand.CWD,
                                        "/run/state.json",
                                        O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
                                        0600))
                        .into("state");
        front.add(new Mkdirat(rootfs, "proc", 0755), new Label("mounts[0]", ""))
                .tolerating(EEXIST)
                .undo(new Unlinkat(rootfs, "proc", AT_REMOVEDIR));
        Mark after = front.mark();
        front.add(
                        new Mknodat(rootfs, "dev/null", S_IFCHR | 0666, 1, 3),
                        new Label("linux.devices[0]", ""))
                .tolerating(EPERM, EEXIST)
                .warning()
                .skippingTo(after);
        front.add(new Fchmodat(rootfs, "dev/null", 0666));
        front.add(new Fchownat(rootfs, "dev/null", 1000, 1000, AT_SYMLINK_NOFOLLOW));
        front.place(after);
        front.add(new Symlinkat("/proc/self/fd", rootfs, "dev/fd"));
        front.add(new Renameat2(rootfs, "a", rootfs, "b", RENAME_NOREPLACE)).tolerating(ENOENT);
        front.add(new Ensure(rootfs, "/etc/resolv.conf", true, 0644)).into("resolv");
        front.add(new CopyTree(rootfs, state));
        front.add(new Output(state, Operand.NONE));
        Hole number = assembly.hole(8);
        front.add(new Read(state, number)).into("got");
        front.add(new Load(number.part(0, 4))).into("loaded");
        front.add(new Write(state, "{\"format\":1}\n"));
        Hole json = assembly.hole(Bytes.of("{\"pid\":          ,\"x\":1}"), 0);
        Slot ticks = front.add(new Starttime(Operand.of(1))).into("ticks");
        front.add(Decimal.aligned(ticks, json.part(7, 10)));
        front.add(new Pwrite(state, json, 0));
        Hole path = assembly.hole(Bytes.of("/proc/"), Hole.DIGITS);
        front.add(new Decimal(ticks, path.from(6), 0)).into("digits");
        Slot proc = front.add(new Openat(Operand.CWD, path, O_PATH | O_CLOEXEC, 0)).into("proc");
        Hole statx = assembly.hole(Statx.SIZE);
        front.add(new Statx(proc, statx));
        front.add(new ExpectData(Statx.mode(statx), S_IFMT, S_IFCHR, ENXIO, false));
        front.add(new ExpectData(Statx.device(statx), Statx.device(1, 3), ENXIO));
        Hole statfs = assembly.hole(Fstatfs.SIZE);
        front.add(new Fstatfs(proc, statfs));
        front.add(new ExpectData(Fstatfs.type(statfs), 0x9fa0, ENXIO));
        front.add(new Expect(ticks, -1, 0, EPERM, true));
        front.add(new Readlinkat(proc, "exe", assembly.hole(64))).into("length");
        front.add(new Flock(state, LOCK_EX | LOCK_NB));
        front.add(new Ftruncate(state, 0));
        front.add(new Fsync(state));
        front.add(new Sendfile(state, proc, 4096)).into("copied");
        front.add(new Fchmod(state, 0600));
        front.add(new Dup3(state, Operand.of(0), 0));
        front.add(new Fcntl(state, F_SETFD, FD_CLOEXEC));
        front.add(new Fchdir(rootfs));
        front.add(new Chdir("/"));
        front.add(new Close(state)).toleratingAll();
        front.add(new Poke(ticks, number));
        front.add(new Phase(3, rootfs, proc), new Label("process.user", "error reading passwd"));
    }

    private static void processes(Assembly assembly, StepStream front, Slot pid, Slot pidfd) {
        front.add(new Wait(1, 1));
        front.add(
                new Spawn(
                        Text.of("/usr/bin/hook"),
                        List.of(Text.of("hook"), Text.of("-x")),
                        List.of(Text.of("PATH=/bin"), Text.of("TOKEN=secret")),
                        Bytes.of("{}"),
                        1500),
                new Label("hooks.prestart[0]", "error running prestart hook #0"));
        front.add(new Spawn(Text.of("/bin/h"), List.of(Text.of("h")), null, Bytes.NONE, 0));
        front.add(new Prlimit64(pid, 7, 1024, -1));
        front.add(new SchedSetattr(pid, 1, 1, 0, 10, 0, 0, 0));
        front.add(new IoprioSet(pid, 2, 4));
        front.add(new SchedSetaffinity(pid, Bytes.of(new byte[] {3, 0x0a, 0, 0, 0, 0, 0, 0})));
        front.add(new PidfdOpen(pid, 0)).into("again");
        Hole time = assembly.hole(ClockGettime.SIZE);
        front.add(new ClockGettime(ClockGettime.MONOTONIC, time));
        front.add(new PidfdGetfd(pidfd, Operand.of(5))).into("theirs");
        front.add(new Ppoll(pidfd, Ppoll.POLLIN, 1500)).into("ready");
        front.add(new PidfdSendSignal(pidfd, SIGKILL)).patient().tolerating(EBUSY);
        front.add(new Waitid(P_PIDFD, pidfd, assembly.hole(Waitid.SIZE), WEXITED | WNOWAIT));
    }

    private static void sockets(Assembly assembly, StepStream front, Slot pidfd) {
        Slot socket =
                front.add(new Socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)).into("socket");
        front.add(new Bind(socket, unixAddress(KernelPath.of("start"))));
        front.add(new Listen(socket, 1));
        front.add(new Connect(socket, unixAddress(KernelPath.of("/run/console.sock"))));
        front.add(new SendDescriptors(socket, Bytes.of("/dev/ptmx"), pidfd));
        front.add(new Send(socket, Bytes.of("READY=1"), Operand.of(7), MSG_NOSIGNAL));
        front.add(new Receive(socket, assembly.hole(128), MSG_DONTWAIT)).into("received");
        front.add(
                new Socketpair(
                        AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, assembly.hole(Socketpair.SIZE)));
        front.add(new ReceiveDescriptor(socket, assembly.hole(ReceiveDescriptor.SIZE)));
        Slot peer = front.add(new Accept4(socket, SOCK_CLOEXEC)).into("peer");
        front.add(new Adopt(peer));
        front.add(new Heed(peer));
        Slot ptmx = peer;
        front.add(IoctlData.unlockTerminal(ptmx));
        Slot tty = front.add(Ioctl.terminalPeer(ptmx)).into("tty");
        front.add(IoctlData.windowSize(tty, 24, 80));
        front.add(Ioctl.controllingTerminal(tty));
        Hole size = assembly.hole(8);
        front.add(IoctlData.readWindowSize(Operand.of(0), size));
        front.add(IoctlData.windowSize(ptmx, size));
        Hole password = assembly.hole(Bytes.of("hunter2"), 0);
        assembly.hide(password);
        front.add(new Write(tty, password));
    }

    private static void mounts(StepStream init) {
        Slot userns = init.add(new Openat(Operand.CWD, "/proc/7/ns/user", O_RDONLY)).into("userns");
        Slot tree =
                init.add(
                                new OpenTree(
                                        Operand.CWD,
                                        "/data",
                                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE))
                        .into("tree");
        init.add(MountSetattr.idmap(tree, userns, true), new Label("mounts[2].options", "x"));
        init.add(
                new MountSetattr(
                        tree, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, false));
        init.add(MountSetattr.propagation(tree, MS_PRIVATE, true));
        Slot fs = init.add(new Fsopen("proc")).into("fs");
        init.add(new FsconfigFlag(fs, "ro"));
        init.add(new FsconfigString(fs, "size", "65536k"));
        init.add(new FsconfigFd(fs, "fd", tree));
        init.add(new FsconfigCreate(fs));
        Slot mount = init.add(new Fsmount(fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)).into("mount");
        init.add(new MoveMount(mount, tree));
        init.add(new MoveMount(mount, Operand.CWD, "/mnt"));
        init.add(new Fspick(tree, "", FSPICK_EMPTY_PATH | FSPICK_CLOEXEC)).into(fs);
        init.add(new FsconfigReconfigure(fs));
        init.add(new Mount("/", MS_REC | MS_SLAVE));
        init.add(
                new Mount(
                        Text.of("proc"),
                        Text.of("/proc"),
                        Text.of("proc"),
                        MS_NOSUID,
                        Text.of("hidepid=2")));
        init.add(new PivotRoot(".", "."));
        init.add(new Umount2(".", MNT_DETACH)).patient();
        init.add(new Chroot("."));
        init.add(new Post(0, 1));
        init.add(new Wait(0, 7));
    }

    private static void credentials(Assembly assembly, StepStream init, Slot listener) {
        init.add(new Setns(Operand.of(9), CLONE_NEWNET));
        init.add(new Unshare(CLONE_NEWCGROUP | CLONE_NEWTIME));
        init.add(new Sethostname("box"), new Label("hostname", "sethostname"));
        init.add(new Setdomainname("example"));
        init.add(new SetName("rung:init"));
        init.add(Prctl.parentDeathSignal(SIGKILL));
        init.add(Prctl.dumpable(false));
        init.add(Prctl.keepCapabilities(true));
        init.add(Prctl.noNewPrivileges());
        init.add(Prctl.dropFromBoundingSet(21));
        init.add(Prctl.clearAmbientSet());
        init.add(Prctl.raiseInAmbientSet(0));
        init.add(Prctl.childSubreaper(true));
        init.add(new Capset(1L << 40 | 1, 1L << 40 | 1, 0));
        init.add(Setgroups.of(List.of(10, 20)));
        init.add(new Setresgid(1000));
        init.add(new Setresuid(1000));
        init.add(new Umask(022)).into("before");
        init.add(new Setsid());
        init.add(new IgnoreChildren());
        init.add(new Personality(Personality.PER_LINUX32));
        init.add(new SetMempolicy(3, Bytes.of(new byte[] {1, 0, 0, 0, 0, 0, 0, 0})));
        init.add(new SetMempolicy(0, Bytes.NONE));
        init.add(new RtSigprocmask(SIG_SETMASK, 0));
        init.add(new KeyctlJoin(Text.of("_ses.box"))).into("ring");
        init.add(new KeyctlSetperm(Operand.of(77), 0x3f3f0000L));
        Slot program =
                init.add(
                                new BpfLoad(
                                        BPF_PROG_TYPE_CGROUP_DEVICE,
                                        Bytes.of(new byte[16]),
                                        Text.of("GPL"),
                                        Text.of("rung_devices")))
                        .into("program");
        init.add(
                new BpfAttach(
                        Operand.of(3),
                        program,
                        BPF_CGROUP_DEVICE,
                        BPF_F_ALLOW_MULTI,
                        Operand.NONE));
        init.add(
                new BpfAttach(
                        Operand.of(3),
                        program,
                        BPF_CGROUP_DEVICE,
                        BPF_F_ALLOW_MULTI | BPF_F_REPLACE,
                        program));
        init.add(new BpfDetach(Operand.of(3), program, BPF_CGROUP_DEVICE));
        Hole ids = assembly.hole(16);
        init.add(new BpfQuery(Operand.of(3), BPF_CGROUP_DEVICE, ids));
        Slot id = init.add(new Load(ids.part(0, 4))).into("id");
        init.add(new BpfOpen(id)).into("old");
        init.add(new Signals());
        init.add(new Shed());
        init.add(new CloseRange(3, CLOSE_RANGE_CLOEXEC));
        var candidates = List.of(Text.of("/bin/sh"), Text.of("/usr/bin/sh"));
        Slot found =
                init.add(
                                new Probe(candidates, true),
                                new Label(
                                        "process.args[0]",
                                        "exec: \"sh\": executable file not found in $PATH"))
                        .into("found");
        init.add(
                        new Seccomp(SECCOMP_FILTER_FLAG_NEW_LISTENER, Bytes.of(new byte[24])),
                        new Label("linux.seccomp", "error loading seccomp filter"))
                .into(listener);
        init.add(new Pause(listener, -2));
        init.add(
                new Exec(
                        candidates,
                        List.of(Text.of("sh"), Text.of("-c"), Text.of("echo \"é\"\n")),
                        List.of(Text.of("PATH=/bin"), Text.of("TOKEN=secret")),
                        found),
                new Label("process.args", "exec /bin/sh"));
    }
}
