package dev.rung.host.cgroup;

import static dev.rung.domain.Errno.EACCES;
import static dev.rung.domain.Errno.EBADF;
import static dev.rung.domain.Errno.EBUSY;
import static dev.rung.domain.Errno.ENOENT;
import static dev.rung.domain.Errno.EPERM;
import static dev.rung.domain.Errno.EROFS;

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
import dev.rung.program.Slot;
import dev.rung.program.StepStream;
import dev.rung.program.Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A container's control groups as steps: made before its process is forked, which enters them or is
 * forked into them; limited while the process goes on, and removed at the end.
 */
public final class ContainerCgroups {
    private static final String SYSTEMD = "name=systemd";
    private static final Label JOIN =
            new Label("linux.cgroupsPath", "unable to apply cgroup configuration");

    private final List<CgroupDirectory> directories;
    private final boolean unified;
    private final boolean lenient;
    private final boolean late;

    /**
     * @param lenient whether a cgroup that may not be made or joined is done without: for callers
     *     without rights on cgroups, unless the config names a path
     * @param late whether the process is moved to them by somebody else, once it is there
     */
    private ContainerCgroups(List<CgroupDirectory> directories, boolean lenient, boolean late) {
        this.directories = directories;
        this.unified = directories.size() == 1 && directories.getFirst().hierarchy().unified();
        this.lenient = lenient;
        this.late = late;
    }

    /** The cgroups that a config asks for on this host. */
    public static ContainerCgroups of(
            Cgroups cgroups, @Nullable String cgroupsPath, ContainerId id, boolean rootless) {
        String path = cgroupsPath == null ? "" : cgroupsPath;
        return new ContainerCgroups(
                CgroupDirectory.of(cgroups, path, id.value()), rootless && path.isEmpty(), false);
    }

    /**
     * Cgroups of a unit of systemd, which makes some of them and moves the process to those.
     *
     * @param path the unit's own, absolute
     */
    public static ContainerCgroups ofUnit(Cgroups cgroups, String path) {
        return new ContainerCgroups(CgroupDirectory.ofUnit(cgroups, path), false, true);
    }

    /**
     * Cgroups whose places are known, as state.json keeps them.
     *
     * @param lenient whether those that may not be joined are done without
     */
    public static ContainerCgroups at(List<CgroupDirectory> directories, boolean lenient) {
        return new ContainerCgroups(List.copyOf(directories), lenient, false);
    }

