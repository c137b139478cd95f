package dev.rung.host.compile;

import dev.rung.oci.LinuxConfig.Propagation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of one mount, sorted by who takes them (config.md "Mounts", Linux mount options).
 * Later options win over earlier ones.
 *
 * @param bind "bind" or "rbind"
 * @param recursive "rbind"
 * @param remount change the flags of what is there instead of mounting
 * @param set mount_setattr(2) attributes asked for, MOUNT_ATTR_*; never those of access times
 * @param cleared attributes asked to be off
 * @param accessTimes whether any option is about access times
 * @param accessTime the attributes of access times that follow from all such options
 * @param recursiveSet the same for a whole tree ("rro" and its like)
 * @param recursiveCleared what is to be off in the whole tree
 * @param propagation in their order
 * @param superblock flags that belong to the file system and not to the mount, by fsconfig(2) name
 * @param data what only the file system understands
 * @param copyUp fill the new tmpfs with what the directory below it holds
 * @param idMap "idmap" or "ridmap" was given
 * @param idMapRecursive "ridmap"
 * @param links how links are treated, options of crun's
 */
record MountOptions(
        boolean bind,
        boolean recursive,
        boolean remount,
        long set,
        long cleared,
        boolean accessTimes,
        long accessTime,
        long recursiveSet,
        long recursiveCleared,
        List<Propagation> propagation,
        List<String> superblock,
        List<String> data,
        boolean copyUp,
        boolean idMap,
        boolean idMapRecursive,
        Links links) {

    /**
     * Links at the ends of a bind.
     *
     * @param sourceKept "src-nofollow": a link is bound itself
     * @param targetKept "dest-nofollow": a link is covered itself
     * @param copied "copy-symlink": a link is made again instead of bound
     */
    record Links(boolean sourceKept, boolean targetKept, boolean copied) {}

    static final long RDONLY = 0x1;
    static final long NOSUID = 0x2;
    static final long NODEV = 0x4;
    static final long NOEXEC = 0x8;
    static final long NOATIME = 0x10;
    static final long STRICTATIME = 0x20;
    static final long ATIME = 0x70;
    static final long NODIRATIME = 0x80;
    static final long IDMAP = 0x100000;
    static final long NOSYMFOLLOW = 0x200000;

    /** Attributes of a single mount that "mount -o bind" sets or clears. */
    static final long FLAGS = RDONLY | NOSUID | NODEV | NOEXEC | NOSYMFOLLOW;

    private static final int RELATIME_ASKED = 4;

    boolean readonly() {
        return (set & RDONLY) != 0;
    }

    /** Whether any flag of the mount itself was named, to be on or off. */
    boolean changesFlags() {
        return set != 0 || cleared != 0 || accessTimes;
    }

    static MountOptions of(List<String> options) {
        var reading = new Reading();
        for (int i = 0; i < options.size(); i++) {
            reading.take(options.get(i));
        }
        return reading.result();
    }

    /** Every option that has a meaning of its own, for "features". */
    static List<String> known() {
        return List.of(
                "async",
                "atime",
                "bind",
                "defaults",
                "dev",
                "diratime",
                "dirsync",
                "exec",
                "idmap",
                "iversion",
                "lazytime",
                "loud",
                "mand",
                "noatime",
                "nodev",
                "nodiratime",
                "noexec",
                "noiversion",
                "nolazytime",
                "nomand",
                "norelatime",
                "nostrictatime",
                "nosuid",
                "nosymfollow",
                "private",
                "ratime",
                "rbind",
                "rdev",
                "rdiratime",
                "relatime",
                "remount",
                "rexec",
                "ridmap",
                "rnoatime",
                "rnodev",
                "rnodiratime",
                "rnoexec",
                "rnorelatime",
                "rnostrictatime",
                "rnosuid",
                "rnosymfollow",
                "ro",
                "rprivate",
                "rrelatime",
                "rro",
                "rrw",
                "rshared",
                "rslave",
                "rstrictatime",
                "rsuid",
                "rsymfollow",
                "runbindable",
                "rw",
                "shared",
                "silent",
                "slave",
                "strictatime",
                "suid",
                "symfollow",
                "sync",
                "tmpcopyup",
                "unbindable");
    }

    /** The attribute of a plain option, 0 for another one. */
    private static long attribute(String option) {
        return switch (option) {
            case "ro", "rw" -> RDONLY;
            case "nosuid", "suid" -> NOSUID;
            case "nodev", "dev" -> NODEV;
            case "noexec", "exec" -> NOEXEC;
            case "nosymfollow", "symfollow" -> NOSYMFOLLOW;
            default -> 0;
        };
    }

    private static boolean clears(String option) {
        return switch (option) {
            case "rw", "suid", "dev", "exec", "symfollow" -> true;
            default -> false;
        };
    }

    /** The fsconfig(2) flag that an option sets or clears, null for another one. */
    private static @Nullable String superblockFlag(String option) {
        return switch (option) {
            case "sync", "async" -> "sync";
            case "dirsync" -> "dirsync";
            case "lazytime", "nolazytime" -> "lazytime";
            case "mand", "nomand" -> "mand";
            default -> null;
        };
    }

    static @Nullable Propagation propagation(String option) {
        return switch (option) {
            case "private" -> Propagation.PRIVATE;
            case "rprivate" -> Propagation.RPRIVATE;
            case "shared" -> Propagation.SHARED;
            case "rshared" -> Propagation.RSHARED;
            case "slave" -> Propagation.SLAVE;
            case "rslave" -> Propagation.RSLAVE;
            case "unbindable" -> Propagation.UNBINDABLE;
            case "runbindable" -> Propagation.RUNBINDABLE;
            default -> null;
        };
    }

    private static final class Reading {
        private boolean bind;
        private boolean recursive;
        private boolean remount;
        private long set;
        private long cleared;
        private boolean accessTimes;
        private int times; // 1 noatime, 2 strictatime, 4 relatime, 8 nodiratime
        private long recursiveSet;
        private long recursiveCleared;
        private boolean copyUp;
        private boolean idMap;
        private boolean idMapRecursive;
        private boolean sourceKept;
        private boolean targetKept;
        private boolean copied;
        private final List<Propagation> propagation = new ArrayList<>(1);
        private final List<String> superblock = new ArrayList<>(1);
        private final List<String> data = new ArrayList<>(4);

        void take(String option) {
            long attribute = attribute(option);
            if (attribute != 0) {
                plain(attribute, clears(option));
                return;
            }
            String flag = superblockFlag(option);
            if (flag != null) {
                superblock.remove(flag);
                if (flag.equals(option)) {
                    superblock.add(flag);
                }
                return;
            }
            Propagation kind = MountOptions.propagation(option);
            if (kind != null) {
                propagation.add(kind);
                return;
            }
            if (option.length() > 2 && option.charAt(0) == 'r' && tree(option.substring(1))) {
                return;
            }
            switch (option) {
                case "noatime" -> times(1, true);
                case "atime" -> times(1, false);
                case "strictatime" -> times(2, true);
                case "nostrictatime" -> times(2, false);
                case "relatime" -> times(RELATIME_ASKED, true);
                case "norelatime" -> times(RELATIME_ASKED, false);
                case "nodiratime" -> times(8, true);
                case "diratime" -> times(8, false);
                case "bind" -> bind = true;
                case "rbind" -> {
                    bind = true;
                    recursive = true;
                }
                case "remount" -> remount = true;
                case "tmpcopyup" -> copyUp = true;
                case "idmap" -> idMap = true;
                case "ridmap" -> {
                    idMap = true;
                    idMapRecursive = true;
                }
                case "src-nofollow" -> sourceKept = true;
                case "dest-nofollow" -> targetKept = true;
                case "copy-symlink" -> copied = true;
                // The kernel knows these no longer, or they ask for what is so anyway.
                case "defaults", "silent", "loud", "iversion", "noiversion" -> {}
                default -> data.add(option);
            }
        }

        private void plain(long attribute, boolean clear) {
            set = clear ? set & ~attribute : set | attribute;
            cleared = clear ? cleared | attribute : cleared & ~attribute;
        }

        private void times(int bit, boolean on) {
            accessTimes = true;
            times = on ? times | bit : times & ~bit;
        }

        /** An option with a leading "r"; false when there is none of that name. */
        private boolean tree(String option) {
            long attribute = attribute(option);
            boolean clear = clears(option);
            if (attribute == 0) {
                switch (option) {
                    case "noatime", "atime" -> attribute = NOATIME;
                    case "strictatime", "nostrictatime" -> attribute = STRICTATIME;
                    case "nodiratime", "diratime" -> attribute = NODIRATIME;
                    case "relatime", "norelatime" -> {
                        // MOUNT_ATTR_RELATIME is zero: clearing the others is all there is to do.
                        recursiveCleared |= ATIME;
                        return true;
                    }
                    default -> {
                        return false;
                    }
                }
                clear =
                        option.equals("atime")
                                || option.equals("nostrictatime")
                                || option.equals("diratime");
            }
            if (clear) {
                recursiveSet &= ~attribute;
                recursiveCleared |= attribute;
            } else {
                recursiveSet |= attribute;
                recursiveCleared &= ~attribute;
            }
            if ((attribute & ATIME) != 0) {
                recursiveCleared |= ATIME; // mount_setattr(2) wants it whenever one of them is set
            }
            return true;
        }

        /** As mount(2) decides: strictatime over noatime over relatime, which is the default. */
        private long accessTime() {
            long result = (times & 8) != 0 ? NODIRATIME : 0;
            if ((times & 2) != 0) {
                return result | STRICTATIME;
            }
            return (times & 1) != 0 ? result | NOATIME : result;
        }

        MountOptions result() {
            return new MountOptions(
                    bind,
                    recursive,
                    remount,
                    set,
                    cleared,
                    accessTimes,
                    accessTime(),
                    recursiveSet,
                    recursiveCleared,
                    propagation,
                    superblock,
                    data,
                    copyUp,
                    idMap,
                    idMapRecursive,
                    new Links(sourceKept, targetKept, copied));
        }
    }
}
