package dev.rung.host.criu;

import dev.rung.domain.Failure;
import dev.rung.domain.RawText;
import java.nio.ByteBuffer;

/**
 * What criu says, of type criu_resp.
 *
 * @param type of the request that it answers, or that of a notification
 * @param script the name of what it notifies of, empty when it does not
 * @param pid of the process that a notification is about, 0: none
 * @param error errno of a failure, 0: it has none
 */
public record CriuAnswer(int type, boolean success, String script, int pid, int error) {
    private static final int NOTIFY = 6;

    /** Whether it waits for {@link CriuRequest#goOn}. */
    public boolean isNotification() {
        return type == NOTIFY;
    }

    /** The failure that it tells of, in runc's words; why it is, only the log says. */
    public Failure failure() {
        return new Failure.HostRefused("criu failed: type " + name(type) + " errno " + error, null);
    }

    private static String name(int type) {
        return switch (type) {
            case 0 -> "EMPTY";
            case 1 -> "DUMP";
            case 2 -> "RESTORE";
            case 4 -> "PRE_DUMP";
            case NOTIFY -> "NOTIFY";
            default -> Integer.toString(type);
        };
    }

    /**
     * Reads one.
     *
     * @throws Failure.HostRefused when it is none
     */
    public static CriuAnswer read(ByteBuffer bytes) {
        int type = -1;
        boolean success = false;
        int error = 0;
        String script = "";
        int pid = 0;
        while (bytes.hasRemaining()) {
            long tag = varint(bytes);
            if ((tag & 7) == 0) {
                long value = varint(bytes);
                switch ((int) (tag >>> 3)) {
                    case 1 -> type = (int) value;
                    case 2 -> success = value != 0;
                    case 7 -> error = (int) value;
                    default -> {} // of later versions
                }
                continue;
            }
            ByteBuffer part = part(bytes, tag);
            while (tag >>> 3 == 5 && part.hasRemaining()) {
                long inner = varint(part);
                if ((inner & 7) == 0) {
                    long value = varint(part);
                    pid = inner >>> 3 == 2 ? (int) value : pid;
                } else {
                    String text = text(part(part, inner));
                    script = inner >>> 3 == 1 ? text : script;
                }
            }
        }
        return new CriuAnswer(type, success, script, pid, error);
    }

    private static ByteBuffer part(ByteBuffer bytes, long tag) {
        if ((tag & 7) != 2) {
            throw nonsense();
        }
        long length = varint(bytes);
        if (length < 0 || length > bytes.remaining()) {
            throw nonsense();
        }
        ByteBuffer part = bytes.slice(bytes.position(), (int) length);
        bytes.position(bytes.position() + (int) length);
        return part;
    }

    private static String text(ByteBuffer part) {
        var bytes = new byte[part.remaining()];
        part.get(bytes);
        return RawText.decode(bytes);
    }

    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; shift < 64 && bytes.hasRemaining(); shift += 7) {
            byte next = bytes.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw nonsense();
    }

    private static Failure nonsense() {
        return new Failure.HostRefused("criu failed: its answer is no message", null);
    }
}
