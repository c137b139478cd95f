package dev.rung.cli.oci;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import java.nio.charset.StandardCharsets;
import java.util.StringTokenizer;

/**
 * The running kernel, which is the same for us and all whom we serve: read once, from our own /proc
 * and /sys. So is the user namespace, as there is one resident for each.
 *
 * @param machine as uname(2) says
 */
record Kernel(
        String machine,
        String release,
        boolean initialUserNamespace,
        int lastCapability,
        boolean appArmor,
        boolean seLinux,
        boolean timeNamespaces,
        boolean kcore) {
    private static final int LONGEST = 1 << 16;

    static Kernel running() {
        return new Kernel(
                System.getProperty("os.arch", "").equals("amd64") ? "x86_64" : "aarch64",
                text("/proc/sys/kernel/osrelease"),
                identity("/proc/self/uid_map") && identity("/proc/self/gid_map"),
                Integer.parseInt(text("/proc/sys/kernel/cap_last_cap")),
                text("/sys/module/apparmor/parameters/enabled").equals("Y"),
                there("/sys/fs/selinux/enforce"),
                there("/proc/self/ns/time"),
                there("/proc/kcore"));
    }

    /** Whether the user is root of the whole machine. */
    boolean isRoot(int uid) {
        return uid == 0 && initialUserNamespace;
    }

    private static boolean identity(String map) {
        var words = new StringTokenizer(text(map));
        return words.countTokens() == 3
                && words.nextToken().equals("0")
                && words.nextToken().equals("0")
                && words.nextToken().equals("4294967295");
    }

    private static boolean there(String path) {
        try {
            Paths.status(null, KernelPath.of(path));
            return true;
        } catch (ErrnoException _) {
            return false;
        }
    }

    /**
     * Read at once: a second read of a file in /proc/sys finds its end, wherever the first ended.
     */
    private static String text(String path) {
        try (Fd file = Paths.open(null, KernelPath.of(path), Paths.O_RDONLY, 0, 0)) {
            byte[] bytes = Descriptors.readAll(file, LONGEST);
            return new String(bytes, StandardCharsets.UTF_8).strip();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return "";
            }
            throw new Failure.HostRefused(String.valueOf(e.getMessage()), e);
        }
    }
}
