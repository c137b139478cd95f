package dev.rung.host.seccomp;

import dev.rung.domain.Failure;
import dev.rung.oci.Seccomp.Action;
import org.jspecify.annotations.Nullable;

/** What a filter returns: SECCOMP_RET_* of linux/seccomp.h, with 16 bits of data. */
final class ReturnValue {
    private static final int KILL_PROCESS = 0x80000000;
    private static final int TRAP = 0x00030000;
    private static final int ERRNO = 0x00050000;
    private static final int USER_NOTIF = 0x7fc00000;
    private static final int TRACE = 0x7ff00000;
    private static final int LOG = 0x7ffc0000;
    private static final int ALLOW = 0x7fff0000;
    private static final int DATA = 0xffff;
    private static final int EPERM = 1;

    static final int KILL_THREAD = 0;
    static final int ENOSYS = ERRNO | 38;

    private ReturnValue() {}

    /**
     * The value for an action. Differs: runc ignores an errno where the action has none; the
     * specification wants an error.
     *
     * @param errno null: EPERM; as runc, only 16 bits count
     * @param key of the errno, for messages
     */
    static int of(Action action, @Nullable Long errno, SeccompSupport kernel, String key) {
        boolean takesErrno = action == Action.SCMP_ACT_ERRNO || action == Action.SCMP_ACT_TRACE;
        if (errno != null && !takesErrno) {
            throw new Failure.Invalid("errno value specified for action " + action + ": " + key);
        }
        int data = errno == null ? EPERM : (int) (errno & DATA);
        return switch (action) {
            case SCMP_ACT_KILL, SCMP_ACT_KILL_THREAD -> KILL_THREAD;
            case SCMP_ACT_KILL_PROCESS -> supported(KILL_PROCESS, action, kernel.killProcess());
            case SCMP_ACT_TRAP -> TRAP;
            case SCMP_ACT_ERRNO -> ERRNO | data;
            case SCMP_ACT_TRACE -> TRACE | data;
            case SCMP_ACT_ALLOW -> ALLOW;
            case SCMP_ACT_LOG -> supported(LOG, action, kernel.log());
            case SCMP_ACT_NOTIFY -> USER_NOTIF;
        };
    }

    private static int supported(int value, Action action, boolean supported) {
        if (!supported) {
            throw new Failure.Unsupported(
                    "seccomp action " + action + " is not known to this kernel, want Linux 4.14");
        }
        return value;
    }
}
