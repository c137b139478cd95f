package dev.rung.cli;

import dev.rung.engine.ImageRemoval;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class RemoveImageCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "rmi",
                "[OPTIONS] IMAGE [IMAGE...]",
                "Remove one or more images",
                WordCount.atLeast(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-f --force", "Force removal of the image"),
                Switch.flag("--no-prune", "Do not delete untagged parents (there are none)"));
    }

    @Override
    public List<String> examples() {
        return List.of("rmi alpine:3.19 registry.example.com/web:1");
    }

    @Override
    public Ending run(Invocation call) {
        return Each.of(call, call.flag("-f"), text -> remove(call, text));
    }

    private static String remove(Invocation call, String text) {
        var lines = new ArrayList<String>();
        for (ImageRemoval.Deed deed : call.services().removal().remove(text, call.flag("-f"))) {
            lines.add(deed.what() + ": " + deed.name());
        }
        return String.join("\n", lines);
    }
}
