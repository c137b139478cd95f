package dev.rung.host.seccomp;

/**
 * What seccomp(2) of a kernel can do.
 *
 * @param flags the bits that SECCOMP_SET_MODE_FILTER accepts (linux/seccomp.h)
 * @param killProcess SECCOMP_RET_KILL_PROCESS, since 4.14
 * @param log SECCOMP_RET_LOG, since 4.14
 * @param listener one that can be used, as runc asks for it, since 5.7
 */
public record SeccompSupport(int flags, boolean killProcess, boolean log, boolean listener) {
    /** SECCOMP_FILTER_FLAG_LOG: actions other than ALLOW are logged; since 4.14. */
    public static final int FLAG_LOG = 1 << 1;

    /** SECCOMP_FILTER_FLAG_SPEC_ALLOW: no mitigation of store bypass; since 4.17. */
    public static final int FLAG_SPEC_ALLOW = 1 << 2;

    /** SECCOMP_FILTER_FLAG_NEW_LISTENER: seccomp(2) returns a descriptor; since 5.0. */
    public static final int FLAG_NEW_LISTENER = 1 << 3;

    /** SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: only with a listener; since 5.19. */
    public static final int FLAG_WAIT_KILLABLE_RECV = 1 << 5;

    /** What an unpatched kernel of that release has. */
    public static SeccompSupport ofRelease(int major, int minor) {
        int release = major << 16 | minor;
        int flags = 0;
        if (release >= (4 << 16 | 14)) {
            flags |= FLAG_LOG;
        }
        if (release >= (4 << 16 | 17)) {
            flags |= FLAG_SPEC_ALLOW;
        }
        if (release >= (5 << 16)) {
            flags |= FLAG_NEW_LISTENER;
        }
        if (release >= (5 << 16 | 19)) {
            flags |= FLAG_WAIT_KILLABLE_RECV;
        }
        return new SeccompSupport(
                flags,
                release >= (4 << 16 | 14),
                release >= (4 << 16 | 14),
                release >= (5 << 16 | 7));
    }

    boolean hasFlag(int flag) {
        return (flags & flag) != 0;
    }
}
