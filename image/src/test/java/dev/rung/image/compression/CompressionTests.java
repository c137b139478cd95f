package dev.rung.image.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.rung.domain.Failure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class CompressionTests {
    private static final byte[] CONTENT = content();

    @Test
    void shouldReadAllMembersEvenWhenFewBytesAreReady() throws IOException {
        byte[] half = Arrays.copyOf(CONTENT, CONTENT.length / 2);
        byte[] rest = Arrays.copyOfRange(CONTENT, CONTENT.length / 2, CONTENT.length);
        byte[] all = join(gzip(half), gzip(rest));
        assertThat(undo(new Dripping(all))).isEqualTo(CONTENT);
    }

    @Test
    void shouldReadZstd() throws IOException {
        assertThat(undo(new Dripping(Zstd.compress(CONTENT)))).isEqualTo(CONTENT);
    }

    @Test
    void shouldLeaveAloneWhatIsNotCompressed() throws IOException {
        assertThat(undo(new Dripping(CONTENT))).isEqualTo(CONTENT);
        assertThat(undo(new ByteArrayInputStream(new byte[0]))).isEmpty();
    }

    @Test
    void shouldRefuseDamagedStreams() throws IOException {
        byte[] bad = gzip(CONTENT);
        bad[bad.length - 6] ^= 1;
        assertThatThrownBy(() -> undo(new ByteArrayInputStream(bad)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("invalid gzip stream: its checksum is another");
        byte[] worse;
        try (var context = new ZstdCompressCtx().setChecksum(true)) {
            worse = context.compress(CONTENT);
        }
        worse[worse.length / 2] ^= 1;
        assertThatThrownBy(() -> undo(new ByteArrayInputStream(worse)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageStartingWith("invalid zstd stream: ");
    }

    @Test
    void shouldTellWhatBreaksOff() throws IOException {
        byte[] cut = Arrays.copyOf(gzip(CONTENT), 1000);
        assertThatThrownBy(() -> undo(new ByteArrayInputStream(cut)))
                .isInstanceOf(EOFException.class);
    }

    @Test
    void shouldNameWhatIsNotSupported() {
        assertThatThrownBy(() -> undo(new ByteArrayInputStream(new byte[] {'B', 'Z', 'h', '9'})))
                .isInstanceOf(Failure.Unsupported.class)
                .hasMessageContaining("bzip2");
    }

    private static byte[] undo(InputStream in) throws IOException {
        try (InputStream plain = Compression.undo(in)) {
            return plain.readAllBytes();
        }
    }

    private static byte[] content() {
        var bytes = new byte[300_000];
        new Random(1).nextBytes(bytes);
        Arrays.fill(bytes, 1000, 200_000, (byte) 'x');
        return bytes;
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** Gives a few bytes a read and says that nothing is ready, as a network does. */
    private static final class Dripping extends InputStream {
        private final ByteArrayInputStream in;

        Dripping(byte[] bytes) {
            in = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read() {
            return in.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return in.read(into, offset, Math.min(length, 777));
        }
    }
}
