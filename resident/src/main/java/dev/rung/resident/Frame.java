package dev.rung.resident;

import dev.rung.domain.KernelPath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message between a front end and the resident, without its descriptors. Each record says its
 * type, writes its payload and reads it; those from the front end have types below 64.
 */
sealed interface Frame {
    int VERSION = 1;

    int type();

    void write(FrameWriter to);

    /** How many descriptors must come with it; -1 when any number may. */
    default int descriptors() {
        return 0;
    }

    /** Reads a payload to its last byte. ConversationLost when it is not exactly a frame. */
    static Frame read(int type, FrameReader from) {
        Frame frame =
                switch (type) {
                    case Call.TYPE -> Call.read(from);
                    case Opened.TYPE -> Opened.read(from);
                    case Ended.TYPE -> Ended.read(from);
                    case Warned.TYPE -> new Warned(FailureFormat.read(from));
                    case PhaseReached.TYPE -> new PhaseReached(from.u32());
                    case Input.TYPE -> new Input(from.rest());
                    case Signalled.TYPE -> new Signalled(from.u32());
                    case Detached.TYPE -> new Detached(from.u32(), from.u32());
                    case Hello.TYPE -> new Hello(from.u32());
                    case Open.TYPE -> Open.read(from);
                    case Run.TYPE -> new Run(from.rest());
                    case Continue.TYPE -> Continue.read(from);
                    case Text.TYPE -> new Text(from.u32(), from.rest());
                    case Log.TYPE -> new Log(from.path(), from.rest());
                    case ReadInput.TYPE -> new ReadInput(from.u32());
                    case Exit.TYPE -> new Exit(from.u32());
                    case Wait.TYPE -> Wait.read(from);
                    case Ready.TYPE -> Ready.read(from);
                    case Finish.TYPE -> new Finish(from.rest());
                    case Attach.TYPE -> new Attach(from.u32(), from.string());
                    case Seal.TYPE -> new Seal();
                    case Become.TYPE -> new Become(from.texts());
                    case Streams.TYPE -> new Streams(from.u32(), from.string());
                    case Pump.TYPE -> new Pump(from.u32());
                    case Pumped.TYPE -> new Pumped(from.u32());
                    default -> throw new ConversationLost("bad frame: unknown type " + type);
                };
        from.end();
        return frame;
    }

    /** From the front end: who calls, and the results of the opens that most calls need. */
    record Call(Request request, List<Prefetched> prefetched) implements Frame {
        static final int TYPE = 1;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public int descriptors() {
            int count = 0;
            for (Prefetched file : prefetched) {
                count += file.errno() == 0 ? 1 : 0;
            }
            return count;
        }

        @Override
        public void write(FrameWriter to) {
            RequestFormat.write(request, to);
            to.u32(prefetched.size());
            for (Prefetched file : prefetched) {
                to.string(file.path()).u32(file.resolve()).u32(file.errno());
            }
        }

        static Call read(FrameReader from) {
            Request request = RequestFormat.read(from);
            int count = from.count();
            var files = new ArrayList<Prefetched>(count);
            for (int i = 0; i < count; i++) {
                files.add(new Prefetched(from.path(), from.u32(), from.u32()));
            }
            return new Call(request, files);
        }
    }

    /**
     * A file that the front end tried to open before it was asked, by that way of openat2(2); errno
     * 0: its descriptor came.
     */
    record Prefetched(KernelPath path, int resolve, int errno) {}

    /** From the front end: an errno, or 0 and a descriptor, for each file it was asked to open. */
    record Opened(List<Integer> errnos) implements Frame {
        static final int TYPE = 2;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public int descriptors() {
            int count = 0;
            for (int errno : errnos) {
                count += errno == 0 ? 1 : 0;
            }
            return count;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(errnos.size());
            for (int errno : errnos) {
                to.u32(errno);
            }
        }

        static Opened read(FrameReader from) {
            int count = from.count();
            var errnos = new ArrayList<Integer>(count);
            for (int i = 0; i < count; i++) {
                errnos.add(from.u32());
            }
            return new Opened(errnos);
        }
    }

