package dev.rung.rpc.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One connection, for one request after another. */
final class HttpConnection {
    /** As much of a body is read away for the connection to be kept. */
    private static final long LITTLE = 256 * 1024;

    private static final Duration LINGER = Duration.ofMillis(500);

    private final Wire wire;
    private final Inlet inlet;
    private final HttpLimits limits;
    private final HttpHandler handler;
    private final Patience patience = new Patience(this::expire);
    private volatile boolean late;

    HttpConnection(Wire wire, HttpLimits limits, HttpHandler handler) {
        this.wire = wire;
        this.limits = limits;
        this.handler = handler;
        inlet = new Inlet(wire);
    }

    /** Serves until one side has enough. */
    void serve() {
        boolean lingers = false;
        boolean taken = false;
        try {
            while (true) {
                HttpRequest request = next();
                if (request == null) {
                    break;
                }
                var exchange = new HttpExchange(request, inlet, wire, patience, limits);
                handle(exchange);
                taken = exchange.isTaken();
                if (!taken) {
                    exchange.drain(LITTLE);
                }
                if (!exchange.finish()) {
                    lingers = !taken;
                    break;
                }
            }
        } catch (HttpRefusal e) {
            refuse(e);
            lingers = true;
        } catch (IOException e) {
            if (late) {
                refuse(new HttpRefusal(408, "the request stalled"));
                lingers = true;
            }
            // else the peer has gone
        } finally {
            patience.end();
            if (lingers) {
                new PeerStream(inlet, wire).finish();
            }
            wire.close();
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try {
            handler.handle(exchange);
        } catch (HttpRefusal e) {
            if (exchange.isAnswered()) {
                throw new IOException(e);
            }
            throw e;
        } catch (IOException e) {
            if (exchange.isAnswered()) {
                late = false;
            }
            throw e;
        }
        if (!exchange.isAnswered()) {
            throw new IllegalStateException("a request without an answer");
        }
    }

    /** Waits for a request; null when there is none. */
    private @Nullable HttpRequest next() throws IOException {
        if (inlet.at() == inlet.end() && !inlet.fill()) {
            return null;
        }
        patience.allow(limits.headTime());
        int length;
        while (true) {
            skipEmptyLines();
            length = RequestParser.length(inlet.buffer(), inlet.at(), inlet.end());
            if (length > limits.headBytes()
                    || length < 0 && inlet.end() - inlet.at() > limits.headBytes()) {
                throw new HttpRefusal(431, "request header fields too large");
            } else if (length >= 0) {
                break;
            } else if (!inlet.fill()) {
                if (late) {
                    throw new HttpRefusal(408, "the request stalled");
                }
                return null;
            }
        }
        patience.rest();
        HttpRequest request =
                RequestParser.parse(inlet.buffer(), inlet.at(), length, limits.fields());
        inlet.take(length);
        return request;
    }

    /** Some clients send one behind a body (RFC 9112, section 2.2). */
    private void skipEmptyLines() {
        while (inlet.at() < inlet.end()
                && (inlet.buffer()[inlet.at()] == '\r' || inlet.buffer()[inlet.at()] == '\n')) {
            inlet.take(1);
        }
    }

    /**
     * What is read ends, so that whoever reads can tell the peer; who writes has no use for that.
     */
    private void expire() {
        if (late) {
            wire.close();
            return;
        }
        late = true;
        wire.closeInput();
        patience.allow(LINGER);
    }

    private void refuse(HttpRefusal refusal) {
        String text = refusal.status() + " " + AnswerHead.reason(refusal.status());
        byte[] content = (text + ": " + refusal.getMessage()).getBytes(UTF_8);
        var headers = HttpHeaders.of("Content-Type", "text/plain; charset=utf-8");
        String more = "Content-Length: " + content.length + "\r\nConnection: close\r\n";
        byte[] head =
                AnswerHead.of(
                        "HTTP/1.1",
                        refusal.status(),
                        AnswerHead.reason(refusal.status()),
                        headers,
                        more);
        try {
            patience.allow(LINGER);
            wire.write(ByteBuffer.wrap(head), ByteBuffer.wrap(content));
        } catch (IOException _) {
            // the peer has gone
        }
    }
}
