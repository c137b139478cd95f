package dev.rung.image.tar;

import dev.rung.image.tar.TarEntry.Extent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Where the stored bytes of a sparse file belong (GNU tar manual, "Storing Sparse Files"). */
final class SparseMap {
    private static final int MOST_EXTENTS = 1 << 18;
    private static final int PAIR_BYTES = 24;

    private final TarReader reader;
    private final TarComplaint complaint;

    SparseMap(TarReader reader, TarComplaint complaint) {
        this.reader = reader;
        this.complaint = complaint;
    }

    /** Type S: four pairs in the header, 21 in each block that follows while it says so. */
    List<Extent> old(byte[] header) throws IOException {
        var extents = new ArrayList<Extent>();
        addPairs(header, 386, 4, extents);
        boolean more = header[482] != 0;
        while (more) {
            byte[] block = reader.mapBlock(false);
            addPairs(block, 0, 21, extents);
            more = block[504] != 0;
        }
        return extents;
    }

    private void addPairs(byte[] block, int offset, int most, List<Extent> extents) {
        for (int i = 0; i < most; i++) {
            int at = offset + i * PAIR_BYTES;
            if (block[at] == 0) {
                return;
            }
            add(TarNumbers.field(block, at, 12), TarNumbers.field(block, at + 12, 12), extents);
        }
    }

    /** Version 1.0 stores the map in whole blocks before the data, the others in the records. */
    List<Extent> pax(PaxRecords pax) throws IOException {
        if (!pax.mapInData) {
            return pax.map;
        }
        var digits = new Digits();
        long count = digits.next();
        if (count > MOST_EXTENTS) {
            throw tooMany();
        }
        var extents = new ArrayList<Extent>();
        for (long i = 0; i < count; i++) {
            add(digits.next(), digits.next(), extents);
        }
        return extents;
    }

    private void add(long offset, long length, List<Extent> extents) {
        if (offset < 0 || length < 0) {
            throw complaint.because("its sparse map holds something that is no number");
        }
        if (extents.size() == MOST_EXTENTS) {
            throw tooMany();
        }
        extents.add(new Extent(offset, length));
    }

    /** The extents must be in order, lie within the file and take all that is stored. */
    void check(List<Extent> extents, long size, long stored) {
        long end = 0;
        long sum = 0;
        for (Extent extent : extents) {
            if (extent.offset() < end || extent.length() > size - extent.offset()) {
                throw complaint.because("its sparse map does not fit its size of " + size);
            }
            end = extent.offset() + extent.length();
            sum += extent.length();
        }
        if (sum != stored || size < 0) {
            throw complaint.because(
                    "its sparse map tells of " + sum + " bytes, but " + stored + " are stored");
        }
    }

    private RuntimeException tooMany() {
        return complaint.because("its sparse map has more than " + MOST_EXTENTS + " parts");
    }

    /** Decimal numbers, each closed by a line feed, in blocks of the entry's data. */
    private final class Digits {
        private byte[] block = {};
        private int at;

        long next() throws IOException {
            long value = 0;
            boolean any = false;
            while (true) {
                if (at == block.length) {
                    block = reader.mapBlock(true);
                    at = 0;
                }
                int digit = block[at++] - '0';
                if (digit == '\n' - '0' && any) {
                    return value;
                }
                if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                    throw complaint.because("its sparse map holds something that is no number");
                }
                value = value * 10 + digit;
                any = true;
            }
        }
    }
}
