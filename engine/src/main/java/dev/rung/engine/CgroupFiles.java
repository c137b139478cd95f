package dev.rung.engine;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The control groups of a process, of either version, as this process sees them. */
final class CgroupFiles {
    private static final String UNIFIED = "";
    private static final long UNLIMITED = 1L << 60;

    /** The folder of each controller; under an empty name that of version 2. */
    private final Map<String, Path> folders = new HashMap<>();

    private CgroupFiles() {}

    /** WrongState when the process is gone. */
    static CgroupFiles of(int pid) {
        var files = new CgroupFiles();
        List<String> own;
        try {
            own = Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"));
        } catch (IOException e) {
            throw new Failure.WrongState("process " + pid + " is gone");
        }
        List<String> ours = lines(Path.of("/proc/self/cgroup"));
        List<String> mounts = mounts();
        for (String line : own) {
            String[] parts = line.split(":", 3);
            // where a container has none of its own, as may be without root, it is in the engine's
            if (parts.length == 3 && !ours.contains(line)) {
                files.find(mounts, parts[1], parts[2]);
            }
        }
        return files;
    }

    /** One hierarchy of the process: the controllers there, or none for version 2. */
    private void find(List<String> mounts, String controllers, String path) {
        boolean unified = controllers.isEmpty();
        for (String line : mounts) {
            int dash = line.indexOf(" - ");
            String[] before = line.substring(0, Math.max(dash, 0)).split(" ");
            String[] after = line.substring(dash + 3).split(" ");
            if (dash < 0 || before.length < 5 || after.length < 3) {
                continue;
            }
            boolean fits =
                    unified
                            ? after[0].equals("cgroup2")
                            : after[0].equals("cgroup")
                                    && List.of(after[2].split(","))
                                            .containsAll(List.of(controllers.split(",")));
            if (fits) {
                String below =
                        !before[3].equals("/") && path.startsWith(before[3])
                                ? path.substring(before[3].length())
                                : path;
                Path folder = Path.of(before[4] + below);
                for (String controller : controllers.split(",")) {
                    folders.put(unified ? UNIFIED : controller, folder);
                }
                return;
            }
        }
    }

    /** Where hierarchies of either version are mounted. */
    static List<Path> mountPoints() {
        var points = new ArrayList<Path>();
        for (String line : mounts()) {
            int dash = line.indexOf(" - cgroup");
            String[] before = line.substring(0, Math.max(dash, 0)).split(" ");
            if (before.length >= 5) {
                points.add(Path.of(before[4]));
            }
        }
        return points;
    }

    private static List<String> mounts() {
        try {
            return Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new Failure.HostRefused("read /proc/self/mountinfo: " + e.getMessage(), e);
        }
    }

    /** That of a controller of version 1; null without. */
    @Nullable Path folder(String controller) {
        return folders.get(controller);
    }

    /** That of version 2; null without. */
    @Nullable Path unified() {
        return folders.get(UNIFIED);
    }

    /** The folders of all. */
    Collection<Path> all() {
        return folders.values();
    }

    /** Time of processors in nanoseconds. */
    long cpuNanos() {
        Path own = folders.get("cpuacct");
        return own != null
                ? number(own.resolve("cpuacct.usage"))
                : field(folders.get(UNIFIED), "cpu.stat", "usage_usec") * 1000;
    }

    /** Bytes, without file pages that can go at any time. */
    long memory() {
        Path own = folders.get("memory");
        if (own != null) {
            long used = number(own.resolve("memory.usage_in_bytes"));
            return Math.max(0, used - field(own, "memory.stat", "total_inactive_file"));
        }
        Path unified = folders.get(UNIFIED);
        long used = unified == null ? 0 : number(unified.resolve("memory.current"));
        return Math.max(0, used - field(unified, "memory.stat", "inactive_file"));
    }

