package dev.rung.engine;

import dev.rung.engine.CgroupCounters.Block;
import dev.rung.engine.CgroupCounters.Throttling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@link CgroupCounters} (kernel: admin-guide/cgroup-v1 and cgroup-v2.rst). */
final class CgroupCounting {
    private static final long NANOS_PER_MICRO = 1000;
    private static final long NANOS_PER_TICK = 10_000_000;
    private static final Map<String, List<String>> BLOCK_FILES =
            Map.of(
                    "io_service_bytes_recursive",
                    List.of(
                            "blkio.bfq.io_service_bytes_recursive",
                            "blkio.throttle.io_service_bytes_recursive",
                            "blkio.throttle.io_service_bytes"),
                    "io_serviced_recursive",
                    List.of(
                            "blkio.bfq.io_serviced_recursive",
                            "blkio.throttle.io_serviced_recursive",
                            "blkio.throttle.io_serviced"),
                    "io_queue_recursive",
                    List.of("blkio.bfq.io_queued_recursive"),
                    "io_service_time_recursive",
                    List.of("blkio.bfq.io_service_time_recursive"),
                    "io_wait_time_recursive",
                    List.of("blkio.bfq.io_wait_time_recursive"),
                    "io_merged_recursive",
                    List.of("blkio.bfq.io_merged_recursive"),
                    "io_time_recursive",
                    List.of("blkio.bfq.time_recursive"),
                    "sectors_recursive",
                    List.of("blkio.bfq.sectors_recursive"));

    private final CgroupFiles files;

    CgroupCounting(CgroupFiles files) {
        this.files = files;
    }

    CgroupCounters counters() {
        Path unified = files.unified();
        return files.folder("memory") == null && unified != null
                ? ofVersion2(unified)
                : ofVersion1();
    }

    private CgroupCounters ofVersion1() {
        Path cpu = files.folder("cpuacct");
        Path quota = files.folder("cpu");
        Path memory = files.folder("memory");
        Path pids = files.folder("pids");
        Map<String, Long> times = fields(cpu, "cpuacct.stat");
        Map<String, Long> throttled = fields(quota, "cpu.stat");
        var perCpu = new ArrayList<Long>();
        for (String line : lines(cpu, "cpuacct.usage_percpu")) {
            for (String word : line.strip().split(" +")) {
                perCpu.add(CgroupFiles.parsed(word));
            }
        }
        var blocks = new LinkedHashMap<String, List<Block>>();
        Path disks = files.folder("blkio");
        BLOCK_FILES.forEach((name, places) -> blocks.put(name, blocks(disks, places)));
        return new CgroupCounters(
                files.cpuNanos(),
                times.getOrDefault("user", 0L) * NANOS_PER_TICK,
                times.getOrDefault("system", 0L) * NANOS_PER_TICK,
                perCpu,
                new Throttling(
                        throttled.getOrDefault("nr_periods", 0L),
                        throttled.getOrDefault("nr_throttled", 0L),
                        throttled.getOrDefault("throttled_time", 0L)),
                number(memory, "memory.usage_in_bytes"),
                number(memory, "memory.max_usage_in_bytes"),
                number(memory, "memory.failcnt"),
                fields(memory, "memory.stat"),
                files.memoryLimit(),
                files.processes(),
                number(pids, "pids.max"),
                blocks);
    }

    private CgroupCounters ofVersion2(Path folder) {
        Map<String, Long> cpu = fields(folder, "cpu.stat");
        var bytes = new ArrayList<Block>();
        for (String line : lines(folder, "io.stat")) {
            String[] words = line.split(" ");
            for (String word : words) {
                if (word.startsWith("rbytes=") || word.startsWith("wbytes=")) {
                    String operation = word.startsWith("r") ? "read" : "write";
                    add(bytes, words[0], operation, word.substring("rbytes=".length()));
                }
            }
        }
        return new CgroupCounters(
                files.cpuNanos(),
                cpu.getOrDefault("user_usec", 0L) * NANOS_PER_MICRO,
                cpu.getOrDefault("system_usec", 0L) * NANOS_PER_MICRO,
                List.of(),
                new Throttling(
                        cpu.getOrDefault("nr_periods", 0L),
                        cpu.getOrDefault("nr_throttled", 0L),
                        cpu.getOrDefault("throttled_usec", 0L) * NANOS_PER_MICRO),
                number(folder, "memory.current"),
                number(folder, "memory.peak"),
                fields(folder, "memory.events").getOrDefault("max", 0L),
                fields(folder, "memory.stat"),
                files.memoryLimit(),
                files.processes(),
                number(folder, "pids.max"),
                Map.of("io_service_bytes_recursive", bytes));
    }

    /** Of the first of the files that is there. */
    private static List<Block> blocks(@Nullable Path folder, List<String> places) {
        var blocks = new ArrayList<Block>();
        for (String place : places) {
            if (folder == null || !Files.exists(folder.resolve(place))) {
                continue;
            }
            for (String line : lines(folder, place)) {
                String[] words = line.split(" ");
                if (words.length == 3) {
                    add(blocks, words[0], words[1], words[2]);
                } else if (words.length == 2 && words[0].indexOf(':') > 0) {
                    add(blocks, words[0], "", words[1]);
                }
            }
            return blocks;
        }
        return blocks;
    }

    private static void add(List<Block> to, String device, String operation, String value) {
        int colon = device.indexOf(':');
        if (colon > 0) {
            long major = CgroupFiles.parsed(device.substring(0, colon));
            long minor = CgroupFiles.parsed(device.substring(colon + 1));
            to.add(new Block(major, minor, operation, CgroupFiles.parsed(value)));
        }
    }

    private static Map<String, Long> fields(@Nullable Path folder, String file) {
        var fields = new LinkedHashMap<String, Long>();
        for (String line : lines(folder, file)) {
            int blank = line.indexOf(' ');
            if (blank > 0) {
                long value = CgroupFiles.parsed(line.substring(blank + 1).strip());
                fields.put(line.substring(0, blank), value);
            }
        }
        return fields;
    }

    private static long number(@Nullable Path folder, String file) {
        List<String> lines = lines(folder, file);
        return lines.isEmpty() ? 0 : CgroupFiles.parsed(lines.getFirst().strip());
    }

    private static List<String> lines(@Nullable Path folder, String file) {
        return folder == null ? List.of() : CgroupFiles.lines(folder.resolve(file));
    }
}
