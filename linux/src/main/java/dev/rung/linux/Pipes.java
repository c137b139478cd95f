package dev.rung.linux;

/** Pipes (pipe(7)), with room for a good deal, so that few turns are taken at them. */
public final class Pipes {
    private static final int O_CLOEXEC = 0x80000;
    private static final int F_SETPIPE_SZ = 1031;
    private static final int ROOM = 1 << 20;

    private Pipes() {}

    /** The two ends of a pipe. */
    public record Ends(Fd reading, Fd writing) {}

    /** pipe2(2). */
    public static Ends make() throws ErrnoException {
        try (var memory = new Memory(8)) {
            new Function("pipe2").call(memory, "", memory.at(0), O_CLOEXEC);
            var ends = new Ends(new Fd(memory.bytes().getInt(0)), new Fd(memory.bytes().getInt(4)));
            widen(ends.reading());
            return ends;
        }
    }

    private static void widen(Fd pipe) {
        try (var memory = new Memory(0)) {
            new Function("fcntl").call(memory, pipe, pipe.number(), F_SETPIPE_SZ, ROOM);
        } catch (ErrnoException e) {
            // a user who has many pipes gets narrow ones
        }
    }
}
