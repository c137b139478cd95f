package dev.rung.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * The engines side by side: rung, dockerd with a containerd of its own, podman, and a registry with
 * the images, all with folders in the workshop. It is to be made in a network namespace and a mount
 * namespace of its own.
 */
final class EngineRoom implements AutoCloseable {
    static final String RUNG = "rung";
    static final String DOCKER = "docker";
    static final String PODMAN = "podman";

    /** The small image, in all engines. */
    static final String BUSYBOX = "127.0.0.1:5077/busybox:1";

    /** The large one, in the registry alone. */
    static final String LARGE = "127.0.0.1:5077/large:1";

    private static final int PATIENCE_SECONDS = 60;

    private static final String IMAGES =
            """
            set -e
            cd "$1"
            umoci init --layout layout
            umoci new --image layout:1
            umoci unpack --image layout:1 image >/dev/null
            mkdir -p image/rootfs/bin
            cp /bin/busybox image/rootfs/bin/
            for name in $(busybox --list); do
                [ "$name" = busybox ] || ln -s busybox "image/rootfs/bin/$name"
            done
            umoci repack --image layout:1 image
            umoci config --image layout:1 --config.cmd sh
            skopeo copy --quiet --dest-tls-verify=false oci:layout:1 "docker://$2"
            # five layers of 40 MB of what lies in a system: programs, texts, pictures
            find /usr/lib /usr/share -xdev -type f -size -4000k 2>/dev/null | LC_ALL=C sort >files
            tar --create --no-recursion --files-from files 2>/dev/null | split --bytes=40MB - part- 2>/dev/null &
            while [ ! -e part-af ]; do sleep 0.1; done
            kill $! 2>/dev/null || true
            for part in part-aa part-ab part-ac part-ad part-ae; do
                mkdir -p "layer/$part"
                tar --extract --ignore-zeros --file "$part" -C "layer/$part" 2>/dev/null || true
                umoci insert --image layout:1 "layer/$part" "/$part"
            done
            skopeo copy --quiet --dest-tls-verify=false oci:layout:1 "docker://$3"
            rm -rf part-* layer image layout files
            """;

    private final Workshop workshop;
    private final Daemons daemons;
    private final List<Contestant> engines = new ArrayList<>();

    private final Path rung;
    private final Report report;

    EngineRoom(Workshop workshop, Path prefix, Report report) {
        this.workshop = workshop;
        this.daemons = new Daemons(workshop);
        this.rung = prefix.resolve("bin/rung");
        this.report = report;
    }

    /** Starts the daemons, and gives each engine the small image. */
    void open() {
        workshop.run(List.of("mount", "-t", "tmpfs", "tmpfs", "/run"));
        daemons.write(
                "registry.yml",
                """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: FOLDER/registry}}
                http: {addr: "127.0.0.1:5077"}
                """);
        daemons.start(
                List.of("docker-registry", "serve", workshop.path("registry.yml").toString()));
        await(() -> succeeds(List.of("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5077")));
        workshop.run(
                List.of("bash", "-c", IMAGES, "-", workshop.path("").toString(), BUSYBOX, LARGE));
        engines.add(new Contestant(RUNG, "-", List.of(rung.toString())));
        if (there("dockerd")) {
            docker();
        } else {
            report.missing(DOCKER);
        }
        if (there("podman")) {
            podman();
        } else {
            report.missing(PODMAN);
        }
        for (Contestant engine : engines) {
            workshop.run(words(engine, "pull", "--quiet", BUSYBOX));
        }
    }

    List<Contestant> engines() {
        return engines;
    }

    Contestant rung() {
        return engines.getFirst();
    }

    static List<String> words(Contestant engine, String... words) {
        var all = new ArrayList<>(engine.command());
        all.addAll(List.of(words));
        return all;
    }

    /** Commands of a shell, in which $ENGINE is the engine's program. */
    static List<String> shell(Contestant engine, String script) {
        String program = String.join(" ", engine.command());
        return List.of("sh", "-c", script.replace("$ENGINE", program));
    }

