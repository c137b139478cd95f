package dev.rung.image.tar;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.tar.TarEntry.Extent;
import dev.rung.image.tar.TarEntry.Kind;
import dev.rung.image.tar.TarEntry.Time;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads an archive from a stream that is not compressed, in one pass: ustar, pax, GNU long names,
 * numbers in base 256, sparse files. Where forms contradict each other it decides as Go's
 * archive/tar, which Docker and containerd read layers with. Failure.Invalid for what is no
 * archive, or breaks off; IOException only from the stream.
 */
public final class TarReader {
    static final int BLOCK = 512;

    private static final int LONGEST_EXTENSION = 1 << 20; // bytes of names, pax records
    private static final long BIGGEST_SIZE = 1L << 60;
    private static final long BIGGEST_ID = 0xffff_fffeL; // -1 means "leave it" to chown(2)
    private static final int SKIP_BYTES = 32 * 1024;

    private final InputStream in;
    private final byte[] header = new byte[BLOCK];
    private long entries;
    private long stored; // bytes of the entry's data not read yet
    private int padding; // bytes after them

    public TarReader(InputStream in) {
        this.in = in;
    }

    /** The next entry, or null after the last; what is left of the one before is skipped. */
    public @Nullable TarEntry next() throws IOException {
        finishEntry();
        entries++;
        PaxRecords pax = null;
        KernelPath longName = null;
        KernelPath longLink = null;
        while (readHeader()) {
            char flag = (char) (header[156] & 0xff);
            switch (flag) {
                case 'x', 'X' -> {
                    pax = pax == null ? new PaxRecords() : pax;
                    pax.read(extension(), complaint(null));
                }
                case 'g' -> extension(); // of the whole archive: nobody who makes layers uses it
                case 'L' -> longName = text(extension());
                case 'K' -> longLink = text(extension());
                default -> {
                    return entry(flag, pax == null ? new PaxRecords() : pax, longName, longLink);
                }
            }
        }
        return null;
    }

    /** Bytes of the current entry as stored, without a sparse file's holes; -1 after the last. */
    public int read(byte[] into, int offset, int length) throws IOException {
        if (stored == 0) {
            return -1;
        }
        int count = in.read(into, offset, (int) Math.min(length, stored));
        if (count < 0) {
            throw brokenOff();
        }
        stored -= count;
        return count;
    }

    /**
     * Reads what comes after the last entry, for a digest of the whole; returns how much it was.
     */
    public long drain(long limit) throws IOException {
        var rest = new byte[SKIP_BYTES];
        long total = 0;
        for (int count = in.read(rest); count >= 0; count = in.read(rest)) {
            total += count;
            if (total > limit) {
                throw new Failure.Invalid(
                        "invalid tar archive: more than "
                                + limit
                                + " bytes follow after its last entry");
            }
        }
        return total;
    }

    private TarEntry entry(
            char flag, PaxRecords pax, @Nullable KernelPath longName, @Nullable KernelPath longLink)
            throws IOException {
        KernelPath name = longName != null ? longName : pax.path != null ? pax.path : shortName();
        if (pax.sparse && pax.realName != null) {
            name = pax.realName;
        }
        TarComplaint complaint = complaint(name);
        Kind kind = kind(flag, name, complaint);
        KernelPath link =
                longLink != null ? longLink : pax.link != null ? pax.link : field(157, 100);
        long size = pax.size != TarNumbers.NONE ? pax.size : number(124, 12, "size");
        if (size < 0 || size > BIGGEST_SIZE) {
            throw complaint.because("a size of " + size + " bytes cannot be");
        }
        if (kind == Kind.FILE) {
            stored = size;
            padding = (int) (-size & BLOCK - 1);
        }
        int mode = (int) number(100, 8, "mode") & 0xfff;
        int uid = id(pax.uid, 108, "uid", complaint);
        int gid = id(pax.gid, 116, "gid", complaint);
        Time modified = pax.modified != null ? pax.modified : new Time(number(136, 12, "mtime"), 0);
        long device =
                kind == Kind.CHARACTER_DEVICE || kind == Kind.BLOCK_DEVICE ? device(complaint) : 0;
        List<Extent> extents = null;
        if (kind == Kind.FILE && (flag == 'S' || pax.sparse)) {
            var sparse = new SparseMap(this, complaint);
            extents = flag == 'S' ? sparse.old(header) : sparse.pax(pax);
            size = flag == 'S' ? number(483, 12, "real size") : pax.realSize;
            sparse.check(extents, size, stored);
        }
        return new TarEntry(
                kind,
                name,
                kind == Kind.HARD_LINK || kind == Kind.SYMLINK ? link : KernelPath.of(""),
                mode,
                uid,
                gid,
                kind == Kind.FILE ? size : 0,
                modified,
                device,
                pax.attributes,
                extents);
    }

    private static Kind kind(char flag, KernelPath name, TarComplaint complaint) {
        return switch (flag) {
            case 0, '0' -> endsWithSlash(name) ? Kind.FOLDER : Kind.FILE;
            case '7', 'S' -> Kind.FILE;
            case '1' -> Kind.HARD_LINK;
            case '2' -> Kind.SYMLINK;
            case '3' -> Kind.CHARACTER_DEVICE;
            case '4' -> Kind.BLOCK_DEVICE;
            case '5' -> Kind.FOLDER;
            case '6' -> Kind.FIFO;
            default ->
                    throw complaint.because(
                            "type \"" + KernelPath.of(String.valueOf(flag)) + "\" is not known");
        };
    }

