package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.SystemTest;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Dockerfiles are built as docker build does it. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "tar"})
@TestInstance(Lifecycle.PER_CLASS)
class BuildTests {
    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @SuppressWarnings("NullAway.Init")
    private Path context;

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = new Engine();
        engine.rung("tag", Engine.IMAGE, "base").succeed();
    }

    @AfterAll
    void end() {
        if (engine != null) {
            engine.close();
        }
    }

    @BeforeEach
    void make() throws IOException {
        context = Files.createTempDirectory("rung-context");
    }

    @AfterEach
    void remove() {
        Command.of("rm", "-rf", context.toString()).succeed();
    }

    private void write(String path, String text) throws IOException {
        Path file = context.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Outcome build(String... options) {
        var all = new ArrayList<>(List.of("build", "--network", "none", "--tag", "made"));
        all.addAll(List.of(options));
        all.add(context.toString());
        return engine.rung(all.toArray(new String[0])).run();
    }

    private String made(String dockerfile, String... options) throws IOException {
        write("Dockerfile", dockerfile);
        Outcome outcome = build(options);
        assertThat(outcome.status()).as(outcome.output() + outcome.errors()).isZero();
        return outcome.output();
    }

    private String shell(String script) {
        return engine.rung("run", "--rm", "--network", "none", "made", "sh", "-c", script)
                .succeed()
                .output();
    }

    @Test
    void shouldBuildWithTheWordsOfDockersBuilder() throws IOException {
        write("a.txt", "one\n");
        write("sub/b.txt", "two\n");
        String told =
                made(
                        """
                        FROM base
                        ENV WHO=you
                        WORKDIR /app
                        COPY a.txt sub ./
                        RUN cat a.txt b.txt >both && echo for $WHO
                        CMD cat both
                        """);
        assertThat(told)
                .contains("Step 1/6 : FROM base\n ---> ")
                .contains(
                        "Step 5/6 : RUN cat a.txt b.txt >both && echo for $WHO\n ---> Running in ")
                .contains("\nfor you\nRemoving intermediate container ")
                .containsPattern(
                        "Successfully built [0-9a-f]{12}\nSuccessfully tagged made:latest\n$");
        assertThat(engine.rung("run", "--rm", "--network", "none", "made").succeed().output())
                .isEqualTo("one\ntwo\n");
        assertThat(engine.rung("ps", "-aq").succeed().output()).isEmpty();
    }

    @Test
    void shouldTakeWhatIsUnchangedFromTheCache() throws IOException {
        write("a.txt", "one\n");
        write("b.txt", "two\n");
        String dockerfile =
                """
                FROM base
                COPY a.txt /a
                RUN cat /a >/ran
                COPY b.txt /b
                RUN echo $RANDOM-$(cat /proc/uptime) >/when
                """;
        made(dockerfile);
        String when = shell("cat /when");
        String again = made(dockerfile);
        assertThat(again.split("Using cache", -1)).hasSize(5);
        assertThat(shell("cat /when")).isEqualTo(when);

        Command.of("touch", context.resolve("b.txt").toString()).succeed();
        assertThat(made(dockerfile).split("Using cache", -1)).hasSize(5);
        write("b.txt", "three\n");
        assertThat(made(dockerfile).split("Using cache", -1)).hasSize(3);
        assertThat(shell("cat /b; cat /when")).startsWith("three\n").doesNotContain(when);

        Command.of("chmod", "755", context.resolve("a.txt").toString()).succeed();
        assertThat(made(dockerfile)).doesNotContain("Using cache");
        assertThat(made(dockerfile, "--no-cache")).doesNotContain("Using cache");
    }

    @Test
    void shouldSayHowACommandFailed() throws IOException {
        write("Dockerfile", "FROM base\nRUN echo before; exit 7\n");
        Outcome outcome = build("--force-rm");
        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.output()).contains("\nbefore\n");
        assertThat(outcome.errors())
                .isEqualTo(
                        "The command '/bin/sh -c echo before; exit 7' returned a non-zero code:"
                                + " 7\n");
        assertThat(engine.rung("ps", "-aq").succeed().output()).isEmpty();
    }
}
