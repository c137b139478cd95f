package dev.rung.engine.monitor;

import java.time.Instant;
import java.util.Optional;

/**
 * How a container ended, as its monitor wrote it down.
 *
 * @param oomKills processes of the container that the kernel killed for want of memory
 * @param logBytes what the container wrote, all in all
 * @param droppedLines lines of the log that found no room on the disk
 */
public record ExitRecord(
        RunningRecord running,
        Instant ended,
        Exit exit,
        long oomKills,
        long logBytes,
        long droppedLines) {

    /** How the container's process ended. */
    public sealed interface Exit {
        /** It exited. */
        record Exited(int status) implements Exit {}

        /** A signal ended it. */
        record Killed(int signal, boolean coreDumped) implements Exit {}

        /** Nobody could see: the container's process was not the monitor's child. */
        record Unknown() implements Exit {}

        /** As a shell gives it: the status, or 128 and the signal; 255 when it is not known. */
        default int code() {
            return switch (this) {
                case Exited(int status) -> status;
                case Killed(int signal, boolean _) -> 128 + signal;
                case Unknown() -> 255;
            };
        }
    }

    /** What lies in the folder; empty while the container has not ended. */
    public static Optional<ExitRecord> read(ContainerFolders folders) {
        return RunningRecord.text(folders.exitRecord())
                .map(text -> of(new RecordLines(folders.exitRecord().toString(), text)));
    }

    static ExitRecord of(RecordLines lines) {
        Exit exit;
        if (lines.has("exited")) {
            exit = new Exit.Exited((int) lines.number("exited"));
        } else if (lines.has("killed")) {
            exit = new Exit.Killed((int) lines.number("killed"), lines.number("core-dumped") != 0);
        } else {
            exit = new Exit.Unknown();
        }
        return new ExitRecord(
                RunningRecord.of(lines),
                lines.moment("ended"),
                exit,
                lines.number("oom-kills"),
                lines.number("log-bytes"),
                lines.number("log-dropped-lines"));
    }
}
