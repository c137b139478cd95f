package dev.rung.tests.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compose 2 with services that need each other. It is docker's plugin, which Debian has from trixie
 * on; RUNG_TEST_COMPOSE names its program where it lies anywhere else.
 */
@SystemTest
@NeedsProgram({"docker", "docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class ComposeTests {
    private static final String FILE =
            """
            name: shop
            services:
              web:
                build: ./web
                image: shop-web:1
                init: true
                command: ["httpd", "-f", "-p", "8000", "-h", "/www"]
                ports: ["127.0.0.1::8000"]
                depends_on:
                  db: {condition: service_healthy}
                  cache: {condition: service_started}
                networks: [front, back]
              db:
                image: IMAGE
                init: true
                command: ["sh", "-c", "echo ready >>/data/state; exec sleep 300"]
                volumes: ["data:/data"]
                healthcheck:
                  {test: ["CMD", "test", "-s", "/data/state"], interval: 200ms, timeout: 5s, retries: 50}
                networks: [back]
              cache:
                image: IMAGE
                init: true
                command: ["sh", "-c", "echo cache up; exec sleep 300"]
                networks: [back]
            networks: {front: {}, back: {internal: true}}
            volumes: {data: {}}
            """;

    @SuppressWarnings("NullAway.Init")
    private DockerSide side;

    @BeforeAll
    void begin() throws Exception {
        side = new DockerSide();
        side.engine().rung("version").succeed();
        String program = System.getenv("RUNG_TEST_COMPOSE");
        if (program != null) {
            Path plugins = Files.createDirectories(side.configuration().resolve("cli-plugins"));
            Files.createSymbolicLink(plugins.resolve("docker-compose"), Path.of(program));
        }
        Outcome version = side.tries("compose version --short");
        boolean there = version.status() == 0 && !version.output().startsWith("1.");
        assumeTrue(there, "docker compose 2 is not there: RUNG_TEST_COMPOSE may name it");
    }

    @AfterAll
    void end() {
        if (side != null) {
            side.close();
        }
    }

    private Command compose(Path folder, String line, String... more) {
        var words = new ArrayList<>(List.of("--project-directory", folder.toString()));
        words.addAll(List.of(line.split(" ")));
        words.addAll(Arrays.asList(more));
        return side.docker("compose", words.toArray(new String[0])).in(folder);
    }

    @Test
    void shouldRaiseAndLowerServicesThatNeedEachOther(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("compose.yaml"), FILE.replace("IMAGE", DockerSide.IMAGE));
        Files.createDirectory(folder.resolve("web"));
        Files.writeString(
                folder.resolve("web/Dockerfile"),
                "FROM " + DockerSide.IMAGE + "\nRUN mkdir /www && echo hello >/www/index.html\n");
        compose(folder, "build").succeed();
        compose(folder, "up --detach").succeed();

        assertThat(compose(folder, "ps --format {{.Service}}:{{.State}}").succeed().output())
                .contains("web:running", "db:running", "cache:running");
        String address = compose(folder, "port web 8000").succeed().output().strip();
        assertThat(Command.of("curl", "-s", "http://" + address + "/").succeed().output())
                .isEqualTo("hello\n");
        assertThat(compose(folder, "exec -T web ping -c1 -W2 db").succeed().output())
                .contains("1 packets received");
        assertThat(compose(folder, "logs cache").succeed().output()).contains("cache up");

        try (Running watching = compose(folder, "events").start();
                Running following = compose(folder, "logs --follow cache").start()) {
            following.awaitOutput(output -> output.contains("cache up"));
            compose(folder, "up --detach --scale cache=3").succeed();
            watching.awaitOutput(output -> output.contains("shop-cache-3"));
        }
        assertThat(compose(folder, "ps --quiet cache").succeed().output().lines()).hasSize(3);
        compose(folder, "restart --timeout 2 cache").succeed();
        compose(folder, "cp web:/www/index.html " + folder.resolve("got")).succeed();
        assertThat(folder.resolve("got")).hasContent("hello\n");
        assertThat(compose(folder, "exec -T db cat /data/state").succeed().output())
                .isEqualTo("ready\n");

        compose(folder, "down --volumes --timeout 2").within(Duration.ofSeconds(50)).succeed();

        assertThat(side.says("ps --all --quiet")).isEmpty();
        assertThat(side.says("volume ls --quiet")).isEmpty();
        assertThat(side.says("network ls --format {{.Name}}")).doesNotContain("shop");
    }
}
