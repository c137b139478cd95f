package dev.rung.tests.drivers;

import dev.rung.testkit.Command;
import dev.rung.testkit.Observation;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * podman with the runtime under test, conmon, and storage of its own, in a room: as root or as the
 * room's ordinary user.
 */
final class Podman implements AutoCloseable {
    private static final String IMAGE = "localhost/rung-test";
    private static final String CGROUPS = "libpod_parent";

    private final Room room = new Room();
    private final List<String> prefix;

    /** Where podman keeps the process that holds an ordinary user's namespaces. */
    private final Path pauseFile = Path.of("/run/user/" + Room.UID, "libpod/tmp/pause.pid");

    /** Their cgroups stay in two of the hierarchies. */
    private final Set<String> pods = new HashSet<>();

    private final boolean rootless;

    /** As root, or as the ordinary user. */
    Podman(boolean rootless) {
        this.rootless = rootless;
        Path folder = rootless ? room.path("home") : room.folder();
        // The rest is podman's default; its own default limits need CAP_SYS_RESOURCE.
        Path settings =
                room.write(
                        "containers.conf",
                        """
                        [containers]
                        default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
                        [engine]
                        cgroup_manager = "cgroupfs"
                        events_logger = "file"
                        """);
        room.write("policy.json", "{\"default\": [{\"type\": \"insecureAcceptAnything\"}]}");
        String line =
                "podman --root %s/storage --runroot %s/run --storage-driver %s --runtime %s"
                        .formatted(
                                folder,
                                folder,
                                rootless ? "vfs" : "overlay",
                                OciRuntime.binaryUnderTest());
        String user =
                "setpriv --reuid %d --regid %d --clear-groups env HOME=%s XDG_RUNTIME_DIR=/run/user/%d "
                        .formatted(Room.UID, Room.UID, folder, Room.UID);
        prefix =
                Words.of(
                        "env CONTAINERS_CONF="
                                + settings
                                + " "
                                + (rootless ? user : "")
                                + line
                                + (rootless ? "" : " --tmpdir " + folder + "/tmp"));
        try {
            podman("import " + room.rootfsArchive() + " " + IMAGE).succeed();
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    Room room() {
        return room;
    }

    /** A call of podman. */
    Command podman(String line, String... words) {
        var all = new ArrayList<>(prefix);
        all.addAll(Words.of(line, words));
        return room.command(all);
    }

    /** A call of podman by a shell, which reads quotes and redirections in the line. */
    Command shell(String line) {
        return room.command("sh", "-c", String.join(" ", prefix) + " " + line);
    }

    /** A call of podman on a terminal. */
    Terminal terminal(String line, String... words) {
        var all = new ArrayList<>(prefix);
        all.addAll(Words.of(line, words));
        return room.terminal(all);
    }

    /** {@code podman run --rm}, without a network unless the options name one, to its end. */
    Outcome run(String options, String program, String... words) {
        return podman(runLine("--rm " + options, program), words).run();
    }

    /** The same with {@code --detach} instead of {@code --rm}; gives the id. */
    String start(String options, String program, String... words) {
        return podman(runLine("--detach " + options, program), words).succeed().output().strip();
    }

    /** The line of such a call. */
    String runLine(String options, String program) {
        boolean connected = options.contains("--network=") || options.contains("--pod=");
        return "run %s %s %s %s"
                .formatted(connected ? "" : "--network=none", options, IMAGE, program);
    }

    /** Runs the observer with these options and returns what it saw. */
    Observation observe(String options) {
        return run(options, "/observer see").succeeded().observed();
    }

    /** What {@code podman inspect} tells in a Go template, such as .State.Status. */
    String inspect(String container, String template) {
        String braced = "{{" + template + "}}";
        return podman("inspect --format", braced, container).succeed().output().strip();
    }

    /** Waits until the container has printed these words. */
    void awaitLogs(String container, String words) {
        Patience.await(
                () -> logs(container).contains(words),
                () -> container + " printed: " + logs(container));
    }

    /** What the container has printed on stdout. */
    String logs(String container) {
        return podman("logs " + container).run().output();
    }

    /** Removes all pods and containers. */
    void removeAll() {
        pods.addAll(podman("pod ps --quiet --no-trunc").succeed().output().lines().toList());
        podman("pod rm --all --force --time 0").succeed();
        podman("rm --all --force --time 0 --volumes").succeed();
    }

    @Override
    public void close() {
        if (rootless) {
            room.command("sh", "-c", "kill -KILL $(cat " + pauseFile + ")").run();
        }
        // A conmon started it, in its own cgroup, and waits for all children that it has.
        room.killResidents();
        room.command("umount", room.path("storage/overlay").toString()).run(); // its own on itself
        room.removeCgroups(CGROUPS + "/conmon");
        pods.forEach(pod -> room.removeCgroups(CGROUPS + "/" + pod));
        room.removeCgroups(CGROUPS);
        room.close();
    }
}
