package dev.rung.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.engine.StartTrace.Area;
import dev.rung.engine.StartTrace.Part;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartTraceTests {
    @Test
    void shouldBeReadAsItWasWritten() {
        var trace =
                new StartTrace(
                        Instant.parse("2026-01-02T03:04:05Z"),
                        "host",
                        614,
                        7,
                        List.of(
                                new Part(Area.CREATION, "image", "busybox", 0, 10),
                                new Part(Area.START, "exec", "", 10, 25)));

        assertThat(StartTrace.read("trace.json", trace.json())).isEqualTo(trace);
        assertThat(trace.nanos()).isEqualTo(25);
    }

    @Test
    void shouldSayWhatIsDamaged() {
        byte[] json = "{\"format\":1,\"began\":\"yesterday\"}".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> StartTrace.read("trace.json", json))
                .isInstanceOf(Failure.Corrupt.class)
                .hasMessageContaining("trace.json: damaged trace");
    }

    @Test
    void shouldTakeTheRuntimesTimingsOfThisCreateOnly(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("timings");
        var bytes = ByteBuffer.allocate(512 + 2 * 16).order(ByteOrder.nativeOrder());
        String head = "format 1\nasked 1000\nsteps 12\nparts compile cgroup\n";
        bytes.put(head.getBytes(StandardCharsets.US_ASCII));
        bytes.putLong(512, 1).putLong(520, 5).putLong(528, 2).putLong(536, 6);
        Files.write(file, bytes.array());

        assertThat(RuntimeTimings.read(file, 999))
                .isEqualTo(
                        new RuntimeTimings(
                                1000,
                                12,
                                List.of(
                                        new RuntimeTimings.End("compile", 1_000_000_005),
                                        new RuntimeTimings.End("cgroup", 2_000_000_006))));
        assertThat(RuntimeTimings.read(file, 1001)).isNull();
        assertThat(RuntimeTimings.read(folder.resolve("none"), 0)).isNull();
    }
}
