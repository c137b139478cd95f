package dev.rung.engine.monitor;

import dev.rung.domain.ContainerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a monitor is to do.
 *
 * @param globals arguments before the verb, such as {@code --root DIR}
 * @param options arguments of the verb, such as {@code --bundle DIR}; the id, the pid file and the
 *     terminal's socket are added to them
 * @param ephemeral whether the exit record may be lost by a power cut, which saves some
 *     milliseconds at the end of a container that is removed at once
 * @param attached which streams the connection gets from their first byte on
 */
public record MonitorOrder(
        ContainerId id,
        ContainerFolders folders,
        MonitorRuntime runtime,
        List<String> globals,
        List<String> options,
        Streams streams,
        LogSettings log,
        boolean ephemeral,
        MonitorVerb verb,
        Set<Output> attached) {
    /** What the monitor replaces by the path of the socket that it waits at for a terminal. */
    private static final String CONSOLE = "%console";

    public MonitorOrder {
        globals = List.copyOf(globals);
        options = List.copyOf(options);
        attached = Set.copyOf(attached);
    }

    /** To create a container. */
    public MonitorOrder(
            ContainerId id,
            ContainerFolders folders,
            MonitorRuntime runtime,
            List<String> globals,
            List<String> options,
            Streams streams,
            LogSettings log,
            boolean ephemeral) {
        this(
                id,
                folders,
                runtime,
                globals,
                options,
                streams,
                log,
                ephemeral,
                new MonitorVerb.Create(),
                Set.of());
    }

    /** The runtime's whole command line. */
    List<String> arguments() {
        var all = new ArrayList<String>();
        all.add(
                switch (runtime) {
                    case MonitorRuntime.Host() -> "rung-oci";
                    case MonitorRuntime.External(var binary) -> binary.toString();
                });
        all.addAll(globals);
        all.addAll(
                switch (verb) {
                    case MonitorVerb.Create() -> List.of("create");
                    case MonitorVerb.Restore() -> List.of("restore", "--detach");
                    case MonitorVerb.Exec _ -> List.of("exec", "--detach");
                });
        all.addAll(options);
        all.addAll(List.of("--pid-file", folders.pidFile().toAbsolutePath().toString()));
        if (streams instanceof Streams.Terminal) {
            all.addAll(List.of("--console-socket", CONSOLE));
        }
        all.add(id.value());
        if (verb instanceof MonitorVerb.Exec(var words)) {
            all.addAll(words);
        }
        return all;
    }
}
