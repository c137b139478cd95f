package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.domain.Printable;
import dev.rung.image.Image;
import dev.rung.oci.json.JsonWriter;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

final class InspectCommand implements Command {
    @Override
    public String name() {
        return "inspect";
    }

    @Override
    public String words() {
        return "[OPTIONS] NAME|ID [NAME|ID...]";
    }

    @Override
    public String about() {
        return "Return low-level information on containers and images";
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
                Switch.text("--type", "string", "Only inspect objects of this type"));
    }

    @Override
    public List<String> examples() {
        return List.of("inspect -f '{{.State.Status}}' web");
    }

    @Override
    public Ending run(Invocation call) {
        var found = new ArrayList<Consumer<JsonWriter>>();
        boolean missing = false;
        for (String name : call.words()) {
            Consumer<JsonWriter> document = find(call, name);
            if (document == null) {
                missing = true;
                call.err(
                        "Error response from daemon: No such object: " + Printable.of(name) + "\n");
            } else {
                found.add(document);
            }
        }
        call.out(Document.all(found, call.text("--format")));
        return new Ending.Exit(missing ? 1 : 0);
    }

    private static @Nullable Consumer<JsonWriter> find(Invocation call, String name) {
        String type = call.text("--type");
        if (type.isEmpty() || type.equals("container")) {
            try {
                var container = call.services().containers().get(name);
                var endpoints = call.services().containers().endpoints(container.record().id());
                String reason = call.services().containers().noUserNamespace(name);
                return json ->
                        InspectJson.container(json, container, endpoints, reason, call.services());
            } catch (Failure.NotFound e) {
                // an image perhaps
            }
        }
        if (type.isEmpty() || type.equals("image")) {
            try {
                Image image = call.services().images().resolve(name, Platform.host());
                return json -> InspectJson.image(json, image);
            } catch (Failure.NotFound e) {
                // a network perhaps
            }
        }
        if (type.isEmpty() || type.equals("network")) {
            try {
                NetworkList.Entry network = NetworkList.find(call.services(), name);
                return json -> NetworkJson.write(json, network, call.services());
            } catch (Failure.NotFound e) {
                // none of them
            }
        }
        return null;
    }
}
