package dev.rung.resident;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.RawText;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Pipes;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The front end of one call, as a command sees it: who calls, and everything that is done on the
 * caller's side, with the caller's rights. Each method waits for the front end; all throw {@link
 * ConversationLost} when it is gone. Used by one thread.
 */
public final class Caller {
    private static final int INPUT_CHUNK = 64 * 1024;
    private static final int TEXT_CHUNK = 64 * 1024;
    private static final int OPEN_CHUNK = Conversation.MOST_DESCRIPTORS - 1;

    private static final int ATTACH_INPUT = 1;
    private static final int ATTACH_TERMINAL = 2;
    private static final int ATTACH_SIGNALS = 4;
    private static final int STREAM_INPUT = 1;
    private static final int STREAM_SILENT = 2;
    private static final int STREAM_TERMINAL = 4;

    private final Conversation conversation;
    private final Request request;
    private final Map<KernelPath, Ahead> prefetched = new HashMap<>();
    private boolean sealed;

    /** What was opened before it was asked for, and how. */
    private record Ahead(int resolve, Opened opened) {}

    Caller(Conversation conversation, Frame.Call call, List<Fd> descriptors) {
        this.conversation = conversation;
        this.request = call.request();
        int next = 0;
        for (Frame.Prefetched file : call.prefetched()) {
            Fd descriptor = file.errno() == 0 ? descriptors.get(next++) : null;
            prefetched.put(
                    file.path(), new Ahead(file.resolve(), new Opened(descriptor, file.errno())));
        }
    }

    public Request request() {
        return request;
    }

    /**
     * Opens files on the caller's side; answers in the same order. A file that the front end opened
     * ahead of being asked costs nothing, the first time: "/proc/self/mountinfo",
     * "/proc/self/cgroup" and config.json of the bundle, as {@link OpenRequest#reading} names them,
     * and rootfs/etc/passwd there, without following links.
     */
    public List<Opened> open(List<OpenRequest> files) {
        var answers = new ArrayList<@Nullable Opened>(files.size());
        var missing = new ArrayList<OpenRequest>();
        for (OpenRequest file : files) {
            Opened known = takePrefetched(file);
            answers.add(known);
            if (known == null) {
                missing.add(file);
            }
        }
        var asked = new ArrayList<Opened>(missing.size());
        for (int i = 0; i < missing.size(); i += OPEN_CHUNK) {
            ask(missing.subList(i, Math.min(i + OPEN_CHUNK, missing.size())), asked);
        }
        int next = 0;
        var all = new ArrayList<Opened>(files.size());
        for (Opened known : answers) {
            all.add(known != null ? known : asked.get(next++));
        }
        return all;
    }

    /** Opens one file on the caller's side. */
    public Opened open(OpenRequest file) {
        return open(List.of(file)).getFirst();
    }

    /** The caller's standard input to its end. Invalid when it is more than the limit in bytes. */
    public byte[] readInput(int limit) {
        var all = new ByteArrayOutputStream();
        while (true) {
            conversation.send(new Frame.ReadInput(INPUT_CHUNK));
            if (!(conversation.receive().frame() instanceof Frame.Input(byte[] bytes))) {
                throw unexpected("standard input");
            }
            if (bytes.length == 0) {
                return all.toByteArray();
            }
            if (bytes.length > limit - all.size()) {
                throw new Failure.Invalid("standard input is longer than " + limit + " bytes");
            }
            all.writeBytes(bytes);
        }
    }

    /** What comes next on the caller's standard input, such as one line of a terminal's. */
    public byte[] inputChunk() {
        conversation.send(new Frame.ReadInput(INPUT_CHUNK));
        if (!(conversation.receive().frame() instanceof Frame.Input(byte[] bytes))) {
            throw unexpected("standard input");
        }
        return bytes;
    }

