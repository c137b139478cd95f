package dev.rung.host.compile;

/** What the streams of a program tell each other. */
final class Sync {
    /** To the front end: the middle process has forked the container's. */
    static final int FORKED = 1;

    /** To the front end: a user namespace waits for its mappings. */
    static final int MAP = 2;

    /** From the front end: they are written. */
    static final int MAPPED = 3;

    /** From the front end: the process stands in its cgroup, if it may. */
    static final int IN_CGROUP = 4;

    /** To the front end: all is mounted, the root not yet changed. */
    static final int MOUNTED = 5;

    /** From the front end: prestart and createRuntime hooks were run. */
    static final int HOOKED = 6;

    /** To the front end: the terminal is there to be taken. */
    static final int CONSOLE = 13;

    /** To the front end: limits may be set now. */
    static final int READY = 7;

    /** From the front end: nothing of the caller's side is missing any more. */
    static final int GO = 8;

    /** To the front end: the container is created and waits, or goes on by itself. */
    static final int CREATED = 9;

    /** To the front end: a listener of seccomp is about to be made. */
    static final int LISTENER = 10;

    /** To the front end: a time namespace waits for its offsets. */
    static final int CLOCKS = 11;

    /** From the front end: they are written. */
    static final int CLOCKS_SET = 12;

    /** From the front end: network devices are moved. */
    static final int DEVICES_MOVED = 14;

    /** To the front end: the socket to criu is there to be taken. */
    static final int CRIU = 15;

    /** From the front end: it is taken. */
    static final int CRIU_MET = 16;

    private Sync() {}
}
