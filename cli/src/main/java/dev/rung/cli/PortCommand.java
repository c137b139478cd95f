package dev.rung.cli;

import dev.rung.docker.shape.PublishedPort;
import dev.rung.domain.Printable;
import dev.rung.network.Endpoint;
import dev.rung.network.PortBinding;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

final class PortCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "port",
                "CONTAINER [PRIVATE_PORT[/PROTO]]",
                "List port mappings or a specific mapping for the container",
                WordCount.between(1, 2));
    }

    @Override
    public List<String> examples() {
        return List.of("port web", "port web 80/tcp");
    }

    @Override
    public Ending run(Invocation call) {
        String name = call.words().getFirst();
        var container = call.services().containers().get(name);
        var endpoints = call.services().containers().endpoints(container.record().id());
        String wanted = call.words().size() > 1 ? port(call.words().getLast()) : "";
        var lines = new ArrayList<String>();
        for (Endpoint endpoint : endpoints) {
            for (PortBinding binding : endpoint.ports()) {
                String inner = PublishedPort.inner(binding);
                for (String outer : Ports.outer(binding)) {
                    if (wanted.isEmpty()) {
                        lines.add(inner + " -> " + outer);
                    } else if (wanted.equals(inner)) {
                        lines.add(outer);
                    }
                }
            }
        }
        if (lines.isEmpty() && !wanted.isEmpty()) {
            call.err(
                    "Error: No public port '"
                            + Printable.of(wanted)
                            + "' published for "
                            + Printable.of(name)
                            + "\n");
            return new Ending.Exit(1);
        }
        Collections.sort(lines);
        for (String line : lines) {
            call.out(line + "\n");
        }
        return DONE;
    }

    private static String port(String text) {
        return text.indexOf('/') < 0 ? text + "/tcp" : text;
    }
}
