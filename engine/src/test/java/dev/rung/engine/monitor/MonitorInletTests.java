package dev.rung.engine.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MonitorInletTests {
    @Test
    void shouldReadFramesToTheEnd() throws Exception {
        byte[] two = {1, 70, 0, 0, 1, 0, 0, 0, 5, 1, 71, 0, 0, 0, 0, 0, 0, 1};
        var inlet = new MonitorInlet(Channels.newChannel(new ByteArrayInputStream(two)));
        MonitorWire.Frame frame = inlet.next();
        assertThat(frame.type()).isEqualTo(MonitorWire.OOM);
        assertThat(frame.payload().get()).isEqualTo((byte) 5);
        assertThat(inlet.holds(MonitorWire.NOTICE)).isTrue();
        assertThat(inlet.holds(MonitorWire.OUTPUT)).isFalse();
        assertThat(inlet.next().payload().hasRemaining()).isFalse();
        assertThatThrownBy(inlet::next).isInstanceOf(EOFException.class);
    }

    @Test
    void shouldRefuseAnotherVersionAndAbsurdLengths() {
        for (byte[] head : new byte[][] {{2, 70, 0, 0, 0, 0, 0, 0}, {1, 70, 0, 0, 1, 0, 1, 0}}) {
            var inlet = new MonitorInlet(Channels.newChannel(new ByteArrayInputStream(head)));
            assertThatThrownBy(inlet::next).isInstanceOf(Failure.Corrupt.class);
        }
    }

    private static byte[] frame(int type, byte[] payload) {
        ByteBuffer frame = MonitorWire.frame(type, payload.length).put(payload).flip();
        var bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    @Test
    void shouldReadFramesHoweverTheyAreCut() throws Exception {
        var random = new Random(1);
        int[] lengths = {0, 1, 1015, 1016, 1017, 64 * 1024, 3, 64 * 1024, 64 * 1024 - 1, 0, 7};
        var all = new ByteArrayOutputStream();
        for (int length : lengths) {
            byte[] payload = new byte[length];
            random.nextBytes(payload);
            all.writeBytes(frame(MonitorWire.OUTPUT, payload));
        }
        for (int most : new int[] {1, 7, 8, 9, 1024, 100_000, 1 << 20}) {
            var inlet = new MonitorInlet(cut(all.toByteArray(), most));
            var got = new ByteArrayOutputStream();
            for (int length : lengths) {
                MonitorWire.Frame frame = inlet.next();
                byte[] payload = new byte[frame.payload().remaining()];
                frame.payload().get(payload);
                assertThat(payload).hasSize(length);
                got.writeBytes(frame(frame.type(), payload));
            }
            assertThat(got.toByteArray()).isEqualTo(all.toByteArray());
            assertThatThrownBy(inlet::next).isInstanceOf(EOFException.class);
        }
    }

    /** A channel that gives no more than so many bytes at once. */
    private static ReadableByteChannel cut(byte[] bytes, int most) {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        return new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer into) {
                if (!left.hasRemaining()) {
                    return -1;
                }
                int count = Math.min(most, Math.min(into.remaining(), left.remaining()));
                into.put(left.slice(left.position(), count));
                left.position(left.position() + count);
                return count;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
    }
}
