package dev.rung.cli.oci;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.host.compile.Compiled;
import dev.rung.host.compile.ExecProgram;
import dev.rung.host.compile.ExecRequest;
import dev.rung.oci.ContainerProcess;
import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.json.Json;
import dev.rung.resident.Ending;
import java.util.List;

/** "exec": another process in a container that runs. */
final class ExecCommand implements Verb {
    private final Kernel kernel;

    ExecCommand(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public Ending run(Call call) {
        Arguments arguments = call.arguments();
        arguments.atLeast(1);
        Containers.Found found = call.containers().get(call.id());
        checkStatus(found, arguments.flag("ignore-paused"));
        RuntimeConfig config = new Lifecycle(call, found).config();
        ContainerProcess process = process(call, config);
        boolean detached = arguments.flag("detach");
        ProcessOptions options = ProcessOptions.of(call, process.terminal(), detached, false);
        StoredContainer stored = found.stored();
        var request =
                new ExecRequest(
                        new ContainerId(stored.id()),
                        stored.pid(),
                        stored.startTime(),
                        stored.bundle(),
                        process,
                        options.consoleSocket(),
                        options.pidFile(),
                        options.pidfdSocket(),
                        options.preserveFds(),
                        options.listenFds(),
                        stored.noNewKeyring(),
                        null);
        Compiled compiled =
                ExecProgram.compile(
                        config,
                        new HostReader(call.files(), kernel).read(call.front().request()),
                        request,
                        StoredCgroups.of(
                                stored, ExecOptions.subCgroups(arguments.texts("cgroup"))));
        new Execution(call).make(compiled);
        if (detached) {
            return DONE;
        }
        return new Ending.Wait(
                compiled.pid().index(),
                compiled.pidfd().index(),
                compiled.terminal() == null ? -1 : compiled.terminal().index(),
                new byte[0],
                List.of());
    }

    private static void checkStatus(Containers.Found found, boolean ignorePaused) {
        switch (found.status()) {
            case CREATED, RUNNING -> {}
            case PAUSED -> {
                if (!ignorePaused) {
                    throw new Failure.WrongState(
                            "cannot exec in a paused container (use --ignore-paused to override)");
                }
            }
            case STOPPED, CREATING ->
                    throw new Failure.WrongState("cannot exec in a stopped container");
        }
    }

    private static ContainerProcess process(Call call, RuntimeConfig config) {
        Arguments arguments = call.arguments();
        String file = arguments.text("process");
        if (file.isEmpty()) {
            return ExecOptions.process(config.process(), arguments);
        }
        Files.Content content = call.files().read(file, Json.LARGEST);
        if (!content.there()) {
            throw new Failure.Invalid(content.error());
        }
        return ContainerProcess.read(file, content.bytes());
    }
}
