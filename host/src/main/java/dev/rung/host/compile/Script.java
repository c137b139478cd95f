package dev.rung.host.compile;

import static dev.rung.domain.Errno.EPERM;
import static dev.rung.domain.Errno.ERANGE;

import dev.rung.program.Assembly;
import dev.rung.program.Bytes;
import dev.rung.program.ControlStep;
import dev.rung.program.FileStep;
import dev.rung.program.Hole;
import dev.rung.program.Label;
import dev.rung.program.Mark;
import dev.rung.program.MountStep;
import dev.rung.program.Operand;
import dev.rung.program.Placed;
import dev.rung.program.Slot;
import dev.rung.program.Step;
import dev.rung.program.StepStream;
import dev.rung.program.Text;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the steps of one stream, each under the label last given with {@link #at}. What is said
 * with {@link #tolerating} and its like is about the step last written. Descriptors are
 * close-on-exec.
 */
public final class Script {
    private static final long INSIDE = FileStep.RESOLVE_IN_ROOT | FileStep.RESOLVE_NO_MAGICLINKS;
    private static final long BELOW = FileStep.RESOLVE_BENEATH | FileStep.RESOLVE_NO_MAGICLINKS;
    private static final long NO_LINKS =
            FileStep.RESOLVE_NO_SYMLINKS | FileStep.RESOLVE_NO_MAGICLINKS;
    private static final long NULL_DEVICE = FileStep.Statx.device(1, 3);

    private final Assembly assembly;
    private final StepStream stream;
    private final Phases phases;
    private Label label = Label.NONE;
    private @Nullable Placed last;
    private boolean undoing;
    private @Nullable Hole statx;
    private @Nullable Hole statfs;

    Script(Assembly assembly, int stream, Phases phases) {
        this.assembly = assembly;
        this.stream = assembly.stream(stream);
        this.phases = phases;
    }

    /** The stream itself, for those who write their own labels. */
    StepStream stream() {
        return stream;
    }

    // What is said of steps

    /** Where the steps to come are from, and what is said when one of them fails. */
    public Script at(String key, String say) {
        label = new Label(key, say);
        return this;
    }

    /** Any step. */
    public Script add(Step step) {
        if (undoing) {
            undoing = false;
            placed().undo(step);
        } else {
            last = stream.add(step, label);
        }
        return this;
    }

    /** Any step whose result is kept. */
    public Slot add(String name, Step step) {
        Slot slot = assembly.slot(name);
        add(step).into(slot);
        return slot;
    }

    /** The next step is run only when the stream fails after the step before it had succeeded. */
    public Script undo() {
        undoing = true;
        return this;
    }

    public Script tolerating(int... errors) {
        for (int error : errors) {
            placed().tolerating(error);
        }
        return this;
    }

    public Script toleratingAll() {
        placed().toleratingAll();
        return this;
    }

    /** A tolerated error is told as a warning. */
    public Script warning() {
        placed().warning();
        return this;
    }

    /** EBUSY is tried again for a while. */
    public Script patient() {
        placed().patient();
        return this;
    }

    /** Tolerates these errors, and goes on at the mark after them. */
    public Script orElse(Mark mark, int... errors) {
        tolerating(errors);
        placed().skippingTo(mark);
        return this;
    }

    /** Keeps the result: zero for most calls, a tolerated error as its negative number. */
    public Script into(Slot slot) {
        placed().into(slot);
        return this;
    }

    private Placed placed() {
        if (last == null) {
            throw new IllegalStateException("nothing is written yet");
        }
        return last;
    }

    // Places, conditions and data

    public Slot slot(String name) {
        return assembly.slot(name);
    }

    public Mark mark() {
        return stream.mark();
    }

    public Script place(Mark mark) {
        stream.place(mark);
        return this;
    }

    /** Goes on at the mark. */
    public Script jump(Mark mark) {
        return condition(new ControlStep.Expect(Operand.of(0), -1, 1, ERANGE, false), mark);
    }

    /** Goes on at the mark when the slot has the value. */
    public Script skipIf(Slot slot, long value, Mark mark) {
        return condition(new ControlStep.Expect(slot, -1, value, ERANGE, true), mark);
    }

    /** Goes on at the mark when the slot holds no error. */
    public Script skipIfGood(Slot slot, Mark mark) {
        long sign = Long.MIN_VALUE;
        return condition(new ControlStep.Expect(slot, sign, sign, ERANGE, false), mark);
    }

    /** Goes on at the mark when the slot holds an error. */
    public Script skipUnlessGood(Slot slot, Mark mark) {
        long sign = Long.MIN_VALUE;
        return condition(new ControlStep.Expect(slot, sign, sign, ERANGE, true), mark);
    }

    /** Goes on at the mark when the number in the data has the value. */
    public Script skipIf(Hole number, long value, Mark mark) {
        return condition(new ControlStep.ExpectData(number, -1, value, ERANGE, true), mark);
    }

    private Script condition(Step expectation, Mark mark) {
        add(expectation);
        return orElse(mark, ERANGE);
    }

    public Hole hole(int size) {
        return assembly.hole(size);
    }

    public Hole hole(Bytes content, int more) {
        return assembly.hole(content, more);
    }

    /** A record with a place for the pid, filled in. */
    Hole state(StateRecord record, Operand pid) {
        Hole hole = assembly.hole(Bytes.of(record.bytes()), 0);
        if (record.pidAt() > 0) {
            add(
                    new ControlStep.Decimal(
                            pid,
                            hole.part(record.pidAt(), StateRecord.PID_WIDTH),
                            StateRecord.PID_WIDTH));
        }
        return hole;
    }

    /** Passes descriptors up and waits. */
    void phase(Phase phase, Operand... descriptors) {
        add(new ControlStep.Phase(phases.add(phase), descriptors));
    }

    // Streams

    public Script post(int stream, int tag) {
        return add(new ControlStep.Post(stream, tag));
    }

    public Script waitFor(int stream, int tag) {
        return add(new ControlStep.Wait(stream, tag));
    }

    // Files

    /** A path that nobody but the host's own administrator can have a hand in. */
    public Slot openat(String name, Operand dir, String path, long flags, int mode) {
        return add(name, new FileStep.Openat(dir, path, flags | FileStep.O_CLOEXEC, mode));
    }

    /** The same into a slot. */
    Script openInto(Slot into, Operand dir, String path, long flags) {
        return add(new FileStep.Openat(dir, path, flags | FileStep.O_CLOEXEC)).into(into);
    }

    /** A path inside a root, which no link leaves. */
    public Slot openInside(String name, Operand root, String path, long flags) {
        return add(name, new FileStep.Openat2(root, path, flags | FileStep.O_CLOEXEC, INSIDE));
    }

    /** A path without any link in it. */
    public Slot openNoLinks(String name, Operand dir, String path, long flags) {
        return add(name, new FileStep.Openat2(dir, path, flags | FileStep.O_CLOEXEC, NO_LINKS));
    }

    /** A path inside a root without any link in it. */
    Script openInsideNoLinks(Slot into, Operand root, String path, long flags) {
        add(new FileStep.Openat2(root, path, flags | FileStep.O_CLOEXEC, INSIDE | NO_LINKS));
        return into(into);
    }

    /** A path below a directory, where a link may lead only further down. */
    public Script openBelow(Slot into, Operand dir, String path, long flags) {
        return add(new FileStep.Openat2(dir, path, flags | FileStep.O_CLOEXEC, BELOW)).into(into);
    }

    /** A directory below a root, made when it is not there. */
    public Slot ensureDirectory(String name, Operand root, String path) {
        return add(name, new ControlStep.Ensure(root, path, false, 0755));
    }

    public Script close(Operand fd) {
        return add(new FileStep.Close(fd));
    }

    public Script write(Operand fd, String text) {
        return add(new FileStep.Write(fd, text));
    }

    public Script mkdirat(Operand dir, String path, int mode) {
        return add(new FileStep.Mkdirat(dir, path, mode));
    }

    public Script symlinkat(String target, Operand dir, String path) {
        return add(new FileStep.Symlinkat(target, dir, path));
    }

    public Script unlinkat(Operand dir, String path, long flags) {
        return add(new FileStep.Unlinkat(dir, path, flags));
    }

    /** /proc/PID as a directory. */
    public Slot openProcess(String name, Operand pid) {
        String folder = "/proc/";
        Hole path = assembly.hole(Bytes.of(folder), Hole.DIGITS);
        add(new ControlStep.Decimal(pid, path.from(folder.length()), 0));
        return add(
                name,
                new FileStep.Openat(
                        Operand.CWD,
                        path,
                        FileStep.O_PATH | FileStep.O_DIRECTORY | FileStep.O_CLOEXEC,
                        0));
    }

    // What a descriptor is

    /** Fills what the conditions below look at. */
    Script statx(Operand fd) {
        Hole into = statx;
        if (into == null) {
            into = assembly.hole(FileStep.Statx.SIZE);
            statx = into;
        }
        return add(new FileStep.Statx(fd, into));
    }

    private Hole status() {
        if (statx == null) {
            throw new IllegalStateException("condition before statx");
        }
        return statx;
    }

    Script skipUnlessDirectory(Operand fd, Mark mark) {
        statx(fd);
        return skipUnlessType(FileStep.S_IFDIR, mark);
    }

    private Script skipUnlessType(int type, Mark mark) {
        Hole mode = FileStep.Statx.mode(status());
        return condition(
                new ControlStep.ExpectData(mode, FileStep.S_IFMT, type, ERANGE, false), mark);
    }

    Script skipUnlessCharacterDevice(Mark mark) {
        return skipUnlessType(FileStep.S_IFCHR, mark);
    }

    /** Goes on at the mark unless what statx saw is the null device. */
    Script skipUnlessNullDevice(Mark mark) {
        skipUnlessType(FileStep.S_IFCHR, mark);
        Hole device = FileStep.Statx.device(status());
        return condition(new ControlStep.ExpectData(device, -1, NULL_DEVICE, ERANGE, false), mark);
    }

    Script skipIfOwnedBy(long uid, Mark mark) {
        return skipIf(FileStep.Statx.uid(status()), uid, mark);
    }

    /** Keeps the mode of a file. */
    Script loadMode(Operand fd, Slot into) {
        statx(fd);
        return add(new ControlStep.Load(FileStep.Statx.mode(status()))).into(into);
    }

    Script expectCharacterDevice(Operand fd, int major, int minor) {
        statx(fd);
        Hole mode = FileStep.Statx.mode(status());
        add(new ControlStep.ExpectData(mode, FileStep.S_IFMT, FileStep.S_IFCHR, EPERM, false));
        long device = FileStep.Statx.device(major, minor);
        return add(new ControlStep.ExpectData(FileStep.Statx.device(status()), device, EPERM));
    }

    Script expectFileSystem(Operand fd, long magic) {
        return fileSystem(fd, magic, false);
    }

    Script expectOtherFileSystem(Operand fd, long magic) {
        return fileSystem(fd, magic, true);
    }

    private Script fileSystem(Operand fd, long magic, boolean differ) {
        Hole into = statfs;
        if (into == null) {
            into = assembly.hole(FileStep.Fstatfs.SIZE);
            statfs = into;
        }
        add(new FileStep.Fstatfs(fd, into));
        Hole type = FileStep.Fstatfs.type(into);
        return add(new ControlStep.ExpectData(type, -1, magic, EPERM, differ));
    }

    // Mounts

    /** A copy of what is mounted at a path, mounted nowhere. */
    public Slot copyTree(String name, Operand dir, String path, long how) {
        Slot slot = assembly.slot(name);
        copyTree(slot, dir, path, how);
        return slot;
    }

    /**
     * The same into a slot; with an empty path of what the descriptor stands for.
     *
     * @param how AT_RECURSIVE with all that is mounted below, AT_SYMLINK_NOFOLLOW
     */
    public Script copyTree(Slot into, Operand dir, String path, long how) {
        long flags =
                MountStep.OPEN_TREE_CLONE
                        | MountStep.OPEN_TREE_CLOEXEC
                        | how
                        | (path.isEmpty() ? FileStep.AT_EMPTY_PATH : 0);
        return add(new MountStep.OpenTree(dir, path, flags)).into(into);
    }

    public Script moveMount(Operand from, Operand to) {
        return add(new MountStep.MoveMount(from, to));
    }

    /** Attributes of the mount that a descriptor stands for, without those below it. */
    public Script setAttributes(Operand mount, long set, long clear) {
        return add(new MountStep.MountSetattr(mount, set, clear, false));
    }

    public Slot fsopen(String type) {
        return add("context", new MountStep.Fsopen(type));
    }

    public Script fsconfig(Operand context, String key, String value) {
        return add(new MountStep.FsconfigString(context, key, value));
    }

    public Script fsconfig(Operand context, String flag) {
        return add(new MountStep.FsconfigFlag(context, flag));
    }

    /** Makes what the context describes, mounted nowhere, and closes the context. */
    public Slot fsmount(String name, Operand context, long attributes) {
        add(new MountStep.FsconfigCreate(context));
        Slot made = add(name, new MountStep.Fsmount(context, attributes));
        close(context);
        return made;
    }

    /** A text for each string. */
    static List<Text> texts(List<String> strings) {
        var texts = new Text[strings.size()];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = Text.of(strings.get(i));
        }
        return List.of(texts);
    }
}
