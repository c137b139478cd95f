package dev.rung.resident;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The bytes of each frame: one method to write, one to read, types in the same order. */
final class FrameCodec {
    static final int VERSION = 1;

    private static final int CALL = 1;
    private static final int OPENED = 2;
    private static final int RESULT = 3;
    private static final int WARNING = 4;
    private static final int PHASE = 5;
    private static final int INPUT = 6;
    private static final int HELLO = 64;
    private static final int OPEN = 65;
    private static final int PROGRAM = 66;
    private static final int CONTINUE = 67;
    private static final int TEXT = 68;
    private static final int LOG = 69;
    private static final int READ_STDIN = 70;
    private static final int EXIT = 71;
    private static final int WAIT = 72;

    private static final int MOST_SLOTS = 1024;

    private FrameCodec() {}

    /** Writes the payload; returns the type. */
    static int write(Frame frame, FrameWriter to) {
        return switch (frame) {
            case Frame.Call call -> {
                writeRequest(call.request(), to);
                to.u32(call.prefetched().size());
                for (Frame.Prefetched file : call.prefetched()) {
                    to.string(file.path()).u32(file.errno());
                }
                yield CALL;
            }
            case Frame.Opened opened -> {
                to.u32(opened.errnos().size());
                for (int errno : opened.errnos()) {
                    to.u32(errno);
                }
                yield OPENED;
            }
            case Frame.Ended ended -> {
                FailureRecord failure = ended.failure();
                to.u32(failure == null ? 1 : 0);
                if (failure != null) {
                    writeFailure(failure, to);
                }
                to.u32(ended.slots().size());
                for (long slot : ended.slots()) {
                    to.u64(slot);
                }
                yield RESULT;
            }
            case Frame.Warned warned -> {
                writeFailure(warned.warning(), to);
                yield WARNING;
            }
            case Frame.PhaseReached phase -> {
                to.u32(phase.id());
                yield PHASE;
            }
            case Frame.Input input -> {
                to.raw(input.bytes());
                yield INPUT;
            }
            case Frame.Hello hello -> {
                to.u32(hello.version());
                yield HELLO;
            }
            case Frame.Open open -> {
                to.u32(open.files().size());
                for (Frame.Wanted file : open.files()) {
                    to.u32(file.folder()).u32(file.flags()).u32(file.resolve());
                    to.string(file.path());
                }
                yield OPEN;
            }
            case Frame.Run run -> {
                to.raw(run.program());
                yield PROGRAM;
            }
            case Frame.Continue go -> {
                to.u32(go.ok() ? 1 : 0).u32(go.patches().size());
                for (PhaseHandler.Patch patch : go.patches()) {
                    to.u32(patch.offset()).string(patch.bytes());
                }
                yield CONTINUE;
            }
            case Frame.Text text -> {
                to.u32(text.descriptor()).raw(text.bytes());
                yield TEXT;
            }
            case Frame.Log log -> {
                to.string(log.path()).raw(log.bytes());
                yield LOG;
            }
            case Frame.ReadInput read -> {
                to.u32(read.most());
                yield READ_STDIN;
            }
            case Frame.Exit exit -> {
                to.u32(exit.code());
                yield EXIT;
            }
            case Frame.Wait wait -> {
                Ending.Wait order = wait.order();
                to.u32(0); // no flags in version 1
                to.u32(order.pidSlot()).u32(order.pidfdSlot()).u32(order.terminalSlot());
                to.string(order.cleanup()).strings(order.afterwards());
                yield WAIT;
            }
        };
    }

    /** Reads a payload to its last byte. ConversationLost when it is not exactly a frame. */
    static Frame read(int type, ByteBuffer payload) {
        var from = new FrameReader(payload);
        Frame frame =
                switch (type) {
                    case CALL -> new Frame.Call(readRequest(from), readPrefetched(from));
                    case OPENED -> new Frame.Opened(readErrnos(from));
                    case RESULT ->
                            new Frame.Ended(bool(from) ? null : readFailure(from), readSlots(from));
                    case WARNING -> new Frame.Warned(readFailure(from));
                    case PHASE -> new Frame.PhaseReached(from.u32());
                    case INPUT -> new Frame.Input(from.rest());
                    case HELLO -> new Frame.Hello(from.u32());
                    case OPEN -> new Frame.Open(readWanted(from));
                    case PROGRAM -> new Frame.Run(from.rest());
                    case CONTINUE -> new Frame.Continue(bool(from), readPatches(from));
                    case TEXT -> new Frame.Text(from.u32(), from.rest());
                    case LOG -> new Frame.Log(from.path(), from.rest());
                    case READ_STDIN -> new Frame.ReadInput(from.u32());
                    case EXIT -> new Frame.Exit(from.u32());
                    case WAIT -> new Frame.Wait(readWait(from));
                    default -> throw new ConversationLost("bad frame: unknown type " + type);
                };
        from.end();
        return frame;
    }

