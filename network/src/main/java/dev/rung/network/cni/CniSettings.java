package dev.rung.network.cni;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Where the networks of CNI and what belongs to them are.
 *
 * @param networks the folder of the administrator's networks, such as /etc/cni/net.d
 * @param programs folders of plugins, such as /opt/cni/bin, the first that has one counts
 * @param state for what is known of attachments
 * @param builtIn whether usual types are answered in process; else all are programs
 * @param patience how long a program may take
 */
public record CniSettings(
        Path networks, List<Path> programs, Path state, boolean builtIn, Duration patience) {
    public CniSettings {
        programs = List.copyOf(programs);
    }
}
