package dev.rung.cli;

import dev.rung.build.ImageChanges;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.archive.FileSystemImporter;
import dev.rung.oci.image.ContainerDefaults;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.LayerPacking;
import dev.rung.resident.Ending;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class ImportCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "import",
                "[OPTIONS] file|- [REPOSITORY[:TAG]]",
                "Import the contents from a tarball to create a filesystem image",
                WordCount.between(1, 2));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.texts("-c --change", "list", "Apply Dockerfile instruction to the image"),
                Switch.text("-m --message", "string", "Set commit message for imported image"),
                Switch.text("--platform", "string", "Platform of the image: os/arch[/variant]"));
    }

    @Override
    public List<String> examples() {
        return List.of(
                "import -c 'CMD [\"/bin/sh\"]' rootfs.tar.gz base:1",
                "export web | rung import - web:flat");
    }

    @Override
    public Ending run(Invocation call) throws IOException {
        String path = call.words().getFirst();
        if (path.startsWith("http://") || path.startsWith("https://")) {
            throw new Failure.Unsupported(
                    "import takes a file or -, not an address: fetch it first, as in"
                            + " curl -fL URL | rung import -");
        }
        ImageName name = call.words().size() == 1 ? null : name(call.words().get(1));
        boolean own = !call.has("--platform");
        Platform platform = own ? Platform.host() : Platform.parse(call.text("--platform"));
        ContainerDefaults defaults =
                ImageChanges.of(call.texts("--change")).apply(ContainerDefaults.none());
        String message = call.text("--message");
        var description =
                new FileSystemImporter.Description(
                        platform,
                        defaults,
                        Instant.now(),
                        message.isEmpty() ? "Imported from " + path : message);
        boolean input = path.equals("-");
        ContentDescriptor target;
        try (Source source = input ? Source.input(call) : Source.file(call, path)) {
            target =
                    call.services()
                            .archives()
                            .importer()
                            .importArchive(source.stream(), LayerPacking.GZIP, description);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
        var images = call.services().images();
        if (name != null) {
            images.tag(name, target.digest());
        }
        call.services().engine().imageEvents().told("import", target.digest(), name);
        call.out(images.resolve(target.digest().toString(), platform).id() + "\n");
        return DONE;
    }

    private static ImageName name(String text) {
        ImageName name = ImageName.parse(text).withDefaultTag();
        if (name.digest() != null) {
            throw new Failure.Invalid("cannot import digest reference");
        }
        return name;
    }
}
