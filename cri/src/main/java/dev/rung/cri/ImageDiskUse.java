package dev.rung.cri;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.image.snapshot.Usage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** How much room images and containers take; counted anew only now and then, as others do. */
final class ImageDiskUse {
    private static final Duration GOOD_FOR = Duration.ofSeconds(10);

    private final SnapshotStore snapshots;
    private final Clock clock;
    private Instant counted = Instant.EPOCH;
    private Use last = new Use(0, 0);

    ImageDiskUse(SnapshotStore snapshots, Clock clock) {
        this.snapshots = snapshots;
        this.clock = clock;
    }

    record Use(long bytes, long inodes) {
        private Use plus(Usage more) {
            return new Use(bytes + more.bytes(), inodes + more.files());
        }
    }

    synchronized Use now() {
        Instant now = clock.instant();
        if (Duration.between(counted, now).compareTo(GOOD_FOR) > 0) {
            last = count();
            counted = now;
        }
        return last;
    }

    private Use count() {
        var all = new Use(0, 0);
        for (Digest chain : snapshots.list()) {
            try {
                all = all.plus(snapshots.usage(chain));
            } catch (Failure.NotFound _) {
                // it went meanwhile
            }
        }
        for (String container : snapshots.containers()) {
            try {
                all = all.plus(snapshots.usage(container));
            } catch (Failure.NotFound _) {
                // it went meanwhile
            }
        }
        return all;
    }
}
