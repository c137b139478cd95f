package dev.rung.tests.engine;

import dev.rung.daemon.MortalDaemon;
import dev.rung.testkit.Command;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.tests.drivers.Terminal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** An engine in a home of its own, and a registry on the loopback interface with one image. */
public final class Engine implements AutoCloseable {
    /**
     * With busybox, whose command is sh, the variable ORIGIN, the user joe, files of several kinds
     * in /files, and links that would lead out of it: /trap, /dots.
     */
    public static final String IMAGE = "127.0.0.1:5017/busybox:latest";

    private static final String MAKE_IMAGE =
            """
            set -e
            cd "$1"
            umoci init --layout layout
            umoci new --image layout:1
            umoci unpack --image layout:1 bundle
            mkdir -p bundle/rootfs/bin bundle/rootfs/etc bundle/rootfs/tmp
            cp /bin/busybox bundle/rootfs/bin/
            for name in $(/bin/busybox --list); do
                [ "$name" = busybox ] || ln -s busybox "bundle/rootfs/bin/$name"
            done
            printf 'root:x:0:0:root:/:/bin/sh\\njoe:x:1000:1001::/:/bin/sh\\n' >bundle/rootfs/etc/passwd
            printf 'root:x:0:\\nmore:x:55:joe\\njoe:x:1001:\\n' >bundle/rootfs/etc/group
            mkdir -p bundle/rootfs/files/deep
            echo content >bundle/rootfs/files/plain
            ln bundle/rootfs/files/plain bundle/rootfs/files/deep/twin
            ln -s /etc/passwd bundle/rootfs/files/link
            mkfifo -m 666 bundle/rootfs/files/fifo
            chown 1000:1001 bundle/rootfs/files && chmod 750 bundle/rootfs/files
            ln -s /etc bundle/rootfs/trap
            ln -s ../../../../etc bundle/rootfs/dots
            umoci repack --image layout:1 bundle
            umoci config --image layout:1 --config.cmd sh --config.env ORIGIN=image
            skopeo copy --dest-tls-verify=false oci:layout:1 "docker://$2"
            """;

    /** An engine leaves its networks; tests that come want to find the addresses free. */
    private static final String END =
            """
            kill "$1" && timeout 20 tail --pid="$1" -f /dev/null
            ip -o link show type bridge | sed -n 's/^[0-9]*: \\(rung[^:@]*\\).*/\\1/p' | xargs -rn1 ip link delete
            nft list tables | sed -n 's/^table \\(.* rung-.*\\)/\\1/p' | xargs -rn2 nft delete table
            true
            """;

    private static final String NO_CRI = "";
    private static final String CRI = "cri-socket = \"%s\"\npod-network = \"bridge\"\n";
    private static final String CNI =
            "cri-socket = \"%s\"\ncni-conf-dir = \"%s\"\ncni-bin-dirs = [\"%s\"]\n";
    private static final String BOOT_ID = "/proc/sys/kernel/random/boot_id";

    private final Path folder;
    private final Path program;
    private final Running registry;

