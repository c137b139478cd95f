package dev.rung.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel counts of a container's cgroups and processes; times are in seconds, as far as
 * whole numbers tell them. What this machine's kernel does not count is not there.
 */
final class Samples {
    private static final long TICKS = 100; // USER_HZ, which is the same everywhere
    private static final long MICROS = 1_000_000;
    private static final long NANOS = 1_000_000_000;

    private final List<Sample> all = new ArrayList<>();
    private final CgroupFiles cgroups;

    private Samples(CgroupFiles cgroups) {
        this.cgroups = cgroups;
    }

    /** Of a process and all that is in its cgroups; WrongState when it is gone. */
    static List<Sample> of(int pid) {
        var samples = new Samples(CgroupFiles.of(pid));
        samples.cpu();
        samples.memory();
        samples.disks();
        samples.hugePages();
        samples.pressure();
        samples.processes(pid);
        return samples.all;
    }

    private void add(String name, long value) {
        all.add(Sample.of(name, value));
    }

    private void cpu() {
        add("cpu_usage_seconds_total", cgroups.cpuNanos() / NANOS);
        Path v1 = cgroups.folder("cpuacct");
        Path cpu = cgroups.folder("cpu");
        if (v1 != null) {
            add("cpu_user_seconds_total", CgroupFiles.field(v1, "cpuacct.stat", "user") / TICKS);
            add(
                    "cpu_system_seconds_total",
                    CgroupFiles.field(v1, "cpuacct.stat", "system") / TICKS);
        } else {
            cpu = cgroups.unified();
            add("cpu_user_seconds_total", CgroupFiles.field(cpu, "cpu.stat", "user_usec") / MICROS);
            add(
                    "cpu_system_seconds_total",
                    CgroupFiles.field(cpu, "cpu.stat", "system_usec") / MICROS);
        }
        add("cpu_cfs_periods_total", CgroupFiles.field(cpu, "cpu.stat", "nr_periods"));
        add("cpu_cfs_throttled_periods_total", CgroupFiles.field(cpu, "cpu.stat", "nr_throttled"));
        add(
                "cpu_cfs_throttled_seconds_total",
                v1 != null
                        ? CgroupFiles.field(cpu, "cpu.stat", "throttled_time") / NANOS
                        : CgroupFiles.field(cpu, "cpu.stat", "throttled_usec") / MICROS);
    }

    private void memory() {
        ResourceUse use = cgroups.use();
        add("memory_usage_bytes", use.memory());
        add("memory_working_set_bytes", use.workingSet());
        add("memory_rss", use.anonymous());
        add("memory_swap", use.swap());
        Path v1 = cgroups.folder("memory");
        Path v2 = cgroups.unified();
        if (v1 != null) {
            add("memory_cache", CgroupFiles.field(v1, "memory.stat", "total_cache"));
            add("memory_mapped_file", CgroupFiles.field(v1, "memory.stat", "total_mapped_file"));
            add("memory_kernel_usage", number(v1, "memory.kmem.usage_in_bytes"));
            add("memory_max_usage_bytes", number(v1, "memory.max_usage_in_bytes"));
            add("memory_failcnt", number(v1, "memory.failcnt"));
            add("oom_events_total", CgroupFiles.field(v1, "memory.oom_control", "oom_kill"));
        } else {
            add("memory_cache", CgroupFiles.field(v2, "memory.stat", "file"));
            add("memory_mapped_file", CgroupFiles.field(v2, "memory.stat", "file_mapped"));
            add("memory_kernel_usage", CgroupFiles.field(v2, "memory.stat", "kernel"));
            add("memory_max_usage_bytes", number(v2, "memory.peak"));
            add("memory_failcnt", CgroupFiles.field(v2, "memory.events", "max"));
            add("oom_events_total", CgroupFiles.field(v2, "memory.events", "oom_kill"));
        }
        for (String fault : List.of("pgfault", "pgmajfault")) {
            long below =
                    v1 == null
                            ? CgroupFiles.field(v2, "memory.stat", fault)
                            : CgroupFiles.field(v1, "memory.stat", "total_" + fault);
            long own = v1 == null ? below : CgroupFiles.field(v1, "memory.stat", fault);
            all.add(new Sample("memory_failures_total", List.of(fault, "container"), own));
            all.add(new Sample("memory_failures_total", List.of(fault, "hierarchy"), below));
        }
    }

    private static long number(@Nullable Path folder, String file) {
        return folder == null ? 0 : CgroupFiles.number(folder.resolve(file));
    }

    /** What was done at a device, by MAJOR:MINOR. */
    private static final class Traffic {
        private long readBytes;
        private long writtenBytes;
        private long reads;
        private long writes;
    }

