package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.engine.monitor.MonitorRuntime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line of an OCI runtime's exec.
 *
 * @param words the first is rung-oci for the host's own runtime, else the path of a binary
 * @param process the file with the process, to be deleted once it was read
 */
public record ExecWords(List<String> words, Path process) {
    static ExecWords of(ContainerRuntime runtime, ContainerId id, ExecOrder order, Path process) {
        var words = new ArrayList<String>();
        words.add(
                runtime.creator() instanceof MonitorRuntime.External(var binary)
                        ? binary.toString()
                        : "rung-oci");
        words.addAll(runtime.globals());
        words.add("exec");
        if (order.detached()) {
            words.add("--detach");
        }
        words.addAll(List.of("--process", process.toString(), id.value()));
        return new ExecWords(List.copyOf(words), process);
    }

    /** Whether it is a call of rung-oci, which this JVM answers itself. */
    public boolean isOwn() {
        return words.getFirst().equals("rung-oci");
    }
}
