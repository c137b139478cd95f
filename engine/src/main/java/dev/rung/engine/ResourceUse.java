package dev.rung.engine;

/**
 * What a container uses as its cgroups count it; sizes are in bytes.
 *
 * @param cpuNanos time of processors up to now
 * @param memory all that is charged to it
 * @param workingSet the same without file pages that can go at any time
 * @param anonymous pages that are of no file
 * @param limit of the memory; 0: none
 * @param faults of pages, up to now
 * @param majorFaults those that had to be read
 * @param swap in use
 * @param processes and threads
 */
public record ResourceUse(
        long cpuNanos,
        long memory,
        long workingSet,
        long anonymous,
        long limit,
        long faults,
        long majorFaults,
        long swap,
        long processes) {}