    /**
     * Has the front end run a program, and waits for its end. What the handler throws is thrown
     * here, after the program was undone.
     */
    public RunResult run(byte[] program, PhaseHandler phases) {
        RunResult result = result(new Frame.Run(program), phases);
        if (result == null) {
            throw new ConversationLost("the front end left a program without a word of its end");
        }
        return result;
    }

    /**
     * Has the front end run a program without phases as its last, and do that ending afterwards
     * without asking again. Null when it does; else the program failed or warned, and the ending is
     * still to be told. The ending is asked for while the program runs.
     */
    public @Nullable RunResult finish(byte[] program, Supplier<Ending> ending) {
        conversation.send(new Frame.Finish(program));
        return result(Frame.of(ending.get()), PhaseHandler.NONE);
    }

    /** Null when the front end left. */
    private @Nullable RunResult result(Frame order, PhaseHandler phases) {
        conversation.send(order);
        var warnings = new ArrayList<FailureRecord>();
        RuntimeException thrown = null;
        while (true) {
            Conversation.Received received = conversation.receiveOrEnd();
            if (received == null) {
                return null;
            }
            // no pattern switch: a cold JVM would have to make its bootstrap's classes
            Frame frame = received.frame();
            if (frame instanceof Frame.Ended ended) {
                if (thrown != null) {
                    throw thrown;
                }
                return new RunResult(ended.failure(), warnings, ended.slots());
            } else if (frame instanceof Frame.Warned warned) {
                warnings.add(warned.warning());
            } else if (frame instanceof Frame.PhaseReached phase) {
                try {
                    List<PhaseHandler.Patch> patches =
                            phases.reached(phase.id(), received.descriptors());
                    conversation.send(new Frame.Continue(true, patches));
                } catch (ConversationLost e) {
                    throw e;
                } catch (RuntimeException e) {
                    thrown = e;
                    conversation.send(new Frame.Continue(false, List.of()));
                }
            } else {
                throw unexpected("the end of a program");
            }
        }
    }

    /** ConversationLost when the front end has gone meanwhile, as by a person's interrupt. */
    public void checkThere() {
        conversation.send(new Frame.Text(1, new byte[0]));
    }

    /** Prints on the caller's standard output. */
    public void out(String text) {
        print(1, text);
    }

    /** Prints on the caller's standard error. */
    public void err(String text) {
        print(2, text);
    }

    /** Appends to a file on the caller's side, made with mode 0644 when it is missing. */
    public void log(String path, String text) {
        conversation.send(new Frame.Log(KernelPath.of(path), RawText.encode(text)));
    }

    /**
     * Has a front end of the engine go on as a sealed copy of itself, which it must be before it
     * runs a program; rung-oci's are from the beginning. Once is enough.
     */
    public void seal() {
        if (!sealed) {
            conversation.send(new Frame.Seal());
            sealed = true;
        }
    }

    /**
     * Says what a process that is made from now on gets of the front end's streams. A terminal of
     * the person's is never passed on: pipes stand before it.
     *
     * @param input whether stdin; else it is /dev/null
     * @param silent whether stdout and stderr are /dev/null too
     */
    public void streams(boolean input, boolean silent) {
        int flags = (input ? STREAM_INPUT : 0) | (silent ? STREAM_SILENT : 0);
        conversation.send(new Frame.Streams(flags, new byte[0]));
    }

    /**
     * Says that a process that is made from now on has a terminal of its own.
     *
     * @param keys typed one after another they end the front end, with 0, and not the process
     */
    public void terminal(byte[] keys) {
        conversation.send(new Frame.Streams(STREAM_TERMINAL, keys));
    }

    /** All of the caller's standard input from now on, however much it is. */
    public Passage input() {
        return passage(Frame.Pump.FROM_INPUT);
    }

    /** For more on the caller's standard output than text. */
    public Passage output() {
        return passage(Frame.Pump.TO_OUTPUT);
    }

