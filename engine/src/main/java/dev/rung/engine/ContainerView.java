package dev.rung.engine;

import dev.rung.engine.record.ContainerRecord;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A container at one moment.
 *
 * @param pid of its first process, 0 when it does not run
 * @param exitCode of the last run, as a shell gives it; 0 before there was one
 * @param finished when the last run ended, null: never
 * @param health null when it is not tested
 */
public record ContainerView(
        ContainerRecord record,
        Phase phase,
        int pid,
        int exitCode,
        boolean oomKilled,
        @Nullable Instant finished,
        @Nullable Health health,
        Path folder) {
    /** The file with what it wrote. */
    public Path log() {
        String cri = record.host().cri().log();
        return cri.isEmpty() ? folder.resolve(Container.logName(record.id())) : Path.of(cri);
    }
}
