package dev.rung.image.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.tar.TarEntry.Attribute;
import dev.rung.image.tar.TarEntry.Extent;
import dev.rung.image.tar.TarEntry.Kind;
import dev.rung.image.tar.TarEntry.Time;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TarReaderTests {
    private static final KernelPath NONE = KernelPath.of("");

    private final ByteArrayOutputStream archive = new ByteArrayOutputStream();

    @Test
    void shouldReadWhatTheWriterWrote() throws IOException {
        var name = KernelPath.of(new byte[] {'a', '/', (byte) 0xff, (byte) 0xc3});
        var attribute = new Attribute(KernelPath.of("user.é"), new byte[] {0, '\n', (byte) 0x80});
        var entries =
                List.of(
                        entry(Kind.FILE, name, NONE, 5, new Time(1, 2), List.of(attribute)),
                        entry(
                                Kind.SYMLINK,
                                KernelPath.of("l".repeat(300)),
                                KernelPath.of("t".repeat(200)),
                                0,
                                new Time(-2, 500_000_000),
                                List.of()),
                        new TarEntry(
                                Kind.CHARACTER_DEVICE,
                                KernelPath.of("dev"),
                                NONE,
                                0600,
                                3_000_000,
                                -2,
                                0,
                                new Time(1L << 35, 0),
                                0x12f_00f_34L,
                                List.of(),
                                null));
        try (var writer = new TarWriter(archive)) {
            for (TarEntry entry : entries) {
                writer.begin(entry);
                writer.write(new byte[(int) entry.size()], 0, (int) entry.size());
            }
        }
        List<TarEntry> read = read();
        assertThat(read.stream().map(TarReaderTests::bare).toList())
                .isEqualTo(entries.stream().map(TarReaderTests::bare).toList());
        assertThat(read.getFirst().attributes().getFirst().name()).isEqualTo(attribute.name());
        assertThat(read.getFirst().attributes().getFirst().value()).isEqualTo(attribute.value());
    }

    @Test
    void shouldReadGnuNamesAndNumbersInBase256() throws IOException {
        header('L', "././@LongLink", h -> octal(h, 124, 131));
        data(("n".repeat(130) + "\0").getBytes(StandardCharsets.US_ASCII));
        header(
                '0',
                "short",
                h -> {
                    h[108] = (byte) 0x80; // uid 2^31 in base 256
                    h[112] = (byte) 0x80;
                    h[136] = (byte) 0xff; // mtime -1
                    Arrays.fill(h, 137, 148, (byte) 0xff);
                });
        TarEntry entry = read().getFirst();
        assertThat(entry.name()).isEqualTo(KernelPath.of("n".repeat(130)));
        assertThat(entry.uid()).isEqualTo(Integer.MIN_VALUE);
        assertThat(entry.modified()).isEqualTo(new Time(-1, 0));
    }

    @Test
    void shouldReadSparseMapsOfVersionOne() throws IOException {
        pax(
                "GNU.sparse.major=1",
                "GNU.sparse.minor=0",
                "GNU.sparse.name=s",
                "GNU.sparse.realsize=9000");
        header('0', "GNUSparseFile.0/s", h -> octal(h, 124, 512 + 3));
        data(Arrays.copyOf("2\n0\n1\n4096\n2\n".getBytes(StandardCharsets.US_ASCII), 512));
        data("abc".getBytes(StandardCharsets.US_ASCII));
        var reader = new TarReader(new ByteArrayInputStream(archive.toByteArray()));
        TarEntry entry = Objects.requireNonNull(reader.next());
        assertThat(entry.name()).isEqualTo(KernelPath.of("s"));
        assertThat(entry.size()).isEqualTo(9000);
        assertThat(entry.extents()).containsExactly(new Extent(0, 1), new Extent(4096, 2));
        var stored = new byte[10];
        assertThat(reader.read(stored, 0, 10)).isEqualTo(3);
        assertThat(reader.read(stored, 0, 10)).isEqualTo(-1);
        assertThat(reader.next()).isNull();
    }

    @Test
    void shouldRefuseSparseMapsThatDoNotFit() throws IOException {
        pax("GNU.sparse.map=0,2,1,1", "GNU.sparse.size=10");
        header('0', "s", h -> octal(h, 124, 3));
        data("abc".getBytes(StandardCharsets.US_ASCII));
        refused("does not fit its size");
    }

    @Test
    void shouldRefuseWrongChecksums() throws IOException {
        header('0', "a", _ -> {});
        byte[] bytes = archive.toByteArray();
        bytes[0] = 'b';
        archive.reset();
        archive.writeBytes(bytes);
        refused("wrong checksum");
    }

    @Test
    void shouldRefuseAbsurdSizes() throws IOException {
        header(
                '0',
                "a",
                h -> {
                    Arrays.fill(h, 124, 136, (byte) 0xff);
                    h[124] = (byte) 0x80;
                    h[128] = 0;
                    h[129] = 0x7f;
                });
        refused("entry 1");
    }

    @Test
    void shouldRefuseNegativeSizes() throws IOException {
        header('0', "a", h -> Arrays.fill(h, 124, 136, (byte) 0xff));
        refused("a size of -1 bytes cannot be");
    }

    @Test
    void shouldRefuseHeadersThatTakeTooMuch() throws IOException {
        header('x', "pax", h -> octal(h, 124, 1 << 21));
        refused("more than 1 MiB");
    }

    @Test
    void shouldRefuseRecordsWithoutLength() throws IOException {
        byte[] record = "999999999 path=x\n".getBytes(StandardCharsets.US_ASCII);
        header('x', "pax", h -> octal(h, 124, record.length));
        data(record);
        refused("no length that can be");
    }

    @Test
    void shouldRefuseWhatBreaksOff() throws IOException {
        header('0', "a", h -> octal(h, 124, 1000));
        refused("breaks off within entry 1");
    }

    @Test
    void shouldReadAnArchiveWithoutPaddingAtItsEnd() throws IOException {
        header('0', "a", h -> octal(h, 124, 3));
        archive.write("abc".getBytes(StandardCharsets.US_ASCII));
        assertThat(read()).hasSize(1);
    }

    @Test
    void shouldRefuseTypesThatNobodyKnows() throws IOException {
        header('V', "volume", _ -> {});
        refused("type \"V\" is not known");
    }

    @Test
    void shouldRefuseNamesWithNul() throws IOException {
        pax("path=a\0b");
        header('0', "a", _ -> {});
        refused("NUL");
    }

    @Test
    void shouldSurviveAnyBytes() throws IOException {
        try (var writer = new TarWriter(archive)) {
            writer.begin(entry(Kind.FILE, KernelPath.of("a"), NONE, 0, new Time(1, 2), List.of()));
            writer.begin(
                    entry(Kind.FOLDER, KernelPath.of("b/"), NONE, 0, new Time(1, 0), List.of()));
        }
        byte[] good = archive.toByteArray();
        var random = new Random(7);
        for (int round = 0; round < 2000; round++) {
            byte[] bad = good.clone();
            for (int i = 0; i < 4; i++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            if (random.nextBoolean()) {
                checksums(bad);
            }
            archive.reset();
            archive.writeBytes(bad);
            try {
                read();
            } catch (Failure.Invalid e) {
                assertThat(e.getMessage()).doesNotContain("\n").isNotBlank();
            }
        }
    }

    /** Without the attributes, whose bytes are compared by themselves. */
    private static TarEntry bare(TarEntry entry) {
        return new TarEntry(
                entry.kind(),
                entry.name(),
                entry.link(),
                entry.mode(),
                entry.uid(),
                entry.gid(),
                entry.size(),
                entry.modified(),
                entry.device(),
                List.of(),
                entry.extents());
    }

    private void refused(String words) {
        assertThatThrownBy(this::read)
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words);
    }

    private List<TarEntry> read() throws IOException {
        var reader = new TarReader(new ByteArrayInputStream(archive.toByteArray()));
        var entries = new ArrayList<TarEntry>();
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            entries.add(entry);
        }
        return entries;
    }

    private static TarEntry entry(
            Kind kind,
            KernelPath name,
            KernelPath link,
            long size,
            Time modified,
            List<Attribute> attributes) {
        return new TarEntry(kind, name, link, 04755, 1, 2, size, modified, 0, attributes, null);
    }

    private void pax(String... records) {
        var text = new StringBuilder();
        for (String record : records) {
            int rest = record.length() + 2;
            int length = rest + String.valueOf(rest + 2).length();
            text.append(length).append(' ').append(record).append('\n');
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        header('x', "pax", h -> octal(h, 124, bytes.length));
        data(bytes);
    }

    private void header(char type, String name, Consumer<byte[]> change) {
        var header = new byte[512];
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, header, 0, text.length);
        header[156] = (byte) type;
        byte[] magic = "ustar  ".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(magic, 0, header, 257, magic.length);
        change.accept(header);
        checksums(header);
        archive.writeBytes(header);
    }

    private void data(byte[] bytes) {
        archive.writeBytes(bytes);
        archive.writeBytes(new byte[-bytes.length & 511]);
    }

    private static void octal(byte[] header, int at, long value) {
        byte[] digits = "%011o".formatted(value).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, header, at, digits.length);
    }

    private static void checksums(byte[] archive) {
        for (int start = 0; start + 512 <= archive.length; start += 512) {
            Arrays.fill(archive, start + 148, start + 156, (byte) ' ');
            int sum = 0;
            for (int i = start; i < start + 512; i++) {
                sum += archive[i] & 0xff;
            }
            byte[] digits = "%06o\0".formatted(sum).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(digits, 0, archive, start + 148, digits.length);
        }
    }
}
