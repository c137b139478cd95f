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

    /** Takes over the connection; the packets are lent. Returns when the conversation is over. */
    void serve(Fd connection, Packets packets) {
        try (var conversation = new Conversation(connection, packets)) {
            PeerCredentials peer = Sockets.peer(connection);
            if (peer.uid() != uid) {
                throw new ConversationLost("refused a front end of uid " + peer.uid());
            }
            conversation.send(new Frame.Hello(Frame.VERSION), List.of(executor));
            Sockets.setReceiveTimeout(connection, TIME_TO_CALL);
            Conversation.Received first = conversation.receive();
            Sockets.setReceiveTimeout(connection, Duration.ZERO);
            if (!(first.frame() instanceof Frame.Call call)) {
                throw new ConversationLost("the first frame is no call");
            }
            var caller = new Caller(conversation, call, first.descriptors());
            Ending ending = ending(caller);
            if (ending instanceof Ending.Become other) {
                conversation.send(new Frame.Become(other.arguments()));
            } else if (!(ending instanceof Ending.UnderWay)) {
                conversation.send(Frame.of(ending));
            }
        } catch (ConversationLost | ErrnoException e) {
            log.say("conversation lost: " + e.getMessage());
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
