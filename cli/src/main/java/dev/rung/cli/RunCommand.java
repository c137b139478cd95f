package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Printable;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.NewContainer;
import dev.rung.engine.NewPod;
import dev.rung.engine.Pods;
import dev.rung.engine.monitor.Output;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Model.OptionSpec;

/** "run" and "create". */
final class RunCommand implements Command {
    private static final int NOT_RUN = 125;
    private static final int NOT_EXECUTABLE = 126;
    private static final int NOT_FOUND = 127;

    private final boolean runs;

    RunCommand(boolean runs) {
        this.runs = runs;
    }

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                runs ? "run" : "create",
                "[OPTIONS] IMAGE [COMMAND] [ARG...]",
                runs ? "Create and run a new container from an image" : "Create a new container",
                WordCount.atLeast(1));
    }

    @Override
    public boolean endsOptions() {
        return true;
    }

    @Override
    public List<OptionSpec> options() {
        var options = new ArrayList<OptionSpec>();
        if (runs) {
            options.add(Switch.texts("-a --attach", "list", "Attach to STDIN, STDOUT or STDERR"));
            options.add(Switch.flag("-d --detach", "Run container in background and print its ID"));
            options.add(Switch.text("--detach-keys", "string", "Keys that detach a terminal"));
            options.add(
                    Switch.flag("--sig-proxy", "Proxy received signals to the process (default)"));
            options.add(Switch.flag("--no-sig-proxy", "Keep received signals from the process"));
        }
        options.addAll(ContainerOptions.all());
        return options;
    }

    @Override
    public List<String> examples() {
        return List.of(name() + " --rm -it alpine sh", name() + " --name web -v data:/data nginx");
    }

    @Override
    public Ending run(Invocation call) {
        try {
            Set<Output> streams = streams(call);
            NewContainer request = ContainerOptions.read(call);
            ContainerView made = createInPod(call, request);
            String id = made.record().id().value();
            if (!call.text("--cidfile").isEmpty()) {
                call.caller().log(call.absolute(call.text("--cidfile")), id);
            }
            if (!runs) {
                call.out(id + "\n");
                return DONE;
            }
            if (call.flag("-d") || streams.isEmpty() && !request.config().openStdin()) {
                return detached(call, id);
            } else if (streams.isEmpty()) {
                call.out(id + "\n");
            }
            return attachedInPod(call, request, streams, id);
        } catch (Failure e) {
            return failed(call, e, NOT_RUN);
        }
    }

    private Ending failed(Invocation call, Failure failure, int code) {
        call.err(
                "rung: Error response from daemon: "
                        + failure.getMessage()
                        + "\n\nRun 'rung "
                        + name()
                        + " --help' for more information\n");
        return new Ending.Exit(code);
    }

    private static ContainerView createInPod(Invocation call, NewContainer request) {
        NewPod pod = PodOptions.ofRun(call);
        if (pod == null) {
            return create(call, request);
        }
        Pods pods = call.services().engine().pods();
        String id = pods.create(pod).record().id().value();
        try {
            return create(call, request);
        } catch (Failure e) {
            pods.remove(id, true);
            throw e;
        }
    }

    private static ContainerView create(Invocation call, NewContainer request) {
        Containers containers = call.services().containers();
        String image = request.config().image();
        String policy = call.text("--pull");
        if (policy.equals("always")) {
            pull(call, image);
        }
        try {
            return containers.create(request);
        } catch (Failure.NotFound e) {
            boolean missing = !policy.equals("never") && !policy.equals("always");
            if (!missing || containers.hasImage(request)) {
                throw e;
            }
        }
        call.err(
                "Unable to find image '"
                        + ImageName.parse(image).withDefaultTag().familiar()
                        + "' locally\n");
        pull(call, image);
        return containers.create(request);
    }

    private static void pull(Invocation call, String image) {
        boolean quiet = call.flag("-q");
        call.services()
                .transfer()
                .pull(
                        image,
                        call.text("--platform"),
                        PersonalConfig.of(call),
                        LayerLines.onErrors(call, quiet));
    }

    private Ending detached(Invocation call, String id) {
        try {
            call.services().containers().start(id, _ -> {});
        } catch (Failure e) {
            return notStarted(call, e, id);
        }
        call.out(id + "\n");
        return DONE;
    }

    /** A pod that was made for it goes with it, if it goes. */
    private Ending attachedInPod(
            Invocation call, NewContainer request, Set<Output> streams, String id) {
        Ending ending = attached(call, request, streams, id);
        if (PodOptions.isFresh(call) && call.flag("--rm")) {
            try {
                call.services().engine().pods().remove(PodOptions.name(call), false);
            } catch (Failure.NotFound | Failure.WrongState _) {
                // somebody has removed it, or put another container into it
            }
        }
        return ending;
    }

    /** What is wanted of what it writes: all, where nothing is said. */
    private static Set<Output> streams(Invocation call) {
        if (!call.has("--attach")) {
            return EnumSet.allOf(Output.class);
        } else if (call.flag("-d")) {
            throw new Failure.Invalid(
                    "conflicting options: cannot specify both --attach and --detach");
        }
        Set<Output> streams = EnumSet.noneOf(Output.class);
        for (String name : call.texts("--attach")) {
            switch (name.toLowerCase(Locale.ROOT)) {
                case "stdin" -> {}
                case "stdout" -> streams.add(Output.STDOUT);
                case "stderr" -> streams.add(Output.STDERR);
                default ->
                        throw new UsageError(
                                "invalid argument \""
                                        + Printable.of(name)
                                        + "\" for \"-a, --attach\" flag: valid streams are STDIN,"
                                        + " STDOUT and STDERR",
                                NOT_RUN);
            }
        }
        return streams;
    }

    private Ending attached(Invocation call, NewContainer request, Set<Output> streams, String id) {
        Containers containers = call.services().containers();
        var attachment = new Attachment(call, id);
        boolean tty = request.config().tty();
        boolean input = request.config().openStdin();
        if (tty && input && !call.caller().request().terminals().in()) {
            containers.remove(id, true, true);
            call.err("the input device is not a TTY\n");
            return new Ending.Exit(1);
        }
        boolean signals = !call.flag("--no-sig-proxy");
        CompletableFuture<Integer> removed = containers.removed(id);
        try {
            containers.start(
                    id,
                    folders ->
                            attachment.begin(
                                    folders,
                                    streams,
                                    input,
                                    tty,
                                    signals,
                                    call.text("--detach-keys")));
        } catch (Failure e) {
            attachment.abandon();
            return notStarted(call, e, id);
        }
        CompletableFuture<Integer> code =
                request.host().autoRemove() ? removed : containers.ended(id);
        return new Ending.Exit(attachment.await(code));
    }

    private Ending notStarted(Invocation call, Failure failure, String id) {
        Containers containers = call.services().containers();
        ContainerView view = containers.get(id);
        int code = view.exitCode();
        if (view.record().host().autoRemove()) {
            containers.remove(id, true, true);
        }
        return failed(call, failure, code == NOT_FOUND || code == NOT_EXECUTABLE ? code : NOT_RUN);
    }
}