    /** Bytes; that of the machine when there is none. */
    long memoryLimit() {
        Path own = folders.get("memory");
        Path unified = folders.get(UNIFIED);
        long limit = 0;
        if (own != null) {
            limit = number(own.resolve("memory.limit_in_bytes"));
        } else if (unified != null) {
            limit = number(unified.resolve("memory.max"));
        }
        return limit <= 0 || limit > UNLIMITED ? MachineFacts.memory() : limit;
    }

    /** All that the memory controller counts. */
    ResourceUse use() {
        Path v1 = folders.get("memory");
        Path v2 = v1 == null ? folders.get(UNIFIED) : null;
        long used = 0;
        long limit = 0;
        long swap = 0;
        if (v1 != null) {
            used = number(v1.resolve("memory.usage_in_bytes"));
            limit = number(v1.resolve("memory.limit_in_bytes"));
            swap = field(v1, "memory.stat", "total_swap");
        } else if (v2 != null) {
            used = number(v2.resolve("memory.current"));
            limit = number(v2.resolve("memory.max"));
            swap = number(v2.resolve("memory.swap.current"));
        }
        Path stat = v1 == null ? v2 : v1;
        String prefix = v1 == null ? "" : "total_";
        return new ResourceUse(
                cpuNanos(),
                used,
                memory(),
                field(stat, "memory.stat", v1 == null ? "anon" : "total_rss"),
                limit > UNLIMITED ? 0 : limit,
                field(stat, "memory.stat", prefix + "pgfault"),
                field(stat, "memory.stat", prefix + "pgmajfault"),
                swap,
                processes());
    }

    long processes() {
        Path own = folders.getOrDefault("pids", folders.get(UNIFIED));
        return own == null ? 0 : number(own.resolve("pids.current"));
    }

    /** Bytes read from and written to disks. */
    long[] blocks() {
        var sums = new long[2];
        Path own = folders.get("blkio");
        if (own != null) {
            for (String line : lines(own.resolve("blkio.throttle.io_service_bytes"))) {
                String[] words = line.split(" ");
                if (words.length == 3) {
                    sums[0] += words[1].equals("Read") ? parsed(words[2]) : 0;
                    sums[1] += words[1].equals("Write") ? parsed(words[2]) : 0;
                }
            }
            return sums;
        }
        Path unified = folders.get(UNIFIED);
        for (String line :
                unified == null ? List.<String>of() : lines(unified.resolve("io.stat"))) {
            for (String word : line.split(" ")) {
                sums[0] += word.startsWith("rbytes=") ? parsed(word.substring(7)) : 0;
                sums[1] += word.startsWith("wbytes=") ? parsed(word.substring(7)) : 0;
            }
        }
        return sums;
    }

    /** All processes in it and in the groups below. */
    Set<Integer> pids() {
        var pids = new TreeSet<Integer>();
        for (String name : List.of("pids", "memory", "devices", "freezer", UNIFIED)) {
            Path folder = folders.get(name);
            if (folder != null) {
                collect(folder, pids);
                return pids;
            }
        }
        return pids;
    }

    private static void collect(Path folder, Set<Integer> pids) {
        for (String line : lines(folder.resolve("cgroup.procs"))) {
            pids.add((int) parsed(line.strip()));
        }
        try (DirectoryStream<Path> below = Files.newDirectoryStream(folder, Files::isDirectory)) {
            for (Path each : below) {
                collect(each, pids);
            }
        } catch (IOException _) {
            // gone meanwhile
        }
    }

    static long field(@Nullable Path folder, String file, String name) {
        if (folder != null) {
            for (String line : lines(folder.resolve(file))) {
                if (line.startsWith(name + " ")) {
                    return parsed(line.substring(name.length() + 1).strip());
                }
            }
        }
        return 0;
    }

    static long number(Path file) {
        List<String> lines = lines(file);
        return lines.isEmpty() ? 0 : parsed(lines.getFirst().strip());
    }

    static long parsed(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException _) {
            return 0; // "max"
        }
    }

    /** None when it is not there. */
    static List<String> lines(Path file) {
        try {
            return new ArrayList<>(Files.readAllLines(file, StandardCharsets.ISO_8859_1));
        } catch (IOException _) {
            return List.of();
        }
    }
}
