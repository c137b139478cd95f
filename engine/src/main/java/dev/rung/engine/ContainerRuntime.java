package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.engine.monitor.MonitorRuntime;
import java.nio.file.Path;
import java.util.List;

/** An OCI runtime by name: the verbs of its command line. Failures carry its own words. */
interface ContainerRuntime {
    /** Who creates for it. */
    MonitorRuntime creator();

    /** What stands before each verb. */
    List<String> globals();

    /** Has a created container's process run. */
    void start(ContainerId id);

    /** WrongState when it does not run any more. */
    void kill(ContainerId id, int signal);

    void pause(ContainerId id);

    void resume(ContainerId id);

    /** Gives a container that runs other limits: a file as the verb's {@code --resources} takes. */
    void update(ContainerId id, Path resources);

    /** Removes what is left of a container, ending it where it still runs; nothing may be left. */
    void delete(ContainerId id);
}
