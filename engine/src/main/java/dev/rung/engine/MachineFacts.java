package dev.rung.engine;

import dev.rung.linux.IdMap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the machine has, for who looks at it. */
public final class MachineFacts {
    private MachineFacts() {}

    /** In bytes. */
    public static long memory() {
        for (String line : CgroupFiles.lines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemTotal:")) {
                String kibibytes = line.substring("MemTotal:".length()).replace("kB", "").strip();
                return Long.parseLong(kibibytes) << 10;
            }
        }
        return 0;
    }

    /** Such as 6.1.0. */
    public static String kernel() {
        return first("/proc/sys/kernel/osrelease");
    }

    public static String hostname() {
        return first("/proc/sys/kernel/hostname");
    }

    /** Whether version 2 of control groups alone is mounted. */
    public static boolean hasUnifiedCgroups() {
        return Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    }

    /** Such as Debian GNU/Linux 12 (bookworm). */
    public static String system() {
        String name = release("PRETTY_NAME");
        return name.isEmpty() ? "Linux" : name;
    }

    /** Such as 12; empty where the system has none. */
    public static String systemVersion() {
        return release("VERSION_ID");
    }

    private static String release(String key) {
        for (String line : CgroupFiles.lines(Path.of("/etc/os-release"))) {
            if (line.startsWith(key + "=")) {
                return line.substring(key.length() + 1).replace("\"", "");
            }
        }
        return "";
    }

    /** Of this installation of the system; empty where it has none. */
    public static String machineId() {
        return first("/etc/machine-id");
    }

    /** How many descriptors this process has open. */
    public static int descriptors() {
        String[] open = Path.of("/proc/self/fd").toFile().list();
        return open == null ? 0 : open.length;
    }

    /** Whether the kernel passes packets on. */
    public static boolean forwards() {
        return first("/proc/sys/net/ipv4/ip_forward").equals("1");
    }

    /** Whether the engine runs in a user namespace, without root of the machine. */
    public static boolean isRootless() {
        return !IdMap.ofUsers().isWhole();
    }

    private static String first(String file) {
        List<String> lines = CgroupFiles.lines(Path.of(file));
        return lines.isEmpty() ? "" : lines.getFirst();
    }
}
