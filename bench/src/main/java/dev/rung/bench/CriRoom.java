package dev.rung.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Rung and containerd side by side, each with a bridge of its own of the same kind of CNI network,
 * and a registry with the images. It is to be made in namespaces of its own.
 */
final class CriRoom implements AutoCloseable {
    static final String CONTAINERD = "containerd";

    /** What containers run. */
    static final String BUSYBOX = "127.0.0.1:5078/busybox:1";

    private static final String PAUSE = "127.0.0.1:5078/pause:1";
    private static final int PATIENCE_SECONDS = 30;

    private static final String IMAGES =
            """
            set -e
            cd "$1"
            for i in $(seq 100); do (exec 3<>/dev/tcp/127.0.0.1/5078) 2>/dev/null && break; sleep 0.1; done
            umoci init --layout layout
            umoci new --image layout:1
            umoci unpack --image layout:1 image >/dev/null
            mkdir -p image/rootfs/bin
            cp /bin/busybox image/rootfs/bin/
            for name in $(busybox --list); do
                [ "$name" = busybox ] || ln -s busybox "image/rootfs/bin/$name"
            done
            umoci repack --image layout:1 image
            umoci config --image layout:1 --config.cmd /bin/sleep --config.cmd 999999
            for name in "$2" "$3"; do
                skopeo copy --quiet --dest-tls-verify=false oci:layout:1 "docker://$name"
            done
            """;

    private static final String NETWORK =
            """
            {"cniVersion": "1.0.0", "name": "bench", "plugins": [
              {"type": "bridge", "bridge": "BRIDGE", "isGateway": true, "ipMasq": true,
               "ipam": {"type": "host-local", "dataDir": "FOLDER/BRIDGE", "ranges": [[{"subnet": "SUBNET"}]],
                        "routes": [{"dst": "0.0.0.0/0"}]}},
              {"type": "portmap", "capabilities": {"portMappings": true}}]}
            """;

    private final Workshop workshop;
    private final Path rung;
    private final Report report;
    private final List<Process> daemons = new ArrayList<>();
    private final List<CriCalls> runtimes = new ArrayList<>();

    CriRoom(Workshop workshop, Path prefix, Report report) {
        this.workshop = workshop;
        this.rung = prefix.resolve("bin/rung");
        this.report = report;
    }

    /** Starts the daemons, and gives each the image. */
    void open() {
        workshop.run(List.of("mount", "-t", "tmpfs", "tmpfs", "/run"));
        write(
                "registry.yml",
                """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: FOLDER/registry}}
                http: {addr: "127.0.0.1:5078"}
                """);
        daemon(List.of("docker-registry", "serve", workshop.path("registry.yml").toString()));
        String folder = workshop.path("").toString();
        workshop.run(List.of("bash", "-c", IMAGES, "-", folder, BUSYBOX, PAUSE));
        write("rung.d/10.conflist", network("benchrung0", "10.91.0.0/16"));
        write("containerd.d/10.conflist", network("benchctrd0", "10.92.0.0/16"));
        write(
                "home/etc/rung.toml",
                """
                cri-socket = "FOLDER/rung.sock"
                cni-conf-dir = "FOLDER/rung.d"
                """);
        workshop.run(List.of(rung.toString(), "version"));
        runtimes.add(new CriCalls(EngineRoom.RUNG, workshop.path("rung.sock")));
        if (Files.exists(Path.of("/usr/bin/containerd"))) {
            containerd();
        } else {
            report.missing(CONTAINERD);
        }
        runtimes.forEach(runtime -> runtime.pull(BUSYBOX));
    }

    private static String network(String bridge, String subnet) {
        return NETWORK.replace("BRIDGE", bridge).replace("SUBNET", subnet);
    }

    private void containerd() {
        write(
                "containerd.toml",
                """
                version = 2
                root = "FOLDER/containerd"
                state = "FOLDER/containerd-state"
                [grpc]
                  address = "FOLDER/containerd.sock"
                [plugins."io.containerd.grpc.v1.cri"]
                  restrict_oom_score_adj = true
                  sandbox_image = "PAUSE"
                  [plugins."io.containerd.grpc.v1.cri".cni]
                    bin_dir = "/usr/lib/cni"
                    conf_dir = "FOLDER/containerd.d"
                """
                        .replace("PAUSE", PAUSE));
        daemon(List.of("containerd", "--config", workshop.path("containerd.toml").toString()));
        runtimes.add(new CriCalls(CONTAINERD, workshop.path("containerd.sock")));
    }

    List<CriCalls> runtimes() {
        return runtimes;
    }

    private void write(String name, String text) {
        try {
            String folder = workshop.path("").toString().replaceAll("/$", "");
            Path file = workshop.path(name);
            Files.createDirectories(file.resolveSibling(""));
            Files.writeString(file, text.replace("FOLDER", folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void daemon(List<String> words) {
        try {
            Path log = workshop.path(words.getFirst() + ".log");
            daemons.add(
                    new ProcessBuilder(words)
                            .redirectErrorStream(true)
                            .redirectOutput(Redirect.to(log.toFile()))
                            .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        runtimes.forEach(CriCalls::close);
        try {
            Path file = workshop.home().resolve("run/rungd.pid");
            if (Files.exists(file)) {
                long pid = Long.parseLong(Files.readString(file).strip());
                ProcessHandle.of(pid).ifPresent(CriRoom::end);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemons.reversed().forEach(daemon -> end(daemon.toHandle()));
        workshop.run(
                List.of(
                        "sh",
                        "-c",
                        "for mount in $(grep -o ' '$1'[^ ]*' /proc/self/mountinfo | sort -r);"
                                + " do umount -l $mount 2>/dev/null || true; done; rm -rf"
                                + " $1/containerd* $1/home",
                        "-",
                        workshop.path("").toString()));
    }

    private static void end(ProcessHandle process) {
        process.destroy();
        try {
            process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            process.destroyForcibly();
        }
    }
}
