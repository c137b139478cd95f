package dev.rung.daemon;

import java.nio.file.Path;

/**
 * Where this engine lives.
 *
 * @param home what RUNG_HOME names, or / for the machine's own engine
 * @param durable state that survives a boot
 * @param running sockets and state that need not
 * @param executor rung-oci's binary
 */
record Settings(Path home, Path durable, Path running, Path executor) {
    private static final Path MACHINES_OWN = Path.of("/run/rung");

    /** Told by the folder of its socket: /run/rung, or run in the home of a private engine. */
    static Settings of(Path running) {
        Path executor = Path.of("bin/rung-oci").toAbsolutePath();
        Path home = running.getParent();
        if (running.equals(MACHINES_OWN) || home == null) {
            return new Settings(Path.of("/"), Path.of("/var/lib/rung"), running, executor);
        }
        return new Settings(home, home.resolve("lib"), running, executor);
    }
}
