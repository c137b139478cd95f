package dev.rung.image.tar;

import dev.rung.domain.KernelPath;
import dev.rung.image.tar.TarEntry.Attribute;
import dev.rung.image.tar.TarEntry.Extent;
import dev.rung.image.tar.TarEntry.Time;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an extended header says of the entry after it; what it does not say is null or NONE. */
final class PaxRecords {
    static final String XATTR = "SCHILY.xattr.";

    @Nullable KernelPath path;
    @Nullable KernelPath link;
    @Nullable Time modified;
    long size = TarNumbers.NONE;
    long uid = TarNumbers.NONE;
    long gid = TarNumbers.NONE;
    final List<Attribute> attributes = new ArrayList<>();

    /** Of sparse files: the version 1.0 stores its map before the data, the others here. */
    boolean mapInData;

    final List<Extent> map = new ArrayList<>();
    boolean sparse;
    long realSize = TarNumbers.NONE;
    @Nullable KernelPath realName;
    private long major = TarNumbers.NONE;
    private long nextOffset = TarNumbers.NONE;

    /** Adds records of the form "LENGTH KEY=VALUE\n", where the length counts all of it. */
    void read(byte[] text, TarComplaint complaint) {
        int start = 0;
        while (start < text.length) {
            int space = indexOf(text, ' ', start, Math.min(text.length, start + 10));
            long length = space < 0 ? TarNumbers.NONE : TarNumbers.decimal(text, start, space);
            if (length < space - start + 3 || length > text.length - start) {
                throw complaint.because("a pax record has no length that can be");
            }
            int end = start + (int) length - 1;
            int equals = indexOf(text, '=', space + 1, end);
            if (text[end] != '\n' || equals < 0) {
                throw complaint.because("a pax record is not of the form key=value");
            }
            var key = new String(text, space + 1, equals - space - 1, StandardCharsets.ISO_8859_1);
            record(key, Arrays.copyOfRange(text, equals + 1, end), complaint);
            start = end + 1;
        }
        mapInData = sparse && major == 1;
    }

    private void record(String key, byte[] value, TarComplaint complaint) {
        if (key.startsWith(XATTR)) {
            byte[] name = key.substring(XATTR.length()).getBytes(StandardCharsets.ISO_8859_1);
            if (name.length > 0) {
                attributes.add(new Attribute(KernelPath.of(name), value));
            }
            return;
        }
        if (value.length == 0) {
            return; // takes back what an earlier header said; the fixed header then counts
        }
        switch (key) {
            case "path" -> path = KernelPath.of(value);
            case "linkpath" -> link = KernelPath.of(value);
            case "size" -> size = number(key, value, complaint);
            case "uid" -> uid = number(key, value, complaint);
            case "gid" -> gid = number(key, value, complaint);
            case "mtime" -> {
                modified = TarNumbers.time(value);
                if (modified == null) {
                    throw complaint.because("mtime is no number");
                }
            }
            default -> {
                if (key.startsWith("GNU.sparse.")) {
                    sparseRecord(key.substring("GNU.sparse.".length()), value, complaint);
                }
            }
        }
    }

    private void sparseRecord(String key, byte[] value, TarComplaint complaint) {
        switch (key) {
            case "name" -> realName = KernelPath.of(value);
            case "major" -> {
                sparse = true;
                major = number(key, value, complaint);
            }
            case "size" -> {
                sparse = true;
                realSize = number(key, value, complaint);
            }
            case "realsize" -> realSize = number(key, value, complaint);
            case "offset" -> nextOffset = number(key, value, complaint);
            case "numbytes" -> {
                if (nextOffset == TarNumbers.NONE) {
                    throw complaint.because("a sparse map has a length without an offset");
                }
                map.add(new Extent(nextOffset, number(key, value, complaint)));
                nextOffset = TarNumbers.NONE;
            }
            case "map" -> readMap(value, complaint);
            default -> {} // minor and numblocks say nothing that is needed
        }
    }

    /** Version 0.1: offset and length in turn, separated by commas. */
    private void readMap(byte[] value, TarComplaint complaint) {
        map.clear();
        long offset = TarNumbers.NONE;
        for (int start = 0; start < value.length; ) {
            int comma = indexOf(value, ',', start, value.length);
            int end = comma < 0 ? value.length : comma;
            long number = TarNumbers.decimal(value, start, end);
            if (number == TarNumbers.NONE) {
                throw complaint.because("a sparse map holds something that is no number");
            }
            if (offset == TarNumbers.NONE) {
                offset = number;
            } else {
                map.add(new Extent(offset, number));
                offset = TarNumbers.NONE;
            }
            start = end + 1;
        }
        if (offset != TarNumbers.NONE) {
            throw complaint.because("a sparse map ends with an offset");
        }
    }

    private static long number(String key, byte[] value, TarComplaint complaint) {
        long number = TarNumbers.decimal(value, 0, value.length);
        if (number == TarNumbers.NONE) {
            throw complaint.because("the pax record " + key + " is no number that can be");
        }
        return number;
    }

    private static int indexOf(byte[] text, char sought, int start, int end) {
        for (int at = start; at < end; at++) {
            if (text[at] == sought) {
                return at;
            }
        }
        return -1;
    }
}
