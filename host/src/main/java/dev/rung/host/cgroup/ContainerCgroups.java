package dev.rung.host.cgroup;

import static dev.rung.domain.Errno.EACCES;
import static dev.rung.domain.Errno.EBUSY;
import static dev.rung.domain.Errno.ENOENT;
import static dev.rung.domain.Errno.EPERM;
import static dev.rung.domain.Errno.EROFS;
import static dev.rung.program.ProcessStep.P_PIDFD;
import static dev.rung.program.ProcessStep.SIGKILL;
import static dev.rung.program.ProcessStep.WALL;
import static dev.rung.program.ProcessStep.WEXITED;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.isolation.HostDescription.Cgroups;
import dev.rung.oci.Resources;
import dev.rung.program.Assembly;
import dev.rung.program.Bytes;
import dev.rung.program.ControlStep;
import dev.rung.program.CredentialStep;
import dev.rung.program.FileStep;
import dev.rung.program.Hole;
import dev.rung.program.Label;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.PidfdSendSignal;
import dev.rung.program.ProcessStep.Waitid;
import dev.rung.program.Slot;
import dev.rung.program.StepStream;
import dev.rung.program.Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A container's control groups as steps: made before its process is forked, joined right after,
 * limited while the process goes on, and removed at the end.
 */
public final class ContainerCgroups {
    private static final Label JOIN =
            new Label("linux.cgroupsPath", "unable to apply cgroup configuration");

    private final List<CgroupDirectory> directories;
    private final boolean unified;
    private final boolean lenient;

    /**
     * @param lenient whether a cgroup that may not be made or joined is done without: for callers
     *     without rights on cgroups, unless the config names a path
     */
    private ContainerCgroups(List<CgroupDirectory> directories, boolean lenient) {
        this.directories = directories;
        this.unified = directories.size() == 1 && directories.getFirst().hierarchy().unified();
        this.lenient = lenient;
    }

    /** The cgroups that a config asks for on this host. */
    public static ContainerCgroups of(
            Cgroups cgroups, @Nullable String cgroupsPath, ContainerId id, boolean rootless) {
        String path = cgroupsPath == null ? "" : cgroupsPath;
        return new ContainerCgroups(
                CgroupDirectory.of(cgroups, path, id.value()), rootless && path.isEmpty());
    }

    /**
     * Cgroups whose places are known, as state.json keeps them.
     *
     * @param lenient whether those that may not be joined are done without
     */
    public static ContainerCgroups at(List<CgroupDirectory> directories, boolean lenient) {
        return new ContainerCgroups(List.copyOf(directories), lenient);
    }

    /** One for each hierarchy of version 1, or the one of version 2. */
    public List<CgroupDirectory> directories() {
        return directories;
    }

    /** Whether it is version 2 alone. */
    public boolean isUnified() {
        return unified;
    }

    /** Whether there may be no cgroups after all, because the caller may not make them. */
    public boolean isLenient() {
        return lenient;
    }

    /**
     * Makes the cgroups, and what must be there before a process joins.
     *
     * @return a descriptor of the version 2 cgroup, to fork into; null where processes {@link
     *     #join}
     */
    public @Nullable Slot make(Assembly assembly, StepStream front, Resources resources) {
        Hole page = null;
        for (var directory : directories) {
            if (unified) {
                delegate(front, directory);
            }
            CgroupSteps.make(
                    front, directory, JOIN, lenient ? List.of(EACCES, EPERM, EROFS) : List.of());
            if (directory.has("cpuset") && !unified && !lenient) {
                if (page == null) {
                    page = assembly.hole(CgroupSteps.pageSize());
                }
                CgroupSteps.inheritCpuset(front, page, directory, JOIN);
            }
        }
        if (!unified) {
            write(front, LegacySettings.beforeJoin(resources));
            return null;
        }
        if (lenient) {
            return null;
        }
        return front.add(
                        new FileStep.Openat(
                                Operand.CWD,
                                directories.getFirst().path(),
                                FileStep.O_RDONLY | FileStep.O_DIRECTORY | FileStep.O_CLOEXEC),
                        JOIN)
                .into("cgroup");
    }