    /**
     * One for each hierarchy of version 1, or the one of version 2; that one beside the others,
     * too, where it has the controller of huge pages, which version 1 then does not have.
     */
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
     * Makes the cgroups but those that systemd makes, and what must be there before a process
     * joins.
     */
    public void make(Assembly assembly, StepStream front, Resources resources) {
        Hole page = null;
        for (var directory : directories) {
            if (late && isOfSystemd(directory)) {
                continue;
            }
            if (directory.hierarchy().unified()) {
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
        }
    }

    /** Whether it is one that systemd makes for every unit, and moves the unit's processes to. */
    private static boolean isOfSystemd(CgroupDirectory directory) {
        return directory.hierarchy().unified() || directory.has(SYSTEMD);
    }

    /** Hands the controllers down to the cgroup of version 2 that systemd has made. */
    public void delegate(StepStream front, Resources resources) {
        for (var directory : directories) {
            boolean needed = unified || !resources.hugepageLimits().isEmpty();
            if (directory.hierarchy().unified() && needed) {
                delegate(front, directory);
            }
        }
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
     * Opens what a process forked afterwards {@link #enter enters} by. In version 1 it moves
     * itself: one that has a single thread costs the kernel nothing. To move another it waits until
     * no process anywhere can be forking, for a grace period of RCU: often longer than all else
     * that makes a container. In version 2 it is forked {@link #forkedInto into} its cgroup.
     */
    public List<Slot> open(StepStream front) {
        if (joinsLate()) {
            return List.of();
        }
        if (unified) {
            return List.of(
                    front.add(
                                    new FileStep.Openat(
                                            Operand.CWD,
                                            directories.getFirst().path(),
                                            FileStep.O_RDONLY
                                                    | FileStep.O_DIRECTORY
                                                    | FileStep.O_CLOEXEC),
                                    JOIN)
                            .into("cgroup"));
        }
        var opened = new ArrayList<Slot>(directories.size());
        for (var directory : directories) {
            var placed =
                    front.add(
                            new FileStep.Openat(
                                    Operand.CWD,
                                    directory.path() + entrance(directory),
                                    FileStep.O_WRONLY | FileStep.O_CLOEXEC),
                            entering(directory));
            if (lenient) {
                placed.tolerating(ENOENT).tolerating(EACCES, EPERM, EROFS);
            }
            opened.add(placed.into("tasks"));
        }
        return opened;
    }

    /** The cgroup that a process is forked into; {@link Operand#NONE} for one that moves. */
    public Operand forkedInto(List<Slot> opened) {
        return unified && !opened.isEmpty() ? opened.getFirst() : Operand.NONE;
    }

    /**
     * What the stream's process does first. It closes all: by a descriptor of a folder, whoever may
     * trace the process inside would get out.
     */
    public void enter(StepStream stream, List<Slot> opened) {
        for (int i = 0; i < opened.size() && !unified; i++) {
            Label label = entering(directories.get(i));
            var written = stream.add(new FileStep.Write(opened.get(i), "0"), label);
            if (lenient) {
                written.tolerating(EACCES, EPERM, EBADF);
            }
        }
        close(stream, opened);
    }

    /** Closes what the process of another stream enters by. */
    public void close(StepStream stream, List<Slot> opened) {
        for (Slot tasks : opened) {
            var closed = stream.add(new FileStep.Close(tasks), JOIN);
            if (lenient) {
                closed.tolerating(EBADF);
            }
        }
    }

    private Label entering(CgroupDirectory directory) {
        return JOIN.saying(
                "unable to apply cgroup configuration: failed to write to "
                        + directory.path()
                        + entrance(directory));
    }

    private static String entrance(CgroupDirectory directory) {
        return directory.hierarchy().unified() ? "/cgroup.procs" : "/tasks";
    }

    /** The limits in the files of whichever version has the controllers. */
    private List<Setting> limits(Resources resources) {
        if (unified) {
            return UnifiedSettings.limits(resources);
        }
        for (var directory : directories) {
            if (directory.hierarchy().unified() && directory.has("hugetlb")) {
                return LegacySettings.limits(resources, true);
            }
        }
        return LegacySettings.limits(resources, false);
    }

    /** Whether a process is moved once it is there, by {@link #join}. */
    public boolean joinsLate() {
        return late || unified && lenient;
    }

    /**
     * Moves a process that is there already: to a version 2 cgroup if that is allowed, where a fork
     * into it would fail; and to those of version 1 that systemd does not know of.
     */
    public void join(Assembly assembly, StepStream front, Slot pid) {
        Hole digits = assembly.hole(Hole.DIGITS);
        front.add(new ControlStep.Decimal(pid, digits, 10), JOIN);
        if (!late) {
            joinIfAllowed(front, digits);
            return;
        }
        for (var directory : directories) {
            if (!isOfSystemd(directory)) {
                Label label = entering(directory);
                Slot procs =
                        front.add(
                                        new FileStep.Openat(
                                                Operand.CWD,
                                                directory.path() + "/cgroup.procs",
                                                FileStep.O_WRONLY | FileStep.O_CLOEXEC),
                                        label)
                                .into("procs");
                front.add(new FileStep.Write(procs, digits.part(0, 10)), label);
                front.add(new FileStep.Close(procs), label);
            }
        }
    }

    private void joinIfAllowed(StepStream front, Hole digits) {
        Label label = entering(directories.getFirst());
        var done = front.mark();
        Slot procs =
                front.add(
                                new FileStep.Openat(
                                        Operand.CWD,
                                        directories.getFirst().path() + "/cgroup.procs",
                                        FileStep.O_WRONLY | FileStep.O_CLOEXEC),
                                label)
                        .tolerating(ENOENT)
                        .tolerating(EACCES, EPERM, EROFS)
                        .skippingTo(done)
                        .into("procs");
        front.add(new FileStep.Write(procs, digits.part(0, 10)), label).tolerating(EACCES, EPERM);
        front.add(new FileStep.Close(procs), label);
        front.place(done);
    }

    /** Writes the limits of a new container. */
    public void limit(StepStream front, Resources resources) {
        write(front, limits(resources));
    }

    /** Writes the limits of a running container, but not those of devices. */
    public void update(StepStream front, Resources resources) {
        if (!unified) {
            write(front, LegacySettings.beforeJoin(resources));
        }
        write(front, limits(resources));
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
