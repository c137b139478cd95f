package dev.rung.resident;

import dev.rung.linux.Fd;
import dev.rung.linux.Identity;
import dev.rung.linux.Packets;

/** Serves front ends that were given their connection, such as those of monitors, in this JVM. */
public final class HandOver {
    private final Reception reception;

    /** The executor is a sealed file in memory, as each front end is told. */
    public HandOver(Handler handler, Fd executor) {
        reception = new Reception(handler, executor, Identity.effectiveUid(), new ResidentLog());
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
