package dev.rung.daemon;

import dev.rung.daemon.settings.Configuration;
import dev.rung.daemon.settings.ConfigurationFiles;
import java.nio.file.Path;

/**
 * Where this engine lives.
 *
 * @param home what RUNG_HOME names, or / for the machine's own engine
 * @param configuration the folder with rung.toml
 * @param written what the person who runs it has written down
 * @param durable state that survives a boot
 * @param sockets where it is called
 * @param running state that need not survive a boot
 * @param executor rung-oci's binary
 */
record Settings(
        Path home,
        Path configuration,
        Configuration written,
        Path durable,
        Path sockets,
        Path running,
        Path executor) {
    private static final Path MACHINES_OWN = Path.of("/run/rung");

    /** Told by the folder of its socket: /run/rung, or run in the home of a private engine. */
    static Settings of(Path sockets) {
        Path home = sockets.getParent();
        if (sockets.equals(MACHINES_OWN) || home == null) {
            return of(Path.of("/"), Path.of("/etc/rung"), Path.of("/var/lib/rung"), sockets);
        }
        return of(home, home.resolve("etc"), home.resolve("lib"), sockets);
    }

    private static Settings of(Path home, Path configuration, Path durable, Path sockets) {
        Configuration written = ConfigurationFiles.read(configuration);
        Path data = written.dataRoot();
        Path exec = written.execRoot();
        return new Settings(
                home,
                configuration,
                written,
                data == null ? durable : data,
                sockets,
                exec == null ? sockets : exec,
                Path.of("bin/rung-oci").toAbsolutePath());
    }
}
