package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.cri.v1.VersionRequest;
import dev.rung.cri.v1.VersionResponse;
import dev.rung.testkit.Command;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a kubelet is served when the call of rungd says so. */
@SystemTest
class CriSocketTests {
    @TempDir Path folder;

    private Command rungd(String... words) throws IOException {
        Path home = folder.resolve("home");
        if (!Files.exists(home)) {
            Files.createDirectory(
                    home,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
        Path rungd = OciRuntime.binaryUnderTest().toAbsolutePath().resolveSibling("rungd");
        var all = new ArrayList<String>();
        all.add(rungd.normalize().toString());
        all.addAll(List.of(words));
        return Command.of(all).with("RUNG_HOME", home.toString());
    }

    private void shouldServe(Path socket, String... words) throws IOException {
        try (Running engine = rungd(words).start()) {
            Patience.await(() -> Files.exists(socket), () -> "no socket: " + engine.errors());
            try (var kubelet = new CriClient(socket)) {
                VersionResponse version =
                        kubelet.call(
                                "Version",
                                VersionRequest.getDefaultInstance(),
                                VersionResponse.getDefaultInstance());
                assertThat(version.getRuntimeApiVersion()).isEqualTo("v1");
            }
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-rw----");
            Command.of("kill", Long.toString(engine.pid())).succeed();
            Patience.await(() -> !Files.exists(socket), () -> "its socket is still there");
        }
    }

    @Test
    void shouldServeAPathThatTheCallNames() throws IOException {
        Path cri = folder.resolve("cri/asked.sock");
        Path docker = folder.resolve("docker.sock");

        shouldServe(cri, "--docker-socket", docker.toString(), "--cri-socket", cri.toString());
    }

    @Test
    void shouldServeTheUsualPlaceWhenTheCallNamesNone() throws IOException {
        shouldServe(folder.resolve("home/run/cri.sock"), "--cri-socket");
    }

    @Test
    void shouldRefuseAPathThatIsNotAbsolute() throws IOException {
        Outcome refused = rungd("--cri-socket", "cri.sock").run();

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.errors()).contains("paths absolute, got \"cri.sock\"");
    }
}
