package dev.rung.engine;

/**
 * What a container uses; sizes are in bytes.
 *
 * @param atNanos when it was measured, of System.nanoTime
 * @param cpuNanos time of processors up to then
 * @param memory without file pages that can go at any time
 * @param memoryLimit that of the machine when there is none of its own
 * @param processes and threads
 */
public record ContainerUsage(
        long atNanos,
        long cpuNanos,
        long memory,
        long memoryLimit,
        long processes,
        long received,
        long sent,
        long blocksRead,
        long blocksWritten) {}
