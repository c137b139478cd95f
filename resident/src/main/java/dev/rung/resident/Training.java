package dev.rung.resident;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Packets;
import dev.rung.linux.Paths;
import dev.rung.linux.Sockets;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Calls that this process makes to itself, so that an AOT cache is recorded of what a first call
 * runs. The front end is played here: files that it is asked for are opened, and every program is
 * said to have succeeded; nothing is run and nothing is written.
 */
final class Training {
    private static final int SLOTS_AT = 28; // of a program's header
    private static final long SLOT_VALUE = 1000;

    private final Reception reception;
    private final ResidentLog log;

    Training(Reception reception, ResidentLog log) {
        this.reception = reception;
        this.log = log;
    }

    /** Each call is an argv. */
    void serve(List<List<String>> calls) throws ErrnoException, InterruptedException {
        for (List<String> call : calls) {
            List<Fd> ends = Sockets.pair();
            var thread = new Thread(() -> play(ends.getFirst(), call), "front end");
            thread.start();
            try (var packets = new Packets(Conversation.LONGEST_MESSAGE)) {
                reception.serve(ends.getLast(), packets);
            }
            thread.join();
        }
    }

    private void play(Fd connection, List<String> argv) {
        try (var packets = new Packets(Conversation.LONGEST_MESSAGE);
                var conversation = new Conversation(connection, packets)) {
            call(conversation, argv);
            while (true) {
                Conversation.Received received = conversation.receive();
                switch (received.frame()) {
                    case Frame.Hello _, Frame.Log _ -> {}
                    case Frame.Open(List<Frame.Wanted> files) ->
                            open(conversation, files, received.descriptors());
                    case Frame.Run(byte[] program) ->
                            conversation.send(new Frame.Ended(null, slots(program)));
                    case Frame.ReadInput _ -> conversation.send(new Frame.Input(new byte[0]));
                    case Frame.Text text ->
                            log.say(new String(text.bytes(), StandardCharsets.UTF_8).strip());
                    case Frame.Exit _, Frame.Wait _ -> {
                        return;
                    }
                    default -> throw new ConversationLost("a frame that no resident sends");
                }
            }
        }
    }

    private static void call(Conversation conversation, List<String> argv) {
        var request =
                new Request(
                        argv,
                        Map.of("PATH", "/usr/bin:/bin"),
                        System.getProperty("user.dir"),
                        (int) ProcessHandle.current().pid(),
                        0,
                        0,
                        022,
                        new Request.Terminals(false, false, false),
                        new Request.Capabilities(-1, -1, -1, 0),
                        0);
        var prefetched = new ArrayList<Frame.Prefetched>();
        var descriptors = new ArrayList<Fd>();
        String bundle = bundle(argv);
        for (String path :
                List.of("/proc/self/mountinfo", "/proc/self/cgroup", bundle + "/config.json")) {
            int errno = open(null, KernelPath.of(path), 0, 0, descriptors);
            prefetched.add(new Frame.Prefetched(KernelPath.of(path), errno));
        }
        conversation.send(new Frame.Call(request, prefetched), descriptors);
        descriptors.forEach(Fd::close);
    }

    /** As the front end guesses it. */
    private static String bundle(List<String> argv) {
        int option = Math.max(argv.indexOf("-b"), argv.indexOf("--bundle"));
        return option < 0 || option + 1 == argv.size() ? "." : argv.get(option + 1);
    }

    private static void open(
            Conversation conversation, List<Frame.Wanted> files, List<Fd> folders) {
        var errnos = new ArrayList<Integer>();
        var descriptors = new ArrayList<Fd>();
        for (Frame.Wanted file : files) {
            Fd folder = file.folder() < 0 ? null : folders.get(file.folder());
            errnos.add(open(folder, file.path(), file.flags(), file.resolve(), descriptors));
        }
        conversation.send(new Frame.Opened(errnos), descriptors);
        descriptors.forEach(Fd::close);
    }

    /** Adds a descriptor and answers 0, or answers an errno. */
    private static int open(
            @Nullable Fd folder, KernelPath path, int flags, int resolve, List<Fd> descriptors) {
        try {
            descriptors.add(Paths.open(folder, path, flags, 0, resolve));
            return 0;
        } catch (ErrnoException e) {
            return e.errno();
        }
    }

    private static List<Long> slots(byte[] program) {
        if (program.length < SLOTS_AT + 4) {
            throw new Failure.Invalid("a program without a header");
        }
        int count = program[SLOTS_AT] & 0xff | (program[SLOTS_AT + 1] & 0xff) << 8;
        return Collections.nCopies(count, SLOT_VALUE);
    }
}
