package dev.rung.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The OCI runtime that the tests judge, with a state folder of its own: the one that the
 * environment variable OCI_RUNTIME names, else this checkout's rung-oci.
 */
public final class OciRuntime {
    private final Path binary;
    private final Path root;
    private final Path home;

    private OciRuntime(Path binary, Path root, Path home) {
        this.binary = binary;
        this.root = root;
        this.home = home;
    }

    /**
     * The runtime to judge.
     *
     * @param root where it keeps its state, {@code --root}
     * @param home where Rung keeps its sockets, RUNG_HOME
     */
    static OciRuntime underTest(Path root, Path home) {
        return new OciRuntime(binaryUnderTest(), root, home);
    }

    /** Where the runtime to judge is, whether it exists or not. */
    public static Path binaryUnderTest() {
        String named = System.getenv().getOrDefault("OCI_RUNTIME", ".rung/bin/rung-oci");
        return Path.of(named).toAbsolutePath();
    }

    /** The same runtime with another state folder. */
    public OciRuntime withRoot(Path otherRoot) {
        return new OciRuntime(binary, otherRoot, home);
    }

    public Path root() {
        return root;
    }

    public Path binary() {
        return binary;
    }

    /** Whether this is Rung's own, for the little that peers do otherwise; say why at each use. */
    public boolean isRung() {
        return binary.getFileName().toString().equals("rung-oci");
    }

    /** A call with these arguments after the global ones. */
    public Command command(String... arguments) {
        return command(List.of(arguments));
    }

    /** The same from a list. */
    public Command command(List<String> arguments) {
        var all = new ArrayList<String>();
        if (binary.getFileName().toString().equals("crun") && isHybrid()) {
            // crun refuses this layout, and has its own view of it without the v2 part.
            all.addAll(
                    List.of(
                            "unshare",
                            "--mount",
                            "sh",
                            "-c",
                            "umount /sys/fs/cgroup/unified; exec \"$@\"",
                            "-"));
        }
        all.addAll(List.of(binary.toString(), "--root", root.toString()));
        all.addAll(arguments);
        return Command.of(all).with("RUNG_HOME", home.toString());
    }

    /** The ids of its containers, from the state folder. */
    List<String> ids() {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(root)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isHybrid() {
        return Files.exists(Path.of("/sys/fs/cgroup/unified"));
    }
}
