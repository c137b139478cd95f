package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

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
        var words = new java.util.StringTokenizer(text(map));
        return words.countTokens() == 3
                && words.nextToken().equals("0")
                && words.nextToken().equals("0")
                && words.nextToken().equals("4294967295");
    }

    private static boolean there(String path) {
        return Files.exists(Path.of(path));
    }

    private static String text(String path) {
        if (!there(path)) {
            return "";
        }
        // Not Files.readString: it begins with one byte, and a sysctl file then is at its end.
        try (var file = new FileInputStream(path)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new Failure.HostRefused("read \"" + path + "\": " + e.getMessage(), e);
        }
    }
}
