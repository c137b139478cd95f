package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.StoredImage;
import dev.rung.image.registry.DockerConfig;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class PushCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "push",
                "[OPTIONS] NAME[:TAG]",
                "Upload an image to a registry",
                WordCount.exactly(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-a --all-tags", "Push all tags of an image to the repository"),
                Switch.flag("--disable-content-trust", "Skip image signing (always: none is made)"),
                Switch.text("--platform", "string", "Push only this platform: os[/arch[/variant]]"),
                Switch.flag("-q --quiet", "Suppress verbose output"));
    }

    @Override
    public List<String> examples() {
        return List.of("push registry.example.com/web:1.2", "push -a registry.example.com/web");
    }

    @Override
    public Ending run(Invocation call) {
        ImageName name = ImageName.parse(call.words().getFirst());
        boolean all = call.flag("--all-tags");
        if (all && (name.tag() != null || name.digest() != null)) {
            throw new Failure.Invalid("tag can't be used with --all-tags/-a");
        }
        boolean quiet = call.flag("--quiet");
        if (!quiet) {
            if (!all && name.tag() == null && name.digest() == null) {
                call.out("Using default tag: latest\n");
            }
            call.out("The push refers to repository [" + name.repository() + "]\n");
        }
        DockerConfig credentials = PersonalConfig.of(call);
        boolean alone = call.has("--platform");
        Platform platform = alone ? Platform.parse(call.text("--platform")) : Platform.host();
        for (ImageName one : all ? tags(call, name) : List.of(name.withDefaultTag())) {
            ContentDescriptor pushed =
                    call.services()
                            .transfer()
                            .push(
                                    one,
                                    platform,
                                    alone,
                                    credentials,
                                    LayerLines.onOutput(call, quiet));
            call.out(
                    quiet
                            ? one + "\n"
                            : one.tag()
                                    + ": digest: "
                                    + pushed.digest()
                                    + " size: "
                                    + pushed.size()
                                    + "\n");
        }
        return DONE;
    }

    private static List<ImageName> tags(Invocation call, ImageName repository) {
        var tags = new ArrayList<ImageName>();
        for (StoredImage image : call.services().images().list()) {
            ImageName name = image.name();
            if (name != null
                    && name.tag() != null
                    && name.repository().equals(repository.repository())) {
                tags.add(name);
            }
        }
        if (tags.isEmpty()) {
            throw new Failure.NotFound(
                    "An image does not exist locally with the tag: "
                            + repository.familiarRepository());
        }
        return tags;
    }
}
