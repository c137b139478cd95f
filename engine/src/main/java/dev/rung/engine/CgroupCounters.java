package dev.rung.engine;

import java.util.List;
import java.util.Map;

/**
 * What the control groups of a container have counted up to now, as the kernel's files say it;
 * times are in nanoseconds, sizes in bytes.
 *
 * @param perCpu time of each processor; none where version 2 does not tell
 * @param periods of the processor's quota, throttled ones, and the time they took
 * @param memory all that is charged to it
 * @param memoryPeak 0 where it is not known
 * @param memoryFailures how often its limit was met
 * @param memoryStat the fields of memory.stat
 * @param memoryLimit that of the machine when there is none of its own
 * @param processes and threads
 * @param processLimit 0: none
 * @param blocks by the name of the count, such as io_service_bytes_recursive
 */
public record CgroupCounters(
        long cpu,
        long user,
        long kernel,
        List<Long> perCpu,
        Throttling periods,
        long memory,
        long memoryPeak,
        long memoryFailures,
        Map<String, Long> memoryStat,
        long memoryLimit,
        long processes,
        long processLimit,
        Map<String, List<Block>> blocks) {
    /** How often a quota held the processes up. */
    public record Throttling(long periods, long throttled, long nanos) {}

    /** What went to or from one disk. */
    public record Block(long major, long minor, String operation, long value) {}
}