    /**
     * Hands the controllers down to the container's cgroup; those that cannot be are missed when
     * they are needed.
     */
    private static void delegate(StepStream front, CgroupDirectory directory) {
        String inside = directory.inside();
        String path = directory.hierarchy().mountPoint();
        for (int end = inside.indexOf('/', 1); ; end = inside.indexOf('/', end + 1)) {
            front.add(new FileStep.Mkdirat(Operand.CWD, path, 0755), JOIN).toleratingAll();
            var missing = front.mark();
            Slot control =
                    front.add(
                                    new FileStep.Openat(
                                            Operand.CWD,
                                            path + "/cgroup.subtree_control",
                                            FileStep.O_WRONLY | FileStep.O_CLOEXEC),
                                    JOIN)
                            .toleratingAll()
                            .skippingTo(missing)
                            .into("control");
            for (String controller : directory.hierarchy().controllers()) {
                front.add(new FileStep.Write(control, "+" + controller), JOIN).toleratingAll();
            }
            front.add(new FileStep.Close(control), JOIN);
            front.place(missing);
            if (end < 0) {
                return;
            }
            path = directory.hierarchy().mountPoint() + inside.substring(0, end);
        }
    }

    /**
     * Moves a process there. Undone in reverse: nobody must be left there when what was made is
     * taken away, so the process is ended first.
     */
    public void join(Assembly assembly, StepStream front, Slot pid, Slot pidfd) {
        Hole digits = assembly.hole(Hole.DIGITS);
        front.add(new ControlStep.Decimal(pid, digits, 10), JOIN)
                .undo(new Waitid(P_PIDFD, pidfd, null, WEXITED | WALL))
                .undo(new PidfdSendSignal(pidfd, SIGKILL));
        for (var directory : directories) {
            joinOne(front, directory, digits.part(0, 10));
        }
    }

    private void joinOne(StepStream front, CgroupDirectory directory, Hole pid) {
        var label =
                JOIN.saying(
                        "unable to apply cgroup configuration: failed to write to "
                                + directory.path()
                                + "/cgroup.procs");
        var done = front.mark();
        var opened =
                front.add(
                        new FileStep.Openat(
                                Operand.CWD,
                                directory.path() + "/cgroup.procs",
                                FileStep.O_WRONLY | FileStep.O_CLOEXEC),
                        label);
        if (lenient) {
            opened.tolerating(ENOENT).tolerating(EACCES, EPERM, EROFS).skippingTo(done);
        }
        Slot procs = opened.into("procs");
        var written = front.add(new FileStep.Write(procs, pid), label);
        if (lenient) {
            written.tolerating(EACCES, EPERM);
        }
        front.add(new FileStep.Close(procs), label);
        front.place(done);
    }

    /** Writes the limits of a new container. */
    public void limit(StepStream front, Resources resources) {
        write(
                front,
                unified ? UnifiedSettings.limits(resources) : LegacySettings.limits(resources));
    }

    /** Writes the limits of a running container, but not those of devices. */
    public void update(StepStream front, Resources resources) {
        if (!unified) {
            write(front, LegacySettings.beforeJoin(resources));
        }
        write(
                front,
                unified ? UnifiedSettings.limits(resources) : LegacySettings.limits(resources));
    }

