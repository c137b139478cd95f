package dev.rung.linux;

/** Signals that are read from a descriptor and interrupt nobody (signalfd(2)). */
public final class SignalFiles {
    private static final int SFD_CLOEXEC = 0x80000;
    private static final int INFO_BYTES = 128; // struct signalfd_siginfo
    private static final int SIGHUP = 1;

    private SignalFiles() {}

    /**
     * SIGHUP of this process: {@link #await} returns once for each. Only for a JVM that was started
     * with the signal blocked and ignored: then it leaves it alone, and no thread is given it.
     */
    public static Fd hangups() throws ErrnoException {
        try (var memory = new Memory(Long.BYTES)) {
            memory.bytes().putLong(0, 1L << (SIGHUP - 1));
            return new Fd(
                    new Function("signalfd").call(memory, "SIGHUP", -1, memory.at(0), SFD_CLOEXEC));
        }
    }

    /** Waits in a native call, so it is for a platform thread. */
    public static void await(Fd signals) throws ErrnoException {
        Descriptors.readNext(signals, INFO_BYTES);
    }
}
