package dev.rung.engine.monitor;

import dev.rung.domain.ContainerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** A container that was created, as its monitor wrote it down. */
public record RunningRecord(
        ContainerId id,
        ProcessIdentity process,
        ProcessIdentity monitor,
        boolean terminal,
        Instant created) {

    /** What lies in the folder. */
    public static Optional<RunningRecord> read(ContainerFolders folders) {
        return text(folders.runningRecord())
                .map(text -> of(new RecordLines(folders.runningRecord().toString(), text)));
    }

    static RunningRecord of(RecordLines lines) {
        String boot = lines.text("boot-id");
        return new RunningRecord(
                new ContainerId(lines.text("id")),
                new ProcessIdentity((int) lines.number("pid"), lines.number("start-time"), boot),
                new ProcessIdentity(
                        (int) lines.number("monitor-pid"),
                        lines.number("monitor-start-time"),
                        boot),
                lines.number("terminal") != 0,
                lines.moment("created"));
    }

    /** A whole file; empty when there is none. */
    static Optional<String> text(Path file) {
        try {
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
