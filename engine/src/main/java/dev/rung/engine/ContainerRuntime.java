package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.monitor.MonitorRuntime;
import dev.rung.oci.json.JsonFields;
import java.nio.charset.StandardCharsets;
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

    /** As "state" tells it: created, running, paused, stopped; empty for one that is gone. */
    String status(ContainerId id);

    /** Whether a container that it created waits to be started; false also for one that is gone. */
    default boolean waits(ContainerId id) {
        return status(id).equals("created");
    }

    /**
     * Writes a container that runs to images.
     *
     * @param images folder for them
     * @param work folder for what is logged
     * @param goesOn whether it runs on then; else it ends, and what is left of it stays
     */
    void checkpoint(ContainerId id, Path images, Path work, boolean goesOn);

    /** WrongState when it does not run any more. */
    void kill(ContainerId id, int signal);

    void pause(ContainerId id);

    void resume(ContainerId id);

    /** Gives a container that runs other limits: a file as the verb's {@code --resources} takes. */
    void update(ContainerId id, Path resources);

    /** Removes what is left of a container, ending it where it still runs; nothing may be left. */
    void delete(ContainerId id);

    /**
     * What creating a container of a bundle would do, step by step, each beside the key of
     * config.json that asks for it. Unsupported by runtimes whose steps are their own.
     *
     * @param options of the verb: {@code --json}, {@code --secrets}
     */
    String explain(ContainerId id, Path bundle, List<String> options);

    /** What "features" says (runtime-spec features.md), as JSON; empty where it is not known. */
    String features();

    /** Out of what "state" said (runtime-spec runtime.md, State). */
    static String status(String state) {
        try {
            byte[] json = state.getBytes(StandardCharsets.UTF_8);
            String status = JsonFields.read("state", json).optionalText("status");
            return status == null ? "" : status;
        } catch (Failure.Invalid e) {
            return "";
        }
    }
}
