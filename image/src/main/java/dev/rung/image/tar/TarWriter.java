package dev.rung.image.tar;

import dev.rung.domain.KernelPath;
import dev.rung.image.tar.TarEntry.Attribute;
import dev.rung.image.tar.TarEntry.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes an archive: ustar headers, with a pax header before those that do not hold all. The same
 * entries give the same bytes. Files are written with their holes filled.
 */
public final class TarWriter implements AutoCloseable {
    private static final int BLOCK = TarReader.BLOCK;
    private static final int NAME_BYTES = 100;
    private static final long BIGGEST_OCTAL_7 = 07777777L;
    private static final long BIGGEST_OCTAL_11 = 077777777777L;

    private final OutputStream out;
    private final byte[] zeros = new byte[BLOCK];
    private long left; // bytes of the entry's data that are still to come
    private int padding;

    /** Closing this ends the archive and leaves the stream open. */
    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /** Begins an entry; as many bytes as its size says must follow. */
    public void begin(TarEntry entry) throws IOException {
        finishEntry();
        var pax = new Pax();

        if (entry.name().length() > NAME_BYTES) {
            pax.add("path", entry.name().toBytes());
        }
        if (entry.link().length() > NAME_BYTES) {
            pax.add("linkpath", entry.link().toBytes());
        }
        pax.addIf(entry.size() > BIGGEST_OCTAL_11, "size", entry.size());
        pax.addIf((entry.uid() & ~BIGGEST_OCTAL_7) != 0, "uid", entry.uid() & 0xffff_ffffL);
        pax.addIf((entry.gid() & ~BIGGEST_OCTAL_7) != 0, "gid", entry.gid() & 0xffff_ffffL);
        addTime(entry, pax);
        for (Attribute attribute : entry.attributes()) {
            pax.addAttribute(attribute);
        }
        if (pax.records.size() > 0) {
            byte[] records = pax.records.toByteArray();
            write(header('x', paxName(entry.name()), KernelPath.of(""), 0644, records.length));
            out.write(records);
            pad(records.length);
        }
        byte[] header =
                header(entry.kind().flag(), entry.name(), entry.link(), entry.mode(), entry.size());
        octal(header, 108, 7, owner(entry.uid()));
        octal(header, 116, 7, owner(entry.gid()));
        long seconds = entry.modified().seconds();
        octal(header, 136, 11, seconds < 0 || seconds > BIGGEST_OCTAL_11 ? 0 : seconds);
        if (entry.kind() == Kind.CHARACTER_DEVICE || entry.kind() == Kind.BLOCK_DEVICE) {
            octal(header, 329, 7, entry.device() >>> 8 & 0xfff);
            octal(header, 337, 7, entry.device() & 0xff | entry.device() >>> 12 & 0xfff00);
        }
        write(header);
        left = entry.size();
        padding = (int) (-entry.size() & BLOCK - 1);
    }

    /** Bytes of the entry's data. */
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length > left) {
            throw new IllegalStateException("more data than the entry's size says");
        }
        out.write(bytes, offset, length);
        left -= length;
    }

    private static void addTime(TarEntry entry, Pax pax) {
        long seconds = entry.modified().seconds();
        int nanos = entry.modified().nanos();
        if (nanos == 0) {
            if (seconds < 0 || seconds > BIGGEST_OCTAL_11) {
                pax.add("mtime", String.valueOf(seconds));
            }
            return;
        }
        boolean negative = seconds < 0;
        String fraction =
                String.valueOf(1_000_000_000L + (negative ? 1_000_000_000 - nanos : nanos))
                        .substring(1);
        int end = fraction.length();
        while (fraction.charAt(end - 1) == '0') {
            end--;
        }
        pax.add(
                "mtime",
                (negative ? "-" + (-seconds - 1) : String.valueOf(seconds))
                        + "."
                        + fraction.substring(0, end));
    }

    private static long owner(int id) {
        long owner = id & 0xffff_ffffL;
        return owner > BIGGEST_OCTAL_7 ? 0 : owner;
    }

    private static KernelPath paxName(KernelPath name) {
        byte[] prefix = "PaxHeaders.0/".getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(prefix, prefix.length + name.length());
        System.arraycopy(name.toBytes(), 0, all, prefix.length, name.length());
        return KernelPath.of(all);
    }

    private static byte[] header(char flag, KernelPath name, KernelPath link, int mode, long size) {
        var header = new byte[BLOCK];
        put(header, 0, name);
        octal(header, 100, 7, mode);
        octal(header, 108, 7, 0);
        octal(header, 116, 7, 0);
        octal(header, 124, 11, size > BIGGEST_OCTAL_11 ? 0 : size);
        octal(header, 136, 11, 0);
        header[156] = (byte) flag;
        put(header, 157, link);
        byte[] magic = {'u', 's', 't', 'a', 'r', 0, '0', '0'};
        System.arraycopy(magic, 0, header, 257, magic.length);
        octal(header, 329, 7, 0);
        octal(header, 337, 7, 0);
        return header;
    }

    private static void put(byte[] header, int at, KernelPath text) {
        System.arraycopy(text.toBytes(), 0, header, at, Math.min(text.length(), NAME_BYTES));
    }

    private static void octal(byte[] header, int at, int digits, long value) {
        long rest = value;
        for (int i = digits - 1; i >= 0; i--) {
            header[at + i] = (byte) ('0' + (rest & 7));
            rest >>>= 3;
        }
    }

    private void write(byte[] header) throws IOException {
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        octal(header, 148, 6, sum);
        header[154] = 0;
        out.write(header);
    }

    private void finishEntry() throws IOException {
        if (left > 0) {
            throw new IllegalStateException("less data than the entry's size says");
        }
        out.write(zeros, 0, padding);
        padding = 0;
    }

    private void pad(int size) throws IOException {
        out.write(zeros, 0, -size & BLOCK - 1);
    }

    @Override
    public void close() throws IOException {
        finishEntry();
        out.write(zeros);
        out.write(zeros);
    }

    /** Records of the form "LENGTH KEY=VALUE\n", where the length counts its own digits. */
    private static final class Pax {
        final ByteArrayOutputStream records = new ByteArrayOutputStream();

        void addIf(boolean needed, String key, long value) {
            if (needed) {
                add(key, String.valueOf(value));
            }
        }

        void add(String key, String value) {
            add(key, value.getBytes(StandardCharsets.US_ASCII));
        }

        void addAttribute(Attribute attribute) {
            var name = new String(attribute.name().toBytes(), StandardCharsets.ISO_8859_1);
            add(PaxRecords.XATTR + name, attribute.value());
        }

        void add(String key, byte[] value) {
            int rest = key.length() + value.length + 3;
            int length = rest + String.valueOf(rest).length();
            length = rest + String.valueOf(length).length();
            records.writeBytes((length + " " + key + "=").getBytes(StandardCharsets.ISO_8859_1));
            records.writeBytes(value);
            records.write('\n');
        }
    }
}
