package dev.rung.host.compile;

import static dev.rung.domain.Errno.EEXIST;
import static dev.rung.domain.Errno.ENOENT;
import static dev.rung.program.FileStep.AT_REMOVEDIR;
import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.FileStep.O_RDONLY;
import static dev.rung.program.FileStep.O_TRUNC;
import static dev.rung.program.FileStep.O_WRONLY;

import dev.rung.oci.LinuxConfig.IntelRdt;
import dev.rung.program.Bytes;
import dev.rung.program.ControlStep.Decimal;
import dev.rung.program.FileStep.Write;
import dev.rung.program.Hole;
import dev.rung.program.Mark;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts a process into groups of the resctrl file system: steps of the front end. */
final class ResctrlSteps {
    private static final String KEY = "linux.intelRdt";

    private final Script s;
    private final IntelRdt rdt;
    private final ResctrlGroup group;

    private ResctrlSteps(Script s, IntelRdt rdt, ResctrlGroup group) {
        this.s = s;
        this.rdt = rdt;
        this.group = group;
    }

    /** The first process of a container, whose group is made and set up if it is not there. */
    static void begin(Script s, IntelRdt rdt, ResctrlGroup group, Slot pid, StateFolder folder) {
        var steps = new ResctrlSteps(s, rdt, group);
        if (steps.isGiven()) {
            s.at(
                    KEY + ".closID",
                    "clos dir not accessible (must be pre-created when schemata, l3CacheSchema and"
                            + " memBwSchema are empty)");
            s.close(steps.open());
        } else {
            steps.make(folder);
        }
        s.at(KEY, "intelrdt: unable to add the process to " + group.folder());
        addTo(s, group.folder(), pid);
        String monitoring = group.monitoring();
        if (monitoring != null) {
            s.at(KEY + ".enableMonitoring", "intelrdt: unable to make " + monitoring);
            s.mkdirat(Operand.CWD, monitoring, 0755).tolerating(EEXIST);
            s.undo().unlinkat(Operand.CWD, monitoring, AT_REMOVEDIR);
            addTo(s, monitoring, pid);
        }
    }

    /** Another process of the container, if its groups are still there. */
    static void join(Script s, ResctrlGroup group, Slot pid) {
        s.at(KEY, "intelrdt: unable to add the process to " + group.folder());
        joinOne(s, group.folder(), pid);
        if (group.monitoring() != null) {
            joinOne(s, group.monitoring(), pid);
        }
    }

    private static void joinOne(Script s, String folder, Slot pid) {
        Mark gone = s.mark();
        Slot tasks = s.openat("tasks", Operand.CWD, folder + "/tasks", O_WRONLY, 0);
        s.orElse(gone, ENOENT);
        add(s, tasks, pid);
        s.place(gone);
    }

    private static void addTo(Script s, String folder, Slot pid) {
        Slot tasks = s.openat("tasks", Operand.CWD, folder + "/tasks", O_WRONLY, 0);
        add(s, tasks, pid);
    }

    private static void add(Script s, Slot tasks, Slot pid) {
        Hole digits = s.hole(Hole.DIGITS);
        Slot length = s.add("length", new Decimal(pid, digits, 0));
        s.add(new Write(tasks, digits, length));
        s.close(tasks);
    }

    /** Whether the group must be there already. */
    private boolean isGiven() {
        return !group.own() && lines(true).isEmpty();
    }

    private Slot open() {
        return s.openat("closGroup", Operand.CWD, group.folder(), O_PATH | O_DIRECTORY, 0);
    }

    private void make(StateFolder folder) {
        s.at(KEY, "intelrdt: unable to make " + group.folder());
        Slot made = s.slot("madeGroup");
        s.mkdirat(Operand.CWD, group.folder(), 0755).tolerating(EEXIST).into(made);
        Mark fresh = s.mark();
        if (group.own()) {
            s.undo().unlinkat(Operand.CWD, group.folder(), AT_REMOVEDIR);
            s.skipIf(made, 0, fresh);
            folder.disownGroup();
            s.place(fresh);
            write(lines(true));
            return;
        }
        Mark done = s.mark();
        s.skipIf(made, 0, fresh);
        compare();
        write(lines(false));
        s.jump(done);
        s.place(fresh);
        write(lines(true));
        s.place(done);
    }

    /** A group that others have set up must be as this container wants it. */
    private void compare() {
        var wanted = new ArrayList<String>(2);
        add(wanted, rdt.l3CacheSchema());
        add(wanted, rdt.memBwSchema());
        if (wanted.isEmpty()) {
            return;
        }
        s.at(KEY, "intelrdt: unable to read the schemata of " + group.folder());
        Slot file = s.openat("schemata", Operand.CWD, group.folder() + "/schemata", O_RDONLY, 0);
        s.phase(new Phase.CompareSchemata(group.folder(), wanted), file);
        s.close(file);
    }

    private void write(List<String> lines) {
        if (lines.isEmpty()) {
            return;
        }
        var text = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            text.append(lines.get(i)).append('\n');
        }
        s.at(KEY, "intelrdt: unable to write " + Quoted.of(text.toString()));
        Slot file =
                s.openat(
                        "schemata",
                        Operand.CWD,
                        group.folder() + "/schemata",
                        O_WRONLY | O_TRUNC,
                        0);
        s.add(new Write(file, Bytes.of(text.toString())));
        s.close(file);
    }

    /** What is to be written, in this order; those that may be compared instead can be left out. */
    private List<String> lines(boolean all) {
        var lines = new ArrayList<String>(2 + rdt.schemata().size());
        if (all) {
            add(lines, rdt.l3CacheSchema());
            add(lines, rdt.memBwSchema());
        }
        for (int i = 0; i < rdt.schemata().size(); i++) {
            add(lines, rdt.schemata().get(i));
        }
        return lines;
    }

    private static void add(List<String> lines, @Nullable String line) {
        if (line != null && !line.isEmpty()) {
            lines.add(line);
        }
    }
}
