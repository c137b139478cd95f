package dev.rung.engine.record;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.Limits;
import dev.rung.engine.spec.NetworkWish;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is to be known of a pod as long as it is there: what its containers share, written as what
 * was asked of a container would be.
 *
 * @param config of which the host name and the labels count
 * @param host of which networks, ports, names and limits count, and the pod's cgroup parent
 * @param cni what it asks of the CNI network that it joins in place of networks; null: none
 * @param shares kinds of namespaces: net, ipc, uts, pid
 * @param exitStops whether it is stopped when the last of its containers ends
 * @param stopped whether a person ended it
 */
public record PodRecord(
        ContainerId id,
        ContainerName name,
        Instant created,
        ContainerConfig config,
        HostOptions host,
        List<NetworkWish> networks,
        @Nullable CniWish cni,
        Set<String> shares,
        boolean exitStops,
        boolean stopped) {
    private static final long FORMAT = 1;

    /** Reads a record. Unsupported when a newer Rung wrote it, Corrupt when it is damaged. */
    static PodRecord read(String file, byte[] json) {
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
            var networks = new ArrayList<NetworkWish>();
            for (JsonFields network : fields.objects("networks")) {
                networks.add(NetworkWish.read(network));
            }
            return new PodRecord(
                    new ContainerId(fields.text("id")),
                    new ContainerName(fields.text("name")),
                    Instant.parse(fields.text("created")),
                    ContainerConfig.read(fields.object("config")),
                    HostOptions.read(fields.object("host")),
                    List.copyOf(networks),
                    CniWish.read(fields.optionalObject("cni")),
                    Set.copyOf(fields.texts("shares")),
                    fields.flag("exitStops"),
                    fields.flag("stopped"));
        } catch (Failure.Invalid | DateTimeException e) {
            throw new Failure.Corrupt(file + ": damaged record: " + e.getMessage(), e);
        }
    }

    byte[] json() {
        var to = JsonWriter.indented("  ");
        to.beginObject()
                .field("format", FORMAT)
                .field("id", id.value())
                .field("name", name.value())
                .field("created", created.toString())
                .field("shares", List.copyOf(new TreeSet<>(shares)))
                .field("exitStops", exitStops)
                .field("stopped", stopped);
        config.write(to.name("config"));
        host.write(to.name("host"));
        to.name("networks").beginArray();
        for (NetworkWish network : networks) {
            network.write(to);
        }
        to.endArray();
        if (cni != null) {
            cni.write(to.name("cni"));
        }
        return to.endObject().bytes();
    }

    /** The same, after a person ended or started it. */
    public PodRecord stopped(boolean now) {
        return new PodRecord(
                id, name, created, config, host, networks, cni, shares, exitStops, now);
    }

    /** The same with other limits. */
    public PodRecord with(Limits limits) {
        HostOptions changed = host.with(limits, host.restart());
        return new PodRecord(
                id, name, created, config, changed, networks, cni, shares, exitStops, stopped);
    }

    /** What networks and names take it for: a container that is in them. */
    public ContainerRecord member() {
        return new ContainerRecord(
                id, name, created, config, host, "", List.of(), networks, null, stopped, 0, "");
    }
}
