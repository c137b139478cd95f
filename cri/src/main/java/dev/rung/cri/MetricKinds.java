package dev.rung.cri;

import dev.rung.cri.v1.MetricDescriptor;
import dev.rung.cri.v1.MetricType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The metrics that there may be of pods and containers: those of cAdvisor. */
final class MetricKinds {
    private static final String PREFIX = "container_";

    /** What each has, before its own. */
    private static final List<String> LABELS =
            List.of("container", "id", "image", "name", "namespace", "pod");

    private final Map<String, Kind> kinds = new LinkedHashMap<>();

    /** A metric's name is without what all begin with. */
    record Kind(String name, String help, MetricType type, List<String> labels) {
        String fullName() {
            return PREFIX + name;
        }
    }

    MetricKinds() {
        counters();
        memory();
        processes();
        gauge("fs_inodes_free", "Number of available inodes", "device");
        gauge("fs_inodes_total", "Number of inodes", "device");
        gauge("fs_limit_bytes", "Bytes that the file system can hold", "device");
        gauge("fs_usage_bytes", "Bytes that the container has written", "device");
        gauge("hugetlb_usage_bytes", "Bytes of huge pages in use", "pagesize");
        gauge("hugetlb_max_usage_bytes", "Most bytes of huge pages ever in use", "pagesize");
        gauge("spec_cpu_period", "Period of the processor's bandwidth, in microseconds");
        gauge("spec_cpu_quota", "Microseconds of processor in each period");
        gauge("spec_cpu_shares", "Share of the processors");
        gauge("spec_memory_limit_bytes", "Limit of memory, 0 for none");
        gauge("spec_memory_reservation_limit_bytes", "Reservation of memory, 0 for none");
        gauge("spec_memory_swap_limit_bytes", "Limit of memory and swap, 0 for none");
    }

    private void counters() {
        counter(
                "blkio_device_usage_total",
                "Bytes of block devices",
                "device",
                "major",
                "minor",
                "operation");
        counter("cpu_cfs_periods_total", "Periods in which its processes could run");
        counter("cpu_cfs_throttled_periods_total", "Periods in which it was throttled");
        counter("cpu_cfs_throttled_seconds_total", "Seconds for which it was throttled");
        counter("cpu_system_seconds_total", "Seconds of processor in the kernel");
        counter("cpu_usage_seconds_total", "Seconds of processor");
        counter("cpu_user_seconds_total", "Seconds of processor in user mode");
        counter("fs_reads_bytes_total", "Bytes read", "device");
        counter("fs_reads_total", "Reads done", "device");
        counter("fs_writes_bytes_total", "Bytes written", "device");
        counter("fs_writes_total", "Writes done", "device");
        for (String way : List.of("receive", "transmit")) {
            String done = way.equals("receive") ? "received" : "sent";
            counter("network_" + way + "_bytes_total", "Bytes " + done, "interface");
            counter("network_" + way + "_errors_total", "Errors of packets " + done, "interface");
            counter(
                    "network_" + way + "_packets_dropped_total",
                    "Packets dropped instead of " + done,
                    "interface");
            counter("network_" + way + "_packets_total", "Packets " + done, "interface");
        }
        counter("oom_events_total", "Processes ended for lack of memory");
        for (String what : List.of("cpu", "io", "memory")) {
            counter(
                    "pressure_" + what + "_stalled_seconds_total",
                    "Seconds in which all of its tasks waited for " + what);
            counter(
                    "pressure_" + what + "_waiting_seconds_total",
                    "Seconds in which a task of it waited for " + what);
        }
    }

    private void memory() {
        counter("memory_failcnt", "How often the limit of memory was reached");
        counter("memory_failures_total", "Page faults", "failure_type", "scope");
        gauge("memory_cache", "Bytes of page cache");
        gauge("memory_kernel_usage", "Bytes of the kernel's memory");
        gauge("memory_mapped_file", "Bytes of mapped files");
        gauge("memory_max_usage_bytes", "Most bytes of memory ever in use");
        gauge("memory_rss", "Bytes of memory that is of no file");
        gauge("memory_swap", "Bytes of swap");
        gauge("memory_usage_bytes", "Bytes of memory, page cache and all");
        gauge("memory_working_set_bytes", "Bytes of memory that cannot go at any time");
    }

    private void processes() {
        gauge("file_descriptors", "Descriptors that its processes have open");
        gauge("last_seen", "When it was last seen, in seconds since 1970");
        gauge("processes", "Processes");
        gauge("sockets", "Sockets that its processes have open");
        gauge("start_time_seconds", "When it began, in seconds since 1970");
        gauge("threads", "Threads");
        gauge("threads_max", "Most threads that there may be, 0 for any number");
        gauge("ulimits_soft", "Soft limits of its first process", "ulimit");
    }

    private void counter(String name, String help, String... labels) {
        kinds.put(name, new Kind(name, help, MetricType.COUNTER, List.of(labels)));
    }

    private void gauge(String name, String help, String... labels) {
        kinds.put(name, new Kind(name, help, MetricType.GAUGE, List.of(labels)));
    }

    /** By its name without what all begin with. */
    Kind of(String name) {
        Kind kind = kinds.get(name);
        if (kind == null) {
            throw new IllegalArgumentException(name);
        }
        return kind;
    }

    List<MetricDescriptor> descriptors() {
        var all = new ArrayList<MetricDescriptor>();
        for (Kind kind : kinds.values()) {
            all.add(
                    MetricDescriptor.newBuilder()
                            .setName(kind.fullName())
                            .setHelp(kind.help())
                            .addAllLabelKeys(LABELS)
                            .addAllLabelKeys(kind.labels())
                            .build());
        }
        return all;
    }
}
