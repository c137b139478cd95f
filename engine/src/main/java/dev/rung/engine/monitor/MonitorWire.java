package dev.rung.engine.monitor;

import dev.rung.domain.Failure;
import dev.rung.domain.RawText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames of version 1: u8 version, u8 type, u16 0, u32 length, then the payload, little-endian. See
 * docs/formats/monitor.md.
 */
final class MonitorWire {
    static final int HEAD_BYTES = 8;
    static final int VERSION = 1;

    static final int START = 1;
    static final int ATTACH = 16;
    static final int INPUT = 17;
    static final int CLOSE_INPUT = 18;
    static final int WINDOW = 19;
    static final int REOPEN_LOG = 20;
    static final int RELEASE = 21;
    static final int STATE = 64;
    static final int CREATED = 65;
    static final int FAILED = 66;
    static final int OUTPUT = 67;
    static final int ERRORS = 68;
    static final int ENDED = 69;
    static final int OOM = 70;
    static final int NOTICE = 71;
    static final int ATTACHED = 72;

    /** Phases of a STATE frame. */
    static final int CREATING = 0;

    static final int LONGEST_PAYLOAD = 64 * 1024;
    private static final int START_BYTES = 32;
    private static final int TERMINAL = 1;
    private static final int OPEN_INPUT = 2;
    private static final int HAND_OVER = 4;
    private static final int EPHEMERAL = 8;
    private static final int LOGS = 16;
    private static final int AHEAD = 32;

    private MonitorWire() {}

    /** A frame as it came. */
    record Frame(int type, ByteBuffer payload) {}

    static ByteBuffer frame(int type, int length) {
        return head(ByteBuffer.allocate(HEAD_BYTES + length), type, length);
    }

    /** The head of a frame, whose payload is elsewhere. */
    static ByteBuffer head(int type, int length) {
        return head(ByteBuffer.allocate(HEAD_BYTES), type, length);
    }

    private static ByteBuffer head(ByteBuffer frame, int type, int length) {
        return frame.order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) VERSION)
                .put((byte) type)
                .putShort((short) 0)
                .putInt(length);
    }

    /** How long the payload is behind this head. Corrupt when it is no head of version 1. */
    static int payloadLength(ByteBuffer frames, int at) {
        int length = frames.getInt(at + 4);
        if (frames.get(at) != VERSION || length < 0 || length > LONGEST_PAYLOAD) {
            throw new Failure.Corrupt("a monitor speaks another protocol than version 1", null);
        }
        return length;
    }

    /**
     * The whole START frame.
     *
     * @param ahead whether the creator that is there ahead of the order carries it out
     */
    static ByteBuffer start(MonitorOrder order, boolean ahead) {
        var words = new ArrayList<byte[]>();
        words.add(RawText.encode(order.id().value()));
        words.add(RawText.encode(order.log().name()));
        words.add(RawText.encode(order.log().attributes()));
        for (String argument : order.arguments()) {
            words.add(RawText.encode(argument));
        }
        int length = START_BYTES;
        for (byte[] word : words) {
            length += word.length + 1;
        }
        ByteBuffer frame =
                frame(START, length)
                        .putInt(flags(order, ahead))
                        .putInt(order.log().format().number())
                        .putLong(order.log().maxBytes())
                        .putInt(order.log().files())
                        .putInt(order.streams() instanceof Streams.Terminal t ? t.rows() : 0)
                        .putInt(order.streams() instanceof Streams.Terminal t ? t.columns() : 0)
                        .putInt(words.size());
        putWords(frame, words);
        return frame.flip();
    }

    private static void putWords(ByteBuffer frame, List<byte[]> words) {
        for (byte[] word : words) {
            for (byte b : word) {
                if (b == 0) {
                    throw new Failure.Invalid("a NUL byte inside an argument of a runtime");
                }
            }
            frame.put(word).put((byte) 0);
        }
    }

    private static int flags(MonitorOrder order, boolean ahead) {
        int streams =
                switch (order.streams()) {
                    case Streams.Terminal _ -> TERMINAL | OPEN_INPUT;
                    case Streams.Pipes(boolean input) -> input ? OPEN_INPUT : 0;
                };
        int runtime =
                ahead ? AHEAD : order.runtime() instanceof MonitorRuntime.Host ? HAND_OVER : 0;
        int logs = order.log().folder() == null ? 0 : LOGS;
        return streams | runtime | logs | (order.ephemeral() ? EPHEMERAL : 0);
    }
}
