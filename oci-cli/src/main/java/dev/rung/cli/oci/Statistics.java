package dev.rung.cli.oci;

import dev.rung.host.cgroup.CgroupFiles;
import dev.rung.host.compile.ResctrlGroup;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What "events" prints: one JSON object per line, in the form of runc's types.Event. */
final class Statistics {
    private static final String[] CPUSET_FLAGS = {
        "mem_hardwall",
        "mem_exclusive",
        "memory_migrate",
        "memory_spread_page",
        "memory_spread_slab",
        "memory_pressure",
        "sched_load_balance",
        "sched_relax_domain_level"
    };

    /** Names in the output, names of the files of version 1. */
    private static final String[][] BLOCK_IO = {
        {"ioServiceBytesRecursive", "io_service_bytes_recursive"},
        {"ioServicedRecursive", "io_serviced_recursive"},
        {"ioQueueRecursive", "io_queued_recursive"},
        {"ioServiceTimeRecursive", "io_service_time_recursive"},
        {"ioWaitTimeRecursive", "io_wait_time_recursive"},
        {"ioMergedRecursive", "io_merged_recursive"},
        {"ioTimeRecursive", "time_recursive"},
        {"sectorsRecursive", "sectors_recursive"}
    };

    private static final BigInteger NO_LIMIT = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    private static final long NANOSECONDS_PER_TICK = 10_000_000;

    private final ControllerFiles files;
    private final @Nullable ResctrlGroup group;
    private final CgroupFiles resctrl;
    private final JsonWriter writer = JsonWriter.compact();

    private Statistics(ControllerFiles files, @Nullable ResctrlGroup group, CgroupFiles resctrl) {
        this.files = files;
        this.group = group;
        this.resctrl = resctrl;
    }

    /** An event without data, such as "oom", with a line feed. */
    static byte[] event(String type, String id) {
        var writer = JsonWriter.compact().beginObject().field("type", type).field("id", id);
        return line(writer.endObject());
    }

    /**
     * All statistics of a container, with a line feed.
     *
     * @param group of the resctrl file system, null: none
     * @param resctrl the files of that
     */
    static byte[] event(
            String id, ControllerFiles files, @Nullable ResctrlGroup group, CgroupFiles resctrl) {
        var statistics = new Statistics(files, group, resctrl);
        statistics.writer.beginObject().field("type", "stats").field("id", id).name("data");
        statistics.data();
        return line(statistics.writer.endObject());
    }

