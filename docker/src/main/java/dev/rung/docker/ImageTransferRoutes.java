package dev.rung.docker;

import dev.rung.build.ImageChanges;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.engine.ContainerCommit;
import dev.rung.image.ImageStore;
import dev.rung.image.StoredImage;
import dev.rung.image.archive.FileSystemImporter;
import dev.rung.image.archive.LoadListener;
import dev.rung.image.archive.LoadedImage;
import dev.rung.image.registry.Progress;
import dev.rung.oci.image.ContainerDefaults;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.LayerPacking;
import dev.rung.rpc.http.BodyOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Images on their way: from registries and to them, in archives, and out of containers. */
final class ImageTransferRoutes {
    private final DockerServices services;
    private final ImageStore images;

    ImageTransferRoutes(DockerServices services) {
        this.services = services;
        images = services.images();
    }

    void addTo(List<Route> routes) {
        routes.add(Route.of("POST", "/images/create", this::create));
        routes.add(Route.of("POST", "/images/load", this::load));
        routes.add(Route.of("GET", "/images/get", this::saveAll));
        routes.add(Route.of("GET", "/images/{*}/get", this::saveOne));
        routes.add(Route.of("POST", "/images/{*}/push", this::push));
        routes.add(Route.of("POST", "/commit", this::commit));
    }

    private static Platform platform(Call call) {
        String text = call.text("platform");
        return text.isEmpty() ? Platform.host() : Platform.parse(text);
    }

    /** Pulls, or imports what is in the body. */
    private void create(Call call) throws IOException, InterruptedException {
        if (!call.text("fromImage").isEmpty()) {
            pull(call);
        } else if (call.text("fromSrc").equals("-")) {
            importBody(call);
        } else if (call.text("fromSrc").isEmpty()) {
            throw new Failure.Invalid("bad parameter: fromImage or fromSrc is needed");
        } else {
            throw new Failure.Unsupported(
                    "import takes the body (fromSrc=-), not an address: fetch it first");
        }
    }

    private void pull(Call call) throws IOException, InterruptedException {
        String text = call.text("fromImage");
        String tag = call.text("tag");
        boolean digest = tag.indexOf(':') >= 0;
        String whole = tag.isEmpty() ? text : text + (digest ? "@" : ":") + tag;
        ImageName name = services.registries().meant(whole).withDefaultTag();
        var credentials = RegistryAuth.of(call);
        Platform platform = platform(call);
        String reference = name.tag() == null ? String.valueOf(name.digest()) : name.tag();
        try (var lines = new ProgressLines(call, false)) {
            Consumer<Progress> progress =
                    event -> {
                        if (event instanceof Progress.Resolved) {
                            lines.status(reference, "Pulling from " + name.familiarRepository());
                        }
                        lines.tell(event);
                    };
            try {
                var done =
                        whileThere(
                                call,
                                () ->
                                        services.registries()
                                                .pull(name, platform, credentials, progress));
                lines.status("Digest: " + done.target().digest());
                lines.status(
                        (done.changed()
                                        ? "Status: Downloaded newer image for "
                                        : "Status: Image is up to date for ")
                                + name.familiar());
            } catch (Failure e) {
                lines.failed(told(e, "pull "));
            }
        }
    }

    private interface Transfer<T> {
        T run() throws InterruptedException;
    }

    /** It ends with its client, as with Docker; a pull goes on from there the next time. */
    private static <T> T whileThere(Call call, Transfer<T> transfer) throws InterruptedException {
        var working = new AtomicReference<@Nullable Thread>(Thread.currentThread());
        call.exchange()
                .whenGone(() -> {
                    Thread thread = working.getAndSet(null);
                    if (thread != null) {
                        thread.interrupt();
                    }
                });
        try {
            return transfer.run();
        } finally {
            working.set(null);
        }
    }

    /** A registry that refuses does not say whether it has the image: Docker takes it for not. */
    private static Failure told(Failure failure, String verb) {
        String why = String.valueOf(failure.getMessage());
        return failure instanceof Failure.Denied && why.startsWith("access denied")
                ? new Failure.NotFound(verb + why.replace("'rung login'", "'docker login'"))
                : failure;
    }

    private void push(Call call) throws IOException, InterruptedException {
        ImageName name = services.registries().meant(call.name());
        String tag = call.text("tag");
        ImageName whole = tag.isEmpty() ? name.withDefaultTag() : name.withTag(tag);
        var credentials = RegistryAuth.of(call);
        try (var lines = new ProgressLines(call, true)) {
            lines.status(
                    "The push refers to repository [" + whole.domain() + "/" + whole.path() + "]");
            try {
                if (images.find(whole) == null) {
                    throw new Failure.NotFound(
                            "An image does not exist locally with the tag: "
                                    + name.familiarRepository());
                }
                ContentDescriptor pushed =
                        whileThere(
                                call,
                                () ->
                                        services.registries()
                                                .push(
                                                        whole,
                                                        platform(call),
                                                        credentials,
                                                        lines::tell));
                String shown = String.valueOf(whole.tag());
                lines.status(shown + ": digest: " + pushed.digest() + " size: " + pushed.size());
                lines.line(json -> {
                    json.name("progressDetail").beginObject().endObject();
                    json.name("aux").beginObject().field("Tag", shown);
                    json.field("Digest", pushed.digest().toString());
                    json.field("Size", pushed.size()).endObject();
                });
            } catch (Failure e) {
                lines.failed(told(e, "push "));
            }
        }
    }

