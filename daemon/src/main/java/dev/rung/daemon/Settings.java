package dev.rung.daemon;

import dev.rung.daemon.settings.Configuration;
import dev.rung.daemon.settings.ConfigurationFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where this engine lives.
 *
 * @param home what RUNG_HOME names, or / for the machine's own engine
 * @param configuration the folder with rung.toml
 * @param written what the person who runs it has written down
 * @param durable state that survives a boot
 * @param sockets where it is called
 * @param running state that need not survive a boot
 * @param installation where this build lies, with bin and lib
 */
record Settings(
        Path home,
        Path configuration,
        Configuration written,
        Path durable,
        Path sockets,
        Path running,
        Path installation) {
    private static final Path MACHINES_OWN = Path.of("/run/rung");

    /**
     * Told by the folder of its socket: /run/rung, or run in the home of a private engine. That of
     * an ordinary user, which has no such home, gets HOME in its environment, and by it the folders
     * of the XDG base directory specification.
     *
     * @param criSocket where a kubelet is served, whatever is written down; empty: beside the other
     *     sockets, null: as it is written
     */
    static Settings of(Path sockets, Map<String, String> environment, @Nullable String criSocket) {
        Path asked =
                criSocket == null
                        ? null
                        : criSocket.isEmpty() ? sockets.resolve("cri.sock") : Path.of(criSocket);
        String person = environment.getOrDefault("HOME", "");
        if (!person.isEmpty()) {
            Path own = Path.of(person);
            Path data = base(environment, "XDG_DATA_HOME", own.resolve(".local/share"));
            Path config = base(environment, "XDG_CONFIG_HOME", own.resolve(".config"));
            return of(
                    data.resolve("rung"),
                    config.resolve("rung"),
                    data.resolve("rung"),
                    sockets,
                    asked);
        }
        Path home = sockets.getParent();
        if (sockets.equals(MACHINES_OWN) || home == null) {
            return of(Path.of("/"), Path.of("/etc/rung"), Path.of("/var/lib/rung"), sockets, asked);
        }
        return of(home, home.resolve("etc"), home.resolve("lib"), sockets, asked);
    }

    /** Whether this is an ordinary user's engine, whose namespaces somebody holds. */
    boolean held() {
        return Files.exists(sockets.resolve("holder.sock"));
    }

    private static Path base(Map<String, String> environment, String name, Path usual) {
        String set = environment.getOrDefault(name, "");
        return set.startsWith("/") ? Path.of(set) : usual;
    }

    private static Settings of(
            Path home, Path configuration, Path durable, Path sockets, @Nullable Path criSocket) {
        Configuration written = ConfigurationFiles.read(configuration, criSocket);
        Path data = written.dataRoot();
        Path exec = written.execRoot();
        return new Settings(
                home,
                configuration,
                written,
                data == null ? durable : data,
                sockets,
                exec == null ? sockets : exec,
                Path.of("").toAbsolutePath());
    }

    /** rung-oci's binary. */
    Path executor() {
        return installation.resolve("bin/rung-oci");
    }
}
