package dev.rung.resident;

/**
 * The front end is gone or does not keep to the protocol. Commands let it pass: the front end's own
 * program has undone what it did, or its intent record is left on disk.
 */
public final class ConversationLost extends RuntimeException {
    ConversationLost(String why) {
        super(why, null, false, false);
    }
}
