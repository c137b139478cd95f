package dev.rung.nri;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How plug-ins come to the engine.
 *
 * @param enabled whether there are any
 * @param connections whether any may connect
 * @param socket where they connect
 * @param folder of those that are started with the engine, each an executable called NN-NAME
 * @param configurations folder with what they are configured with: NN-NAME.conf or NAME.conf
 * @param registration how long a new one may take to say who it is
 * @param request how long one may take to answer
 * @param validator what none of them may do
 */
public record PluginSettings(
        boolean enabled,
        boolean connections,
        Path socket,
        Path folder,
        Path configurations,
        Duration registration,
        Duration request,
        ValidatorSettings validator) {
    public static final Path SOCKET = Path.of("/var/run/nri/nri.sock");
    public static final Path FOLDER = Path.of("/opt/nri/plugins");
    public static final Path CONFIGURATIONS = Path.of("/etc/nri/conf.d");
    public static final Duration REGISTRATION = Duration.ofSeconds(5);
    public static final Duration REQUEST = Duration.ofSeconds(2);
}
