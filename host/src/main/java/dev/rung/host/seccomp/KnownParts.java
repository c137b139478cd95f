package dev.rung.host.seccomp;

/**
 * Finds the place of an instruction by what it does and by the places it leads to. A table of plain
 * numbers: a filter asks it some thousand times, and often in a JVM that has just started.
 */
final class KnownParts {
    static final int NONE = -1;

    private static final int FIELDS = 5;

    private int[] entries = new int[1024 * FIELDS];
    private int used;

    /** The place, or {@link #NONE}. */
    int find(int code, int k, int yes, int no) {
        int at = slot(code, k, yes, no);
        return entries[at] == 0 ? NONE : entries[at + 4];
    }

    /** Remembers a part that was not found. The code is never 0. Returns the place. */
    int put(int code, int k, int yes, int no, int place) {
        if (used * 2 * FIELDS >= entries.length) {
            grow();
        }
        int at = slot(code, k, yes, no);
        entries[at] = code;
        entries[at + 1] = k;
        entries[at + 2] = yes;
        entries[at + 3] = no;
        entries[at + 4] = place;
        used++;
        return place;
    }

    /** Where the part stands, or the free place where it belongs. */
    private int slot(int code, int k, int yes, int no) {
        int hash = ((code * 31 + k) * 31 + yes) * 31 + no;
        hash *= 0x9e3779b9;
        int slots = entries.length / FIELDS;
        int at = (hash >>> 8) & (slots - 1);
        while (entries[at * FIELDS] != 0 && !isAt(at * FIELDS, code, k, yes, no)) {
            at = (at + 1) & (slots - 1);
        }
        return at * FIELDS;
    }

    private boolean isAt(int at, int code, int k, int yes, int no) {
        return entries[at] == code
                && entries[at + 1] == k
                && entries[at + 2] == yes
                && entries[at + 3] == no;
    }

    private void grow() {
        int[] old = entries;
        entries = new int[old.length * 2];
        used = 0;
        for (int i = 0; i < old.length; i += FIELDS) {
            if (old[i] != 0) {
                put(old[i], old[i + 1], old[i + 2], old[i + 3], old[i + 4]);
            }
        }
    }
}
