package dev.rung.cli;

import dev.rung.engine.Containers;
import dev.rung.engine.Signals;
import dev.rung.resident.Ending;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** What is done to containers that run: stop, restart, kill, pause, unpause. */
final class StopCommand implements Command {
    private final Kind kind;

    StopCommand(Kind kind) {
        this.kind = kind;
    }

    enum Kind {
        STOP,
        RESTART,
        KILL,
        PAUSE,
        UNPAUSE
    }

    @Override
    public Synopsis synopsis() {
        return switch (kind) {
            case STOP -> several("stop", "Stop one or more running containers");
            case RESTART -> several("restart", "Restart one or more containers");
            case KILL -> several("kill", "Kill one or more running containers");
            case PAUSE -> several("pause", "Pause all processes within one or more containers");
            case UNPAUSE ->
                    several("unpause", "Unpause all processes within one or more containers");
        };
    }

    private static Synopsis several(String name, String about) {
        return new Synopsis(
                name, "[OPTIONS] CONTAINER [CONTAINER...]", about, WordCount.atLeast(1));
    }

    @Override
    public List<OptionSpec> options() {
        return switch (kind) {
            case STOP, RESTART ->
                    List.of(
                            Switch.text(
                                    "-t --time --timeout",
                                    "int",
                                    "Seconds to wait before killing the container"));
            case KILL -> List.of(Switch.text("-s --signal", "string", "Signal to send (KILL)"));
            case PAUSE, UNPAUSE -> List.of();
        };
    }

    @Override
    public List<String> examples() {
        return switch (kind) {
            case STOP -> List.of("stop web", "stop -t 30 web db");
            case RESTART -> List.of("restart -t 5 web");
            case KILL -> List.of("kill web", "kill -s HUP web");
            case PAUSE -> List.of("pause web");
            case UNPAUSE -> List.of("unpause web");
        };
    }

    @Override
    public Ending run(Invocation call) {
        Containers containers = call.services().containers();
        return Each.of(
                call,
                name -> {
                    switch (kind) {
                        case STOP -> containers.stop(name, patience(call));
                        case RESTART -> containers.restart(name, patience(call));
                        case KILL -> {
                            String signal = call.text("--signal");
                            containers.kill(
                                    name, signal.isEmpty() ? Signals.KILL : Signals.parse(signal));
                        }
                        case PAUSE -> containers.pause(name);
                        case UNPAUSE -> containers.unpause(name);
                    }
                    return name;
                });
    }

    private static @Nullable Duration patience(Invocation call) {
        return call.has("--time") ? Duration.ofSeconds(call.number("--time", 0)) : null;
    }
}
