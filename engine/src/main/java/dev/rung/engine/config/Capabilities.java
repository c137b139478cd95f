package dev.rung.engine.config;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which capabilities a container has (capabilities(7)); Docker's default is fourteen of them. */
public final class Capabilities {
    /** By number. */
    private static final List<String> ALL =
            List.of(
                    "CAP_CHOWN",
                    "CAP_DAC_OVERRIDE",
                    "CAP_DAC_READ_SEARCH",
                    "CAP_FOWNER",
                    "CAP_FSETID",
                    "CAP_KILL",
                    "CAP_SETGID",
                    "CAP_SETUID",
                    "CAP_SETPCAP",
                    "CAP_LINUX_IMMUTABLE",
                    "CAP_NET_BIND_SERVICE",
                    "CAP_NET_BROADCAST",
                    "CAP_NET_ADMIN",
                    "CAP_NET_RAW",
                    "CAP_IPC_LOCK",
                    "CAP_IPC_OWNER",
                    "CAP_SYS_MODULE",
                    "CAP_SYS_RAWIO",
                    "CAP_SYS_CHROOT",
                    "CAP_SYS_PTRACE",
                    "CAP_SYS_PACCT",
                    "CAP_SYS_ADMIN",
                    "CAP_SYS_BOOT",
                    "CAP_SYS_NICE",
                    "CAP_SYS_RESOURCE",
                    "CAP_SYS_TIME",
                    "CAP_SYS_TTY_CONFIG",
                    "CAP_MKNOD",
                    "CAP_LEASE",
                    "CAP_AUDIT_WRITE",
                    "CAP_AUDIT_CONTROL",
                    "CAP_SETFCAP",
                    "CAP_MAC_OVERRIDE",
                    "CAP_MAC_ADMIN",
                    "CAP_SYSLOG",
                    "CAP_WAKE_ALARM",
                    "CAP_BLOCK_SUSPEND",
                    "CAP_AUDIT_READ",
                    "CAP_PERFMON",
                    "CAP_BPF",
                    "CAP_CHECKPOINT_RESTORE");

    private static final List<String> DEFAULT =
            List.of(
                    "CAP_CHOWN",
                    "CAP_DAC_OVERRIDE",
                    "CAP_FSETID",
                    "CAP_FOWNER",
                    "CAP_MKNOD",
                    "CAP_NET_RAW",
                    "CAP_SETGID",
                    "CAP_SETUID",
                    "CAP_SETFCAP",
                    "CAP_SETPCAP",
                    "CAP_NET_BIND_SERVICE",
                    "CAP_SYS_CHROOT",
                    "CAP_KILL",
                    "CAP_AUDIT_WRITE");

    private Capabilities() {}

    /** The names of a mask's known capabilities, lowest first. */
    public static List<String> names(long mask) {
        var names = new ArrayList<String>();
        for (int i = 0; i < ALL.size(); i++) {
            if ((mask >> i & 1) != 0) {
                names.add(ALL.get(i));
            }
        }
        return names;
    }

    /** Throws Invalid, in Docker's words, when one is none. */
    public static void check(List<String> added, List<String> dropped) {
        for (String each : added) {
            normal("CapAdd", each);
        }
        for (String each : dropped) {
            normal("CapDrop", each);
        }
    }

    /**
     * The container's set: of the default ones those not dropped, then those added.
     *
     * @param possible those that the engine itself may give
     */
    static Set<String> of(
            boolean privileged, List<String> added, List<String> dropped, List<String> possible) {
        if (privileged) {
            return new LinkedHashSet<>(possible);
        }
        var add = new LinkedHashSet<String>();
        for (String each : added) {
            add.add(normal("CapAdd", each));
        }
        var drop = new LinkedHashSet<String>();
        for (String each : dropped) {
            drop.add(normal("CapDrop", each));
        }
        var held = new LinkedHashSet<String>();
        if (add.remove("ALL")) {
            held.addAll(possible);
        } else if (!drop.contains("ALL")) {
            held.addAll(DEFAULT);
        }
        held.removeAll(drop);
        held.addAll(add);
        return held;
    }

    /** With CAP_ before it or without, or ALL. */
    public static boolean isKnown(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return upper.equals("ALL")
                || ALL.contains(upper.startsWith("CAP_") ? upper : "CAP_" + upper);
    }

    private static String normal(String field, String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        if (upper.equals("ALL")) {
            return upper;
        }
        String whole = upper.startsWith("CAP_") ? upper : "CAP_" + upper;
        if (!ALL.contains(whole)) {
            throw new Failure.Invalid(
                    "invalid " + field + ": unknown capability: \"" + Printable.of(whole) + "\"");
        }
        return whole;
    }
}
