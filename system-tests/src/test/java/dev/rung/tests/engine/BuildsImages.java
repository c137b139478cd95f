package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Builds upon an image "base", each test with a context of its own; the result is "made". */
@TestInstance(Lifecycle.PER_CLASS)
abstract class BuildsImages {
    @SuppressWarnings("NullAway.Init")
    Engine engine;

    @SuppressWarnings("NullAway.Init")
    Path context;

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
        engine.rung("container", "prune", "--force").succeed(); // what failed builds kept
    }

    void write(String path, String text) throws IOException {
        Path file = context.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    Outcome build(String... options) {
        var all = new ArrayList<>(List.of("build", "--network", "none", "--tag", "made"));
        all.addAll(List.of(options));
        all.add(context.toString());
        return engine.rung(all.toArray(new String[0])).run();
    }

    String made(String dockerfile, String... options) throws IOException {
        write("Dockerfile", dockerfile);
        Outcome outcome = build(options);
        assertThat(outcome.status()).as(outcome.output() + outcome.errors()).isZero();
        return outcome.output();
    }

    String shell(String script) {
        return engine.rung("run", "--rm", "--network", "none", "made", "sh", "-c", script)
                .succeed()
                .output();
    }
}
