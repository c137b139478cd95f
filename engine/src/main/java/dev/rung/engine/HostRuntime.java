package dev.rung.engine;

import dev.rung.cli.oci.LentFront;
import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.monitor.MonitorRuntime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The host's own namespaces: rung-oci, all of it in this JVM and its front ends. */
final class HostRuntime implements ContainerRuntime {
    static final String NAME = "host";

    private final OciWorker worker;
    private final List<String> globals;

    HostRuntime(OciWorker worker, String root, List<String> options) {
        this.worker = worker;
        var all = new ArrayList<String>(List.of("--root", root));
        all.addAll(options);
        this.globals = List.copyOf(all);
    }

    @Override
    public MonitorRuntime creator() {
        return new MonitorRuntime.Host();
    }

    @Override
    public List<String> globals() {
        return globals;
    }

    @Override
    public void start(ContainerId id) {
        var arguments = new ArrayList<>(globals);
        arguments.addAll(List.of("start", id.value()));
        check(worker.run(id, arguments));
    }

    @Override
    public String status(ContainerId id) {
        var arguments = new ArrayList<>(globals);
        arguments.addAll(List.of("state", id.value()));
        return ContainerRuntime.status(worker.run(arguments).out());
    }

    @Override
    public void kill(ContainerId id, int signal) {
        run("kill", id.value(), Integer.toString(signal));
    }

    @Override
    public void pause(ContainerId id) {
        run("pause", id.value());
    }

    @Override
    public void resume(ContainerId id) {
        run("resume", id.value());
    }

    @Override
    public void update(ContainerId id, Path resources) {
        run("update", "--resources", resources.toString(), id.value());
    }

    @Override
    public void checkpoint(ContainerId id, Path images, Path work, boolean goesOn) {
        run(
                "checkpoint",
                goesOn ? "--leave-running" : "--leave-running=false",
                "--keep",
                "--image-path=" + images,
                "--work-path=" + work,
                id.value());
    }

    @Override
    public void delete(ContainerId id) {
        run("delete", "--force", id.value());
    }

    @Override
    public String explain(ContainerId id, Path bundle, List<String> options) {
        var arguments = new ArrayList<>(globals);
        arguments.add("explain");
        arguments.addAll(options);
        arguments.addAll(List.of("--id", id.value(), "--bundle", bundle.toString()));
        LentFront.Said said = worker.run(arguments);
        if (said.code() != 0) {
            throw failure(said.err());
        }
        return said.out();
    }

    @Override
    public String features() {
        return worker.run(List.of("features")).out();
    }

    private void run(String... words) {
        var arguments = new ArrayList<>(globals);
        arguments.addAll(List.of(words));
        check(worker.run(arguments));
    }

    private static void check(LentFront.Said said) {
        if (said.code() != 0) {
            throw failure(said.err());
        }
    }

    /** The last line of what rung-oci logs, without what stands before it. */
    static Failure failure(String errors) {
        String line = errors.strip();
        line = line.substring(line.lastIndexOf('\n') + 1);
        int message = line.indexOf("msg=\"");
        if (message >= 0) {
            line =
                    line.substring(message + 5, Math.max(message + 5, line.lastIndexOf('"')))
                            .replace("\\\"", "\"");
        }
        return line.contains("not running")
                ? new Failure.WrongState(line)
                : new Failure.HostRefused(line, null);
    }
}
