package dev.rung.tests.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.engine.Engine;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same requests to Rung as to dockerd 28.5.2, whose answers were recorded by {@link
 * DockerdRecorder}.
 */
@SystemTest
@NeedsProgram({"umoci", "skopeo", "docker-registry", "busybox"})
class DockerRecordingTests {
    @Test
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void shouldAnswerAsDockerdDoes(@TempDir Path folder) {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        Map<String, byte[]> archives = ImageArchive.all(folder);
        Recording dockerd = Recording.read(Recording.OF_DOCKERD);
        Recording rung;
        try (var engine = new Engine()) {
            // the first container on a network has the kernel pass packets on, as dockerd's start
            engine.rung("run", "--rm", Engine.IMAGE, "true").succeed();
            engine.rung("rmi", "--force", Engine.IMAGE).succeed();
            Path socket = engine.home().resolve("run/docker.sock");
            rung = Recording.of(socket, archives);
        }
        assertThat(rung.answers().keySet()).isEqualTo(dockerd.answers().keySet());
        var known = new KnownDifferences(Path.of("docs/docker-differences.md"));
        List<Difference> unknown = known.unknown(dockerd.differences(rung));
        assertThat(unknown)
                .as("differences that docs/docker-differences.md does not tell")
                .isEmpty();
        assertThat(known.needless())
                .as("rows of docs/docker-differences.md that are not")
                .isEmpty();
    }
}
