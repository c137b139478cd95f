package dev.rung.host.seccomp;

import java.util.Arrays;

/**
 * Where each value of the accumulator leads to, as ranges from 0 to 2^32 - 1, and the balanced tree
 * of comparisons that finds it.
 */
final class Ranges {
    private static final long END = 1L << 32;
    private static final int FEW = 3; // single values that are asked one after another
    private static final int FEW_OF_MANY = 64;
    private static final int MANY =
            1500; // ranges, of which a short program matters more than speed

    private long[] starts = new long[64];
    private int[] places = new int[64];
    private int size;

    /** From that value on, up to the next range that is added. Ranges are added in order. */
    void add(long start, int place) {
        if (size > 0 && starts[size - 1] == start) {
            size--;
        }
        if (size > 0 && places[size - 1] == place) {
            return;
        }
        if (size == starts.length) {
            starts = Arrays.copyOf(starts, size * 2);
            places = Arrays.copyOf(places, size * 2);
        }
        starts[size] = start;
        places[size] = place;
        size++;
    }

    /** Whether all values lead to the same place. */
    boolean isOne() {
        return size == 1;
    }

    /** Where the last range leads to. */
    int last() {
        return places[size - 1];
    }

    /** The place that finds the range of the value in the accumulator. */
    int write(FilterWriter writer) {
        return tree(writer, 0, size - 1);
    }

    /** The same, asking first whether the value is at least {@code split}. */
    int write(FilterWriter writer, long split) {
        for (int i = 1; i < size; i++) {
            if (starts[i] == split) {
                int above = tree(writer, i, size - 1);
                int below = tree(writer, 0, i - 1);
                return writer.test(FilterWriter.GREATER_OR_EQUAL, (int) split, above, below);
            }
        }
        return write(writer);
    }

    private int tree(FilterWriter writer, int first, int last) {
        int common = common(first, last);
        if (common >= 0) {
            int place = places[common];
            for (int i = last; i >= first; i--) {
                if (places[i] != places[common]) {
                    place = writer.test(FilterWriter.EQUAL, (int) starts[i], places[i], place);
                }
            }
            return place;
        }
        int middle = (first + last + 1) >>> 1;
        int above = tree(writer, middle, last);
        int below = tree(writer, first, middle - 1);
        return writer.test(FilterWriter.GREATER_OR_EQUAL, (int) starts[middle], above, below);
    }

    /** A range whose place all the others share but a few single values; -1 if there is none. */
    private int common(int first, int last) {
        int few = size > MANY ? FEW_OF_MANY : FEW;
        if (last - first > 2 * few) {
            return -1;
        }
        int common = first;
        for (int i = first; i <= last; i++) {
            if (!single(i)) {
                common = i;
            }
        }
        int exceptions = 0;
        for (int i = first; i <= last; i++) {
            if (places[i] != places[common]) {
                exceptions++;
                if (!single(i) || exceptions > few) {
                    return -1;
                }
            }
        }
        return common;
    }

    private boolean single(int i) {
        return (i + 1 < size ? starts[i + 1] : END) == starts[i] + 1;
    }
}
