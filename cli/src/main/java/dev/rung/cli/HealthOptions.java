package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.engine.spec.HealthCheck;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** The options of run and create that say how a container is tested. */
final class HealthOptions {
    private HealthOptions() {}

    static List<OptionSpec> all() {
        return List.of(
                Switch.text("--health-cmd", "string", "Command to run to check health"),
                Switch.text("--health-interval", "duration", "Time between running the check"),
                Switch.text("--health-retries", "int", "Consecutive failures until unhealthy"),
                Switch.text("--health-start-interval", "duration", "Time between checks at first"),
                Switch.text("--health-start-period", "duration", "Time in which failures are free"),
                Switch.text("--health-timeout", "duration", "Maximum time to allow one check"),
                Switch.flag("--no-healthcheck", "Disable any image-specified HEALTHCHECK"));
    }

    /** Null when nothing is asked for. */
    static @Nullable HealthCheck read(Invocation call) {
        boolean any = false;
        for (OptionSpec option : all()) {
            any |= option.longestName().startsWith("--health") && call.has(option.longestName());
        }
        if (call.flag("--no-healthcheck")) {
            if (any) {
                throw new Failure.Invalid("--no-healthcheck conflicts with --health-* options");
            }
            return new HealthCheck(List.of("NONE"), 0, 0, 0, 0, 0);
        } else if (!any) {
            return null;
        }
        String command = call.text("--health-cmd");
        return new HealthCheck(
                command.isEmpty() ? List.of() : List.of("CMD-SHELL", command),
                time(call, "--health-interval"),
                time(call, "--health-timeout"),
                time(call, "--health-start-period"),
                time(call, "--health-start-interval"),
                call.number("--health-retries", 0));
    }

    private static long time(Invocation call, String option) {
        return call.has(option) ? GoDuration.parse(option, call.text(option)) : 0;
    }
}