    private static boolean endsWithSlash(KernelPath name) {
        byte[] bytes = name.toBytes();
        return bytes.length > 0 && bytes[bytes.length - 1] == '/';
    }

    private int id(long fromPax, int offset, String what, TarComplaint complaint) {
        long id = fromPax != TarNumbers.NONE ? fromPax : number(offset, 8, what);
        if (id < 0 || id > BIGGEST_ID) {
            throw complaint.because("its " + what + " " + id + " is none");
        }
        return (int) id;
    }

    private long device(TarComplaint complaint) {
        long major = number(329, 8, "major");
        long minor = number(337, 8, "minor");
        if (major < 0 || major > 0xfff || minor < 0 || minor > 0xfffff) {
            throw complaint.because("no device is " + major + ":" + minor);
        }
        return (minor & 0xfff00) << 12 | major << 8 | minor & 0xff;
    }

    /** The name of a ustar header, whose prefix the GNU form uses otherwise. */
    private KernelPath shortName() {
        KernelPath name = field(0, 100);
        boolean ustar =
                header[257] == 'u'
                        && header[258] == 's'
                        && header[259] == 't'
                        && header[260] == 'a'
                        && header[261] == 'r'
                        && header[262] == 0;
        if (!ustar || header[345] == 0) {
            return name;
        }
        boolean star = header[508] == 't' && header[509] == 'a' && header[510] == 'r';
        KernelPath prefix = field(345, star ? 131 : 155);
        byte[] whole = Arrays.copyOf(prefix.toBytes(), prefix.length() + 1 + name.length());
        whole[prefix.length()] = '/';
        System.arraycopy(name.toBytes(), 0, whole, prefix.length() + 1, name.length());
        return KernelPath.of(whole);
    }

    /** The next header block that is not the end; false at the end. */
    private boolean readHeader() throws IOException {
        if (!readBlock(header)) {
            return false;
        }
        if (isZero(header)) {
            if (readBlock(header) && !isZero(header)) {
                throw complaint(null).because("it follows after an end mark");
            }
            return false;
        }
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < BLOCK; i++) {
            int octet = i >= 148 && i < 156 ? ' ' : header[i];
            unsigned += octet & 0xff;
            signed += octet;
        }
        long recorded = TarNumbers.field(header, 148, 8);
        if (recorded != unsigned && recorded != signed) {
            throw complaint(null).because("its header has a wrong checksum");
        }
        return true;
    }

    private static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** False at the end of the stream, when not even a part of the block is there. */
    private boolean readBlock(byte[] block) throws IOException {
        int count = in.readNBytes(block, 0, BLOCK);
        if (count == 0) {
            return false;
        }
        if (count < BLOCK) {
            throw brokenOff();
        }
        return true;
    }

    /** One block of the entry's data, which a sparse map takes. */
    byte[] mapBlock(boolean counted) throws IOException {
        var block = new byte[BLOCK];
        if (counted && stored < BLOCK || !readBlock(block)) {
            throw complaint(null).because("its sparse map breaks off");
        }
        if (counted) {
            stored -= BLOCK;
        }
        return block;
    }

    private byte[] extension() throws IOException {
        long size = number(124, 12, "size");
        if (size < 0 || size > LONGEST_EXTENSION) {
            throw complaint(null)
                    .because("a header before it takes " + size + " bytes, more than 1 MiB");
        }
        byte[] text = in.readNBytes((int) size);
        if (text.length < size) {
            throw brokenOff();
        }
        skip(padded(size) - size);
        return text;
    }

    private void finishEntry() throws IOException {
        skip(stored);
        in.readNBytes(padding); // umoci writes none behind the last entry, and no end
        stored = 0;
        padding = 0;
    }

    private void skip(long count) throws IOException {
        if (count <= 0) {
            return;
        }
        var rest = new byte[(int) Math.min(count, SKIP_BYTES)];
        for (long left = count; left > 0; ) {
            int read = in.read(rest, 0, (int) Math.min(left, rest.length));
            if (read < 0) {
                throw brokenOff();
            }
            left -= read;
        }
    }

    private static long padded(long size) {
        return size + (-size & BLOCK - 1);
    }

    private long number(int offset, int length, String what) {
        long number = TarNumbers.field(header, offset, length);
        if (number == TarNumbers.NONE) {
            throw complaint(null).because("its " + what + " is no number that can be");
        }
        return number;
    }

    private KernelPath field(int offset, int length) {
        int end = offset;
        while (end < offset + length && header[end] != 0) {
            end++;
        }
        return KernelPath.of(Arrays.copyOfRange(header, offset, end));
    }

    private static KernelPath text(byte[] extension) {
        int end = 0;
        while (end < extension.length && extension[end] != 0) {
            end++;
        }
        return KernelPath.of(Arrays.copyOf(extension, end));
    }

    private TarComplaint complaint(@Nullable KernelPath name) {
        return new TarComplaint(entries, name);
    }

    private Failure.Invalid brokenOff() {
        return new Failure.Invalid("invalid tar archive: it breaks off within entry " + entries);
    }
}
