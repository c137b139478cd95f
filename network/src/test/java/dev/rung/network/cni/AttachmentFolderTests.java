package dev.rung.network.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttachmentFolderTests {
    private static final NetworkConf NETWORK =
            NetworkConf.parse(
                    "test.conflist",
                    """
                    {"cniVersion": "1.0.0", "name": "test", "plugins": [{"type": "bridge"}]}
                    """
                            .getBytes(StandardCharsets.UTF_8));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static AttachmentRecord record(String container) {
        return new AttachmentRecord(
                NETWORK, Attachment.of(container, "/ns", "eth0"), List.of(), null);
    }

    @Test
    void shouldLeaveAloneWhatIsJustBeingWritten() throws Exception {
        var records = new AttachmentFolder(folder);
        var over = new AtomicBoolean();
        Thread reading =
                Thread.ofPlatform()
                        .start(() -> {
                            while (!over.get()) {
                                records.of("other");
                                records.list();
                            }
                        });
        try {
            for (int i = 0; i < 200; i++) {
                records.write(record("one" + i % 3));
            }
        } finally {
            over.set(true);
            reading.join();
        }

        assertThat(records.list()).hasSize(3);
    }

    @Test
    void shouldForgetWhatAnEngineBeforeHasNotFinished() throws Exception {
        new AttachmentFolder(folder).write(record("one"));
        Path unfinished = Files.createFile(folder.resolve("test-two-eth0.new"));

        var records = new AttachmentFolder(folder);

        assertThat(unfinished).doesNotExist();
        assertThat(records.list()).hasSize(1);
    }
}
