/**
 * Which devices a container may use: rules of config.json in, lines for the devices controller of
 * cgroup v1 or an eBPF program for cgroup v2 out. A pure function.
 *
 * <p>Must not touch: files, the clock, threads. The state of a cgroup arrives as text.
 *
 * <p>Sources: config-linux.md "Allowed Device list"; Linux Documentation/admin-guide/cgroup-v1
 * devices.rst and security/device_cgroup.c; linux/bpf.h, struct bpf_cgroup_dev_ctx.
 */
package dev.rung.host.bpf;
