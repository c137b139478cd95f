package dev.rung.host.bpf;

/** Sets of what can be done to a device, as bits of BPF_DEVCG_ACC_* in linux/bpf.h. */
final class Access {
    static final int NONE = 0;
    static final int MAKE = 1;
    static final int READ = 2;
    static final int WRITE = 4;
    static final int ALL = MAKE | READ | WRITE;

    private Access() {}

    /** The set of letters out of "rwm"; others do not count. */
    static int of(String letters) {
        int set = NONE;
        for (int i = 0; i < letters.length(); i++) {
            set |=
                    switch (letters.charAt(i)) {
                        case 'r' -> READ;
                        case 'w' -> WRITE;
                        case 'm' -> MAKE;
                        default -> NONE;
                    };
        }
        return set;
    }

    /** As devices.allow and devices.list write it. */
    static String letters(int set) {
        return ((set & READ) == 0 ? "" : "r")
                + ((set & WRITE) == 0 ? "" : "w")
                + ((set & MAKE) == 0 ? "" : "m");
    }
}
