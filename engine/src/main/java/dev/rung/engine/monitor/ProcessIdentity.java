package dev.rung.engine.monitor;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One process and no other that gets its number later.
 *
 * @param startTime in clock ticks since the boot, field 22 of /proc/PID/stat (proc(5))
 * @param bootId of /proc/sys/kernel/random/boot_id
 */
public record ProcessIdentity(int pid, long startTime, String bootId) {
    private static final int START_TIME = 22 - 3; // after the command's parenthesis comes field 3
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** Whether it lives, or is a zombie that nobody has waited for yet. */
    public boolean isThere() {
        String[] stat = stat();
        return stat.length > START_TIME
                && Long.parseLong(stat[START_TIME]) == startTime
                && bootId.equals(read(BOOT_ID).strip());
    }

    /** Whether it lives. */
    public boolean isAlive() {
        String[] stat = stat();
        return isThere() && stat.length > 0 && !stat[0].equals("Z") && !stat[0].equals("X");
    }

    /** Waits for its end, in a native call: for a platform thread. */
    public void awaitEnd() {
        try (Fd process = Processes.open(pid)) {
            if (isThere()) {
                Processes.await(process);
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ESRCH) {
                throw new Failure.HostRefused("wait for process " + pid, e);
            }
        }
    }

    /** SIGKILL, unless it has ended. */
    public void kill() {
        if (isAlive()) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private String[] stat() {
        String text = read(Path.of("/proc", Integer.toString(pid), "stat"));
        int command = text.lastIndexOf(')');
        return command < 0 ? new String[0] : text.substring(command + 1).strip().split(" ");
    }

    /** Nothing, when it cannot be read: it has ended. */
    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
