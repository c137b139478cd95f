package dev.rung.resident;

import dev.rung.linux.Fd;
import dev.rung.linux.Identity;
import dev.rung.linux.Packets;
import java.util.List;

/** Serves front ends that were given their connection, such as those of monitors, in this JVM. */
public final class HandOver {
    private final Reception reception;

    /** The executor is a sealed file in memory, as each front end is told. */
    public HandOver(Handler handler, Fd executor) {
        reception = new Reception(handler, executor, Identity.effectiveUid(), new ResidentLog());
    }

    /**
     * Says hello to a front end ahead of its call. ConversationLost when it is not there any more;
     * the connection stays the caller's.
     */
    public void greet(Fd connection) {
        try (var packets = new Packets(Conversation.SHORT_MESSAGE)) {
            reception.greet(connection, packets);
        }
    }

    /**
     * Serves one call of a front end that was greeted, whose words we know better than it.
     *
     * @param words argv, the name of the program first
     */
    public void serve(Fd connection, List<String> words) {
        try (var packets = new Packets(Conversation.LONGEST_MESSAGE)) {
            reception.serve(connection, packets, words);
        }
    }

    /**
     * Serves one call to its end and takes over the connection. Nothing that goes wrong in the call
     * gets out of here: the front end is told. It waits in native calls, so it is for a platform
     * thread.
     */
    public void serve(Fd connection) {
        try (var packets = new Packets(Conversation.LONGEST_MESSAGE)) {
            reception.serve(connection, packets);
        }
    }
}
