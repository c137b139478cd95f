package dev.rung.docker.shape;

import dev.rung.domain.ImageName;
import dev.rung.image.Image;
import dev.rung.image.ImageStore;
import dev.rung.image.StoredImage;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.oci.image.ContainerDefaults;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageConfig;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Images, whole or as one of a list. */
public final class ImageJson {
    private final ImageStore images;
    private final SnapshotStore snapshots;

    public ImageJson(ImageStore images, SnapshotStore snapshots) {
        this.images = images;
        this.snapshots = snapshots;
    }

    /**
     * What its unpacked layers take in bytes; those of their archives where they are not unpacked.
     */
    public long size(Image image) {
        long size = 0;
        for (var chain : SnapshotStore.chain(image.config().diffIds())) {
            if (!snapshots.contains(chain)) {
                return packed(image);
            }
            size += snapshots.usage(chain).bytes();
        }
        return size;
    }

    private static long packed(Image image) {
        long size = 0;
        for (ContentDescriptor layer : image.manifest().layers()) {
            size += layer.size();
        }
        return size;
    }

    /** The names of the same image. */
    private List<ImageName> names(ContentDescriptor target) {
        var names = new ArrayList<ImageName>();
        for (StoredImage stored : images.list()) {
            ImageName name = stored.name();
            if (name != null && stored.target().digest().equals(target.digest())) {
                names.add(name);
            }
        }
        return names;
    }

    private void names(JsonWriter json, ContentDescriptor target) {
        var tags = new ArrayList<String>();
        var digests = new ArrayList<String>();
        for (ImageName name : names(target)) {
            if (name.tag() != null) {
                tags.add(name.familiar());
            }
            String digest = name.familiarRepository() + "@" + target.digest();
            if (!digests.contains(digest)) {
                digests.add(digest);
            }
        }
        json.field("RepoTags", tags).field("RepoDigests", digests);
    }

    /**
     * As one of {@code GET /images/json}.
     *
     * @param virtual whether it has its size twice, as before version 1.44
     */
    public void summary(
            JsonWriter json, Image image, long containers, boolean shares, boolean virtual) {
        json.beginObject().field("Containers", containers);
        json.field("Created", created(image.config()));
        json.field("Id", image.id().toString());
        json.name("Labels");
        if (image.config().config().labels().isEmpty()) {
            json.value(JsonNull.NULL);
        } else {
            GoMap.write(json, image.config().config().labels());
        }
        json.field("ParentId", "");
        names(json, image.target());
        long size = size(image);
        json.field("SharedSize", shares ? 0 : -1).field("Size", size);
        if (virtual) {
            json.field("VirtualSize", size);
        }
        json.endObject();
    }

    /** Seconds since 1970; 0 where the image does not say. */
    public static long created(ImageConfig config) {
        String text = config.created();
        try {
            return text == null ? 0 : OffsetDateTime.parse(text).toEpochSecond();
        } catch (DateTimeException _) {
            return 0;
        }
    }

    /** What is told of a whole image; each version before tells all that the later ones do. */
    public enum Form {
        /**
         * All that an image can say, null or empty where it does not, so that templates find it.
         */
        COMPLETE,

        /** What the image says something of. */
        CURRENT,

        /** And, of its Config, what only a container has a use for. */
        BEFORE_1_50,

        /** And the Config, empty, of the container that it was made of. */
        BEFORE_1_45,

        /** And its size twice. */
        BEFORE_1_44;

        private boolean isBefore(Form other) {
            return compareTo(other) >= 0;
        }
    }

    /** As {@code GET /images/{name}/json} tells it. */
    public void whole(JsonWriter json, Image image, Form form) {
        ImageConfig config = image.config();
        json.beginObject().field("Id", image.id().toString());
        names(json, image.target());
        json.field("Parent", "").field("Comment", comment(config));
        json.field("Created", orEmpty(config.created())).field("DockerVersion", "");
        json.field("Author", orEmpty(config.author()));
        json.name("Config");
        defaults(json, config.config(), form);
        json.field("Architecture", config.platform().architecture());
        String variant = config.platform().variant();
        json.optional("Variant", variant == null || variant.isEmpty() ? null : variant);
        long size = size(image);
        json.field("Os", config.platform().os()).field("Size", size);
        if (form.isBefore(Form.BEFORE_1_44)) {
            json.field("VirtualSize", size);
        }
        if (form.isBefore(Form.BEFORE_1_45)) {
            noContainer(json.name("ContainerConfig"));
        }
        graphDriver(json.name("GraphDriver"), config);
        json.name("RootFS").beginObject().field("Type", "layers").name("Layers").beginArray();
        config.diffIds().forEach(digest -> json.value(digest.toString()));
        json.endArray().endObject();
        json.name("Metadata").beginObject().field("LastTagTime", "0001-01-01T00:00:00Z");
        json.endObject().endObject();
    }

    private static void noContainer(JsonWriter json) {
        json.beginObject();
        containersFields(json);
        json.field("User", "").name("Env").value(JsonNull.NULL).name("Cmd").value(JsonNull.NULL);
        json.name("Volumes").value(JsonNull.NULL).field("WorkingDir", "");
        json.name("Entrypoint").value(JsonNull.NULL).name("OnBuild").value(JsonNull.NULL);
        json.name("Labels").value(JsonNull.NULL).endObject();
    }

