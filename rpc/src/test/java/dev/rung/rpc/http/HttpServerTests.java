package dev.rung.rpc.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HttpServerTests {
    private static final String HOST = "Host: x\r\n";

    @TempDir Path folder;

    private static void echo(HttpExchange exchange) throws IOException {
        byte[] body = exchange.bodyUpTo(64 * 1024);
        exchange.answer(200, HttpHeaders.of("Content-Type", "text/plain"), body);
    }

    private Conversation talk(HttpHandler handler) throws IOException {
        return new Conversation(folder, Conversation.SHORT, handler);
    }

    @Test
    void shouldAnswerOneRequestAfterAnother() throws Exception {
        try (var talk = talk(HttpServerTests::echo)) {
            talk.say("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\n\r\nabc");
            assertThat(talk.hear("abc"))
                    .startsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: ")
                    .endsWith("Content-Length: 3\r\n\r\nabc");
            talk.say("POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n");
            talk.say("1;x=y\r\nd\r\n2\r\nef\r\n0\r\nTrailer: t\r\n\r\n");
            assertThat(talk.hear("def")).endsWith("\r\n\r\ndef");
        }
    }

    @Test
    void shouldAnswerRequestsThatCameTogether() throws Exception {
        try (var talk = talk(HttpServerTests::echo)) {
            String one = "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1\r\n\r\n";
            talk.say(one + "a" + one + "b\r\n" + one + "c");
            assertThat(talk.hear("\r\n\r\nc")).contains("\r\n\r\na").contains("\r\n\r\nb");
        }
    }

    @Test
    void shouldStreamInChunksAndUpToTheEndForOldClients() throws Exception {
        HttpHandler handler =
                exchange -> {
                    try (BodyOutput out = exchange.stream(200, new HttpHeaders())) {
                        out.flush();
                        out.write("ab".getBytes(UTF_8));
                        out.write(ByteBuffer.wrap(new byte[] {'c'}));
                        out.write('d');
                    }
                };
        try (var talk = talk(handler)) {
            talk.say("GET / HTTP/1.1\r\n" + HOST + "\r\n");
            assertThat(talk.hear("0\r\n\r\n"))
                    .endsWith("chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
            talk.say("HEAD / HTTP/1.1\r\n" + HOST + "\r\n");
            assertThat(talk.hear("chunked\r\n\r\n")).endsWith("chunked\r\n\r\n");
            talk.say("GET / HTTP/1.0\r\n\r\n");
            assertThat(talk.hearAll()).endsWith("Connection: close\r\n\r\nabcd");
        }
    }

    @Test
    void shouldHandAConnectionOverWithBothEndsOfIt() throws Exception {
        HttpHandler handler =
                exchange -> {
                    var headers = HttpHeaders.of("Upgrade", "tcp").add("Connection", "Upgrade");
                    try (PeerStream stream = exchange.takeOver(101, "UPGRADED", headers)) {
                        var bytes = ByteBuffer.allocate(64);
                        while (stream.read(bytes.clear()) >= 0) {
                            stream.write(bytes.flip());
                        }
                        stream.write(ByteBuffer.wrap("bye".getBytes(UTF_8)));
                    }
                };
        try (var talk = talk(handler)) {
            talk.say("POST / HTTP/1.1\r\n" + HOST + "Upgrade: tcp\r\n\r\nearly ");
            assertThat(talk.hear("early ")).startsWith("HTTP/1.1 101 UPGRADED\r\n");
            talk.say("late ");
            talk.client().shutdownOutput();
            assertThat(talk.hearAll()).isEqualTo("late bye");
        }
    }

    @Test
    void shouldRefuseWhatIsMalformedAndEndTheConnection() throws Exception {
        try (var talk = talk(HttpServerTests::echo)) {
            String[] bad = {
                "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "Content-Length: -1\r\n\r\n",
                "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
                "Transfer-Encoding: chunked\r\n\r\n1\r\nabc",
                "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
            };
            for (String fields : bad) {
                talk.say("POST / HTTP/1.1\r\n" + HOST + fields);
                assertThat(talk.hearAll()).as(fields).startsWith("HTTP/1.1 400 Bad Request\r\n");
                talk.again();
            }
            talk.say("POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: gzip\r\n\r\n");
            assertThat(talk.hearAll()).startsWith("HTTP/1.1 501 ");
        }
    }

    @Test
    void shouldRefuseFloodsOfHeadersAndBodies() throws Exception {
        try (var talk = talk(HttpServerTests::echo)) {
            talk.say("GET / HTTP/1.1\r\nX: " + "x".repeat(9000));
            assertThat(talk.hearAll()).startsWith("HTTP/1.1 431 ");
            talk.again();
            talk.say("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 10000000000\r\n\r\nabc");
            assertThat(talk.hearAll()).startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void shouldTellWhoStallsAndEndTheConnection() throws Exception {
        try (var talk = talk(HttpServerTests::echo)) {
            talk.say("GET / HT");
            assertThat(talk.hearAll()).startsWith("HTTP/1.1 408 ");
            talk.again();
            talk.say("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\n\r\na");
            assertThat(talk.hearAll()).startsWith("HTTP/1.1 408 ");
        }
    }

    @Test
    void shouldNotWaitForEverForOneThatTakesNothing() throws Exception {
        var over = new CountDownLatch(1);
        HttpHandler handler =
                exchange -> {
                    try (BodyOutput out = exchange.stream(200, new HttpHeaders())) {
                        while (true) {
                            out.write(new byte[64 * 1024]);
                        }
                    } finally {
                        over.countDown();
                    }
                };
        try (var talk = talk(handler)) {
            talk.say("GET / HTTP/1.1\r\n" + HOST + "\r\n");
            assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void shouldNoticeThatAPeerHasGoneAndKeepWhatItSaysInstead() throws Exception {
        var gone = new CountDownLatch(1);
        HttpHandler handler =
                exchange -> {
                    exchange.whenGone(gone::countDown);
                    if (exchange.request().path().equals("/wait")) {
                        try {
                            gone.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                    }
                    exchange.answer(204, new HttpHeaders(), new byte[0]);
                };
        try (var talk = talk(handler)) {
            talk.say("GET /a HTTP/1.1\r\n" + HOST + "\r\n");
            assertThat(talk.hear("\r\n\r\n")).startsWith("HTTP/1.1 204 No Content\r\n");
            talk.say("GET /wait HTTP/1.1\r\n" + HOST + "\r\n");
            talk.client().close();
            assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void shouldTellABodyThatBreaksOffFromOneThatEnds() throws Exception {
        var broken = new CountDownLatch(1);
        HttpHandler handler =
                exchange -> {
                    try {
                        exchange.body().readAllBytes();
                    } catch (EOFException e) {
                        broken.countDown();
                        throw e;
                    }
                };
        try (var talk = talk(handler)) {
            talk.say("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\n\r\na");
            talk.client().close();
            assertThat(broken.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void shouldInviteABodyThatWaitsForIt() throws Exception {
        try (var talk = talk(HttpServerTests::echo)) {
            talk.say(
                    "POST / HTTP/1.1\r\n"
                            + HOST
                            + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n");
            assertThat(talk.hear("\r\n\r\n")).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            talk.say("a");
            assertThat(talk.hear("\r\n\r\na")).startsWith("HTTP/1.1 200 OK");
        }
    }

    @Test
    void shouldRefuseMoreConnectionsThanItHasRoomFor() throws Exception {
        try (var talk = talk(HttpServerTests::echo)) {
            String request = "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1\r\n\r\na";
            talk.say(request);
            talk.hear("\r\n\r\na");
            var others = new java.util.ArrayList<java.nio.channels.SocketChannel>();
            for (int i = 0; i < 7; i++) {
                others.add(talk.connect());
            }
            while (talk.server().connections() < 8) {
                Thread.sleep(5);
            }
            try (var last = talk.connect()) {
                var bytes = ByteBuffer.allocate(64);
                last.read(bytes);
                assertThat(UTF_8.decode(bytes.flip()).toString()).startsWith("HTTP/1.1 503 ");
            }
            for (var other : others) {
                other.close();
            }
        }
    }
}
