/**
 * Moving network devices of the host into a container: what to ask the kernel, and from its answers
 * the messages that move one. A pure function; the messages are data of a program.
 *
 * <p>Sources: config-linux.md "Network Devices"; netlink(7), rtnetlink(7); linux/if_link.h,
 * linux/if_addr.h.
 */
package dev.rung.host.net;
