package dev.rung.cli;

import dev.rung.domain.ImageName;
import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class PullCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "pull",
                "[OPTIONS] NAME[:TAG|@DIGEST]",
                "Download an image from a registry",
                WordCount.exactly(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("--platform", "string", "Platform of the image: os/arch[/variant]"),
                Switch.flag("-q --quiet", "Suppress verbose output"));
    }

    @Override
    public List<String> examples() {
        return List.of(
                "pull alpine:3.19", "pull --platform linux/arm64 registry.example.com/web:1");
    }

    @Override
    public Ending run(Invocation call) {
        String text = call.words().getFirst();
        ImageName name = ImageName.parse(text).withDefaultTag();
        boolean quiet = call.flag("-q");
        if (!quiet && !text.contains(":")) {
            call.out("Using default tag: latest\n");
        }
        String digest =
                call.services()
                        .transfer()
                        .pull(
                                text,
                                call.text("--platform"),
                                PersonalConfig.of(call),
                                LayerLines.onOutput(call, quiet));
        if (!quiet) {
            call.out("Digest: " + digest + "\n");
        }
        call.out(name + "\n");
        return DONE;
    }
}