    private void importBody(Call call) throws IOException, InterruptedException {
        String repo = call.text("repo");
        String tag = call.text("tag");
        ImageName name = null;
        if (!repo.isEmpty()) {
            name = ImageName.parse(repo);
            name = tag.isEmpty() ? name.withDefaultTag() : name.withTag(tag);
        }
        ContainerDefaults defaults =
                ImageChanges.of(call.exchange().request().parameters("changes"))
                        .apply(ContainerDefaults.none());
        String message = call.text("message");
        Platform platform = platform(call);
        var description =
                new FileSystemImporter.Description(
                        platform,
                        defaults,
                        Instant.now(),
                        message.isEmpty() ? "Imported from -" : message);
        ContentDescriptor target =
                services.importer()
                        .importArchive(call.exchange().body(), LayerPacking.GZIP, description);
        if (name != null) {
            images.tag(name, target.digest());
        }
        services.engine().imageEvents().told("import", target.digest(), name);
        String id = images.resolve(target.digest().toString(), platform).id().toString();
        try (var lines = new ProgressLines(call, false)) {
            lines.status(id);
        }
    }

    private void load(Call call) throws IOException, InterruptedException {
        Platform platform = call.text("platform").isEmpty() ? null : platform(call);
        List<LoadedImage> loaded =
                services.loader().load(call.exchange().body(), platform, LoadListener.NONE);
        try (var lines = new ProgressLines(call, false)) {
            lines.begun();
            for (LoadedImage image : loaded) {
                services.engine().imageEvents().told("load", image.target().digest());
                if (image.names().isEmpty()) {
                    stream(lines, "Loaded image ID: " + image.target().digest() + "\n");
                }
                for (ImageName name : image.names()) {
                    stream(lines, "Loaded image: " + name.familiar() + "\n");
                }
            }
        }
    }

    private static void stream(ProgressLines lines, String text) {
        lines.line(json -> json.field("stream", text));
    }

    private void saveAll(Call call) throws IOException {
        var names = new ArrayList<String>();
        for (String each : call.exchange().request().parameters("names")) {
            names.addAll(List.of(each.split(",")));
        }
        save(call, names);
    }

    private void saveOne(Call call) throws IOException {
        save(call, List.of(call.name()));
    }

    private void save(Call call, List<String> names) throws IOException {
        boolean one = !call.text("platform").isEmpty();
        Platform platform = platform(call);
        Set<StoredImage> meant = new LinkedHashSet<>();
        for (String name : names) {
            meant.addAll(meant(name, platform));
        }
        try (var order = services.saver().prepare(List.copyOf(meant), platform, one);
                BodyOutput out = call.stream("application/x-tar")) {
            order.writeTo(out);
        }
        for (StoredImage image : meant) {
            services.engine().imageEvents().told("save", image.target().digest());
        }
    }

    /** A name without a tag means all tags. */
    private List<StoredImage> meant(String text, Platform platform) {
        var all = new ArrayList<StoredImage>();
        for (StoredImage image : images.list()) {
            ImageName name = image.name();
            if (name != null && name.familiarRepository().equals(text)) {
                all.add(image);
            }
        }
        return all.isEmpty() ? List.of(images.lookUp(text, platform)) : all;
    }

    private void commit(Call call) throws IOException, InterruptedException {
        String repo = call.text("repo");
        String tag = call.text("tag");
        ImageName name = null;
        if (!repo.isEmpty()) {
            name = ImageName.parse(repo);
            if (name.digest() != null) {
                throw new Failure.Invalid("cannot commit to digest reference");
            }
            name = tag.isEmpty() ? name.withDefaultTag() : name.withTag(tag);
        }
        String container = call.text("container");
        if (container.isEmpty()) {
            throw new Failure.Invalid("invalid name or ID supplied: \"\"");
        }
        Digest id =
                services.commits()
                        .commit(
                                container,
                                new ContainerCommit.Order(
                                        name,
                                        call.text("author"),
                                        call.text("comment"),
                                        ImageChanges.of(
                                                call.exchange().request().parameters("changes")),
                                        call.flag("pause", true)));
        call.json(201, json -> json.beginObject().field("Id", id.toString()).endObject());
    }
}
