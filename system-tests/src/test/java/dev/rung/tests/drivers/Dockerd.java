package dev.rung.tests.drivers;

import dev.rung.testkit.Command;
import dev.rung.testkit.Json;
import dev.rung.testkit.Observation;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A dockerd in a room of its own, whose daemon.json names the runtime under test as the default
 * one, and the docker CLI that talks to it. Lines are split at blanks, further words are not.
 */
final class Dockerd implements AutoCloseable {
    private static final String IMAGE = "rung-test";
    private static final String CGROUPS = "rung-docker";

    private final Room room = new Room();
    private final Path socket = room.path("docker.sock");

    /** Starts one; more entries for its daemon.json may be given. */
    Dockerd(Map<String, Object> settings) {
        var file = new LinkedHashMap<String, @Nullable Object>();
        Path runtime = OciRuntime.binaryUnderTest();
        file.put(
                "runtimes",
                Map.of(
                        "rung",
                        Map.of("path", runtime),
                        "rung-debug",
                        Map.of("path", runtime, "runtimeArgs", List.of("--debug"))));
        file.put("default-runtime", "rung");
        file.put("hosts", List.of("unix://" + socket));
        file.put("data-root", room.path("data"));
        file.put("exec-root", room.path("exec"));
        file.put("pidfile", room.path("docker.pid"));
        file.put("cgroup-parent", CGROUPS);
        file.putAll(settings);
        Path json = room.write("daemon.json", Json.write(file));
        try {
            room.daemon(socket, "dockerd", "--config-file", json.toString());
            docker("import", room.rootfsArchive().toString(), IMAGE).succeed();
        } catch (AssertionError e) {
            e.addSuppressed(new AssertionError("the log: " + room.logs()));
            close();
            throw e;
        }
    }

    Room room() {
        return room;
    }

    /** A call of the CLI. */
    Command docker(String line, String... words) {
        return room.command(Words.of("docker " + line, words))
                .with("DOCKER_HOST", "unix://" + socket)
                .with("DOCKER_CONFIG", room.path("docker").toString());
    }

    /** A call of the CLI on a terminal. */
    Terminal terminal(String line, String... words) {
        return room.terminal(
                Words.of("env DOCKER_HOST=unix://" + socket + " docker " + line, words));
    }

    /** {@code docker run --rm}, without a network unless the options name one, to its end. */
    Outcome run(String options, String program, String... words) {
        return docker(runLine(options, program), words).run();
    }

    /** The line of that call. */
    String runLine(String options, String program) {
        return "run --rm " + complete(options) + " " + IMAGE + " " + program;
    }

    /** The same with {@code --detach}; gives the id. */
    String start(String options, String program, String... words) {
        String line = "run --detach " + complete(options) + " " + IMAGE + " " + program;
        return docker(line, words).succeed().output().strip();
    }

    private static String complete(String options) {
        return options.contains("--network=") ? options : "--network=none " + options;
    }

    /** Runs the observer with these options and returns what it saw. */
    Observation observe(String options) {
        return run(options, "/observer see").succeeded().observed();
    }

    /** What {@code docker inspect} tells in a Go template, such as .State.Status. */
    String inspect(String container, String template) {
        String braced = "{{" + template + "}}";
        return docker("inspect", "--format", braced, container).succeed().output().strip();
    }

    /** Waits until the template gives this. */
    void await(String container, String template, String value) {
        Patience.await(
                () -> inspect(container, template).equals(value),
                () -> template + " of " + container + " is " + inspect(container, template));
    }

    /** Waits until the container has printed these words. */
    void awaitLogs(String container, String words) {
        Patience.await(
                () -> logs(container).contains(words),
                () -> container + " printed: " + logs(container));
    }

    /** What the container has printed on stdout. */
    String logs(String container) {
        return docker("logs " + container).run().output();
    }

    /** The folder of a container, by its full id, in the hierarchy of a controller. */
    Path cgroup(String controller, String id) {
        Path own = Path.of("/sys/fs/cgroup", controller, CGROUPS, id);
        return Files.exists(own) ? own : Path.of("/sys/fs/cgroup", CGROUPS, id);
    }

    /** Removes all containers. */
    void removeAll() {
        Patience.await(
                () -> {
                    List<String> ids = containers();
                    if (ids.isEmpty()) {
                        return true;
                    }
                    docker("rm --force --volumes", ids.toArray(new String[0])).run();
                    return false; // what --rm removes already, rm refuses
                },
                () -> "there are still " + containers());
    }

    private List<String> containers() {
        return docker("ps --all --quiet").succeed().output().lines().toList();
    }

    @Override
    public void close() {
        room.endDaemons();
        // dockerd keeps the network namespace of --network=host for its next start.
        room.command("umount", room.path("exec/netns/default").toString()).run();
        room.removeCgroups(CGROUPS);
        room.close();
    }
}
