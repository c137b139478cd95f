package dev.rung.host.compile;

import java.util.List;

/**
 * What was mounted at and below a root file system before a container without a mount namespace was
 * made there: all that comes is its own.
 *
 * @param root as the mount table shows it
 * @param before ids of mounts
 */
public record HostMounts(String root, List<Long> before) {}
