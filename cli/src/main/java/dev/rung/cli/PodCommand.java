package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.PodView;
import dev.rung.engine.PodView.Status;
import dev.rung.engine.Pods;
import dev.rung.engine.Signals;
import dev.rung.resident.Ending;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** What is done to pods, in podman's words: "pod start" and the like. */
final class PodCommand implements Command {
    private final Kind kind;

    PodCommand(Kind kind) {
        this.kind = kind;
    }

    enum Kind {
        START,
        STOP,
        RESTART,
        KILL,
        PAUSE,
        UNPAUSE,
        RM,
        PRUNE,
        EXISTS,
        TOP,
        STATS,
        LOGS
    }

    @Override
    public Synopsis synopsis() {
        return switch (kind) {
            case START -> several("pod start", "Start one or more pods");
            case STOP -> several("pod stop", "Stop one or more pods");
            case RESTART -> several("pod restart", "Restart one or more pods");
            case KILL -> several("pod kill", "Send a signal to the containers of one or more pods");
            case PAUSE -> several("pod pause", "Pause one or more pods");
            case UNPAUSE -> several("pod unpause", "Unpause one or more pods");
            case RM -> several("pod rm", "Remove one or more pods, with their containers");
            case PRUNE ->
                    new Synopsis(
                            "pod prune",
                            "[OPTIONS]",
                            "Remove all stopped pods and their containers",
                            WordCount.NONE);
            case EXISTS ->
                    new Synopsis(
                            "pod exists", "POD", "Check if a pod exists", WordCount.exactly(1));
            case TOP ->
                    new Synopsis(
                            "pod top",
                            "POD [ps OPTIONS]",
                            "Display the running processes of a pod's containers",
                            WordCount.atLeast(1));
            case STATS -> several("pod stats", "Display the resource usage of pods' containers");
            case LOGS ->
                    new Synopsis(
                            "pod logs",
                            "[OPTIONS] POD",
                            "Fetch the logs of a pod's containers",
                            WordCount.exactly(1));
        };
    }

    /** Of pods that are named, or that an option tells. */
    private static Synopsis several(String name, String about) {
        return new Synopsis(name, "[OPTIONS] POD [POD...]", about, WordCount.atLeast(0));
    }

    @Override
    public boolean endsOptions() {
        return kind == Kind.TOP;
    }

    @Override
    public List<OptionSpec> options() {
        var options = new ArrayList<OptionSpec>();
        switch (kind) {
            case TOP, EXISTS -> {}
            case PRUNE -> options.add(Switch.flag("-f --force", "Do not prompt for confirmation"));
            case STATS -> options.addAll(new StatsCommand().options());
            case LOGS -> {
                options.addAll(new LogsCommand().options());
                options.add(Switch.text("-c --container", "string", "Of this container only"));
            }
            default -> {
                options.add(Switch.flag("-a --all", "All pods"));
                options.add(Switch.flag("-l --latest", "The pod that was created last"));
            }
        }
        switch (kind) {
            case STOP -> {
                options.add(Switch.text("-t --time", "int", "Seconds to wait before killing each"));
                options.add(Switch.flag("-i --ignore", "Pass over pods that are not there"));
            }
            case KILL -> options.add(Switch.text("-s --signal", "string", "Signal to send (KILL)"));
            case RM -> {
                options.add(Switch.flag("-f --force", "End containers that run"));
                options.add(Switch.flag("-i --ignore", "Pass over pods that are not there"));
            }
            default -> {}
        }
        return options;
    }

    @Override
    public List<String> examples() {
        return switch (kind) {
            case STOP -> List.of("pod stop -t 2 shop");
            case RM -> List.of("pod rm -f shop");
            case LOGS -> List.of("pod logs -c web -f shop");
            case KILL -> List.of("pod kill -s HUP shop");
            case PRUNE -> List.of("pod prune -f");
            case START, RESTART, PAUSE, UNPAUSE, EXISTS, TOP, STATS -> List.of(name() + " shop");
        };
    }

    @Override
    public Ending run(Invocation call) {
        Pods pods = call.services().engine().pods();
        return switch (kind) {
            case EXISTS -> exists(call, pods);
            case PRUNE -> prune(call, pods);
            case TOP -> PodLook.top(call, pods);
            case STATS -> PodLook.stats(call, names(call, pods));
            case LOGS -> PodLook.logs(call, pods);
            case START, STOP, RESTART, KILL, PAUSE, UNPAUSE, RM -> {
                var named =
                        new Invocation(
                                call.caller(), call.services(), call.options(), names(call, pods));
                yield Each.of(named, name -> act(call, pods, name));
            }
        };
    }

    private static List<String> names(Invocation call, Pods pods) {
        boolean all = call.flag("--all");
        boolean latest = call.flag("--latest");
        if ((all || latest) == !call.words().isEmpty()) {
            throw new UsageError(
                    call.words().isEmpty()
                            ? "you must provide at least one pod name or id"
                            : "--all or --latest and arguments cannot be used together");
        } else if (!all && !latest) {
            return call.words();
        }
        var names = new ArrayList<String>();
        for (PodView pod : pods.list()) {
            names.add(pod.record().id().value());
        }
        return all || names.isEmpty() ? names : names.subList(0, 1);
    }

    private String act(Invocation call, Pods pods, String name) {
        String id;
        try {
            id = pods.get(name).record().id().value();
        } catch (Failure.NotFound e) {
            if (call.flag("--ignore")) {
                return name;
            }
            throw e;
        }
        switch (kind) {
            case START -> pods.start(id);
            case STOP -> pods.stop(id, patience(call));
            case RESTART -> pods.restart(id);
            case KILL -> {
                String signal = call.text("--signal");
                pods.kill(id, signal.isEmpty() ? Signals.KILL : Signals.parse(signal));
            }
            case PAUSE -> pods.pause(id);
            case UNPAUSE -> pods.unpause(id);
            default -> pods.remove(id, call.flag("--force"));
        }
        return id;
    }

    private static @Nullable Duration patience(Invocation call) {
        return call.has("--time") ? Duration.ofSeconds(call.number("--time", 0)) : null;
    }

    private static Ending exists(Invocation call, Pods pods) {
        try {
            pods.get(call.words().getFirst());
            return DONE;
        } catch (Failure.NotFound _) {
            return new Ending.Exit(1);
        }
    }

    private Ending prune(Invocation call, Pods pods) {
        String warning = "WARNING! This will remove all stopped/exited pods.";
        if (!call.flag("-f") && !call.confirms(warning)) {
            return call.cancelled(name());
        }
        for (PodView pod : pods.list()) {
            boolean ended = pod.status() == Status.STOPPED || pod.status() == Status.EXITED;
            boolean idle =
                    pod.containers().stream().map(ContainerView::phase).noneMatch(p -> p.runs());
            if (ended && idle) {
                String id = pod.record().id().value();
                pods.remove(id, false);
                call.out(id + "\n");
            }
        }
        return DONE;
    }
}