    public Engine() {
        this(OciRuntime.binaryUnderTest().resolveSibling("rung"), folder(), NO_CRI);
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory("rung-engine");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One that serves a kubelet, too. */
    static Engine withCri() {
        return new Engine(OciRuntime.binaryUnderTest().resolveSibling("rung"), folder(), CRI);
    }

    /** One whose pods join CNI networks, of the folders net.d and plugins in its home. */
    static Engine withCni() {
        return new Engine(OciRuntime.binaryUnderTest().resolveSibling("rung"), folder(), CNI);
    }

    /** Where it does. */
    Path criSocket() {
        return home().resolve("run/cri.sock");
    }

    /** One that kills itself where it is told to, by {@link #dieAfter}. */
    static Engine mortal() {
        return mortal(Map.of(), "HOME_OF_STATE");
    }

    /**
     * The same.
     *
     * @param variables more of its environment
     * @param state the variable that names the folder of what survives a boot
     */
    static Engine mortal(Map<String, String> variables, String state) {
        try {
            Path prefix = Files.createTempDirectory("rung-mortal");
            Path bin = Files.createDirectories(prefix.resolve("bin"));
            Files.copy(
                    OciRuntime.binaryUnderTest(),
                    bin.resolve("rung-oci"),
                    StandardCopyOption.COPY_ATTRIBUTES);
            Files.createSymbolicLink(bin.resolve("rung"), Path.of("rung-oci"));
            Path folder = Files.createTempDirectory("rung-engine");
            var words = new ArrayList<String>();
            words.addAll(
                    List.of(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Xmx64m",
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            classPath(),
                            MortalDaemon.class.getName(),
                            "--executor",
                            "bin/rung-oci",
                            "",
                            "LC_ALL=C.UTF-8"));
            words.add(state + "=" + folder.resolve("home/lib"));
            variables.forEach((name, value) -> words.add(name + "=" + value));
            Path launch = Files.createDirectories(prefix.resolve("lib")).resolve("launch-engine");
            Files.writeString(launch, String.join("\0", words) + "\0");
            Path lib = OciRuntime.binaryUnderTest().resolveSibling("../lib").normalize();
            String copy = "cp -p \"$1\"/*.jar \"$1\"/*.so \"$1\"/*unpacker* \"$2\"";
            Command.of("sh", "-c", copy, "-", lib.toString(), launch.getParent().toString())
                    .succeed();
            return new Engine(bin.resolve("rung"), folder, CRI);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The jars that are installed, and the tests. */
    private static String classPath() {
        Path jars = OciRuntime.binaryUnderTest().resolveSibling("../lib/*").normalize();
        String tests =
                MortalDaemon.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        return jars + ":" + tests;
    }

    private Engine(Path program, Path folder, String settings) {
        this.program = program;
        this.folder = folder;
        try {
            Files.createDirectory(
                    home(),
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            if (!settings.isEmpty()) {
                configure(
                        "rung.toml",
                        settings.formatted(
                                criSocket(), home().resolve("net.d"), home().resolve("plugins")));
            }
            Path config = folder.resolve("registry.yml");
            Files.writeString(
                    config,
                    "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: "
                            + folder.resolve("registry")
                            + "\nhttp:\n  addr: 127.0.0.1:5017\n");
            registry = Command.of("docker-registry", "serve", config.toString()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Patience.await(
                () ->
                        Command.of("sh", "-c", "exec 3<>/dev/tcp/127.0.0.1/5017")
                                        .under("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5017", "-")
                                        .run()
                                        .status()
                                == 0,
                () -> "the registry does not listen");
        Command.of("bash", "-c", MAKE_IMAGE, "-", folder.toString(), IMAGE).succeed();
        rung("pull", "--quiet", IMAGE).succeed();
    }

    /** Where RUNG_HOME points to. */
    Path homeFolder() {
        return home();
    }

    public Path home() {
        return folder.resolve("home");
    }

    /** Writes a file of the engine's configuration. */
    public void configure(String path, String text) {
        Path file = home().resolve("etc").resolve(path);
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a file of the engine's configuration says. */
    String configuration(String path) {
        try {
            return Files.readString(home().resolve("etc").resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A call of rung. */
    public Command rung(String... words) {
        var all = new ArrayList<String>();
        all.add(program.toString());
        all.addAll(Arrays.asList(words));
        return Command.of(all).with("RUNG_HOME", home().toString());
    }

    /** A call of rung on a terminal. */
    Terminal terminal(String... words) {
        var all = new ArrayList<String>();
        all.addAll(List.of("env", "RUNG_HOME=" + home(), program.toString()));
        all.addAll(Arrays.asList(words));
        return new Terminal(folder, all);
    }

    /** Any program on a terminal, with rung in its PATH. */
    public Terminal otherTerminal(String... words) {
        Path bin = OciRuntime.binaryUnderTest().toAbsolutePath().getParent();
        var all = new ArrayList<String>();
        all.addAll(
                List.of(
                        "env",
                        "RUNG_HOME=" + home(),
                        "PATH=" + bin + ":" + System.getenv().getOrDefault("PATH", "")));
        all.addAll(Arrays.asList(words));
        return new Terminal(folder, all);
    }

    /** {@code rung run --rm} of the image without a network, to its end. */
    Outcome run(String... words) {
        return container(List.of("run", "--rm"), List.of(words)).run();
    }

    /** {@code rung run --detach} of the image under a name. */
    void start(String name, String... words) {
        container(List.of("run", "--detach", "--name", name), List.of(words)).succeed();
    }

    /** {@code rung run} of the image under a name, to its end; it is kept. */
    void exited(String name, String... words) {
        container(List.of("run", "--name", name), List.of(words)).succeed();
    }

    /** A line of bash, with rung in its PATH. */
    public Command shell(String line) {
        Path bin = OciRuntime.binaryUnderTest().toAbsolutePath().getParent();
        return Command.of("bash", "-ec", "set -o pipefail; PATH=" + bin + ":$PATH; " + line)
                .with("RUNG_HOME", home().toString());
    }

    private Command container(List<String> verb, List<String> words) {
        var all = new ArrayList<>(verb);
        all.addAll(List.of("--network", "none", IMAGE));
        all.addAll(words);
        return rung(all.toArray(new String[0]));
    }

    /** What inspect tells, by a template such as .State.Status. */
    String inspect(String name, String template) {
        return rung("inspect", "--format", "{{" + template + "}}", name).succeed().output().strip();
    }

    /** What the container has written to stdout. */
    String logs(String name) {
        return rung("logs", name).succeed().output();
    }

    /** Writes a file in the home. */
    void write(String path, String text) {
        try {
            Path file = home().resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has a mortal engine end itself after this step, once. */
    void dieAfter(Enum<?> step) {
        write("die", step.name());
    }

    /** Whether it has not done so yet. */
    boolean isToDie() {
        return Files.exists(home().resolve("die"));
    }

    /** What containers have left on the machine and in the home, when there are none any more. */
    public List<String> left() {
        var left = new ArrayList<>(mounts());
        for (String path :
                List.of(
                        "lib/containers",
                        "lib/snapshots/containers",
                        "run/containers",
                        "lib/pods",
                        "run/pods",
                        "run/oci/host",
                        "run/oci/runc")) {
            if (Files.exists(home().resolve(path))) {
                files(path).forEach(file -> left.add(path + "/" + file));
            }
        }
        String script =
                """
                ip -o link | grep 'master rung' || true
                find /sys/fs/cgroup -type d -regextype sed -regex '.*/rung/\\(pod-\\)\\?[0-9a-f]\\{64\\}' 2>/dev/null || true
                """;
        Command.of("sh", "-c", script).succeed().output().lines().forEach(left::add);
        return left;
    }

    /** Files of what was removed may go a moment later. */
    public void leavesNothing() {
        Patience.await(() -> left().isEmpty(), () -> "left: " + left());
    }

    /** kill -9 of the engine alone. */
    public void kill() {
        Command.of("kill", "-9", pid()).succeed();
    }

    /**
     * What the end of a machine takes: all processes, mounts, what is in run. From now on there is
     * another boot id, until {@link #endReboot}.
     */
    void cutOff() {
        var processes = new StringBuilder();
        for (String id : rung("ps", "-q", "--no-trunc").succeed().output().lines().toList()) {
            processes.append(inspect(id, ".State.Pid")).append(' ');
            processes.append("$(pgrep -f '[r]ung-monitor.*").append(id).append("') ");
        }
        kill();
        if (!processes.isEmpty()) {
            Command.of("sh", "-c", "kill -9 " + processes).succeed();
        }
        for (String mount : mounts()) {
            Command.of("umount", "-l", mount.split(" ")[4]).run();
        }
        Command.of("rm", "-rf", home().resolve("run").toString()).succeed();
        Command.of(
                        "sh",
                        "-c",
                        "find /sys/fs/cgroup -depth -path '*/rung/*' -type d -exec rmdir {} + ||"
                                + " true")
                .succeed();
        String other = home().resolveSibling("boot-id").toString();
        Command.of("sh", "-c", "echo b0071d00-0000-4000-8000-000000000001 >" + other).succeed();
        Command.of("mount", "--bind", other, BOOT_ID).succeed();
    }

    void endReboot() {
        Command.of("umount", BOOT_ID).succeed();
        Command.of("kill", pid()).run();
    }

    /** kill -9 of the engine's own front end. */
    void killWorker() {
        Command.of("pkill", "-9", "--parent", pid(), "-f", "rung-worker").succeed();
    }

    /** kill -9 of a process that a container has. */
    void endProcess(String process) {
        Command.of("kill", "-9", process).succeed();
    }

    /** A file of the home. */
    String read(String path) {
        try {
            return Files.readString(home().resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the engine that runs. */
    public String pid() {
        try {
            return Files.readString(home().resolve("run/rungd.pid")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Mounts of it, in this mount namespace. */
    List<String> mounts() {
        try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.filter(line ->
                            line.contains(" " + home()) || line.contains(" /run/rung-roots/"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is in a folder of the home. */
    List<String> files(String path) {
        try (var files = Files.list(home().resolve(path))) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            for (String id : rung("ps", "--all", "--quiet").run().output().lines().toList()) {
                rung("rm", "--force", id).run();
            }
            for (String id : rung("pod", "ps", "--quiet").run().output().lines().toList()) {
                rung("pod", "rm", "--force", id).run();
            }
        } finally {
            Command.of("bash", "-c", END, "-", pid()).run();
            registry.close();
            Command.of("rm", "-rf", folder.toString()).run();
            if (!program.startsWith(OciRuntime.binaryUnderTest().getParent())) {
                Command.of("rm", "-rf", program.getParent().getParent().toString()).run();
            }
        }
    }
}
