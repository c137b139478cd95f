package dev.rung.host.seccomp;

import java.util.Arrays;
import java.util.List;

/** A set of 64-bit numbers without a sign, as the ascending edges where one enters or leaves it. */
final class UnsignedSet {
    private final boolean startsInside;
    private final long[] edges;
    private final int count;

    private UnsignedSet(boolean startsInside, long[] edges, int count) {
        this.startsInside = startsInside;
        this.edges = edges;
        this.count = count;
    }

    /** The numbers that meet at least one of the conditions, of which none is masked. */
    static UnsignedSet unionOf(List<Condition> conditions) {
        var ranges = new RangeEnds(conditions.size());
        for (Condition condition : conditions) {
            ranges.add(condition);
        }
        return ranges.union();
    }

    /** Whether 0 belongs to it. */
    boolean startsInside() {
        return startsInside;
    }

    int edges() {
        return count;
    }

    /** The first number of a stretch that is inside or outside in turns; never 0. */
    long edge(int index) {
        return edges[index];
    }

    /** Both ends of ranges that may overlap, with the sign bit flipped for sorting. */
    private static final class RangeEnds {
        private final long[] firsts;
        private final long[] afters;
        private int ranges;
        private int bounded;

        RangeEnds(int conditions) {
            firsts = new long[conditions * 2];
            afters = new long[conditions * 2];
        }

        void add(Condition condition) {
            long value = condition.value();
            switch (condition.operator()) {
                case SCMP_CMP_EQ -> add(value, value);
                case SCMP_CMP_NE -> {
                    if (value != 0) {
                        add(0, value - 1);
                    }
                    if (value != -1) {
                        add(value + 1, -1);
                    }
                }
                case SCMP_CMP_LT -> {
                    if (value != 0) {
                        add(0, value - 1);
                    }
                }
                case SCMP_CMP_LE -> add(0, value);
                case SCMP_CMP_GE -> add(value, -1);
                case SCMP_CMP_GT -> {
                    if (value != -1) {
                        add(value + 1, -1);
                    }
                }
                case SCMP_CMP_MASKED_EQ ->
                        throw new IllegalArgumentException("a mask is no range: " + condition);
            }
        }

        private void add(long first, long last) {
            firsts[ranges++] = first ^ Long.MIN_VALUE;
            if (last != -1) {
                afters[bounded++] = last + 1 ^ Long.MIN_VALUE;
            }
        }

        UnsignedSet union() {
            Arrays.sort(firsts, 0, ranges);
            Arrays.sort(afters, 0, bounded);
            var edges = new long[ranges + bounded];
            int count = 0;
            int open = 0;
            boolean startsInside = false;
            for (int i = 0, j = 0; i < ranges || j < bounded; ) {
                int before = open;
                long at =
                        j == bounded || i < ranges && firsts[i] <= afters[j]
                                ? firsts[i]
                                : afters[j];
                for (; i < ranges && firsts[i] == at; i++) {
                    open++;
                }
                for (; j < bounded && afters[j] == at; j++) {
                    open--;
                }
                if (at == Long.MIN_VALUE) {
                    startsInside = open > 0;
                } else if (before > 0 != open > 0) {
                    edges[count++] = at ^ Long.MIN_VALUE;
                }
            }
            return new UnsignedSet(startsInside, edges, count);
        }
    }
}
