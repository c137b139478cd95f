package dev.rung.cli;

import dev.rung.docker.shape.ImageJson;
import dev.rung.docker.shape.NetworkEntry;
import dev.rung.docker.shape.VolumeJson;
import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.domain.Printable;
import dev.rung.engine.Volume;
import dev.rung.image.Image;
import dev.rung.oci.json.JsonWriter;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

final class InspectCommand implements Command {
    private final String kind;

    /**
     * The kind is what alone is looked for, such as image; empty: the option {@code --type} says.
     */
    InspectCommand(String kind) {
        this.kind = kind;
    }

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                (kind + " inspect").strip(),
                "[OPTIONS] NAME|ID [NAME|ID...]",
                kind.isEmpty()
                        ? "Return low-level information on containers, images, networks and volumes"
                        : "Display detailed information on one or more " + kind + "s",
                WordCount.atLeast(1));
    }

    @Override
    public List<OptionSpec> options() {
        OptionSpec format =
                Switch.text("-f --format", "string", "Format output by a Go template or json");
        OptionSpec size = Switch.flag("-s --size", "Display total file sizes of a container");
        OptionSpec type = Switch.text("--type", "string", "Only inspect objects of this type");
        return switch (kind) {
            case "" -> List.of(format, size, type);
            case "container" -> List.of(format, size);
            default -> List.of(format);
        };
    }

    @Override
    public List<String> examples() {
        return List.of(name() + " -f '{{.State.Status}}' web");
    }

    @Override
    public Ending run(Invocation call) {
        var found = new ArrayList<Consumer<JsonWriter>>();
        var missing = new StringBuilder();
        for (String name : call.words()) {
            Consumer<JsonWriter> document = find(call, name);
            if (document == null) {
                missing.append(kind.isEmpty() ? "Error" : "Error response from daemon")
                        .append(": No such ")
                        .append(kind.isEmpty() ? "object" : kind)
                        .append(": ")
                        .append(Printable.of(name))
                        .append('\n');
            } else {
                found.add(document);
            }
        }
        call.out(Document.all(found, call.text("--format")));
        call.err(missing.toString());
        return new Ending.Exit(missing.isEmpty() ? 0 : 1);
    }

    private @Nullable Consumer<JsonWriter> find(Invocation call, String name) {
        String type = kind.isEmpty() ? call.text("--type") : kind;
        if (type.isEmpty() || type.equals("container")) {
            try {
                var container = call.services().containers().get(name);
                String reason = call.services().containers().noUserNamespace(name);
                return json ->
                        call.services()
                                .containerJson()
                                .whole(
                                        json,
                                        container,
                                        call.flag("--size"),
                                        more -> userNamespace(more, reason));
            } catch (Failure.NotFound e) {
                // an image perhaps
            }
        }
        if (type.isEmpty() || type.equals("image")) {
            try {
                Image image = call.services().images().resolve(name, Platform.host());
                return json ->
                        call.services().imageJson().whole(json, image, ImageJson.Form.COMPLETE);
            } catch (Failure.NotFound e) {
                // a network perhaps
            }
        }
        if (type.isEmpty() || type.equals("network")) {
            try {
                NetworkEntry network =
                        NetworkEntry.find(call.services().engine().connections().networks(), name);
                return json -> call.services().networkJson().whole(json, network, true);
            } catch (Failure.NotFound e) {
                // a volume perhaps
            }
        }
        if (type.isEmpty() || type.equals("volume")) {
            try {
                Volume volume = call.services().engine().volumes().get(name);
                return json -> VolumeJson.write(json, volume);
            } catch (Failure.NotFound e) {
                // none of them
            }
        }
        return null;
    }

    /** Docker's API has nothing for it: whether it has one of its own, or why not. */
    private static void userNamespace(JsonWriter json, String reason) {
        json.name("UserNamespace").beginObject().field("Own", reason.isEmpty());
        json.field("Reason", reason).endObject();
    }
}