    private static byte[] line(JsonWriter writer) {
        return (new String(writer.bytes(), StandardCharsets.UTF_8) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private void data() {
        writer.beginObject();
        if (files.unified()) {
            cpuOfVersion2();
        } else {
            cpuOfVersion1();
        }
        cpuset();
        if (files.unified()) {
            memoryOfVersion2();
        } else {
            memoryOfVersion1();
        }
        pids();
        writer.name("blkio").beginObject();
        if (files.unified()) {
            blockIoOfVersion2();
        } else {
            blockIoOfVersion1();
        }
        pressure("io.pressure");
        writer.endObject();
        hugePages();
        writer.name("intel_rdt").beginObject();
        if (group != null) {
            ResctrlView.around(group, resctrl).write(writer, group);
        }
        writer.endObject();
        writer.name("network_interfaces").value(Json.read("", new byte[] {'n', 'u', 'l', 'l'}));
        writer.endObject();
    }

    private void cpuOfVersion1() {
        writer.name("cpu").beginObject().name("usage").beginObject();
        positive("total", number(files.read("cpuacct", "cpuacct.usage")));
        var each = new StringTokenizer(text("cpuacct", "cpuacct.usage_percpu"));
        if (each.hasMoreTokens()) {
            writer.name("percpu").beginArray();
            while (each.hasMoreTokens()) {
                number(new BigInteger(each.nextToken()));
            }
            writer.endArray();
        }
        List<String> rows = text("cpuacct", "cpuacct.usage_all").lines().skip(1).toList();
        column("percpu_kernel", rows, 2);
        column("percpu_user", rows, 1);
        Map<String, BigInteger> ticks = table("cpuacct", "cpuacct.stat");
        writer.field("kernel", nanoseconds(ticks, "system"));
        writer.field("user", nanoseconds(ticks, "user"));
        writer.endObject();
        Map<String, BigInteger> stat = table("cpu", "cpu.stat");
        throttling(stat, stat.getOrDefault("throttled_time", BigInteger.ZERO));
        writer.endObject();
    }

    private static long nanoseconds(Map<String, BigInteger> ticks, String mode) {
        return ticks.getOrDefault(mode, BigInteger.ZERO).longValue() * NANOSECONDS_PER_TICK;
    }

    private void column(String name, List<String> rows, int column) {
        if (rows.isEmpty()) {
            return;
        }
        writer.name(name).beginArray();
        for (String row : rows) {
            var words = new StringTokenizer(row);
            for (int i = 0; i < column; i++) {
                words.nextToken();
            }
            number(new BigInteger(words.nextToken()));
        }
        writer.endArray();
    }

    private void throttling(Map<String, BigInteger> stat, BigInteger nanoseconds) {
        writer.name("throttling").beginObject();
        positive("periods", stat.getOrDefault("nr_periods", BigInteger.ZERO));
        positive("throttledPeriods", stat.getOrDefault("nr_throttled", BigInteger.ZERO));
        positive("throttledTime", nanoseconds);
        writer.endObject();
    }

    private void cpuOfVersion2() {
        Map<String, BigInteger> stat = table("cpu", "cpu.stat");
        writer.name("cpu").beginObject().name("usage").beginObject();
        positive("total", thousandfold(stat, "usage_usec"));
        writer.name("kernel");
        number(thousandfold(stat, "system_usec"));
        writer.name("user");
        number(thousandfold(stat, "user_usec"));
        writer.endObject();
        throttling(stat, thousandfold(stat, "throttled_usec"));
        pressure("cpu.pressure");
        writer.endObject();
    }

    private static BigInteger thousandfold(Map<String, BigInteger> stat, String name) {
        return stat.getOrDefault(name, BigInteger.ZERO).multiply(BigInteger.valueOf(1000));
    }

    private void cpuset() {
        boolean unified = files.unified();
        writer.name("cpuset").beginObject();
        list("cpus", unified ? "" : text("cpuset", "cpuset.cpus"));
        setting("cpu_exclusive");
        list("mems", unified ? "" : text("cpuset", "cpuset.mems"));
        for (String flag : CPUSET_FLAGS) {
            setting(flag);
        }
        writer.endObject();
    }

    private void setting(String name) {
        String text = files.unified() ? null : files.read("cpuset", "cpuset." + name);
        writer.name(name);
        number(number(text));
    }

    private void list(String name, String ranges) {
        if (ranges.isBlank()) {
            return;
        }
        writer.name(name).beginArray();
        var each = new StringTokenizer(ranges.strip(), ",");
        while (each.hasMoreTokens()) {
            String range = each.nextToken();
            int dash = range.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
            for (int i = first; i <= last; i++) {
                writer.value(i);
            }
        }
        writer.endArray();
    }

    private void memoryOfVersion1() {
        Map<String, BigInteger> stat = table("memory", "memory.stat");
        writer.name("memory").beginObject();
        positive("cache", stat.getOrDefault("cache", BigInteger.ZERO));
        memoryEntry("usage", "memory");
        memoryEntry("swap", "memory.memsw");
        memoryEntry("kernel", "memory.kmem");
        memoryEntry("kernelTCP", "memory.kmem.tcp");
        raw(stat);
        writer.endObject();
    }

    private void memoryEntry(String name, String prefix) {
        entry(
                name,
                number(files.read("memory", prefix + ".limit_in_bytes")),
                number(files.read("memory", prefix + ".usage_in_bytes")),
                number(files.read("memory", prefix + ".max_usage_in_bytes")),
                number(files.read("memory", prefix + ".failcnt")));
    }

    private void memoryOfVersion2() {
        Map<String, BigInteger> stat = table("memory", "memory.stat");
        BigInteger usage = number(files.read("memory", "memory.current"));
        BigInteger limit = number(files.read("memory", "memory.max"));
        BigInteger swapUsage = number(files.read("memory", "memory.swap.current"));
        BigInteger swapLimit = number(files.read("memory", "memory.swap.max"));
        writer.name("memory").beginObject();
        positive("cache", stat.getOrDefault("file", BigInteger.ZERO));
        BigInteger most = number(files.read("memory", "memory.peak"));
        entry("usage", limit, usage, most, BigInteger.ZERO);
        // As in version 1: memory and swap together.
        boolean unlimited = swapLimit.equals(NO_LIMIT) || limit.equals(NO_LIMIT);
        entry(
                "swap",
                unlimited ? NO_LIMIT : swapLimit.add(limit),
                swapUsage.add(usage),
                BigInteger.ZERO,
                BigInteger.ZERO);
        entry("kernel", BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO);
        entry("kernelTCP", BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO);
        raw(stat);
        pressure("memory.pressure");
        writer.endObject();
    }

    private void entry(
            String name, BigInteger limit, BigInteger usage, BigInteger most, BigInteger failures) {
        writer.name(name).beginObject().name("limit");
        number(limit);
        positive("usage", usage);
        positive("max", most);
        writer.name("failcnt");
        number(failures);
        writer.endObject();
    }

    private void raw(Map<String, BigInteger> stat) {
        if (stat.isEmpty()) {
            return;
        }
        writer.name("raw").beginObject();
        for (Map.Entry<String, BigInteger> entry : stat.entrySet()) {
            writer.name(entry.getKey());
            number(entry.getValue());
        }
        writer.endObject();
    }

    private void pids() {
        writer.name("pids").beginObject();
        String current = files.read("pids", "pids.current");
        if (current == null) {
            long processes = text("pids", "cgroup.procs").lines().count();
            positive("current", BigInteger.valueOf(processes));
        } else {
            positive("current", number(current));
            BigInteger limit = number(files.read("pids", "pids.max"));
            positive("limit", limit.equals(NO_LIMIT) ? BigInteger.ZERO : limit);
        }
        writer.endObject();
    }

    private void blockIoOfVersion1() {
        String prefix = blockIoPrefix();
        for (String[] names : BLOCK_IO) {
            boolean begun = false;
            for (String line : text("blkio", prefix + names[1]).lines().toList()) {
                String[] words = line.split("[ :]", -1);
                if (words.length < 3) {
                    continue; // the total over all devices
                }
                if (!begun) {
                    writer.name(names[0]).beginArray();
                    begun = true;
                }
                String operation = words.length == 3 ? "" : words[2];
                blockIoEntry(words[0], words[1], operation, words[words.length - 1]);
            }
            if (begun) {
                writer.endArray();
            }
        }
    }

    /** The first scheduler that keeps counts, as runc tries them. */
    private String blockIoPrefix() {
        for (String prefix : new String[] {"blkio.bfq.", "blkio."}) {
            String counts = files.read("blkio", prefix + "io_serviced_recursive");
            if (counts != null && counts.indexOf(':') >= 0) {
                return prefix;
            }
        }
        return "blkio.throttle.";
    }

    private void blockIoOfVersion2() {
        String stat = text("io", "io.stat");
        blockIo(stat, "ioServiceBytesRecursive", "rbytes", "wbytes");
        blockIo(stat, "ioServicedRecursive", "rios", "wios");
    }

    private void blockIo(String stat, String name, String reads, String writes) {
        boolean begun = false;
        for (String line : stat.lines().toList()) {
            String[] words = line.split(" ", -1);
            int colon = words[0].indexOf(':');
            for (int i = 1; colon > 0 && i < words.length; i++) {
                boolean read = words[i].startsWith(reads + "=");
                if (!read && !words[i].startsWith(writes + "=")) {
                    continue;
                }
                if (!begun) {
                    writer.name(name).beginArray();
                    begun = true;
                }
                blockIoEntry(
                        words[0].substring(0, colon),
                        words[0].substring(colon + 1),
                        read ? "Read" : "Write",
                        words[i].substring(words[i].indexOf('=') + 1));
            }
        }
        if (begun) {
            writer.endArray();
        }
    }

    private void blockIoEntry(String major, String minor, String operation, String value) {
        writer.beginObject();
        positive("major", new BigInteger(major));
        positive("minor", new BigInteger(minor));
        writer.optional("op", operation);
        positive("value", new BigInteger(value));
        writer.endObject();
    }

    private void hugePages() {
        writer.name("hugetlb").beginObject();
        for (String size : files.hugePageSizes()) {
            String prefix = "hugetlb." + size;
            // The controller may be of version 2 even where the others are of version 1.
            boolean unified = files.read("hugetlb", prefix + ".current") != null;
            String usageFile = unified ? ".current" : ".usage_in_bytes";
            String usage = files.read("hugetlb", prefix + ".rsvd" + usageFile);
            boolean reserved = usage != null;
            if (!reserved) {
                usage = files.read("hugetlb", prefix + usageFile);
            }
            if (usage == null) {
                continue;
            }
            writer.name(size).beginObject();
            positive("usage", number(usage));
            writer.name("failcnt");
            if (unified) {
                Map<String, BigInteger> events = table("hugetlb", prefix + ".events");
                number(events.getOrDefault("max", BigInteger.ZERO));
            } else {
                String start = reserved ? prefix + ".rsvd" : prefix;
                number(number(files.read("hugetlb", start + ".failcnt")));
                positive("max", number(files.read("hugetlb", start + ".max_usage_in_bytes")));
            }
            writer.endObject();
        }
        writer.endObject();
    }

    /** Pressure stall information, which version 2 has. */
    private void pressure(String file) {
        String text = files.unified() ? files.read("", file) : null;
        if (text == null) {
            return;
        }
        writer.name("psi").beginObject();
        for (String line : text.lines().toList()) {
            var words = new StringTokenizer(line);
            writer.name(words.nextToken()).beginObject();
            while (words.hasMoreTokens()) {
                String word = words.nextToken();
                int equals = word.indexOf('=');
                writer.name(word.substring(0, equals));
                var value = new BigDecimal(word.substring(equals + 1));
                plain(value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString());
            }
            writer.endObject();
        }
        writer.endObject();
    }

    private String text(String controller, String file) {
        String text = files.read(controller, file);
        return text == null ? "" : text;
    }

    /** Lines of a name and a number. */
    private Map<String, BigInteger> table(String controller, String file) {
        var table = new TreeMap<String, BigInteger>();
        for (String line : text(controller, file).lines().toList()) {
            int blank = line.indexOf(' ');
            if (blank > 0) {
                table.put(line.substring(0, blank), number(line.substring(blank + 1)));
            }
        }
        return table;
    }

    /** The number, zero when there is none; "max" stands for no limit. */
    private static BigInteger number(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return BigInteger.ZERO;
        }
        String stripped = text.strip();
        return stripped.equals("max") ? NO_LIMIT : new BigInteger(stripped);
    }

    private void positive(String name, BigInteger value) {
        if (value.signum() != 0) {
            writer.name(name);
            number(value);
        }
    }

    private void number(BigInteger value) {
        plain(value.toString());
    }

    private void plain(String number) {
        writer.value(Json.read("", number.getBytes(StandardCharsets.US_ASCII)));
    }
}
