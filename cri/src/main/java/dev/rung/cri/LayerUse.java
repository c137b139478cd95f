package dev.rung.cri;

import dev.rung.domain.Failure;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.image.snapshot.Usage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** How much each container has written; counted anew only now and then, as others do. */
final class LayerUse {
    private static final Duration GOOD_FOR = Duration.ofSeconds(10);
    private static final ImageDiskUse.Use NOTHING = new ImageDiskUse.Use(0, 0);

    private final SnapshotStore snapshots;
    private final Clock clock;
    private final Map<String, Counted> counted = new HashMap<>();

    private record Counted(ImageDiskUse.Use use, Instant at) {}

    LayerUse(SnapshotStore snapshots, Clock clock) {
        this.snapshots = snapshots;
        this.clock = clock;
    }

    synchronized ImageDiskUse.Use of(String container) {
        Instant now = clock.instant();
        Counted known = counted.get(container);
        if (known != null && Duration.between(known.at(), now).compareTo(GOOD_FOR) < 0) {
            return known.use();
        }
        if (known == null) {
            counted.values()
                    .removeIf(each ->
                            Duration.between(each.at(), now).compareTo(GOOD_FOR.multipliedBy(60))
                                    > 0);
        }
        ImageDiskUse.Use use;
        try {
            Usage usage = snapshots.usage(container);
            use = new ImageDiskUse.Use(usage.bytes(), usage.files());
        } catch (Failure.NotFound _) {
            use = NOTHING; // it goes just now
        }
        counted.put(container, new Counted(use, now));
        return use;
    }
}
