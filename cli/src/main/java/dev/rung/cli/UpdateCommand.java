package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.RestartPolicy;
import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class UpdateCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "update",
                "[OPTIONS] CONTAINER [CONTAINER...]",
                "Update configuration of one or more containers",
                WordCount.atLeast(1));
    }

    @Override
    public List<OptionSpec> options() {
        return LimitOptions.withRestart();
    }

    @Override
    public List<String> examples() {
        return List.of("update --memory 512m --cpus 1.5 web", "update --restart always web");
    }

    @Override
    public Ending run(Invocation call) {
        if (!LimitOptions.anyGiven(call)) {
            throw new UsageError("you must provide one or more flags when using this command", 1);
        }
        return Each.of(
                call,
                name -> {
                    call.services().containers().update(name, before -> changed(call, before));
                    return name;
                });
    }

    private static HostOptions changed(Invocation call, HostOptions before) {
        RestartPolicy restart = before.restart();
        if (call.has("--restart")) {
            restart = RestartPolicy.parse(call.text("--restart"));
            if (before.autoRemove() && restart.when() != RestartPolicy.When.NO) {
                throw new Failure.Invalid(
                        "Restart policy cannot be updated because AutoRemove is enabled for the"
                                + " container");
            }
        }
        return before.with(LimitOptions.over(before.limits(), call), restart);
    }
}
