package dev.rung.linux;

/** Who connected, or listened, as the kernel noted it then (unix(7), SO_PEERCRED). */
public record PeerCredentials(int pid, int uid, int gid) {}
