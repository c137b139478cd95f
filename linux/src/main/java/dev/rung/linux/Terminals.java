package dev.rung.linux;

import dev.rung.domain.Errno;
import java.time.Duration;

/** What a terminal does with what is typed (termios(3)). */
public final class Terminals {
    private static final int TCGETS = 0x5401;
    private static final int TCSETSW = 0x5403; // once all that was written is shown
    private static final int ECHO = 8;
    private static final int LOCAL_FLAGS_AT = 12;
    private static final int POLLFD_BYTES = 8;
    private static final short POLLIN = 1;
    private static final int TERMIOS_BYTES = 64; // the kernel's struct has 36 here

    private Terminals() {}

    /** How a terminal was. */
    public record Modes(byte[] bytes) {}

    /** Shows no more what is typed; answers how it was before. ENOTTY for what is no terminal. */
    public static Modes hideTyping(Fd terminal) throws ErrnoException {
        try (var memory = new Memory(TERMIOS_BYTES)) {
            var ioctl = new Function("ioctl");
            ioctl.call(memory, terminal, terminal.number(), TCGETS, memory.at(0));
            var before = new byte[TERMIOS_BYTES];
            memory.bytes().get(0, before);
            int local = memory.bytes().getInt(LOCAL_FLAGS_AT);
            memory.bytes().putInt(LOCAL_FLAGS_AT, local & ~ECHO);
            ioctl.call(memory, terminal, terminal.number(), TCSETSW, memory.at(0));
            return new Modes(before);
        }
    }

    /** poll(2): waits until a line was typed, or the terminal is gone; false after the time. */
    public static boolean isTyped(Fd terminal, Duration time) throws ErrnoException {
        try (var memory = new Memory(POLLFD_BYTES)) {
            memory.bytes().putInt(0, terminal.number());
            memory.bytes().putShort(4, POLLIN);
            int milliseconds = Math.toIntExact(time.toMillis());
            return new Function("poll").call(memory, terminal, memory.at(0), 1, milliseconds) > 0;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINTR) {
                return false;
            }
            throw e;
        }
    }

    /** Makes it as it was. */
    public static void restore(Fd terminal, Modes modes) throws ErrnoException {
        try (var memory = new Memory(TERMIOS_BYTES)) {
            memory.bytes().put(0, modes.bytes());
            new Function("ioctl").call(memory, terminal, terminal.number(), TCSETSW, memory.at(0));
        }
    }
}
