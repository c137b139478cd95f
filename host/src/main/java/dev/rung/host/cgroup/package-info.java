/**
 * Control groups of a container: where its cgroup lies in each hierarchy, which files hold its
 * limits, and the steps that make, fill, join, freeze and remove it. Version 1 with all its
 * hierarchies, version 2, and both side by side.
 *
 * <p>Values are pure functions of config.json and the host description; what has to be read at run
 * time (statistics, processes) comes through {@link dev.rung.host.cgroup.CgroupFiles}.
 *
 * <p>Sources: config-linux.md "Control groups", the kernel's cgroup-v1 and cgroup-v2 documents.
 */
package dev.rung.host.cgroup;
