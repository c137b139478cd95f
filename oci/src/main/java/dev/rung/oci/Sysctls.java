package dev.rung.oci;

import static dev.rung.oci.Complaint.entry;
import static dev.rung.oci.Complaint.quoted;

import dev.rung.oci.LinuxConfig.NamespaceType;
import org.jspecify.annotations.Nullable;

/** Kernel parameters: their names (sysctl(8)) and which of them belong to a namespace. */
public final class Sysctls {
    private Sysctls() {}

    /**
     * The path below /proc/sys. Dots and slashes both separate: whichever comes first in the name
     * does, and the other one then stands for itself, swapped (net.ipv4.conf.eth0/100.rp_filter and
     * net/ipv4/conf/eth0.100/rp_filter are the same).
     */
    public static String path(String name) {
        return slashesFirst(name) ? name : swap(name);
    }

    private static boolean slashesFirst(String name) {
        int slash = name.indexOf('/');
        int dot = name.indexOf('.');
        return slash >= 0 && (dot < 0 || slash < dot);
    }

    private static String swap(String name) {
        var swapped = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            swapped.append(c == '.' ? '/' : c == '/' ? '.' : c);
        }
        return swapped.toString();
    }

    /**
     * Refuses what would change the host. One thing is left to those who know the host: with a
     * network namespace that is joined, "net." is allowed only if that is not the runtime's own.
     */
    static void check(Complaint complaint, LinuxConfig linux) {
        for (String name : linux.sysctl().keySet()) {
            String dotted = slashesFirst(name) ? swap(name) : name;
            String words = refusal(dotted, path(name), linux);
            if (words != null) {
                throw complaint.at(entry("linux.sysctl", name), words);
            }
        }
    }

    private static @Nullable String refusal(String name, String path, LinuxConfig linux) {
        if (!wellFormed(path)) {
            return "sysctl " + quoted(name) + " is not a name below /proc/sys";
        }
        if (ofIpc(path)) {
            return linux.has(NamespaceType.IPC)
                    ? null
                    : "sysctl " + quoted(name) + " is not allowed in the hosts ipc namespace";
        }
        if (ofNetwork(path)) {
            return linux.has(NamespaceType.NETWORK)
                    ? null
                    : "sysctl " + quoted(name) + " not allowed in host network namespace";
        }
        if (linux.has(NamespaceType.UTS)) {
            if (path.equals("kernel/domainname")) {
                return null;
            }
            if (path.equals("kernel/hostname")) {
                return "sysctl "
                        + quoted(name)
                        + " is not allowed as it conflicts with the OCI \"hostname\" field";
            }
        }
        if (path.startsWith("user/")) {
            return linux.has(NamespaceType.USER)
                    ? null
                    : "setting ucounts without a user namespace not allowed: " + quoted(name);
        }
        return "sysctl " + quoted(name) + " is not in a separate kernel namespace";
    }

    /** The first that belongs to the network namespace, null: none does. */
    public static @Nullable String firstOfNetwork(LinuxConfig linux) {
        for (String name : linux.sysctl().keySet()) {
            if (ofNetwork(path(name))) {
                return name;
            }
        }
        return null;
    }

    private static boolean ofNetwork(String path) {
        return path.startsWith("net/");
    }

    private static boolean ofIpc(String path) {
        return switch (path) {
            case "kernel/msgmax",
                    "kernel/msgmnb",
                    "kernel/msgmni",
                    "kernel/sem",
                    "kernel/shmall",
                    "kernel/shmmax",
                    "kernel/shmmni",
                    "kernel/shm_rmid_forced" ->
                    true;
            default -> path.startsWith("fs/mqueue/");
        };
    }

    /** No part is empty or leads elsewhere. */
    private static boolean wellFormed(String path) {
        int from = 0;
        while (from <= path.length()) {
            int slash = path.indexOf('/', from);
            int to = slash < 0 ? path.length() : slash;
            String part = path.substring(from, to);
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return false;
            }
            from = to + 1;
        }
        return true;
    }
}
