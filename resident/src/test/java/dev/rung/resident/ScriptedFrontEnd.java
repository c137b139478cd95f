package dev.rung.resident;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Identity;
import dev.rung.linux.Memfds;
import dev.rung.linux.Packets;
import dev.rung.linux.Sockets;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The other end of a conversation, real descriptors and all, driven frame by frame by a test. */
final class ScriptedFrontEnd implements AutoCloseable {
    private final Packets packets = new Packets(Conversation.LONGEST_MESSAGE);
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final Fd executor = executor();
    private final Fd socket;
    private final Conversation conversation;
    private final Thread server;

    /** A front end whose resident is a thread of this process that serves with the handler. */
    ScriptedFrontEnd(Handler handler) throws ErrnoException {
        this(handler, Identity.effectiveUid());
    }

    ScriptedFrontEnd(Handler handler, int uid) throws ErrnoException {
        List<Fd> ends = Sockets.pair();
        socket = ends.getFirst();
        conversation = new Conversation(socket, packets);
        var reception = new Reception(handler, executor, uid, new ResidentLog(log));
        server =
                new Thread(() -> {
                    try (var lent = new Packets(Conversation.LONGEST_MESSAGE)) {
                        reception.serve(ends.getLast(), lent);
                    }
                });
        server.start();
    }

    static Fd executor() throws ErrnoException {
        return Memfds.sealed(KernelPath.of("test-exec"), new byte[] {1, 2, 3});
    }

    static Request request(String... arguments) {
        return new Request(
                List.of(arguments),
                Map.of("PATH", "/bin"),
                "/work",
                4711,
                0,
                0,
                022,
                new Request.Terminals(true, false, true),
                new Request.Capabilities(-1, 3, 7, 0),
                2);
    }

    /** Takes the hello and makes a call without files opened ahead. */
    ScriptedFrontEnd call(String... arguments) {
        expect(Frame.Hello.class);
        send(new Frame.Call(request(arguments), List.of()));
        return this;
    }

    void send(Frame frame, Fd... descriptors) {
        conversation.send(frame, List.of(descriptors));
    }

    /** Any bytes as one message. */
    void sendRaw(byte[] message, Fd... descriptors) throws ErrnoException {
        packets.toSend().put(0, message);
        packets.send(socket, message.length, List.of(descriptors));
    }

    Conversation.Received receive() {
        return conversation.receive();
    }

    <F extends Frame> F expect(Class<F> type) {
        return type.cast(receive().frame());
    }

    /** All that the resident prints until it says with which code to exit. */
    List<String> lines() {
        var lines = new ArrayList<String>();
        while (true) {
            switch (receive().frame()) {
                case Frame.Text text ->
                        lines.add(text.descriptor() + ":" + new String(text.bytes(), UTF_8));
                case Frame.Exit exit -> {
                    lines.add("exit " + exit.code());
                    return lines;
                }
                case Frame other -> lines.add(other.toString());
            }
        }
    }

    /** What the resident wrote to its log, once its side of the conversation has ended. */
    String log() {
        try {
            server.join(10_000);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
        if (server.isAlive()) {
            throw new AssertionError("the resident still converses");
        }
        return log.toString(UTF_8);
    }

    /** Goes away, as one that was killed. */
    void vanish() {
        conversation.close();
    }

    @Override
    public void close() {
        vanish();
        packets.close();
        executor.close();
        log();
    }
}
