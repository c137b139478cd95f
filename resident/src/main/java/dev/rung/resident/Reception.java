package dev.rung.resident;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Packets;
import dev.rung.linux.PeerCredentials;
import dev.rung.linux.Sockets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Serves one connection from hello to its end; nothing that goes wrong there gets out of here. */
final class Reception {
    private static final Duration TIME_TO_CALL = Duration.ofSeconds(20);

    private final Handler handler;
    private final Fd executor;
    private final int uid;
    private final ResidentLog log;

    /**
     * The executor is a sealed file in memory; each front end gets a copy of the descriptor. Only
     * front ends of the uid are served.
     */
    Reception(Handler handler, Fd executor, int uid, ResidentLog log) {
        this.handler = handler;
        this.executor = executor;
        this.uid = uid;
        this.log = log;
    }

    /** Says hello; ConversationLost when nobody is there. The packets are lent. */
    void greet(Fd connection, Packets packets) {
        greet(new Conversation(connection, packets));
    }

    private void greet(Conversation conversation) {
        conversation.send(new Frame.Hello(Frame.VERSION), List.of(executor));
    }

    /** Takes over the connection; the packets are lent. Returns when the conversation is over. */
    void serve(Fd connection, Packets packets) {
        try (var conversation = new Conversation(connection, packets)) {
            checkPeer(connection);
            greet(conversation);
            answer(conversation, received(conversation, connection), null);
        } catch (ConversationLost | ErrnoException e) {
            log.say("conversation lost: " + e.getMessage());
        }
    }

    /** The same for a front end that was greeted, and whose words are these. */
    void serve(Fd connection, Packets packets, List<String> words) {
        try (var conversation = new Conversation(connection, packets)) {
            checkPeer(connection);
            answer(conversation, received(conversation, connection), words);
        } catch (ConversationLost | ErrnoException e) {
            log.say("conversation lost: " + e.getMessage());
        }
    }

    private void checkPeer(Fd connection) throws ErrnoException {
        PeerCredentials peer = Sockets.peer(connection);
        if (peer.uid() != uid) {
            throw new ConversationLost("refused a front end of uid " + peer.uid());
        }
    }

    private static Conversation.Received received(Conversation conversation, Fd connection)
            throws ErrnoException {
        Sockets.setReceiveTimeout(connection, TIME_TO_CALL);
        Conversation.Received first = conversation.receive();
        Sockets.setReceiveTimeout(connection, Duration.ZERO);
        return first;
    }

    private void answer(
            Conversation conversation, Conversation.Received first, @Nullable List<String> words) {
        if (!(first.frame() instanceof Frame.Call call)) {
            throw new ConversationLost("the first frame is no call");
        }
        if (words != null) {
            call = new Frame.Call(call.request().with(words), call.prefetched());
        }
        Ending ending = ending(new Caller(conversation, call, first.descriptors()));
        if (ending instanceof Ending.Become other) {
            conversation.send(new Frame.Become(other.arguments()));
        } else if (!(ending instanceof Ending.UnderWay)) {
            conversation.send(Frame.of(ending));
        }
    }

    private Ending ending(Caller caller) {
        try {
            return handler.serve(caller);
        } catch (ConversationLost e) {
            throw e;
        } catch (Failure e) {
            caller.err("rung-oci: " + e.getMessage() + "\n");
        } catch (RuntimeException | Error e) {
            log.say("internal error", e);
            caller.err("rung-oci: internal error: " + Printable.of(e.toString()) + "\n");
        }
        return new Ending.Exit(1);
    }
}
