package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.host.compile.CheckpointProgram;
import dev.rung.host.compile.CheckpointRequest;
import dev.rung.host.compile.CheckpointRequest.Kind;
import dev.rung.host.compile.CheckpointRequest.OutsideNamespace;
import dev.rung.host.compile.Compiled;
import dev.rung.host.criu.CriuOptions;
import dev.rung.host.criu.CriuOptions.Choice;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.LinuxConfig.Namespace;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.json.JsonWriter;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

final class CheckpointCommand implements Verb {
    private static final int STREAMS = 3;

    private final Kernel kernel;

    CheckpointCommand(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public Ending run(Call call) {
        call.arguments().exactly(1);
        Containers.Found found = call.containers().get(call.id());
        if (!kernel.isRoot(call.front().request().uid())) {
            call.journal().warn("checkpoint is untested with rootless containers");
        }
        if (found.status() == ContainerStatus.CREATED
                || found.status() == ContainerStatus.STOPPED) {
            throw new Failure.WrongState(
                    "Container cannot be checkpointed in " + found.status() + " state");
        }
        var lifecycle = new Lifecycle(call, found);
        String images = CriuArguments.images(call);
        String work = CriuArguments.work(call);
        CriuOptions options = CriuArguments.options(call, images);
        HostDescription host = new HostReader(call.files(), kernel).read(call.front().request());
        CheckpointRequest request = request(call, found, lifecycle, options, host);
        Compiled compiled = CheckpointProgram.compile(request, Acts.machine());
        try {
            new Execution(call).run(compiled.program(), new PhaseWork(compiled.phases()), "");
        } catch (Failure | StepFailed e) {
            if (found.status() == ContainerStatus.RUNNING) {
                lifecycle.thaw(); // criu may have been killed when all was frozen
            }
            throw e instanceof Failure failure
                    ? CriuLog.explained(
                            call, failure, work == null ? images : work, CheckpointProgram.LOG)
                    : e;
        }
        boolean stays =
                options.has(Choice.LEAVE_RUNNING)
                        || options.has(Choice.PRE_DUMP)
                        || call.arguments().flag("keep");
        return stays ? DONE : lifecycle.delete(true);
    }

    private static CheckpointRequest request(
            Call call,
            Containers.Found found,
            Lifecycle lifecycle,
            CriuOptions options,
            HostDescription host) {
        StoredContainer stored = found.stored();
        RuntimeConfig config = lifecycle.config();
        String process = "/proc/" + stored.pid();
        return new CheckpointRequest(
                CriuArguments.command(call),
                options,
                CriuArguments.images(call),
                CriuArguments.work(call),
                statusFd(call),
                stored.pid(),
                stored.startTime(),
                stored.rootfs(),
                freezer(stored),
                new OutsideMounts(call, config, process + "/root").dumped(host.cgroups()),
                namespaces(call, config),
                descriptors(call, process));
    }

    /** One of the caller's, which the front end has, too. */
    private static int statusFd(Call call) {
        long number = call.arguments().integer("status-fd");
        if (number < 0) {
            return -1;
        }
        if (number >= 3L + call.front().request().inheritedDescriptors()) {
            throw new Failure.Invalid(
                    "invalid --status-fd argument " + number + ": bad file descriptor");
        }
        return (int) number;
    }

    private static @Nullable String freezer(StoredContainer stored) {
        String folder = stored.cgroups().get("freezer");
        return folder == null ? stored.cgroups().get("") : folder;
    }

    private static List<OutsideNamespace> namespaces(Call call, RuntimeConfig config) {
        var outside = new ArrayList<OutsideNamespace>(2);
        for (Namespace namespace : config.linux().namespaces()) {
            String path = namespace.path();
            boolean network = namespace.type() == NamespaceType.NETWORK;
            if (path != null && (network || namespace.type() == NamespaceType.PID)) {
                outside.add(
                        new OutsideNamespace(
                                network ? Kind.NETWORK : Kind.PID, call.files().inode(path)));
            }
        }
        return outside;
    }

    /** Where the standard streams lead, as links in /proc say. */
    private static byte[] descriptors(Call call, String process) {
        var json = JsonWriter.compact().beginArray();
        for (int i = 0; i < STREAMS; i++) {
            String link = call.files().canonical(process + "/fd/" + i);
            json.value(link == null ? "" : link);
        }
        return json.endArray().bytes();
    }
}
