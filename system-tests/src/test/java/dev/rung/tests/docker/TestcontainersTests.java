package dev.rung.tests.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Testcontainers, and docker-java below it, by a program that uses what people use. */
@SystemTest
@NeedsProgram({"docker", "docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class TestcontainersTests {
    private static final Duration LONG = Duration.ofSeconds(100);

    /** Does what Ryuk does: who tells it labels is answered, and when it goes they go. */
    private static final String RYUK =
            """
            #!/bin/sh
            if [ "$1" = client ]; then
                while read -r filter; do
                    echo "$filter" | tr '&' '\\n' | grep '^label=' | sed 's/%3D/=/g' >>/tmp/filters
                    echo ACK
                done
                for id in $(docker ps -aq $(sed 's/^/--filter /' /tmp/filters)); do
                    docker rm -fv "$id"
                done >&2
                kill 1
                exit
            fi
            trap 'exit 0' TERM
            nc -ll -p 8080 -e /ryuk client &
            echo Started
            wait
            """;

    @SuppressWarnings("NullAway.Init")
    private DockerSide side;

    @BeforeAll
    void begin() {
        side = new DockerSide();
        side.engine().rung("version").succeed();
    }

    @AfterAll
    void end() {
        if (side != null) {
            side.close();
        }
    }

    private Command program(String... words) {
        var all = new java.util.ArrayList<String>();
        all.add(ProcessHandle.current().info().command().orElseThrow());
        all.addAll(java.util.List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"));
        all.addAll(java.util.List.of("-cp", System.getProperty("java.class.path")));
        all.add("-Duser.home=" + side.engine().home());
        all.add(ContainersProgram.class.getName());
        all.addAll(java.util.List.of(words));
        return Command.of(all)
                .with("DOCKER_HOST", "unix://" + side.socket())
                .with("TESTCONTAINERS_CHECKS_DISABLE", "true")
                .with("TESTCONTAINERS_REUSE_ENABLE", "true")
                .with("TESTCONTAINERS_RYUK_DISABLED", "true")
                .in(Path.of("").toAbsolutePath())
                .within(LONG);
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void shouldServeContainersNetworksWaitsCopiesAndLogs() {
        Outcome outcome = program("all", DockerSide.IMAGE).succeed();
        assertThat(outcome.output().lines())
                .contains(
                        "published port",
                        "exec",
                        "copied before",
                        "copied both ways",
                        "network alias",
                        "log consumer",
                        "logs",
                        "wait for health");
        assertThat(side.says("ps --all --quiet")).isEmpty();
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void shouldFindAContainerAgain() {
        String first = program("reuse", DockerSide.IMAGE).succeed().output();
        assertThat(program("reuse", DockerSide.IMAGE).succeed().output()).isEqualTo(first);
        side.remove(first.replace("id ", "").strip());
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void shouldHaveRyukRemoveWhatIsLeft(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("ryuk"), RYUK);
        Command.of("cp", "/usr/local/bin/docker", folder.resolve("docker").toString()).succeed();
        Files.writeString(
                folder.resolve("Dockerfile"),
                "FROM "
                        + DockerSide.IMAGE
                        + "\nCOPY --chmod=755 docker /bin/docker\nCOPY --chmod=755 ryuk /ryuk\n"
                        + "EXPOSE 8080\nCMD [\"/ryuk\"]\n");
        side.engine().rung("build", "--tag", "testryuk:1", folder.toString()).succeed();

        Outcome outcome =
                program("leave", DockerSide.IMAGE)
                        .with("TESTCONTAINERS_RYUK_DISABLED", "false")
                        .with("TESTCONTAINERS_RYUK_CONTAINER_IMAGE", "testryuk:1")
                        .with("TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE", side.socket().toString())
                        .succeed();

        assertThat(outcome.output()).startsWith("id ");
        Patience.await(
                () -> side.says("ps --all --quiet --filter label=left").isEmpty(),
                () -> "it is still there: " + side.says("ps --all"));
        Patience.await(
                () -> side.says("ps --all --quiet").isEmpty(),
                () -> "Ryuk is still there: " + side.says("ps --all"));
        side.says("rmi testryuk:1");
    }
}