    /** From the front end: how a program ended, and the slots it leaves. */
    record Ended(@Nullable FailureRecord failure, List<Long> slots) implements Frame {
        static final int TYPE = 3;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(failure == null ? 1 : 0);
            if (failure != null) {
                FailureFormat.write(failure, to);
            }
            to.u32(slots.size());
            for (long slot : slots) {
                to.u64(slot);
            }
        }

        static Ended read(FrameReader from) {
            FailureRecord failure = from.bool() ? null : FailureFormat.read(from);
            int count = from.count();
            var slots = new ArrayList<Long>(count);
            for (int i = 0; i < count; i++) {
                slots.add(from.u64());
            }
            return new Ended(failure, slots);
        }
    }

    /** From the front end: a tolerated error of the running program that is worth a word. */
    record Warned(FailureRecord warning) implements Frame {
        static final int TYPE = 4;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            FailureFormat.write(warning, to);
        }
    }

    /** From the front end: the running program waits at a phase, and hands over descriptors. */
    record PhaseReached(int id) implements Frame {
        static final int TYPE = 5;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public int descriptors() {
            return -1;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(id);
        }
    }

    /** From the front end: what was read of its standard input; empty at the end. */
    record Input(byte[] bytes) implements Frame {
        static final int TYPE = 6;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.raw(bytes);
        }
    }

    /** To the front end, first of all; a sealed copy of its own binary comes with it. */
    record Hello(int version) implements Frame {
        static final int TYPE = 64;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public int descriptors() {
            return 1;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(version);
        }
    }

    /** To the front end: files to open; the folders they lie below come with it. */
    record Open(List<Wanted> files) implements Frame {
        static final int TYPE = 65;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public int descriptors() {
            int count = 0;
            for (Wanted file : files) {
                count = Math.max(count, file.folder() + 1);
            }
            return count;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(files.size());
            for (Wanted file : files) {
                to.u32(file.folder()).u32(file.flags()).u32(file.resolve());
                to.string(file.path());
            }
        }

        static Open read(FrameReader from) {
            int count = from.count();
            var files = new ArrayList<Wanted>(count);
            for (int i = 0; i < count; i++) {
                files.add(new Wanted(from.u32(), from.u32(), from.u32(), from.path()));
            }
            return new Open(files);
        }
    }

    /** One openat2(2): an index into the descriptors of the frame, -1 for the working directory. */
    record Wanted(int folder, int flags, int resolve, KernelPath path) {}

    /** To the front end: a program to run. */
    record Run(byte[] program) implements Frame {
        static final int TYPE = 66;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.raw(program);
        }
    }

    /** To the front end: the phase is over; not ok makes the stream fail with ECANCELED. */
    record Continue(boolean ok, List<PhaseHandler.Patch> patches) implements Frame {
        static final int TYPE = 67;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(ok ? 1 : 0).u32(patches.size());
            for (PhaseHandler.Patch patch : patches) {
                to.u32(patch.offset()).string(patch.bytes());
            }
        }

        static Continue read(FrameReader from) {
            boolean ok = from.bool();
            int count = from.count();
            var patches = new ArrayList<PhaseHandler.Patch>(count);
            for (int i = 0; i < count; i++) {
                patches.add(new PhaseHandler.Patch(from.u32(), from.string()));
            }
            return new Continue(ok, patches);
        }
    }

    /** To the front end: bytes for its descriptor 1 or 2. */
    record Text(int descriptor, byte[] bytes) implements Frame {
        static final int TYPE = 68;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(descriptor).raw(bytes);
        }
    }

    /** To the front end: bytes to append to a file. */
    record Log(KernelPath path, byte[] bytes) implements Frame {
        static final int TYPE = 69;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.string(path).raw(bytes);
        }
    }

    /** To the front end: read so many bytes of standard input at most. */
    record ReadInput(int most) implements Frame {
        static final int TYPE = 70;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(most);
        }
    }

    /** To the front end, at last. */
    record Exit(int code) implements Frame {
        static final int TYPE = 71;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(code);
        }
    }

    /** To the front end, at last: what to wait for and do then. */
    record Wait(Ending.Wait order) implements Frame {
        static final int TYPE = 72;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(0); // no flags in version 1
            to.u32(order.pidSlot()).u32(order.pidfdSlot()).u32(order.terminalSlot());
            writeNotify(to, order.ready());
            to.string(order.cleanup()).strings(order.afterwards());
        }

        static Wait read(FrameReader from) {
            from.zero(); // no flags in version 1
            return new Wait(
                    new Ending.Wait(
                            from.u32(),
                            from.u32(),
                            from.u32(),
                            readNotify(from),
                            from.string(),
                            from.texts()));
        }
    }

    /** To the front end, at last: what to pass on before it exits. */
    record Ready(Ending.Ready order) implements Frame {
        static final int TYPE = 73;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(order.pidSlot()).u32(order.pidfdSlot());
            writeNotify(to, order.ready());
        }

        static Ready read(FrameReader from) {
            int pid = from.u32();
            int pidfd = from.u32();
            Ending.Notify notify = readNotify(from);
            return new Ready(new Ending.Ready(pid, pidfd, notify == null ? NONE : notify));
        }
    }

    /**
     * To the front end: a program without phases to run. When it did without a word the front end
     * goes on to the frame behind this one; else it passes over that and tells how it ended.
     */
    record Finish(byte[] program) implements Frame {
        static final int TYPE = 74;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.raw(program);
        }
    }

    /** From an attached front end: it got a signal. */
    record Signalled(int signal) implements Frame {
        static final int TYPE = 7;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(signal);
        }
    }

    /** From a front end that is attached no more: why, and what it would exit with. */
    record Detached(int outcome, int code) implements Frame {
        static final int TYPE = 8;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(outcome).u32(code);
        }
    }

    /** To the front end: relay between its standard streams and the monitor that comes along. */
    record Attach(int flags, byte[] keys) implements Frame {
        static final int TYPE = 75;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public int descriptors() {
            return 1;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(flags).string(keys);
        }
    }

    /** To the front end: become the sealed copy before a program comes. */
    record Seal() implements Frame {
        static final int TYPE = 76;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {}
    }

    /** To the front end, at last: what to execute in its place. */
    record Become(List<String> arguments) implements Frame {
        static final int TYPE = 77;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.strings(arguments);
        }
    }

    /** To the front end: what becomes of its standard streams in the processes it makes. */
    record Streams(int flags, byte[] keys) implements Frame {
        static final int TYPE = 78;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(flags).string(keys);
        }
    }

    /** To the front end: pass on all of its stdin (0), or to its stdout (1), by this pipe. */
    record Pump(int direction) implements Frame {
        static final int TYPE = 79;
        static final int FROM_INPUT = 0;
        static final int TO_OUTPUT = 1;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public int descriptors() {
            return 1;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(direction);
        }
    }

    /** From a front end that has passed a stream on: an errno, or 0. */
    record Pumped(int errno) implements Frame {
        static final int TYPE = 9;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(FrameWriter to) {
            to.u32(errno);
        }
    }

    /** What tells the front end to end so; it must not be under way. */
    static Frame of(Ending ending) {
        // no pattern switch: a cold JVM would have to make its bootstrap's classes
        if (ending instanceof Ending.Wait order) {
            return new Wait(order);
        } else if (ending instanceof Ending.Ready order) {
            return new Ready(order);
        } else if (ending instanceof Ending.Exit exit) {
            return new Exit(exit.code());
        }
        throw new IllegalArgumentException("an ending that is under way");
    }

    /** No slots. */
    Ending.Notify NONE = new Ending.Notify(-1, -1);

    private static void writeNotify(FrameWriter to, Ending.@Nullable Notify notify) {
        Ending.Notify given = notify == null ? NONE : notify;
        to.u32(given.socketSlot()).u32(given.callerSlot());
    }

    private static Ending.@Nullable Notify readNotify(FrameReader from) {
        var notify = new Ending.Notify(from.u32(), from.u32());
        return notify.equals(NONE) ? null : notify;
    }
}
