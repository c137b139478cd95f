package dev.rung.tests.docker;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.tests.drivers.Terminal;
import dev.rung.tests.engine.Engine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An engine of its own, and Docker's own command line beside it. */
final class DockerSide implements AutoCloseable {
    static final String IMAGE = Engine.IMAGE;

    private final Engine engine;

    DockerSide() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = new Engine();
    }

    Engine engine() {
        return engine;
    }

    Path socket() {
        return engine.home().resolve("run/docker.sock");
    }

    /** A call of docker; the words of the line are between blanks, more come as they are. */
    Command docker(String line, String... more) {
        var all = new ArrayList<>(List.of("timeout", "--kill-after=2", "60", "docker"));
        all.addAll(List.of(line.split(" ")));
        all.addAll(Arrays.asList(more));
        return Command.of(all)
                .with("DOCKER_HOST", "unix://" + socket())
                .with("DOCKER_CONFIG", configuration().toString())
                .with("DOCKER_BUILDKIT", "0");
    }

    /** Where docker's command line keeps its own. */
    Path configuration() {
        return engine.home().resolve("docker");
    }

    /** What a call that succeeds prints, without blanks around it. */
    String says(String line, String... more) {
        return docker(line, more).succeed().output().strip();
    }

    /** The outcome of one that may fail. */
    Outcome tries(String line, String... more) {
        return docker(line, more).run();
    }

    /** The same on a terminal. */
    Terminal terminal(String line, String... more) {
        var all = new ArrayList<>(List.of("env", "DOCKER_HOST=unix://" + socket()));
        all.addAll(List.of("DOCKER_CONFIG=" + configuration(), "docker"));
        all.addAll(List.of(line.split(" ")));
        all.addAll(Arrays.asList(more));
        return new Terminal(engine.home().getParent(), all);
    }

    /** Waits until inspect says so of a container. */
    void await(String name, String template, String value) {
        Patience.await(
                () -> says("inspect --format", "{{" + template + "}}", name).equals(value),
                () -> template + " of " + name + " is not " + value);
    }

    /** Removes containers, also such as are not there. */
    void remove(String... names) {
        docker("rm --force --volumes", names).run();
    }

    @Override
    public void close() {
        engine.close();
    }
}
