package dev.rung.host.systemd;

import dev.rung.domain.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message that came (D-Bus specification, "Message Format").
 *
 * @param kind what it is
 * @param replyTo the number of the message that it answers, 0: none
 * @param member of a signal; empty for others
 * @param error its name; empty for others
 */
public record Message(Kind kind, long replyTo, String member, String error, List<Value> body) {
    /** The part of the header that says how long the whole is. */
    public static final int FIXED = 16;

    private static final int LONGEST = 1 << 20;
    private static final int REPLY_SERIAL = 5;
    private static final int MEMBER = 3;
    private static final int ERROR_NAME = 4;
    private static final int SIGNATURE = 8;

    /** Kinds of messages. */
    public enum Kind {
        CALL,
        ANSWER,
        ERROR,
        SIGNAL
    }

    public Message {
        body = List.copyOf(body);
    }

    /** How many bytes the message has that begins like this, with {@link #FIXED} of them. */
    public static int size(byte[] fixed) {
        ByteBuffer bytes = ordered(fixed);
        long body = bytes.getInt(4) & 0xffffffffL;
        long fields = bytes.getInt(12) & 0xffffffffL;
        long size = FIXED + (fields + 7) / 8 * 8 + body;
        if (size > LONGEST) {
            throw new Failure.Corrupt("a message of D-Bus has " + size + " bytes", null);
        }
        return (int) size;
    }

    /** Reads a whole message; Corrupt when it is none. */
    public static Message of(byte[] all) {
        ByteBuffer bytes = ordered(all);
        int kind = bytes.get(1);
        if (kind < 1 || kind > Kind.values().length) {
            throw new Failure.Corrupt("a message of D-Bus is of kind " + kind, null);
        }
        bytes.position(12);
        var reader = new ValueReader(bytes);
        long replyTo = 0;
        String member = "";
        String error = "";
        String signature = "";
        for (Value field : ((Value.Items) reader.read("a(yv)").getFirst()).values()) {
            List<Value> pair = ((Value.Fields) field).values();
            long code = ((Value.Whole) pair.get(0)).value();
            Value value = ((Value.Boxed) pair.get(1)).value();
            if (code == REPLY_SERIAL && value instanceof Value.Whole number) {
                replyTo = number.value();
            } else if (value instanceof Value.Words words) {
                member = code == MEMBER ? words.value() : member;
                error = code == ERROR_NAME ? words.value() : error;
                signature = code == SIGNATURE ? words.value() : signature;
            }
        }
        reader.align(8);
        return new Message(Kind.values()[kind - 1], replyTo, member, error, reader.read(signature));
    }

    private static ByteBuffer ordered(byte[] bytes) {
        return ByteBuffer.wrap(bytes)
                .order(bytes[0] == 'B' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    }

    /** The text in that place of the body; null when there is none. */
    public @Nullable String text(int index) {
        return index < body.size() && body.get(index) instanceof Value.Words words
                ? words.value()
                : null;
    }
}