    /**
     * Which devices the container may use.
     *
     * @param legacy lines of devices.allow and devices.deny in order
     * @param filter eBPF program of type cgroup device; empty: everything is allowed
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record DeviceLimits(List<Line> legacy, byte[] filter) {
        public record Line(boolean allow, String rule) {}
    }

    /**
     * Writes which devices may be used. Version 1 takes a line at a time, first that nothing is
     * allowed: so this comes before a process joins, which would else fail to make its device nodes
     * meanwhile.
     */
    public void limitDevices(StepStream front, DeviceLimits devices) {
        if (directories.isEmpty()) {
            return; // rules are always there, by default; without cgroups at all nothing can hold
            // them
        }
        var label = new Label("linux.resources.devices", "failed to apply device rules");
        if (!unified) {
            var settings = new ArrayList<Setting>();
            for (var line : devices.legacy()) {
                settings.add(
                        Setting.of(
                                "devices",
                                line.allow() ? "devices.allow" : "devices.deny",
                                line.rule(),
                                label.key()));
            }
            if (!lenient) {
                write(front, settings);
            }
            return;
        }
        if (devices.filter().length == 0) {
            return;
        }
        var done = front.mark();
        var loaded =
                front.add(
                        new CredentialStep.BpfLoad(
                                CredentialStep.BPF_PROG_TYPE_CGROUP_DEVICE,
                                Bytes.of(devices.filter()),
                                Text.of("Apache-2.0"),
                                Text.of("rung_devices")),
                        label);
        if (lenient) {
            loaded.tolerating(EACCES, EPERM).skippingTo(done);
        }
        Slot filter = loaded.into("filter");
        Slot folder =
                front.add(
                                new FileStep.Openat(
                                        Operand.CWD,
                                        directories.getFirst().path(),
                                        FileStep.O_RDONLY
                                                | FileStep.O_DIRECTORY
                                                | FileStep.O_CLOEXEC),
                                label)
                        .into("cgroup");
        front.add(
                new CredentialStep.BpfAttach(
                        folder,
                        filter,
                        CredentialStep.BPF_CGROUP_DEVICE,
                        CredentialStep.BPF_F_ALLOW_MULTI,
                        Operand.NONE),
                label);
        front.add(new FileStep.Close(filter), label);
        front.add(new FileStep.Close(folder), label);
        front.place(done);
    }

    private void write(StepStream front, List<Setting> settings) {
        int from = 0;
        while (from < settings.size()) {
            // Neighbours of one controller go together, so that a stand-in stays beside what it
            // stands for.
            String controller = settings.get(from).controller();
            int to = from + 1;
            while (to < settings.size() && settings.get(to).controller().equals(controller)) {
                to++;
            }
            writeAll(front, controller, settings.subList(from, to));
            from = to;
        }
    }

    private void writeAll(StepStream front, String controller, List<Setting> settings) {
        for (var directory : directories) {
            if (unified || directory.has(controller)) {
                CgroupSteps.write(front, directory, settings);
                return;
            }
        }
        throw new Failure.Unsupported(
                "cannot set "
                        + controller
                        + " limit: container could not join or create cgroup (config.json: "
                        + settings.getFirst().key()
                        + ": this host has no cgroup controller \""
                        + controller
                        + "\")");
    }

    /**
     * Freezes or thaws all processes; how far it went is read afterwards ({@link CgroupFreezer}).
     */
    public void freeze(StepStream front, boolean frozen) {
        var label = new Label("", frozen ? "unable to freeze" : "unable to thaw");
        for (var directory : directories) {
            if (unified || directory.has("freezer")) {
                String file = unified ? "cgroup.freeze" : "freezer.state";
                String value = unified ? frozen ? "1" : "0" : frozen ? "FROZEN" : "THAWED";
                Slot state =
                        front.add(
                                        new FileStep.Openat(
                                                Operand.CWD,
                                                directory.path() + "/" + file,
                                                FileStep.O_WRONLY | FileStep.O_CLOEXEC),
                                        label)
                                .into("freezer");
                front.add(new FileStep.Write(state, value), label);
                front.add(new FileStep.Close(state), label);
                return;
            }
        }
        throw new Failure.Unsupported("this host has no cgroup freezer");
    }

    /** Removes the cgroups. Those of processes that died just now may be busy for a moment. */
    public void remove(StepStream front) {
        for (var directory : directories) {
            front.add(
                            CgroupSteps.remove(directory.path()),
                            new Label(
                                    "linux.cgroupsPath",
                                    "failed to remove cgroup \"" + directory.path() + "\""))
                    .tolerating(ENOENT)
                    .tolerating(lenient ? EBUSY : ENOENT)
                    .patient();
        }
    }
}
