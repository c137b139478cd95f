package dev.rung.cli;

import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.ImageStore;
import dev.rung.image.StoredImage;
import dev.rung.resident.Ending;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;

final class SaveCommand implements Command {
    static final String TO_A_TERMINAL =
            "cowardly refusing to save to a terminal. Use the -o flag or redirect\n";

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "save",
                "[OPTIONS] IMAGE [IMAGE...]",
                "Save one or more images to a tar archive (streamed to STDOUT by default)",
                WordCount.atLeast(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("-o --output", "string", "Write to a file, instead of STDOUT"),
                Switch.text(
                        "--platform", "string", "Save only this platform: os[/arch[/variant]]"));
    }

    @Override
    public List<String> examples() {
        return List.of(
                "save -o images.tar alpine nginx:1.27", "save alpine | gzip > alpine.tar.gz");
    }

    @Override
    public Ending run(Invocation call) throws IOException {
        String path = call.text("--output");
        if (path.isEmpty() && call.caller().request().terminals().out()) {
            call.err(TO_A_TERMINAL);
            return new Ending.Exit(1);
        }
        boolean one = call.has("--platform");
        Platform platform = one ? Platform.parse(call.text("--platform")) : Platform.host();
        Set<StoredImage> images = new LinkedHashSet<>();
        for (String word : call.words()) {
            images.addAll(meant(call.services().images(), word, platform));
        }
        var order = call.services().archives().saver().prepare(List.copyOf(images), platform, one);
        Sink.write(call, path, order::writeTo);
        for (StoredImage image : images) {
            call.services().engine().imageEvents().told("save", image.target().digest());
        }
        return DONE;
    }

    /** A name without a tag means all tags, as it does for docker. */
    private static List<StoredImage> meant(ImageStore images, String word, Platform platform) {
        var all = new ArrayList<StoredImage>();
        for (StoredImage image : images.list()) {
            ImageName name = image.name();
            if (name != null && name.familiarRepository().equals(word)) {
                all.add(image);
            }
        }
        return all.isEmpty() ? List.of(images.lookUp(word, platform)) : all;
    }
}
