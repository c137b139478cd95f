package dev.rung.cli.oci;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.host.cgroup.ContainerCgroups;
import dev.rung.host.compile.Compiled;
import dev.rung.host.compile.ExecProgram;
import dev.rung.host.compile.ExecRequest;
import dev.rung.host.compile.SeccompFilters;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.ContainerProcess;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.Validation;
import dev.rung.oci.json.Json;
import dev.rung.resident.Ending;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

final class ExecCommand implements Verb {
    private final Kernel kernel;
    private final SeccompFilters filters;

    ExecCommand(Kernel kernel, SeccompFilters filters) {
        this.kernel = kernel;
        this.filters = filters;
    }

    @Override
    public Ending run(Call call) {
        Arguments arguments = call.arguments();
        arguments.atLeast(1);
        Containers.Found found = call.containers().get(call.id());
        if (found.status() == ContainerStatus.STOPPED) {
            throw new Failure.WrongState("cannot exec in a stopped container");
        }
        if (found.status() == ContainerStatus.PAUSED && !arguments.flag("ignore-paused")) {
            throw new Failure.WrongState(
                    "cannot exec in a paused container (use --ignore-paused to override)");
        }
        RuntimeConfig config = new Lifecycle(call, found).config();
        ContainerProcess process = process(call, config);
        boolean detached = arguments.flag("detach");
        ProcessOptions options = ProcessOptions.of(call, process.terminal(), detached, false);
        HostDescription host = new HostReader(call.files(), kernel).read(call.front().request());
        StoredContainer stored = found.stored();
        var request =
                new ExecRequest(
                        new ContainerId(stored.id()),
                        stored.pid(),
                        stored.startTime(),
                        stored.bundle(),
                        process,
                        options.consoleSocket(),
                        options.callerTerminal(),
                        options.pidFile(),
                        options.pidfdSocket(),
                        options.preserveFds(),
                        options.listenFds(),
                        stored.noNewKeyring(),
                        stored.resctrl(),
                        null);
        Compiled compiled =
                ExecProgram.compile(config, host, request, cgroups(call, stored), filters);
        Ending ending = detached ? DONE : waiting(compiled);
        return new Execution(call).make(compiled, host, new Known(ending));
    }

    private static Ending waiting(Compiled compiled) {
        return new Ending.Wait(
                compiled.pid().index(),
                compiled.pidfd().index(),
                compiled.terminal() == null ? -1 : compiled.terminal().index(),
                null,
                new byte[0],
                List.of());
    }

    private static ContainerProcess process(Call call, RuntimeConfig config) {
        String file = call.arguments().text("process");
        if (file.isEmpty()) {
            ContainerProcess process = ExecOptions.process(config.process(), call.arguments());
            Validation.checkProcess("config.json", process);
            return process;
        }
        Files.Content content = call.files().read(call.absolute(file), Json.LARGEST);
        if (!content.there()) {
            throw new Failure.Invalid("open " + file + ": " + content.reason());
        }
        ContainerProcess process = ContainerProcess.read(file, content.bytes());
        Validation.checkProcess(file, process);
        return process;
    }

    private static ContainerCgroups cgroups(Call call, StoredContainer stored) {
        Map<String, String> below =
                new HashMap<>(ExecOptions.subCgroups(call.arguments().texts("cgroup")));
        String own = stored.cgroups().get("");
        if (own != null && stored.cgroups().size() == 1 && below.isEmpty()) {
            String processes =
                    call.files().read("/proc/" + stored.pid() + "/cgroup", Files.SMALL).text();
            below.put("", moved(own, processes));
        }
        for (String path : below.values()) {
            if (("/" + path + "/").contains("/../")) {
                throw new Failure.Invalid(
                        "invalid --cgroup argument: `..` components are not allowed: " + path);
            }
        }
        if ((own == null || stored.cgroups().size() > 1) && !below.getOrDefault("", "").isEmpty()) {
            stayWhereMissing(call, stored, below);
        }
        for (String controller : below.keySet()) {
            if (!controller.isEmpty() && !stored.cgroups().containsKey(controller)) {
                throw new Failure.Invalid(
                        "invalid --cgroup argument: the container has no cgroup of controller "
                                + controller);
            }
        }
        return StoredCgroups.of(stored, below);
    }

    /**
     * A path that was given for all hierarchies of version 1 need not be there in each; where it is
     * not, the process joins the container's own cgroup.
     */
    private static void stayWhereMissing(
            Call call, StoredContainer stored, Map<String, String> below) {
        String path = below.getOrDefault("", "");
        boolean found = false;
        for (Map.Entry<String, String> entry : stored.cgroups().entrySet()) {
            String file = entry.getValue() + CallerPath.absolute("/", path) + "/cgroup.procs";
            if (call.files().read(file, Files.SMALL).there()) {
                found = true;
            } else {
                below.putIfAbsent(entry.getKey(), "");
            }
        }
        if (!found) {
            throw new Failure.Invalid(
                    "invalid --cgroup argument: the container has no cgroup " + path);
        }
    }

    /**
     * Where below its own cgroup the first process of a container went: a cgroup of version 2 that
     * has handed its controllers on takes no processes itself.
     *
     * @param own the container's cgroup on the host
     * @param processes /proc/PID/cgroup of the process
     */
    static String moved(String own, String processes) {
        String path = processes.strip();
        if (!path.startsWith("0::/")) {
            return "";
        }
        path = path.substring("0::".length());
        int end = path.length();
        while (end > 0) {
            if (own.endsWith(path.substring(0, end))) {
                return path.substring(end);
            }
            end = path.lastIndexOf('/', end - 1);
        }
        return "";
    }
}