    private void docker() {
        daemons.write(
                "daemon.json",
                """
                {"hosts": ["unix://FOLDER/docker.sock"], "data-root": "FOLDER/docker",
                 "exec-root": "FOLDER/docker-exec", "pidfile": "FOLDER/docker.pid"}
                """);
        workshop.variable("DOCKER_HOST", "unix://" + workshop.path("docker.sock"));
        workshop.variable("DOCKER_CONFIG", workshop.path("docker-config").toString());
        workshop.run(List.of("mkdir", workshop.path("docker-config").toString()));
        daemons.write("docker-config/config.json", "{}");
        Path config = workshop.path("daemon.json");
        daemons.start(List.of("dockerd", "--config-file", config.toString()));
        await(() -> succeeds(List.of("docker", "info")));
        engines.add(new Contestant(DOCKER, "-", List.of("docker")));
    }

    private void podman() {
        daemons.write(
                "containers.conf",
                """
                [containers]
                default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
                [network]
                network_config_dir = "FOLDER/cni"
                default_subnet = "10.99.0.0/16"
                [engine]
                cgroup_manager = "cgroupfs"
                events_logger = "file"
                runtime = "runc"
                """);
        daemons.write(
                "registries.conf",
                """
                [[registry]]
                location = "127.0.0.1:5077"
                insecure = true
                """);
        daemons.write("policy.json", "{\"default\": [{\"type\": \"insecureAcceptAnything\"}]}");
        workshop.variable("CONTAINERS_CONF", workshop.path("containers.conf").toString());
        workshop.variable(
                "CONTAINERS_REGISTRIES_CONF", workshop.path("registries.conf").toString());
        engines.add(
                new Contestant(
                        PODMAN,
                        "-",
                        List.of(
                                "podman",
                                "--root=" + workshop.path("podman"),
                                "--runroot=" + workshop.path("podman-run"),
                                "--tmpdir=" + workshop.path("podman-tmp"),
                                "--storage-driver=overlay")));
    }

    /** dockerd and its containerd, without shims. */
    List<Long> dockerDaemons() {
        return daemons.all().stream()
                .map(Process::toHandle)
                .filter(each -> named(each, "dockerd"))
                .flatMap(each -> Stream.concat(Stream.of(each), each.descendants()))
                .filter(each -> named(each, "dockerd") || named(each, "containerd"))
                .map(ProcessHandle::pid)
                .toList();
    }

    /** rungd and its children. */
    List<Long> rungDaemons() {
        try {
            Path file = workshop.home().resolve("run/rungd.pid");
            long pid = Long.parseLong(Files.readString(file).strip());
            var pids = new ArrayList<>(List.of(pid));
            ProcessHandle.of(pid).orElseThrow().descendants().forEach(each -> pids.add(each.pid()));
            return pids;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All processes that show this word in the beginning of their command line. */
    static List<Long> processes(String word) {
        return ProcessHandle.allProcesses()
                .filter(each -> commandLine(each.pid()).startsWith(word))
                .map(ProcessHandle::pid)
                .toList();
    }

    private static boolean named(ProcessHandle process, String name) {
        String line = commandLine(process.pid());
        String program = line.substring(0, Math.max(0, line.indexOf('\0')));
        return program.substring(program.lastIndexOf('/') + 1).equals(name);
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
        } catch (IOException _) {
            return ""; // it has ended
        }
    }

    private boolean there(String program) {
        return succeeds(List.of("sh", "-c", "command -v " + program));
    }

    private boolean succeeds(List<String> words) {
        try {
            workshop.discard(quiet(words));
            return true;
        } catch (IllegalStateException _) {
            return false;
        }
    }

    private static List<String> quiet(List<String> words) {
        var all = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" 2>/dev/null", "-"));
        all.addAll(words);
        return all;
    }

    private static void await(BooleanSupplier condition) {
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!condition.getAsBoolean()) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("a daemon does not come up");
                }
                Thread.sleep(100);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        daemons.close();
    }
}