    private static void writeRequest(Request request, FrameWriter to) {
        Request.Terminals terminals = request.terminals();
        to.u32(VERSION);
        to.u32((terminals.in() ? 1 : 0) | (terminals.out() ? 2 : 0) | (terminals.err() ? 4 : 0));
        to.u32(request.pid()).u32(request.uid()).u32(request.gid()).u32(request.umask());
        Request.Capabilities capabilities = request.capabilities();
        to.u64(capabilities.effective()).u64(capabilities.permitted());
        to.u64(capabilities.bounding()).u64(capabilities.inheritable());
        to.u32(request.inheritedDescriptors()).strings(request.arguments());
        to.u32(request.environment().size());
        for (Map.Entry<String, String> variable : request.environment().entrySet()) {
            to.string(variable.getKey() + "=" + variable.getValue());
        }
        to.string(request.workingDirectory());
    }

    private static Request readRequest(FrameReader from) {
        int version = from.u32();
        if (version != VERSION) {
            throw new ConversationLost("a front end of version " + version);
        }
        int flags = from.u32();
        int pid = from.u32();
        int uid = from.u32();
        int gid = from.u32();
        int umask = from.u32();
        var capabilities = new Request.Capabilities(from.u64(), from.u64(), from.u64(), from.u64());
        int inherited = from.u32();
        List<String> arguments = from.texts();
        var environment = new LinkedHashMap<String, String>();
        for (String variable : from.texts()) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                // as getenv(3), the first one counts
                environment.putIfAbsent(
                        variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        String workingDirectory = from.text();
        return new Request(
                arguments,
                environment,
                workingDirectory,
                pid,
                uid,
                gid,
                umask,
                new Request.Terminals((flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0),
                capabilities,
                inherited);
    }

    private static List<Frame.Prefetched> readPrefetched(FrameReader from) {
        int count = from.count();
        var files = new ArrayList<Frame.Prefetched>(count);
        for (int i = 0; i < count; i++) {
            files.add(new Frame.Prefetched(from.path(), from.u32()));
        }
        return files;
    }

    private static List<Integer> readErrnos(FrameReader from) {
        int count = from.count();
        var errnos = new ArrayList<Integer>(count);
        for (int i = 0; i < count; i++) {
            errnos.add(from.u32());
        }
        return errnos;
    }

    private static List<Long> readSlots(FrameReader from) {
        int count = from.count(MOST_SLOTS);
        var slots = new ArrayList<Long>(count);
        for (int i = 0; i < count; i++) {
            slots.add(from.u64());
        }
        return slots;
    }

    private static void writeFailure(FailureRecord failure, FrameWriter to) {
        to.u32(failure.stream()).u32(failure.step()).u32(failure.error()).u64(failure.aux());
        to.string(failure.key()).string(failure.say()).string(failure.text());
    }

    private static FailureRecord readFailure(FrameReader from) {
        return new FailureRecord(
                from.u32(),
                from.u32(),
                from.u32(),
                from.u64(),
                from.text(),
                from.text(),
                from.text());
    }

    private static List<Frame.Wanted> readWanted(FrameReader from) {
        int count = from.count();
        var files = new ArrayList<Frame.Wanted>(count);
        for (int i = 0; i < count; i++) {
            files.add(new Frame.Wanted(from.u32(), from.u32(), from.u32(), from.path()));
        }
        return files;
    }

    private static List<PhaseHandler.Patch> readPatches(FrameReader from) {
        int count = from.count();
        var patches = new ArrayList<PhaseHandler.Patch>(count);
        for (int i = 0; i < count; i++) {
            patches.add(new PhaseHandler.Patch(from.u32(), from.string()));
        }
        return patches;
    }

    private static Ending.Wait readWait(FrameReader from) {
        from.count(0); // no flags in version 1
        return new Ending.Wait(from.u32(), from.u32(), from.u32(), from.string(), from.texts());
    }

    private static boolean bool(FrameReader from) {
        return from.count(1) == 1;
    }
}
