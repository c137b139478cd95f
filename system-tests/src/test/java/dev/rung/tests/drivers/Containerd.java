package dev.rung.tests.drivers;

import dev.rung.testkit.Command;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A containerd in a room of its own, whose CRI part has the runtime under test as BinaryName, and
 * ctr.
 */
final class Containerd implements AutoCloseable {
    /** Where a CNI plugin of ours pretends to connect pods. */
    private static final String CNI_PLUGIN =
            """
            #!/bin/sh
            # A pod's network namespace stays empty; containerd only wants to hear of an address.
            [ "$CNI_COMMAND" != ADD ] || cat <<END
            {"cniVersion": "0.4.0", "interfaces": [{"name": "eth0", "sandbox": "$CNI_NETNS"}],
             "ips": [{"version": "4", "address": "10.1.2.3/24", "interface": 0}]}
            END
            """;

    /** The cgroups of ctr's containers, those of pods, and what containerd 1.6 makes for CRI. */
    private static final String[] CGROUPS = {"rung-ctr", "rung-pods", "k8s.io"};

    private final Room room = new Room();
    private final Path socket = room.path("containerd.sock");

    Containerd() {
        try {
            for (String name : List.of("pretence", "loopback")) {
                Path plugin = room.write("cni/bin/" + name, CNI_PLUGIN);
                Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        room.write(
                "cni/conf/10-pretence.conf",
                "{\"cniVersion\": \"0.4.0\", \"name\": \"pretence\", \"type\": \"pretence\"}");
        room.write(
                "config.toml",
                """
                version = 2
                root = "FOLDER/root"
                state = "FOLDER/state"
                [grpc]
                  address = "FOLDER/containerd.sock"
                [plugins."io.containerd.grpc.v1.cri"]
                  restrict_oom_score_adj = true
                  sandbox_image = "IMAGE"
                  [plugins."io.containerd.grpc.v1.cri".cni]
                    bin_dir = "FOLDER/cni/bin"
                    conf_dir = "FOLDER/cni/conf"
                  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
                    runtime_type = "io.containerd.runc.v2"
                    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
                      BinaryName = "RUNTIME"
                """
                        .replace("FOLDER", room.folder().toString())
                        .replace("IMAGE", Room.PAUSE_IMAGE)
                        .replace("RUNTIME", OciRuntime.binaryUnderTest().toString()));
        try {
            start();
            importImage();
        } catch (AssertionError e) {
            e.addSuppressed(new AssertionError("the log: " + room.logs()));
            close();
            throw e;
        }
    }

    private void start() {
        room.daemon(socket, "containerd", "--config", room.path("config.toml").toString());
    }

    /** Ends it, while its containers go on, and starts it again. */
    void restart() {
        room.endDaemons();
        start();
    }

    private void importImage() {
        String archive = room.path("layout.tar").toString();
        String layout = room.imageLayout().toString();
        Command.of("tar", "--create", "--file", archive, "-C", layout, ".").succeed();
        String name = Room.IMAGE.substring(0, Room.IMAGE.lastIndexOf(':'));
        for (String namespace : List.of("default", "k8s.io")) {
            ctr("--namespace=%s images import --base-name=%s %s"
                            .formatted(namespace, name, archive))
                    .succeed();
        }
    }

    /** Where it listens. */
    Path socket() {
        return socket;
    }

    Room room() {
        return room;
    }

    /** The process id of the daemon. */
    long pid() {
        return room.daemonPid();
    }

    /** A call of ctr. */
    Command ctr(String line, String... words) {
        return room.command(Words.of("ctr --address=" + socket + " " + line, words));
    }

    /** {@code ctr run} of the image with the runtime under test and a cgroup of ours. */
    Command run(String options, String id, String program, String... words) {
        return ctr(runLine(options, id, program), words);
    }

    /** {@code ctr run} on a terminal. */
    Terminal terminal(String line, String... words) {
        return room.terminal(Words.of("ctr --address=" + socket + " " + line, words));
    }

    /** The line of {@link #run}. */
    String runLine(String options, String id, String program) {
        return "run --runc-binary=%s --cgroup=/%s/%s %s %s %s %s"
                .formatted(
                        OciRuntime.binaryUnderTest(),
                        CGROUPS[0],
                        id,
                        options,
                        Room.IMAGE,
                        id,
                        program);
    }

    /** The status of a task in {@code ctr tasks ls}, empty if it is not there. */
    String status(String id) {
        return ctr("tasks ls")
                .succeed()
                .output()
                .lines()
                .filter(line -> line.startsWith(id + " "))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElse("");
    }

    /** Waits until a task has a status. */
    void await(String id, String status) {
        Patience.await(() -> status(id).equals(status), () -> id + " is \"" + status(id) + "\"");
    }

    /** Removes all that ctr has made. */
    void removeAll() {
        for (String id : ctr("containers ls --quiet").succeed().output().lines().toList()) {
            ctr("tasks rm --force " + id).run();
            ctr("containers rm " + id).succeed();
        }
    }

    @Override
    public void close() {
        room.endDaemons();
        room.removeCgroups(CGROUPS);
        room.close();
    }
}
