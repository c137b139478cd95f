package dev.rung.host.cgroup;

import static dev.rung.domain.Errno.EEXIST;
import static dev.rung.domain.Errno.EINVAL;
import static dev.rung.domain.Errno.ENODEV;
import static dev.rung.domain.Errno.ENOENT;

import dev.rung.program.ControlStep;
import dev.rung.program.FileStep;
import dev.rung.program.Hole;
import dev.rung.program.Label;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import dev.rung.program.StepStream;
import java.util.List;

/** The steps on cgroup files that more than one act needs. */
final class CgroupSteps {
    private static final int PAGE = 4096;

    private CgroupSteps() {}

    /**
     * Makes a cgroup and those above it, and takes away again what it made when the stream fails.
     */
    static void make(
            StepStream front, CgroupDirectory directory, Label label, List<Integer> tolerated) {
        String inside = directory.inside();
        String mount = directory.hierarchy().mountPoint();
        for (int end = inside.indexOf('/', 1); ; end = inside.indexOf('/', end + 1)) {
            String path = mount + (end < 0 ? inside : inside.substring(0, end));
            var placed =
                    front.add(
                                    new FileStep.Mkdirat(Operand.CWD, path, 0755),
                                    label.saying("unable to create cgroup \"" + path + "\""))
                            .tolerating(EEXIST);
            for (int errno : tolerated) {
                placed.tolerating(errno);
            }
            placed.undo(remove(path));
            if (end < 0) {
                return;
            }
        }
    }

    static FileStep remove(String path) {
        return new FileStep.Unlinkat(Operand.CWD, path, FileStep.AT_REMOVEDIR);
    }

    /**
     * Gives a new cpuset what the one above it has: an empty one takes no processes. One that has
     * something already keeps it.
     */
    static void inheritCpuset(StepStream front, Hole page, CgroupDirectory directory, Label label) {
        String inside = directory.inside();
        String parent = directory.hierarchy().mountPoint();
        for (int end = inside.indexOf('/', 1); ; end = inside.indexOf('/', end + 1)) {
            String path =
                    directory.hierarchy().mountPoint()
                            + (end < 0 ? inside : inside.substring(0, end));
            inherit(front, page, parent, path, "/cpuset.cpus", label);
            inherit(front, page, parent, path, "/cpuset.mems", label);
            if (end < 0) {
                return;
            }
            parent = path;
        }
    }

    static int pageSize() {
        return PAGE;
    }

    private static void inherit(
            StepStream front, Hole page, String parent, String path, String file, Label label) {
        var kept = front.mark();
        Slot own =
                front.add(
                                new FileStep.Openat(
                                        Operand.CWD,
                                        path + file,
                                        FileStep.O_RDWR | FileStep.O_CLOEXEC),
                                label)
                        .into("cpuset");
        Slot length = front.add(new FileStep.Read(own, page), label).into("length");
        // A lone newline, and any other single byte, means empty; what is longer stays.
        front.add(new ControlStep.Expect(length, ~1L, 0, EEXIST, false), label)
                .tolerating(EEXIST)
                .skippingTo(kept);
        Slot above =
                front.add(
                                new FileStep.Openat(
                                        Operand.CWD,
                                        parent + file,
                                        FileStep.O_RDONLY | FileStep.O_CLOEXEC),
                                label)
                        .into("parent");
        Slot bytes = front.add(new FileStep.Read(above, page), label).into("length");
        front.add(new FileStep.Close(above), label);
        front.add(new FileStep.Write(own, page, bytes), label);
        front.place(kept);
        front.add(new FileStep.Close(own), label);
    }

    /** Writes settings, each in the first directory that has its controller. */
    static void write(StepStream front, CgroupDirectory directory, List<Setting> settings) {
        var settled = front.mark();
        boolean open = false;
        for (int i = 0; i < settings.size(); i++) {
            Setting setting = settings.get(i);
            var label = written(setting);
            var missing = front.mark();
            var opened =
                    front.add(
                            new FileStep.Openat(
                                    Operand.CWD,
                                    directory.path() + "/" + setting.file(),
                                    FileStep.O_WRONLY | FileStep.O_CLOEXEC),
                            label);
            if (setting.lenience() != Setting.Lenience.NONE) {
                opened.tolerating(ENOENT).skippingTo(missing);
            }
            Slot file = opened.into("file");
            var written = front.add(new FileStep.Write(file, setting.value()), label);
            while (i + 1 < settings.size() && goesOn(setting, settings.get(i + 1))) {
                i++;
                front.add(
                        new FileStep.Write(file, settings.get(i).value()),
                        written(settings.get(i)));
            }
            if (setting.lenience() == Setting.Lenience.EARLY) {
                written.tolerating(EINVAL);
            }
            front.add(new FileStep.Close(file), label);
            if (setting.lenience() == Setting.Lenience.ELSE_NEXT) {
                // Written: the one that follows is its stand-in, and is left out.
                front.add(new ControlStep.Expect(Operand.of(0), 0, 1, ENODEV, false), label)
                        .tolerating(ENODEV)
                        .skippingTo(settled);
                front.place(missing);
                open = true;
            } else {
                front.place(missing);
                if (open) {
                    front.place(settled);
                    settled = front.mark();
                    open = false;
                }
            }
        }
    }

    private static Label written(Setting setting) {
        return new Label(
                setting.key(), "failed to write \"" + setting.value() + "\" to " + setting.file());
    }

    /** Whether it is one more line for the same file, as the rules of devices are. */
    private static boolean goesOn(Setting setting, Setting next) {
        return setting.lenience() == Setting.Lenience.NONE
                && next.lenience() == Setting.Lenience.NONE
                && next.file().equals(setting.file());
    }
}