    private void disks() {
        var traffic = new TreeMap<String, Traffic>();
        Path v1 = cgroups.folder("blkio");
        Path v2 = cgroups.unified();
        if (v1 != null) {
            for (String line : CgroupFiles.lines(v1.resolve("blkio.throttle.io_service_bytes"))) {
                old(traffic, line, true);
            }
            for (String line : CgroupFiles.lines(v1.resolve("blkio.throttle.io_serviced"))) {
                old(traffic, line, false);
            }
        } else if (v2 != null) {
            for (String line : CgroupFiles.lines(v2.resolve("io.stat"))) {
                unified(traffic, line);
            }
        }
        traffic.forEach((device, done) -> {
            String[] numbers = device.split(":", 2);
            String major = numbers[0];
            String minor = numbers.length == 2 ? numbers[1] : "";
            all.add(
                    new Sample(
                            "blkio_device_usage_total",
                            List.of(device, major, minor, "Read"),
                            done.readBytes));
            all.add(
                    new Sample(
                            "blkio_device_usage_total",
                            List.of(device, major, minor, "Write"),
                            done.writtenBytes));
            List<String> where = List.of(device);
            all.add(new Sample("fs_reads_bytes_total", where, done.readBytes));
            all.add(new Sample("fs_reads_total", where, done.reads));
            all.add(new Sample("fs_writes_bytes_total", where, done.writtenBytes));
            all.add(new Sample("fs_writes_total", where, done.writes));
        });
    }

    /** A line such as 8:0 Read 4096. */
    private static void old(Map<String, Traffic> traffic, String line, boolean bytes) {
        String[] words = line.split(" ");
        if (words.length != 3) {
            return;
        }
        Traffic done = traffic.computeIfAbsent(words[0], _ -> new Traffic());
        long value = CgroupFiles.parsed(words[2]);
        switch (words[1]) {
            case "Read" -> {
                done.readBytes += bytes ? value : 0;
                done.reads += bytes ? 0 : value;
            }
            case "Write" -> {
                done.writtenBytes += bytes ? value : 0;
                done.writes += bytes ? 0 : value;
            }
            default -> {} // sums of them
        }
    }

    /** A line such as 8:0 rbytes=4096 wbytes=0 rios=1 wios=0. */
    private static void unified(Map<String, Traffic> traffic, String line) {
        String[] words = line.split(" ");
        Traffic done = traffic.computeIfAbsent(words[0], _ -> new Traffic());
        for (String word : words) {
            int equals = word.indexOf('=');
            long value = equals < 0 ? 0 : CgroupFiles.parsed(word.substring(equals + 1));
            switch (equals < 0 ? "" : word.substring(0, equals)) {
                case "rbytes" -> done.readBytes += value;
                case "wbytes" -> done.writtenBytes += value;
                case "rios" -> done.reads += value;
                case "wios" -> done.writes += value;
                default -> {} // of discards
            }
        }
    }

    private void hugePages() {
        Path v1 = cgroups.folder("hugetlb");
        Path folder = v1 == null ? cgroups.unified() : v1;
        if (folder == null) {
            return;
        }
        String end = v1 == null ? ".current" : ".usage_in_bytes";
        try (var files = Files.newDirectoryStream(folder, "hugetlb.*" + end)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String size = name.substring("hugetlb.".length(), name.length() - end.length());
                if (size.endsWith(".rsvd")) {
                    continue;
                }
                long used = CgroupFiles.number(file);
                long most =
                        v1 == null ? used : number(v1, "hugetlb." + size + ".max_usage_in_bytes");
                all.add(new Sample("hugetlb_usage_bytes", List.of(size), used));
                all.add(new Sample("hugetlb_max_usage_bytes", List.of(size), most));
            }
        } catch (IOException _) {
            // gone meanwhile
        }
    }

    private void pressure() {
        Path folder = cgroups.unified();
        if (folder == null) {
            return;
        }
        for (String kind : List.of("cpu", "io", "memory")) {
            for (String line : CgroupFiles.lines(folder.resolve(kind + ".pressure"))) {
                String what = line.startsWith("some") ? "waiting" : "stalled";
                int total = line.indexOf("total=");
                if (total > 0) {
                    add(
                            "pressure_" + kind + "_" + what + "_seconds_total",
                            CgroupFiles.parsed(line.substring(total + 6).strip()) / MICROS);
                }
            }
        }
    }

    private void processes(int first) {
        var pids = cgroups.pids();
        pids.add(first);
        long descriptors = 0;
        long sockets = 0;
        long threads = 0;
        for (int pid : pids) {
            Path process = Path.of("/proc", Integer.toString(pid));
            try (var links = Files.newDirectoryStream(process.resolve("fd"))) {
                for (Path link : links) {
                    descriptors++;
                    sockets += isSocket(link) ? 1 : 0;
                }
            } catch (IOException _) {
                continue; // it has ended
            }
            for (String line : CgroupFiles.lines(process.resolve("status"))) {
                if (line.startsWith("Threads:")) {
                    threads += CgroupFiles.parsed(line.substring("Threads:".length()).strip());
                }
            }
        }
        add("processes", pids.size());
        add("threads", threads);
        add("file_descriptors", descriptors);
        add("sockets", sockets);
        Path folder = cgroups.folder("pids");
        add("threads_max", number(folder == null ? cgroups.unified() : folder, "pids.max"));
        for (String line : CgroupFiles.lines(Path.of("/proc/" + first + "/limits"))) {
            if (line.startsWith("Max open files")) {
                String[] words = line.strip().split(" +");
                long soft = CgroupFiles.parsed(words[3]);
                all.add(new Sample("ulimits_soft", List.of("max_open_files"), soft));
            }
        }
    }

    private static boolean isSocket(Path link) {
        try {
            return Files.readSymbolicLink(link).toString().startsWith("socket:");
        } catch (IOException _) {
            return false;
        }
    }
}
