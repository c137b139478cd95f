package dev.rung.cli;

import dev.rung.resident.Ending;
import java.util.List;

final class SystemMetricsCommand implements Command {
    @Override
    public String name() {
        return "system metrics";
    }

    @Override
    public String words() {
        return "";
    }

    @Override
    public String about() {
        return "Show how the engine goes, in the OpenMetrics format";
    }

    @Override
    public int least() {
        return 0;
    }

    @Override
    public int most() {
        return 0;
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
