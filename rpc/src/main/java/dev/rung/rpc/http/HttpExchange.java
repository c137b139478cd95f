package dev.rung.rpc.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One request and its answer, which is given once, by one of the methods for that. */
public final class HttpExchange {
    private static final String NEW = "HTTP/1.1";
    private static final byte[] INVITATION = {
        'H', 'T', 'T', 'P', '/', '1', '.', '1', ' ', '1', '0', '0', ' ', 'C', 'o', 'n', 't', 'i',
        'n', 'u', 'e', '\r', '\n', '\r', '\n'
    };

    private final HttpRequest request;
    private final Inlet inlet;
    private final Wire wire;
    private final Patience patience;
    private final HttpLimits limits;
    private final BodyInput body;
    private boolean answered;
    private boolean keeps;
    private boolean taken;
    private @Nullable BodyOutput stream;

    HttpExchange(HttpRequest request, Inlet inlet, Wire wire, Patience patience, HttpLimits limits)
            throws HttpRefusal {
        this.request = request;
        this.inlet = inlet;
        this.wire = wire;
        this.patience = patience;
        this.limits = limits;
        keeps = request.keepsConnection();
        boolean waits = !request.isOld() && request.headers().has("Expect", "100-continue");
        body = BodyInput.of(request, inlet, patience, limits, waits ? this::invite : null);
    }

    private void invite() {
        try {
            if (!answered) {
                wire.write(ByteBuffer.wrap(INVITATION));
            }
        } catch (IOException _) {
            // the read that follows tells
        }
    }

    public HttpRequest request() {
        return request;
    }

    /** Who asks: user and group on a unix socket, else an address, and a name that is proved. */
    public String peer() {
        return wire.peer();
    }

    /**
     * The request's body; empty when there is none. EOFException when it breaks off, HttpRefusal
     * when it is malformed or stalls.
     */
    public InputStream body() {
        return body;
    }

    /** How long it says it is; -1: it comes in chunks. */
    public long bodyLength() {
        return body.length();
    }

    /** The whole of a body that is no longer than that; HttpRefusal (413) of another. */
    public byte[] bodyUpTo(int most) throws IOException {
        if (body.length() > most) {
            throw tooLong();
        }
        byte[] all = body.readNBytes(most + 1);
        if (all.length > most) {
            throw tooLong();
        }
        return all;
    }

    private static HttpRefusal tooLong() {
        return new HttpRefusal(413, "http: request body too large");
    }

    /** Answers at once and in whole. */
    public void answer(int status, HttpHeaders headers, byte[] content) throws IOException {
        begin();
        boolean silent = request.method().equals("HEAD");
        boolean empty = status == 204 || status == 304;
        String length = empty ? "" : "Content-Length: " + content.length + "\r\n";
        byte[] head = head(status, headers, length);
        patience.allow(limits.writeStall());
        if (silent || empty) {
            wire.write(ByteBuffer.wrap(head));
        } else {
            wire.write(ByteBuffer.wrap(head), ByteBuffer.wrap(content));
        }
        patience.rest();
    }

    /** Answers piece by piece; the head goes out with the first of them, or a flush. */
    public BodyOutput stream(int status, HttpHeaders headers) {
        begin();
        boolean chunked = !request.isOld();
        keeps &= chunked;
        byte[] head = head(status, headers, chunked ? "Transfer-Encoding: chunked\r\n" : "");
        boolean silent = request.method().equals("HEAD");
        stream = new BodyOutput(wire, patience, limits, head, chunked, silent);
        return stream;
    }

    private byte[] head(int status, HttpHeaders headers, String framing) {
        String connection = keeps ? "" : "Connection: close\r\n";
        return AnswerHead.of(
                NEW,
                status,
                AnswerHead.reason(status),
                headers,
                AnswerHead.date() + framing + connection);
    }

    /**
     * Takes the connection over, for another protocol. What is left of the request's body is read
     * first when it has a length; otherwise it is the first thing that is read afterwards.
     *
     * @param reason beside the status, as clients expect it
     */
    public PeerStream takeOver(int status, String reason, HttpHeaders headers) throws IOException {
        if (body.length() > 0) {
            body.skip(body.length());
        }
        begin();
        taken = true;
        wire.write(ByteBuffer.wrap(AnswerHead.of(NEW, status, reason, headers, "")));
        return new PeerStream(inlet, wire);
    }

    private void begin() {
        if (answered) {
            throw new IllegalStateException("answered twice");
        }
        answered = true;
    }

    /** Whether an answer has begun, so that nothing else can be told. */
    public boolean isAnswered() {
        return answered;
    }

    /**
     * Has it told, on a thread of its own, when the peer goes before it has its answer. Only what
     * comes after the request's body says so.
     */
    public void whenGone(Runnable gone) {
        if (body.isEnded()) {
            inlet.watch(gone);
        }
    }

    /** Whether another request can follow; reads away what is left of the body, if it is little. */
    boolean finish() throws IOException {
        if (taken) {
            return false;
        }
        if (stream != null && !stream.isWhole()) {
            return false;
        }
        return keeps && body.isEnded();
    }

    /** Whether the connection is somebody else's now. */
    boolean isTaken() {
        return taken;
    }

    /** Little enough to be read away, so that the connection can be kept. */
    void drain(long most) throws IOException {
        var rest = ByteBuffer.allocate(8 * 1024);
        long read = 0;
        while (!body.isEnded() && read < most) {
            int got = body.read(rest.clear());
            read += Math.max(got, 0);
        }
    }
}
