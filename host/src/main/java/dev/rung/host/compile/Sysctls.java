package dev.rung.host.compile;

import dev.rung.domain.Failure;

/**
 * Kernel parameters (config-linux.md "Sysctl"): which a container may set, and where they lie below
 * /proc/sys.
 */
final class Sysctls {
    private Sysctls() {}

    /**
     * The name with dots between its parts, as sysctl(8) reads it: when the first separator is a
     * slash, dots and slashes change places ("net/ipv4/conf/eno2.100.rp_filter").
     */
    static String dotted(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '.') {
                return name;
            }
            if (c == '/') {
                return name.replace('/', '\0').replace('.', '/').replace('\0', '.');
            }
        }
        return name;
    }

    /** The file of a parameter, below /proc. */
    static String file(String name) {
        String dotted = dotted(name);
        return "sys/" + dotted.replace('/', '\0').replace('.', '/').replace('\0', '.');
    }

    /** Refuses what would reach beyond the container, in runc's words. */
    static void check(String written, Namespaces namespaces) {
        String name = dotted(written);
        String key = "linux.sysctl[" + Quoted.of(written) + "]";
        if (!CleanPath.absolute("/" + file(written)).equals("/" + file(written))) {
            // "net.//.kernel.core_pattern" begins with "net." and would be another file
            throw refused(key, name, "is not a name");
        }
        if (isIpc(name)) {
            if (!namespaces.has(Namespaces.IPC)) {
                throw refused(key, name, "is not allowed in the hosts ipc namespace");
            }
            return;
        }
        if (name.startsWith("net.")) {
            if (!namespaces.has(Namespaces.NETWORK)) {
                throw refused(key, name, "not allowed in host network namespace");
            }
            return;
        }
        if (namespaces.has(Namespaces.UTS)) {
            if (name.equals("kernel.domainname")) {
                return;
            }
            if (name.equals("kernel.hostname")) {
                throw refused(
                        key,
                        name,
                        "is not allowed as it conflicts with the OCI \"hostname\" field");
            }
        }
        if (name.startsWith("user.")) {
            if (!namespaces.has(Namespaces.USER)) {
                throw Checks.invalid(
                        key, "setting ucounts without a user namespace not allowed: " + name);
            }
            return;
        }
        throw refused(key, name, "is not in a separate kernel namespace");
    }

    private static boolean isIpc(String name) {
        return switch (name) {
            case "kernel.msgmax",
                    "kernel.msgmnb",
                    "kernel.msgmni",
                    "kernel.sem",
                    "kernel.shmall",
                    "kernel.shmmax",
                    "kernel.shmmni",
                    "kernel.shm_rmid_forced" ->
                    true;
            default -> name.startsWith("fs.mqueue.");
        };
    }

    private static Failure.Invalid refused(String key, String name, String words) {
        return Checks.invalid(key, "sysctl " + Quoted.of(name) + " " + words);
    }
}