    private static void containersFields(JsonWriter json) {
        json.field("Hostname", "").field("Domainname", "").field("AttachStdin", false);
        json.field("AttachStdout", false).field("AttachStderr", false);
        json.field("Tty", false).field("OpenStdin", false).field("StdinOnce", false);
        json.field("Image", "");
    }

    /** Where its layers are unpacked; nowhere before it was first used. */
    private void graphDriver(JsonWriter json, ImageConfig config) {
        json.beginObject().name("Data").beginObject();
        var chains = SnapshotStore.chain(config.diffIds());
        if (!chains.isEmpty() && chains.stream().allMatch(snapshots::contains)) {
            List<Path> folders = snapshots.folders(chains);
            if (folders.size() > 1) {
                json.field("LowerDir", ContainerJson.joined(folders.subList(1, folders.size())));
            }
            json.field("UpperDir", folders.getFirst().toString());
        }
        json.endObject().field("Name", "overlay2").endObject();
    }

    private static String comment(ImageConfig config) {
        return config.history().isEmpty() ? "" : orEmpty(config.history().getLast().comment());
    }

    private static void defaults(JsonWriter json, ContainerDefaults config, Form form) {
        boolean complete = form == Form.COMPLETE;
        json.beginObject();
        if (form.isBefore(Form.BEFORE_1_50)) {
            containersFields(json);
        }
        json.field("User", orEmpty(config.user()));
        if (complete || !config.exposedPorts().isEmpty()) {
            set(json, "ExposedPorts", config.exposedPorts());
        }
        json.field("Env", config.env());
        ConfigJson.listOrNull(json, "Cmd", config.cmd());
        ContainerDefaults.Healthcheck health = config.healthcheck();
        if (health != null) {
            json.name("Healthcheck").beginObject().field("Test", health.test());
            number(json, "Interval", health.intervalNs());
            number(json, "Timeout", health.timeoutNs());
            number(json, "StartPeriod", health.startPeriodNs());
            number(json, "StartInterval", health.startIntervalNs());
            number(json, "Retries", health.retries());
            json.endObject();
        } else if (complete) {
            json.name("Healthcheck").value(JsonNull.NULL);
        }
        set(json, "Volumes", config.volumes());
        json.field("WorkingDir", orEmpty(config.workingDir()));
        ConfigJson.listOrNull(json, "Entrypoint", config.entrypoint());
        ConfigJson.listOrNull(
                json, "OnBuild", config.onBuild().isEmpty() ? null : config.onBuild());
        json.name("Labels");
        if (config.labels().isEmpty()) {
            json.value(JsonNull.NULL);
        } else {
            GoMap.write(json, config.labels());
        }
        String signal = orEmpty(config.stopSignal());
        if (complete || !signal.isEmpty()) {
            json.field("StopSignal", signal);
        }
        if (complete || config.shell() != null) {
            ConfigJson.listOrNull(json, "Shell", config.shell());
        }
        json.endObject();
    }

    /** In the order of the letters, as Go writes maps. */
    private static void set(JsonWriter json, String name, List<String> members) {
        json.name(name);
        if (members.isEmpty()) {
            json.value(JsonNull.NULL);
            return;
        }
        json.beginObject();
        members.stream().sorted().forEach(one -> json.name(one).beginObject().endObject());
        json.endObject();
    }

    private static void number(JsonWriter json, String name, long value) {
        if (value != 0) {
            json.field(name, value);
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** As {@code GET /images/{name}/history} tells it, the latest first. */
    public void history(JsonWriter json, Image image) {
        var rows = new ArrayList<Runnable>();
        List<String> tags = new ArrayList<>();
        names(image.target()).forEach(name -> tags.add(name.familiar()));
        int layer = 0;
        var chains = SnapshotStore.chain(image.config().diffIds());
        var entries = image.config().history();
        for (int i = 0; i < entries.size(); i++) {
            var entry = entries.get(i);
            long size = 0;
            if (!entry.emptyLayer() && layer < chains.size()) {
                var chain = chains.get(layer++);
                size = snapshots.contains(chain) ? snapshots.usage(chain).bytes() : 0;
            }
            boolean last = i == entries.size() - 1;
            long bytes = size;
            rows.addFirst(() -> {
                json.beginObject().field("Comment", orEmpty(entry.comment()));
                json.field("Created", seconds(entry.created()));
                json.field("CreatedBy", orEmpty(entry.createdBy()));
                json.field("Id", last ? image.id().toString() : "<missing>");
                json.field("Size", bytes);
                ConfigJson.listOrNull(json, "Tags", last && !tags.isEmpty() ? tags : null);
                json.endObject();
            });
        }
        json.beginArray();
        rows.forEach(Runnable::run);
        json.endArray();
    }

    private static long seconds(@Nullable String time) {
        try {
            return time == null ? 0 : OffsetDateTime.parse(time).toEpochSecond();
        } catch (DateTimeException _) {
            return 0;
        }
    }
}
