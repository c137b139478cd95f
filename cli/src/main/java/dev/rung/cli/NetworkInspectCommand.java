package dev.rung.cli;

import dev.rung.docker.shape.NetworkEntry;
import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonWriter;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Model.OptionSpec;

final class NetworkInspectCommand implements Command {
    @Override
    public String name() {
        return "network inspect";
    }

    @Override
    public String words() {
        return "[OPTIONS] NETWORK [NETWORK...]";
    }

    @Override
    public String about() {
        return "Display detailed information on one or more networks";
    }

    @Override
    public int least() {
        return 1;
    }

    @Override
    public int most() {
        return -1;
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("-f --format", "string", "Format output by a Go template or json"),
                Switch.flag("-v --verbose", "Verbose output for diagnostics"));
    }

    @Override
    public List<String> examples() {
        return List.of("network inspect -f '{{.Id}}' backend");
    }

    @Override
    public Ending run(Invocation call) {
        var found = new ArrayList<Consumer<JsonWriter>>();
        boolean missing = false;
        for (String name : call.words()) {
            try {
                NetworkEntry entry =
                        NetworkEntry.find(call.services().engine().connections().networks(), name);
                found.add(json -> call.services().networkJson().whole(json, entry, true));
            } catch (Failure.NotFound e) {
                missing = true;
                call.err("Error response from daemon: " + e.getMessage() + "\n");
            }
        }
        call.out(Document.all(found, call.text("--format")));
        return new Ending.Exit(missing ? 1 : 0);
    }
}
