package dev.rung.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rung and containerd side by side, each with a bridge of its own of the same kind of CNI network,
 * and a registry with the images. It is to be made in namespaces of its own.
 */
final class CriRoom implements AutoCloseable {
    static final String CONTAINERD = "containerd";

    /** What containers run. */
    static final String BUSYBOX = "127.0.0.1:5078/busybox:1";

    private static final String PAUSE = "127.0.0.1:5078/pause:1";

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
    private final Daemons daemons;
    private final List<CriCalls> runtimes = new ArrayList<>();
    private @Nullable Process containerd;

    CriRoom(Workshop workshop, Path prefix, Report report) {
        this.workshop = workshop;
        this.daemons = new Daemons(workshop);
        this.rung = prefix.resolve("bin/rung");
        this.report = report;
    }

    /** Starts the daemons, and gives each the image. */
    void open() {
        workshop.run(List.of("mount", "-t", "tmpfs", "tmpfs", "/run"));
        daemons.write(
                "registry.yml",
                """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: FOLDER/registry}}
                http: {addr: "127.0.0.1:5078"}
                """);
        daemons.start(
                List.of("docker-registry", "serve", workshop.path("registry.yml").toString()));
        String folder = workshop.path("").toString();
        workshop.run(List.of("bash", "-c", IMAGES, "-", folder, BUSYBOX, PAUSE));
        daemons.write("rung.d/10.conflist", network("benchrung0", "10.91.0.0/16"));
        daemons.write("containerd.d/10.conflist", network("benchctrd0", "10.92.0.0/16"));
        daemons.write(
                "home/etc/rung.toml",
                """
                cri-socket = "FOLDER/rung.sock"
                cni-conf-dir = "FOLDER/rung.d"
                """);
        if (hasContainerd()) {
            configureContainerd();
        } else {
            report.missing(CONTAINERD);
        }
        start();
        runtimes.forEach(runtime -> runtime.pull(BUSYBOX));
    }

    /** Ends the runtimes, and starts them with what they have on disk. */
    void startAnew() {
        disconnect();
        daemons.endRung();
        if (containerd != null) {
            daemons.end(containerd);
        }
        start();
        runtimes.forEach(CriCalls::version);
    }

    private void disconnect() {
        runtimes.forEach(CriCalls::close);
        runtimes.clear();
    }

    private void start() {
        workshop.run(List.of(rung.toString(), "version"));
        runtimes.add(new CriCalls(EngineRoom.RUNG, workshop.path("rung.sock")));
        if (hasContainerd()) {
            String settings = workshop.path("containerd.toml").toString();
            containerd = daemons.start(List.of("containerd", "--config", settings));
            runtimes.add(new CriCalls(CONTAINERD, workshop.path("containerd.sock")));
        }
    }

    private static boolean hasContainerd() {
        return Files.exists(Path.of("/usr/bin/containerd"));
    }

    private static String network(String bridge, String subnet) {
        return NETWORK.replace("BRIDGE", bridge).replace("SUBNET", subnet);
    }

    private void configureContainerd() {
        daemons.write(
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
    }

    List<CriCalls> runtimes() {
        return runtimes;
    }

    @Override
    public void close() {
        disconnect();
        daemons.close();
    }
}