    private Passage passage(int direction) {
        Pipes.Ends pipe;
        try {
            pipe = Pipes.make();
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("make a pipe: " + e.getMessage(), e);
        }
        boolean in = direction == Frame.Pump.FROM_INPUT;
        try (Fd theirs = in ? pipe.writing() : pipe.reading()) {
            conversation.send(new Frame.Pump(direction), List.of(theirs));
        }
        return new Passage(conversation, in ? pipe.reading() : pipe.writing());
    }

    /** Which of the front end's streams an attachment relays, and how. */
    public record Attachment(boolean input, boolean terminal, boolean signals, byte[] detachKeys) {}

    /** How an attachment ended. */
    public enum Detachment {
        /** With the container. */
        ENDED,
        /** The person typed the keys for it; the container goes on. */
        BY_KEYS,
        /** The monitor went away, or cut off a reader that took nothing for too long. */
        LOST
    }

    /** Gets the signals that the front end got while it is attached. */
    public interface SignalHandler {
        void signalled(int signal);
    }

    /**
     * Has the front end relay between its standard streams and a monitor's socket, of which it gets
     * a copy. It does so until {@link #awaitDetachment} returns, or something else is said to it.
     */
    public void attach(Fd monitor, Attachment how) {
        int flags =
                (how.input() ? ATTACH_INPUT : 0)
                        | (how.terminal() ? ATTACH_TERMINAL : 0)
                        | (how.signals() ? ATTACH_SIGNALS : 0);
        conversation.send(new Frame.Attach(flags, how.detachKeys()), List.of(monitor));
    }

    /** Waits until the front end is attached no more. */
    public Detachment awaitDetachment(SignalHandler signals) {
        while (true) {
            Frame frame = conversation.receive().frame();
            if (frame instanceof Frame.Signalled(int signal)) {
                signals.signalled(signal);
            } else if (frame instanceof Frame.Detached detached
                    && detached.outcome() >= 0
                    && detached.outcome() < Detachment.values().length) {
                return Detachment.values()[detached.outcome()];
            } else {
                throw unexpected("the end of an attachment");
            }
        }
    }

    private void print(int descriptor, String text) {
        byte[] bytes = RawText.encode(text);
        for (int at = 0; at < bytes.length; at += TEXT_CHUNK) {
            int end = Math.min(at + TEXT_CHUNK, bytes.length);
            conversation.send(new Frame.Text(descriptor, Arrays.copyOfRange(bytes, at, end)));
        }
    }

    private @Nullable Opened takePrefetched(OpenRequest file) {
        Ahead ahead = prefetched.get(file.path());
        if (ahead == null
                || file.folder() != null
                || file.flags() != 0
                || file.resolve() != ahead.resolve) {
            return null;
        }
        prefetched.remove(file.path());
        return ahead.opened;
    }

    private void ask(List<OpenRequest> files, List<Opened> answers) {
        var folders = new ArrayList<Fd>();
        var wanted = new ArrayList<Frame.Wanted>(files.size());
        for (OpenRequest file : files) {
            int folder = -1;
            if (file.folder() != null) {
                folder = folders.indexOf(file.folder());
                if (folder < 0) {
                    folder = folders.size();
                    folders.add(file.folder());
                }
            }
            wanted.add(new Frame.Wanted(folder, file.flags(), file.resolve(), file.path()));
        }
        conversation.send(new Frame.Open(wanted), folders);
        Conversation.Received received = conversation.receive();
        if (!(received.frame() instanceof Frame.Opened(List<Integer> errnos))
                || errnos.size() != files.size()) {
            throw unexpected("the answer to an open");
        }
        int next = 0;
        for (int errno : errnos) {
            answers.add(new Opened(errno == 0 ? received.descriptors().get(next++) : null, errno));
        }
    }

    private static ConversationLost unexpected(String wanted) {
        return new ConversationLost("another frame came in the place of " + wanted);
    }
}
