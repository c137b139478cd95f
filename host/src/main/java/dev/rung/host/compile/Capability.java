package dev.rung.host.compile;

import java.util.ArrayList;
import java.util.List;

/** Sets of capabilities as bit masks (capabilities(7), linux/capability.h). */
final class Capability {
    static final int SETPCAP = 8;
    static final int SYS_ADMIN = 21;
    static final int SYS_RESOURCE = 24;
    static final int MKNOD = 27;

    /** All that this build has a name for. */
    static final int KNOWN = 41;

    private Capability() {}

    static long bit(int capability) {
        return 1L << capability;
    }

    /**
     * The mask of those names that the host has; the others are added to {@code unknown}, once
     * each.
     *
     * @param last the highest capability of the host's kernel
     */
    static long mask(List<String> names, int last, List<String> unknown) {
        long mask = 0;
        for (int i = 0; i < names.size(); i++) {
            int number = number(names.get(i));
            if (number >= 0 && number <= last) {
                mask |= bit(number);
            } else if (!unknown.contains(names.get(i))) {
                unknown.add(names.get(i));
            }
        }
        return mask;
    }

    /** The names of a mask's known capabilities, lowest first. */
    static List<String> names(long mask) {
        var names = new ArrayList<String>();
        for (int i = 0; i < KNOWN; i++) {
            if ((mask & bit(i)) != 0) {
                names.add(name(i));
            }
        }
        return names;
    }

    /** -1 when there is none of that name. */
    static int number(String name) {
        return switch (name) {
            case "CAP_CHOWN" -> 0;
            case "CAP_DAC_OVERRIDE" -> 1;
            case "CAP_DAC_READ_SEARCH" -> 2;
            case "CAP_FOWNER" -> 3;
            case "CAP_FSETID" -> 4;
            case "CAP_KILL" -> 5;
            case "CAP_SETGID" -> 6;
            case "CAP_SETUID" -> 7;
            case "CAP_SETPCAP" -> 8;
            case "CAP_LINUX_IMMUTABLE" -> 9;
            case "CAP_NET_BIND_SERVICE" -> 10;
            case "CAP_NET_BROADCAST" -> 11;
            case "CAP_NET_ADMIN" -> 12;
            case "CAP_NET_RAW" -> 13;
            case "CAP_IPC_LOCK" -> 14;
            case "CAP_IPC_OWNER" -> 15;
            case "CAP_SYS_MODULE" -> 16;
            case "CAP_SYS_RAWIO" -> 17;
            case "CAP_SYS_CHROOT" -> 18;
            case "CAP_SYS_PTRACE" -> 19;
            case "CAP_SYS_PACCT" -> 20;
            case "CAP_SYS_ADMIN" -> 21;
            case "CAP_SYS_BOOT" -> 22;
            case "CAP_SYS_NICE" -> 23;
            case "CAP_SYS_RESOURCE" -> 24;
            case "CAP_SYS_TIME" -> 25;
            case "CAP_SYS_TTY_CONFIG" -> 26;
            case "CAP_MKNOD" -> 27;
            case "CAP_LEASE" -> 28;
            case "CAP_AUDIT_WRITE" -> 29;
            case "CAP_AUDIT_CONTROL" -> 30;
            case "CAP_SETFCAP" -> 31;
            case "CAP_MAC_OVERRIDE" -> 32;
            case "CAP_MAC_ADMIN" -> 33;
            case "CAP_SYSLOG" -> 34;
            case "CAP_WAKE_ALARM" -> 35;
            case "CAP_BLOCK_SUSPEND" -> 36;
            case "CAP_AUDIT_READ" -> 37;
            case "CAP_PERFMON" -> 38;
            case "CAP_BPF" -> 39;
            case "CAP_CHECKPOINT_RESTORE" -> 40;
            default -> -1;
        };
    }

    private static String name(int number) {
        return switch (number) {
            case 0 -> "CAP_CHOWN";
            case 1 -> "CAP_DAC_OVERRIDE";
            case 2 -> "CAP_DAC_READ_SEARCH";
            case 3 -> "CAP_FOWNER";
            case 4 -> "CAP_FSETID";
            case 5 -> "CAP_KILL";
            case 6 -> "CAP_SETGID";
            case 7 -> "CAP_SETUID";
            case 8 -> "CAP_SETPCAP";
            case 9 -> "CAP_LINUX_IMMUTABLE";
            case 10 -> "CAP_NET_BIND_SERVICE";
            case 11 -> "CAP_NET_BROADCAST";
            case 12 -> "CAP_NET_ADMIN";
            case 13 -> "CAP_NET_RAW";
            case 14 -> "CAP_IPC_LOCK";
            case 15 -> "CAP_IPC_OWNER";
            case 16 -> "CAP_SYS_MODULE";
            case 17 -> "CAP_SYS_RAWIO";
            case 18 -> "CAP_SYS_CHROOT";
            case 19 -> "CAP_SYS_PTRACE";
            case 20 -> "CAP_SYS_PACCT";
            case 21 -> "CAP_SYS_ADMIN";
            case 22 -> "CAP_SYS_BOOT";
            case 23 -> "CAP_SYS_NICE";
            case 24 -> "CAP_SYS_RESOURCE";
            case 25 -> "CAP_SYS_TIME";
            case 26 -> "CAP_SYS_TTY_CONFIG";
            case 27 -> "CAP_MKNOD";
            case 28 -> "CAP_LEASE";
            case 29 -> "CAP_AUDIT_WRITE";
            case 30 -> "CAP_AUDIT_CONTROL";
            case 31 -> "CAP_SETFCAP";
            case 32 -> "CAP_MAC_OVERRIDE";
            case 33 -> "CAP_MAC_ADMIN";
            case 34 -> "CAP_SYSLOG";
            case 35 -> "CAP_WAKE_ALARM";
            case 36 -> "CAP_BLOCK_SUSPEND";
            case 37 -> "CAP_AUDIT_READ";
            case 38 -> "CAP_PERFMON";
            case 39 -> "CAP_BPF";
            case 40 -> "CAP_CHECKPOINT_RESTORE";
            default -> "CAP_" + number;
        };
    }
}
