package dev.rung.engine.record;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.MountOption.Recursion;
import dev.rung.engine.spec.NetworkWish;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be known of a container as long as it is there.
 *
 * @param config with what the image says taken in
 * @param image the image's id
 * @param mounts what volumes became
 * @param networks that it is in, or is to be in when it runs
 * @param started when it was started last, null: never
 * @param stopped whether a person ended it, so that no policy starts it again
 * @param restarts how often a policy started it again
 * @param error why the last start came to nothing; empty otherwise
 */
public record ContainerRecord(
        ContainerId id,
        ContainerName name,
        Instant created,
        ContainerConfig config,
        HostOptions host,
        String image,
        List<MountPoint> mounts,
        List<NetworkWish> networks,
        @Nullable Instant started,
        boolean stopped,
        int restarts,
        String error) {
    private static final long FORMAT = 1;

    /**
     * Something mounted, as {@code inspect} shows it.
     *
     * @param type bind, volume, tmpfs or image
     * @param name of a volume or image, empty otherwise
     * @param source the folder or file on the host, or the image's id; empty for a tmpfs
     * @param recursion what becomes of mounts below a bind mount's source
     * @param subpath what of a volume or image is mounted; empty: all of it
     */
    public record MountPoint(
            String type,
            String name,
            String source,
            String destination,
            boolean writable,
            String propagation,
            Recursion recursion,
            String subpath) {
        public MountPoint(
                String type,
                String name,
                String source,
                String destination,
                boolean writable,
                String propagation) {
            this(type, name, source, destination, writable, propagation, Recursion.ENABLED, "");
        }
    }

    /** Reads a record. Unsupported when a newer Rung wrote it, Corrupt when it is damaged. */
    static ContainerRecord read(String file, byte[] json) {
        try {
            JsonFields fields = JsonFields.read(file, json);
            long format = fields.integer("format", 1, Long.MAX_VALUE);
            if (format > FORMAT) {
                throw new Failure.Unsupported(
                        file
                                + ": format "
                                + format
                                + ", want "
                                + FORMAT
                                + ": a newer Rung wrote it");
            }
            var mounts = new ArrayList<MountPoint>();
            for (JsonFields mount : fields.objects("mounts")) {
                mounts.add(
                        new MountPoint(
                                mount.text("type"),
                                orEmpty(mount, "name"),
                                orEmpty(mount, "source"),
                                mount.text("destination"),
                                mount.flag("writable"),
                                orEmpty(mount, "propagation"),
                                Recursion.parse(orEmpty(mount, "recursion")),
                                orEmpty(mount, "subpath")));
            }
            String started = fields.optionalText("started");
            return new ContainerRecord(
                    new ContainerId(fields.text("id")),
                    new ContainerName(fields.text("name")),
                    Instant.parse(fields.text("created")),
                    ContainerConfig.read(fields.object("config")),
                    HostOptions.read(fields.object("host")),
                    fields.text("image"),
                    List.copyOf(mounts),
                    networks(fields),
                    started == null ? null : Instant.parse(started),
                    fields.flag("stopped"),
                    (int) fields.integerOr("restarts", 0, Integer.MAX_VALUE, 0),
                    orEmpty(fields, "error"));
        } catch (Failure.Invalid | DateTimeException e) {
            throw new Failure.Corrupt(file + ": damaged record: " + e.getMessage(), e);
        }
    }

    private static List<NetworkWish> networks(JsonFields fields) {
        var networks = new ArrayList<NetworkWish>();
        for (JsonFields network : fields.objects("networks")) {
            networks.add(NetworkWish.read(network));
        }
        return List.copyOf(networks);
    }

    private static String orEmpty(JsonFields fields, String name) {
        String text = fields.optionalText(name);
        return text == null ? "" : text;
    }

    byte[] json() {
        var to = JsonWriter.indented("  ");
        to.beginObject()
                .field("format", FORMAT)
                .field("id", id.value())
                .field("name", name.value())
                .field("created", created.toString())
                .field("image", image)
                .field("stopped", stopped)
                .field("restarts", restarts)
                .optional("error", error)
                .optional("started", started == null ? null : started.toString());
        config.write(to.name("config"));
        host.write(to.name("host"));
        to.name("mounts").beginArray();
        for (MountPoint mount : mounts) {
            to.beginObject()
                    .field("type", mount.type)
                    .optional("name", mount.name)
                    .optional("source", mount.source)
                    .field("destination", mount.destination)
                    .field("writable", mount.writable)
                    .optional("propagation", mount.propagation)
                    .field("recursion", mount.recursion.toString())
                    .optional("subpath", mount.subpath)
                    .endObject();
        }
        to.endArray().name("networks").beginArray();
        for (NetworkWish network : networks) {
            network.write(to);
        }
        return to.endArray().endObject().bytes();
    }

    /** The same, called otherwise. */
    public ContainerRecord named(ContainerName newName) {
        return new ContainerRecord(
                id, newName, created, config, host, image, mounts, networks, started, stopped,
                restarts, error);
    }

    /** The same in other networks. */
    public ContainerRecord in(List<NetworkWish> others) {
        return new ContainerRecord(
                id,
                name,
                created,
                config,
                host,
                image,
                mounts,
                List.copyOf(others),
                started,
                stopped,
                restarts,
                error);
    }

    /** The same with other options. */
    public ContainerRecord with(HostOptions newHost) {
        return new ContainerRecord(
                id, name, created, config, newHost, image, mounts, networks, started, stopped,
                restarts, error);
    }

    /** The same with another configuration and other options. */
    public ContainerRecord with(ContainerConfig newConfig, HostOptions newHost) {
        return new ContainerRecord(
                id, name, created, newConfig, newHost, image, mounts, networks, started, stopped,
                restarts, error);
    }

    /** The same after a start. */
    public ContainerRecord startedAt(Instant when, int newRestarts) {
        return new ContainerRecord(
                id,
                name,
                created,
                config,
                host,
                image,
                mounts,
                networks,
                when,
                false,
                newRestarts,
                "");
    }

    /** The same after a person ended it. */
    public ContainerRecord stoppedByPerson() {
        return new ContainerRecord(
                id, name, created, config, host, image, mounts, networks, started, true, restarts,
                error);
    }

    /** The same after a start that came to nothing. */
    public ContainerRecord failed(String why) {
        return new ContainerRecord(
                id, name, created, config, host, image, mounts, networks, started, stopped,
                restarts, why);
    }
}
