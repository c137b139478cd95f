package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.engine.monitor.MonitorRuntime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of an OCI runtime's exec. */
public sealed interface ExecWords {
    /** What the process is called in the words of {@link Own}; no such file is there. */
    String PROCESS = "/the-process-of-this-exec";

    /**
     * A call of rung-oci, which this JVM answers itself.
     *
     * @param process what is to be read as {@link #PROCESS}
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Own(List<String> words, byte[] process) implements ExecWords {}

    /** A call of another runtime's binary, which reads a file. */
    record Binary(List<String> words) implements ExecWords {}

    static ExecWords own(
            ContainerRuntime runtime, ContainerId id, ExecOrder order, byte[] process) {
        return new Own(words("rung-oci", runtime, id, order, PROCESS), process);
    }

    static ExecWords binary(
            ContainerRuntime runtime,
            MonitorRuntime.External creator,
            ContainerId id,
            ExecOrder order,
            Path process) {
        String program = creator.binary().toString();
        return new Binary(words(program, runtime, id, order, process.toString()));
    }

    private static List<String> words(
            String program,
            ContainerRuntime runtime,
            ContainerId id,
            ExecOrder order,
            String process) {
        var words = new ArrayList<String>();
        words.add(program);
        words.addAll(runtime.globals());
        words.add("exec");
        if (order.detached()) {
            words.add("--detach");
        }
        words.addAll(List.of("--process", process, id.value()));
        return List.copyOf(words);
    }
}
