package dev.rung.nri.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AssemblyTests {
    private static byte[] bytes(Message message) throws IOException {
        var bytes = new ByteArrayOutputStream();
        bytes.write(message.head());
        bytes.write(message.body());
        return bytes.toByteArray();
    }

    @Test
    void shouldWriteWhatTtrpcWrites() throws IOException {
        byte[] body = {7, 8};

        assertThat(bytes(new Message(3, Message.RESPONSE, 0, body)))
                .containsExactly(0, 0, 0, 2, 0, 0, 0, 3, 2, 0, 7, 8);
    }

    @Test
    void shouldPutMessagesTogetherOfAnyPieces() throws IOException {
        var random = new Random(7);
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < 200; i++) {
            byte[] body = new byte[random.nextInt(i * 50 + 1)];
            random.nextBytes(body);
            all.write(bytes(new Message(i * 2 + 1, Message.REQUEST, 0, body)));
        }
        byte[] stream = all.toByteArray();
        var assembly = new Assembly();
        var messages = new ArrayList<Message>();
        for (int at = 0; at < stream.length; ) {
            int to = Math.min(stream.length, at + random.nextInt(3000));
            messages.addAll(assembly.add(Arrays.copyOfRange(stream, at, to)));
            at = to;
        }

        assertThat(messages).hasSize(200);
        var again = new ByteArrayOutputStream();
        for (Message message : messages) {
            again.write(bytes(message));
        }
        assertThat(again.toByteArray()).isEqualTo(stream);
    }

    @Test
    void shouldRefuseMessagesLongerThanAny() {
        byte[] longer = {0, 0x40, 0, 1, 0, 0, 0, 1, 1, 0};
        byte[] negative = {-1, -1, -1, -1, 0, 0, 0, 1, 1, 0};

        assertThatThrownBy(() -> new Assembly().add(longer))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessage("a message of 4194305 bytes, want at most 4194304");
        assertThatThrownBy(() -> new Assembly().add(negative))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("4294967295");
    }

    @Test
    void shouldReadAnyBytesToAnEndOrAViolation() throws IOException {
        var random = new Random(11);
        int ends = 0;
        for (int i = 0; i < 5000; i++) {
            byte[] noise = new byte[random.nextInt(64)];
            random.nextBytes(noise);
            for (int zero = 0; zero < noise.length; zero++) {
                if (random.nextInt(3) > 0) {
                    noise[zero] = 0; // so that lengths are short, too
                }
            }
            var assembly = new Assembly();
            try (var in = new DataInputStream(new ByteArrayInputStream(noise))) {
                for (Piece piece = Piece.read(in); piece != null; piece = Piece.read(in)) {
                    assembly.add(piece.bytes());
                }
                ends++;
            } catch (ProtocolViolation | EOFException _) {
                // so be it
            }
        }

        assertThat(ends).isBetween(1, 4999);
    }

    @Test
    void shouldRefusePiecesLongerThanAny() {
        byte[] longer = {0, 0, 0, 1, 0, 0x40, 0, 11};

        assertThatThrownBy(() -> Piece.read(new DataInputStream(new ByteArrayInputStream(longer))))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessage("a piece of 4194315 bytes, want at most 4194314");
    }
}
