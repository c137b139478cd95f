/**
 * The seccomp profile of config.json in, a classic BPF filter out: a pure function, without
 * libseccomp. It decides as the filter that runc makes with libseccomp 2.6, with fewer
 * instructions.
 *
 * <p>Must not touch: files (but the table of system calls in this package), the clock, threads.
 * Facts about the host arrive as values.
 *
 * <p>Sources: config-linux.md "Seccomp"; seccomp(2); Linux kernel/seccomp.c (seccomp_check_filter
 * for the instructions allowed, seccomp_is_const_allow for the cache of actions).
 */
package dev.rung.host.seccomp;
