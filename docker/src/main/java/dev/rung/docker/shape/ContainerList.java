package dev.rung.docker.shape;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.rung.domain.ContainerId;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Engine;
import dev.rung.engine.Phase;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.network.Endpoint;
import dev.rung.network.Networks;
import dev.rung.oci.json.JsonWriter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Containers as {@code GET /containers/json} tells them. Each is written once for as long as
 * nothing changes but the time that has passed since it started or ended, for which there is a gap.
 */
public final class ContainerList {
    private final Networks networks;
    private final ContainerJson shape;
    private final Map<ContainerId, Entry> written = new ConcurrentHashMap<>();

    public ContainerList(Engine engine, SnapshotStore snapshots) {
        networks = engine.connections().networks();
        shape = new ContainerJson(engine, snapshots);
    }

    /**
     * What was written of a container, and of what.
     *
     * @param gap in front of which byte its status belongs
     */
    private record Entry(
            ContainerRecord record,
            Phase phase,
            List<Endpoint> endpoints,
            List<String> networks,
            boolean annotated,
            byte[] json,
            int gap) {
        boolean isOf(ContainerView container, Places places, boolean annotated) {
            return record.equals(container.record())
                    && phase == container.phase()
                    && this.annotated == annotated
                    && endpoints.equals(places.of(record))
                    && networks.equals(places.networks(record));
        }
    }

    /**
     * A JSON array with a line feed, in UTF-8.
     *
     * @param annotated whether annotations are told, as from version 1.46 on
     */
    public byte[] json(List<ContainerView> wanted, boolean sizes, boolean annotated, Instant now) {
        var places = new Places(networks);
        var entries = new ArrayList<Entry>(wanted.size());
        var states = new ArrayList<byte[]>(wanted.size());
        int length = 3 + Math.max(0, wanted.size() - 1);
        for (ContainerView container : wanted) {
            Entry entry =
                    sizes
                            ? write(container, places, true, annotated)
                            : entry(container, places, annotated);
            byte[] status = ContainerStatus.text(container, now).getBytes(US_ASCII);
            entries.add(entry);
            states.add(status);
            length += entry.json.length + status.length;
        }
        var all = ByteBuffer.allocate(length).put((byte) '[');
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            all.put(entry.json, 0, entry.gap).put(states.get(i));
            all.put(entry.json, entry.gap, entry.json.length - entry.gap);
            if (i < entries.size() - 1) {
                all.put((byte) ',');
            }
        }
        return all.put((byte) ']').put((byte) '\n').array();
    }

    private Entry entry(ContainerView container, Places places, boolean annotated) {
        Entry last = written.get(container.record().id());
        if (last == null || !last.isOf(container, places, annotated)) {
            last = write(container, places, false, annotated);
            written.put(container.record().id(), last);
        }
        return last;
    }

    private Entry write(ContainerView container, Places places, boolean sizes, boolean annotated) {
        ContainerRecord record = container.record();
        var json = JsonWriter.compact();
        int gap = shape.summary(json, container, places, "", sizes, annotated);
        return new Entry(
                record,
                container.phase(),
                places.of(record),
                places.networks(record),
                annotated,
                json.bytes(),
                gap);
    }

    /** Forgets all but those that are there. */
    public void keep(List<ContainerView> all) {
        if (written.size() > all.size()) {
            Set<ContainerId> there = new HashSet<>();
            all.forEach(container -> there.add(container.record().id()));
            written.keySet().retainAll(there);
        }
    }
}
