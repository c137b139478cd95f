package dev.rung.rpc.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.rpc.http.Conversation;
import dev.rung.rpc.http.HttpExchange;
import dev.rung.rpc.http.HttpLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class WebSocketTests {
    private static final int LONGEST = 1024;

    private Conversation talk;

    @BeforeEach
    void shake(@TempDir Path folder) throws IOException {
        talk = new Conversation(folder, HttpLimits.USUAL, WebSocketTests::echo);
    }

    private static void echo(HttpExchange exchange) throws IOException {
        try (var socket = WebSocket.accept(exchange, List.of("v2", "v1"), LONGEST)) {
            while (socket != null) {
                Message message = socket.receive();
                if (message == null) {
                    break;
                }
                socket.send(message.kind(), ByteBuffer.wrap(message.payload()));
            }
        }
    }

    private void open() throws IOException {
        talk.say(
                "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket"
                        + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: v1, v0\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        // the key and the answer are those of section 1.3
        assertThat(talk.hear("\r\n\r\n"))
                .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
                .contains("Sec-WebSocket-Protocol: v1\r\n");
    }

    private static String masked(int first, byte[] payload) {
        var frame = ByteBuffer.allocate(payload.length + 14).put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else {
            frame.put((byte) 0xfe).putShort((short) payload.length);
        }
        byte[] mask = {1, 2, 3, 4};
        frame.put(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ mask[i % 4]));
        }
        return ISO_8859_1.decode(frame.flip()).toString();
    }

    @Test
    void shouldEchoMessagesWholeAndInParts() throws Exception {
        open();
        talk.say(masked(0x81, "hello".getBytes(UTF_8)));
        assertThat(talk.hear("hello")).isEqualTo("\u0081\u0005hello");
        talk.say(masked(0x02, "ab".getBytes(UTF_8)));
        talk.say(masked(0x89, "ping".getBytes(UTF_8)));
        assertThat(talk.hear("ping")).isEqualTo("\u008a\u0004ping");
        talk.say(masked(0x80, "cd".getBytes(UTF_8)));
        assertThat(talk.hear("abcd")).isEqualTo("\u0082\u0004abcd");
        byte[] longer = "x".repeat(300).getBytes(UTF_8);
        talk.say(masked(0x82, longer));
        assertThat(talk.hear("x".repeat(300))).startsWith("\u0082~\u0001,");
        talk.say(masked(0x88, new byte[] {3, (byte) 0xe8}));
        assertThat(talk.hear("\0 never")).isEqualTo("\u0088\u0002\u0003\u00e8");
        talk.close();
    }

    @ParameterizedTest
    @CsvSource({
        "0xc1, a, 1002", // a reserved bit
        "0x83, a, 1002", // a reserved opcode
        "0x80, a, 1002", // a continuation of nothing
        "0x09, a, 1002", // a control frame in parts
        "0x88, a, 1002", // a close frame with half a code
        "0x81, \u00ff, 1007", // no UTF-8
    })
    void shouldCloseOnWhatBreaksTheRules(int first, String payload, int code) throws Exception {
        open();
        talk.say(masked(first, payload.getBytes(ISO_8859_1)));
        String goodbye = talk.hear("\0 never");
        assertThat(goodbye).startsWith("\u0088");
        assertThat((goodbye.charAt(2) << 8) + goodbye.charAt(3)).isEqualTo(code);
        talk.close();
    }

    @Test
    void shouldCloseOnFramesWithoutMask() throws Exception {
        open();
        talk.say("\u0081\u0001a");
        assertThat(talk.hear("\0 never")).startsWith("\u0088").contains("masked");
        talk.close();
    }

    @Test
    void shouldCloseOnMessagesThatAreTooLong() throws Exception {
        open();
        talk.say("\u0082\u00ff\u007f" + "\u00ff".repeat(7) + "abcd");
        String goodbye = talk.hear("\0 never");
        assertThat((goodbye.charAt(2) << 8) + goodbye.charAt(3)).isEqualTo(1009);
        talk.close();
    }

    @Test
    void shouldRefuseAHandshakeWithoutAKey() throws Exception {
        talk.say(
                String.join(
                        "\r\n",
                        "GET / HTTP/1.1",
                        "Host: x",
                        "Connection: Upgrade",
                        "Upgrade: websocket",
                        "Sec-WebSocket-Version: 13",
                        "",
                        ""));
        assertThat(talk.hear("handshake")).startsWith("HTTP/1.1 400 Bad Request\r\n");
        talk.close();
    }
}
