package dev.rung.rpc.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.rpc.http.HttpExchange;
import dev.rung.rpc.http.HttpHeaders;
import dev.rung.rpc.http.HttpRequest;
import dev.rung.rpc.http.PeerStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages both ways. One thread receives, any number send. Pings are answered while one is waited
 * for.
 */
public final class WebSocket implements AutoCloseable {
    public static final int NORMAL = 1000;

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // section 1.3
    private static final int KEY_BYTES = 16;
    private static final int LONGEST_REASON = 123;

    private final PeerStream stream;
    private final String protocol;
    private final int longest;
    private boolean closing;

    private WebSocket(PeerStream stream, String protocol, int longest) {
        this.stream = stream;
        this.protocol = protocol;
        this.longest = longest;
    }

    /** Whether the peer asks for one. */
    public static boolean isWanted(HttpRequest request) {
        return request.headers().has("Upgrade", "websocket")
                && request.headers().has("Connection", "upgrade");
    }

    /**
     * Completes the handshake (section 4.2). Null when the request was refused, and answered.
     *
     * @param protocols in the order of our liking; none has to be agreed on
     * @param longest message in bytes
     */
    public static @Nullable WebSocket accept(
            HttpExchange exchange, List<String> protocols, int longest) throws IOException {
        HttpRequest request = exchange.request();
        String key = request.headers().get("Sec-WebSocket-Key");
        if (!isWanted(request)
                || !request.method().equals("GET")
                || key == null
                || !isKey(key)
                || !"13".equals(request.headers().get("Sec-WebSocket-Version"))) {
            var headers = HttpHeaders.of("Sec-WebSocket-Version", "13");
            exchange.answer(400, headers, "not a websocket handshake".getBytes(UTF_8));
            return null;
        }
        String agreed = "";
        for (String each : protocols) {
            if (agreed.isEmpty() && request.headers().has("Sec-WebSocket-Protocol", each)) {
                agreed = each;
            }
        }
        var headers =
                HttpHeaders.of("Upgrade", "websocket")
                        .add("Connection", "Upgrade")
                        .add("Sec-WebSocket-Accept", answer(key));
        if (!agreed.isEmpty()) {
            headers.add("Sec-WebSocket-Protocol", agreed);
        }
        return new WebSocket(
                exchange.takeOver(101, "Switching Protocols", headers), agreed, longest);
    }

    private static boolean isKey(String text) {
        try {
            return Base64.getDecoder().decode(text).length == KEY_BYTES;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    static String answer(String key) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(ISO_8859_1));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    /** What was agreed on; empty: nothing. */
    public String protocol() {
        return protocol;
    }

    /**
     * Waits for a message; null when the peer has closed. What it sends against the rules ends it.
     */
    public @Nullable Message receive() throws IOException {
        try {
            return receiveMessage();
        } catch (ProtocolViolation e) {
            close(e.code(), String.valueOf(e.getMessage()));
            stream.finish();
            throw e;
        } catch (EOFException _) {
            return null; // without a goodbye
        }
    }

    private @Nullable Message receiveMessage() throws IOException {
        Message.Kind kind = null;
        var whole = new ByteArrayOutputStream();
        while (true) {
            Frame frame = Frame.read(stream::read, longest);
            if (frame.isControl()) {
                if (!control(frame)) {
                    return null;
                }
                continue;
            }
            if (frame.opcode() == Frame.CONTINUATION == (kind == null)) {
                throw violation("a continuation of nothing, or a message within another");
            } else if (whole.size() + frame.payload().length > longest) {
                throw new ProtocolViolation(
                        ProtocolViolation.TOO_BIG, "a message that is too long");
            }
            if (kind == null) {
                kind = frame.opcode() == Frame.TEXT ? Message.Kind.TEXT : Message.Kind.BINARY;
            }
            whole.write(frame.payload());
            if (frame.last()) {
                byte[] payload = whole.toByteArray();
                if (kind == Message.Kind.TEXT) {
                    checkText(payload, 0);
                }
                return new Message(kind, payload);
            }
        }
    }

    /** False when it was the peer's goodbye. */
    private boolean control(Frame frame) throws IOException {
        switch (frame.opcode()) {
            case Frame.PING -> send(Frame.PONG, frame.payload());
            case Frame.CLOSE -> {
                checkClose(frame.payload());
                close(NORMAL, "");
                return false;
            }
            default -> {} // an answer to a ping that nobody sent (section 5.5.3)
        }
        return true;
    }

    private static void checkClose(byte[] payload) throws ProtocolViolation {
        if (payload.length == 0) {
            return;
        }
        int code = payload.length == 1 ? 0 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        boolean known =
                code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
        if (!known && (code < 3000 || code > 4999)) {
            throw violation("a close frame without a valid code");
        }
        checkText(payload, 2);
    }

    private static void checkText(byte[] payload, int from) throws ProtocolViolation {
        try {
            var decoded =
                    UTF_8.newDecoder()
                            .decode(ByteBuffer.wrap(payload, from, payload.length - from));
            assert decoded.length() <= payload.length;
        } catch (CharacterCodingException _) {
            throw new ProtocolViolation(ProtocolViolation.INVALID_DATA, "text that is not UTF-8");
        }
    }

    private static ProtocolViolation violation(String what) {
        return new ProtocolViolation(ProtocolViolation.PROTOCOL_ERROR, what);
    }

    /** Sends a message; waits while the peer takes nothing. */
    public void send(Message.Kind kind, ByteBuffer payload) throws IOException {
        synchronized (stream) {
            stream.write(Frame.head(kind.opcode(), payload.remaining()), payload);
        }
    }

    private void send(int opcode, byte[] payload) throws IOException {
        synchronized (stream) {
            stream.write(Frame.head(opcode, payload.length), ByteBuffer.wrap(payload));
        }
    }

    /** Says goodbye, once; the peer's own is to be received after that. */
    public void close(int code, String reason) throws IOException {
        byte[] text = reason.getBytes(UTF_8);
        ByteBuffer payload = ByteBuffer.allocate(2 + Math.min(text.length, LONGEST_REASON));
        payload.putShort((short) code).put(text, 0, payload.remaining());
        synchronized (stream) {
            if (!closing) {
                closing = true;
                send(Frame.CLOSE, payload.array());
            }
        }
    }

    /** Ends the connection. */
    @Override
    public void close() {
        stream.close();
    }
}
