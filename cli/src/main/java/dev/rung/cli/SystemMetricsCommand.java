package dev.rung.cli;

import dev.rung.resident.Ending;
import java.util.List;

final class SystemMetricsCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "system metrics",
                "",
                "Show how the engine goes, in the OpenMetrics format",
                WordCount.NONE);
    }

    @Override
    public List<String> examples() {
        return List.of("system metrics");
    }

    @Override
    public Ending run(Invocation call) {
        call.out(call.services().control().metrics());
        return DONE;
    }
}
