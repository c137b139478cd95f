package dev.rung.docker;

import dev.rung.docker.shape.ImageJson;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.engine.ImageEvents;
import dev.rung.engine.ImageRemoval;
import dev.rung.image.Image;
import dev.rung.image.ImageStore;
import dev.rung.image.StoredImage;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Images that are here. */
final class ImageRoutes {
    private static final Set<String> FILTERS =
            Set.of("before", "dangling", "label", "label!", "reference", "since", "until");
    private static final Set<String> PRUNE_FILTERS = Set.of("dangling", "label", "label!", "until");

    private static final int CONFIG_OF_IMAGES_ONLY = 50;
    private static final int NO_CONTAINER_OF_IMAGES = 45;

    private final ImageStore images;
    private final ImageEvents events;
    private final ImageJson shape;
    private final ImageRemoval removal;

    ImageRoutes(DockerServices services) {
        images = services.images();
        events = services.engine().imageEvents();
        shape = new ImageJson(images, services.snapshots());
        removal = services.removal();
    }

    void addTo(List<Route> routes) {
        routes.add(Route.of("GET", "/images/json", this::list));
        routes.add(Route.of("POST", "/images/prune", this::prune));
        routes.add(Route.of("GET", "/images/{*}/json", this::inspect));
        routes.add(Route.of("GET", "/images/{*}/history", this::history));
        routes.add(Route.of("POST", "/images/{*}/tag", this::tag));
        routes.add(Route.of("DELETE", "/images/{*}", this::remove));
    }

    /** Each image once, whatever its names. */
    private Map<Digest, List<StoredImage>> byTarget() {
        var all = new LinkedHashMap<Digest, List<StoredImage>>();
        for (StoredImage stored : images.list()) {
            all.computeIfAbsent(stored.target().digest(), _ -> new ArrayList<>()).add(stored);
        }
        return all;
    }

    private void list(Call call) throws IOException {
        Filters filters = call.filters().check(FILTERS);
        boolean shares = call.flag("shared-size");
        Instant before = created(filters, "before");
        Instant since = created(filters, "since");
        var wanted = new ArrayList<Image>();
        for (List<StoredImage> names : byTarget().values()) {
            Image image = images.runnable(names.getFirst());
            if (image != null && fits(filters, names, image) && isBetween(image, since, before)) {
                wanted.add(image);
            }
        }
        wanted.sort(
                Comparator.comparingLong((Image image) -> ImageJson.created(image.config()))
                        .reversed());
        call.json(
                200,
                json -> {
                    json.beginArray();
                    wanted.forEach(image ->
                            shape.summary(
                                    json, image, -1, shares, call.version().hasVirtualSizes()));
                    json.endArray();
                });
    }

    private Instant created(Filters filters, String name) {
        if (!filters.has(name)) {
            return name.equals("since") ? Instant.MIN : Instant.MAX;
        }
        Image image = images.resolve(filters.all(name).getFirst(), Platform.host());
        return Instant.ofEpochSecond(ImageJson.created(image.config()));
    }

    private static boolean isBetween(Image image, Instant since, Instant before) {
        Instant created = Instant.ofEpochSecond(ImageJson.created(image.config()));
        return created.isAfter(since) && created.isBefore(before);
    }

    private static boolean fits(Filters filters, List<StoredImage> names, Image image) {
        boolean nameless = names.stream().allMatch(each -> each.name() == null);
        Instant until = filters.has("until") ? Until.of(filters) : Instant.MAX;
        return filters.fitsLabels(image.config().config().labels())
                && Instant.ofEpochSecond(ImageJson.created(image.config())).isBefore(until)
                && (!filters.has("dangling") || filters.flag("dangling", false) == nameless)
                && filters.fits("reference", wish -> isNamed(names, wish));
    }

    private static boolean isNamed(List<StoredImage> names, String wish) {
        for (StoredImage stored : names) {
            ImageName name = stored.name();
            if (name != null
                    && (Glob.fits(wish, name.familiar())
                            || Glob.fits(wish, name.familiarRepository()))) {
                return true;
            }
        }
        return false;
    }

    private Image found(Call call) {
        String name = call.name();
        if (!name.startsWith("sha256:") && !name.equals(name.toLowerCase(java.util.Locale.ROOT))) {
            ImageName.parse(name); // says what is wrong with capitals
        }
        return images.resolve(name, Platform.host());
    }

    private void inspect(Call call) throws IOException {
        Image image = found(call);
        call.json(200, json -> shape.whole(json, image, form(call.version())));
    }

    private static ImageJson.Form form(ApiVersion version) {
        if (version.hasVirtualSizes()) {
            return ImageJson.Form.BEFORE_1_44;
        } else if (version.isBefore(NO_CONTAINER_OF_IMAGES)) {
            return ImageJson.Form.BEFORE_1_45;
        }
        return version.isBefore(CONFIG_OF_IMAGES_ONLY)
                ? ImageJson.Form.BEFORE_1_50
                : ImageJson.Form.CURRENT;
    }

    private void history(Call call) throws IOException {
        Image image = found(call);
        call.json(200, json -> shape.history(json, image));
    }

    private void tag(Call call) throws IOException {
        StoredImage stored = images.lookUp(call.name(), Platform.host());
        ImageName name = ImageName.parse(call.text("repo"));
        String tag = call.text("tag");
        if (name.digest() != null) {
            throw new Failure.Invalid("refusing to create a tag with a digest reference");
        }
        ImageName whole = tag.isEmpty() ? name.withDefaultTag() : name.withTag(tag);
        images.tag(whole, stored.target().digest());
        events.told("tag", stored.target().digest(), whole);
        call.empty(201);
    }

    private void remove(Call call) throws IOException {
        List<ImageRemoval.Deed> deeds = removal.remove(call.name(), call.flag("force"));
        call.json(
                200,
                json -> {
                    json.beginArray();
                    for (ImageRemoval.Deed deed : deeds) {
                        json.beginObject().field(deed.what(), deed.name()).endObject();
                    }
                    json.endArray();
                });
    }

    private void prune(Call call) throws IOException {
        Filters filters = call.filters().check(PRUNE_FILTERS);
        boolean danglingOnly = filters.flag("dangling", true);
        Instant until = filters.has("until") ? Until.of(filters) : Instant.MAX;
        var deeds = new ArrayList<ImageRemoval.Deed>();
        long bytes = 0;
        for (List<StoredImage> names : byTarget().values()) {
            StoredImage first = names.getFirst();
            Image image = images.runnable(first);
            boolean nameless = names.stream().allMatch(each -> each.name() == null);
            if (image == null
                    || danglingOnly && !nameless
                    || !filters.fitsLabels(image.config().config().labels())
                    || !Instant.ofEpochSecond(ImageJson.created(image.config())).isBefore(until)) {
                continue;
            }
            long size = shape.size(image);
            List<ImageRemoval.Deed> done = removal.removeUnused(first);
            deeds.addAll(done);
            bytes += done.isEmpty() ? 0 : size;
        }
        long reclaimed = bytes;
        call.json(
                200,
                json -> {
                    json.beginObject().name("ImagesDeleted");
                    if (deeds.isEmpty()) {
                        json.value(dev.rung.oci.json.JsonNull.NULL);
                    } else {
                        json.beginArray();
                        for (ImageRemoval.Deed deed : deeds) {
                            json.beginObject().field(deed.what(), deed.name()).endObject();
                        }
                        json.endArray();
                    }
                    json.field("SpaceReclaimed", reclaimed).endObject();
                });
    }
}
