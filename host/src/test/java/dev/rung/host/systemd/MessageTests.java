package dev.rung.host.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The wire form, by the alignments and lengths of the D-Bus specification. */
class MessageTests {
    private static final Request START =
            Request.startUnit(
                    "a.scope",
                    List.of(
                            new Property("Delegate", new Value.Flag(true)),
                            new Property("PIDs", new Value.Items("u", List.of(number('u', 7)))),
                            new Property("TasksMax", Value.unsigned(-1))));

    private static Value number(char type, long value) {
        return new Value.Whole(type, value);
    }

    @Test
    void shouldWriteTheFirstMessageOfAConnection() {
        assertThat(HexFormat.of().formatHex(Request.hello().toBytes(1)))
                .isEqualTo(
                        "6c01000100000000010000006d000000"
                                + field(1, "6f", "/org/freedesktop/DBus", "0000")
                                + field(2, "73", "org.freedesktop.DBus", "000000")
                                + field(3, "73", "Hello", "0000")
                                + field(6, "73", "org.freedesktop.DBus", "000000"));
    }

    private static String field(int code, String type, String text, String padding) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return "%02x01%s00%02x000000%s00%s"
                .formatted(code, type, utf8.length, HexFormat.of().formatHex(utf8), padding);
    }

    @Test
    void shouldReadWhatItWrites() {
        byte[] bytes = START.toBytes(9);

        assertThat(Message.size(Arrays.copyOf(bytes, Message.FIXED))).isEqualTo(bytes.length);
        Message read = Message.of(bytes);
        assertThat(read.kind()).isEqualTo(Message.Kind.CALL);
        assertThat(read.member()).isEqualTo("StartTransientUnit");
        assertThat(read.body()).isEqualTo(START.arguments());
        assertThat(read.text(0)).isEqualTo("a.scope");
        assertThat(read.text(9)).isNull();
    }

    @Test
    void shouldRefuseMessagesThatAreCutOrTooLong() {
        byte[] bytes = START.toBytes(9);
        for (int size = Message.FIXED; size < bytes.length; size++) {
            byte[] cut = Arrays.copyOf(bytes, size);
            assertThatThrownBy(() -> Message.of(cut)).isInstanceOf(Failure.Corrupt.class);
        }
        byte[] fixed = Arrays.copyOf(bytes, Message.FIXED);
        fixed[7] = 1;
        assertThatThrownBy(() -> Message.size(fixed)).isInstanceOf(Failure.Corrupt.class);
    }

    @Test
    void shouldReadOrRefuseWhateverComes() {
        var random = new Random(20_261_129);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = START.toBytes(9);
            for (int k = 0; k < 3; k++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                Message.of(bytes);
            } catch (Failure.Corrupt e) {
                assertThat(e).hasMessageContaining("D-Bus");
            }
        }
    }
}
