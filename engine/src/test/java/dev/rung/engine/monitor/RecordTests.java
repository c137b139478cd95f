package dev.rung.engine.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.engine.monitor.ExitRecord.Exit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordTests {
    private static final String RUNNING =
            """
            format 1
            id c1
            pid 7
            start-time 70
            boot-id b
            monitor-pid 6
            monitor-start-time 60
            terminal 1
            created 2026-11-23T10:00:00.5Z
            """;
    private static final String ENDED =
            RUNNING
                    + """
                    ended 2026-11-23T10:00:01Z
                    HOW
                    oom-kills 2
                    log-bytes 30
                    log-dropped-lines 4
                    of-a-later-version yes
                    complete
                    """;

    @TempDir private Path folder = Path.of("");

    @Test
    void shouldReadHowAContainerEnded() throws Exception {
        assertThat(exit("exited 3")).isEqualTo(new Exit.Exited(3));
        assertThat(exit("killed 11\ncore-dumped 1")).isEqualTo(new Exit.Killed(11, true));
        assertThat(exit("exit unknown")).isEqualTo(new Exit.Unknown());
        assertThat(exit("exited 3").code()).isEqualTo(3);
        assertThat(exit("killed 11\ncore-dumped 0").code()).isEqualTo(139);
        assertThat(exit("exit unknown").code()).isEqualTo(255);
        ExitRecord record = ExitRecord.read(folders()).orElseThrow();
        assertThat(record.running().process()).isEqualTo(new ProcessIdentity(7, 70, "b"));
        assertThat(record.running().monitor()).isEqualTo(new ProcessIdentity(6, 60, "b"));
        assertThat(record.ended()).isEqualTo(Instant.parse("2026-11-23T10:00:01Z"));
        assertThat(record.oomKills()).isEqualTo(2);
        assertThat(record.droppedLines()).isEqualTo(4);
    }

    @Test
    void shouldTellWhatIsWrongWithARecord() throws Exception {
        assertThat(RunningRecord.read(folders())).isEmpty();
        write("running", RUNNING.replace("pid 7", "pid x"));
        assertThatThrownBy(() -> RunningRecord.read(folders()))
                .isInstanceOf(Failure.Corrupt.class)
                .hasMessage("\"%s\" has a wrong \"pid\": \"x\"", folder.resolve("running"));
        write("running", RUNNING.replace("created", "cremated"));
        assertThatThrownBy(() -> RunningRecord.read(folders()))
                .hasMessage("\"%s\" lacks \"created\"", folder.resolve("running"));
        write("running", RUNNING.replace("format 1", "format 2"));
        assertThatThrownBy(() -> RunningRecord.read(folders()))
                .isInstanceOf(Failure.Unsupported.class);
    }

    @Test
    void shouldKnowAProcessFromALaterOneOfItsNumber() throws Exception {
        int pid = (int) ProcessHandle.current().pid();
        String stat = Files.readString(Path.of("/proc/self/stat"));
        long start = Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]);
        String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        assertThat(new ProcessIdentity(pid, start, boot).isAlive()).isTrue();
        assertThat(new ProcessIdentity(pid, start + 1, boot).isAlive()).isFalse();
        assertThat(new ProcessIdentity(pid, start, "another").isAlive()).isFalse();
        var later = new ProcessIdentity(pid, start + 1, boot);
        later.awaitEnd(); // has ended long ago
    }

    @Test
    void shouldTakeTheRuntimesOneLine() {
        assertThat(RuntimeWords.of("a warning\nexec: \"x\": not found\n", 1))
                .isEqualTo("exec: \"x\": not found");
        assertThat(
                        RuntimeWords.of(
                                "time=\"t\" level=error msg=\"runc create failed: \\\"x\\\"\"", 1))
                .isEqualTo("runc create failed: \"x\"");
        assertThat(RuntimeWords.of("\n", 139))
                .isEqualTo("the runtime failed with exit status 139 and said nothing");
    }

    private Exit exit(String how) throws Exception {
        write("exit", ENDED.replace("HOW", how));
        return ExitRecord.read(folders()).orElseThrow().exit();
    }

    private void write(String name, String text) throws Exception {
        Files.writeString(folder.resolve(name), text);
    }

    private ContainerFolders folders() {
        return new ContainerFolders(folder, folder);
    }
}
