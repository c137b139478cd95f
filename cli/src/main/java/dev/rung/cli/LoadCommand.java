package dev.rung.cli;

import dev.rung.cli.show.LayerBars;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.archive.ImageLoader;
import dev.rung.image.archive.LoadListener;
import dev.rung.image.archive.LoadedImage;
import dev.rung.resident.Ending;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

final class LoadCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "load",
                "[OPTIONS]",
                "Load an image from a tar archive, the folder of an OCI layout or STDIN",
                WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text(
                        "-i --input", "string", "Read from tar archive file or folder, not STDIN"),
                Switch.text("--platform", "string", "Load only this platform: os[/arch[/variant]]"),
                Switch.flag("-q --quiet", "Suppress the load output"));
    }

    @Override
    public List<String> examples() {
        return List.of("load -i images.tar", "load -i layout/", "load < images.tar.gz");
    }

    @Override
    public Ending run(Invocation call) throws IOException {
        String path = call.text("--input");
        if (path.isEmpty() && call.caller().request().terminals().in()) {
            call.err("requested load from stdin, but stdin is empty\n");
            return new Ending.Exit(1);
        }
        Platform platform = call.has("--platform") ? Platform.parse(call.text("--platform")) : null;
        List<LoadedImage> loaded;
        try {
            loaded = load(call, path, platform);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
        var text = new StringBuilder();
        for (LoadedImage image : loaded) {
            call.services().engine().imageEvents().told("load", image.target().digest());
            if (image.names().isEmpty()) {
                text.append("Loaded image ID: ").append(image.target().digest()).append('\n');
            }
            for (ImageName name : image.names()) {
                text.append("Loaded image: ").append(name.familiar()).append('\n');
            }
        }
        call.out(text.toString());
        return DONE;
    }

    private static List<LoadedImage> load(Invocation call, String path, @Nullable Platform platform)
            throws IOException, InterruptedException {
        ImageLoader loader = call.services().archives().loader();
        if (path.isEmpty()) {
            try (Source source = Source.input(call)) {
                return loader.load(source.stream(), platform, LoadListener.NONE);
            }
        }
        try (PersonFolder folder = PersonFolder.find(call, path)) {
            if (folder != null) {
                return loader.load(folder, platform, listener(call));
            }
        }
        try (Source source = Source.file(call, path)) {
            return loader.load(source.stream(), platform, listener(call));
        }
    }

    /** On a terminal only, as with docker: elsewhere just the outcome is told. */
    private static LoadListener listener(Invocation call) {
        if (call.flag("--quiet") || !call.caller().request().terminals().out()) {
            return LoadListener.NONE;
        }
        var bars = new LayerBars(Terminal.width(call), call::out);
        return (id, bytes, size) -> bars.put(id, "Loading layer", bytes, size);
    }
}
