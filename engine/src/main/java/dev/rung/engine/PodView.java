package dev.rung.engine;

import dev.rung.engine.record.PodRecord;
import dev.rung.network.Endpoint;
import java.util.List;

/**
 * A pod at one moment.
 *
 * @param ready whether what its containers share is there
 * @param containers the earliest first
 * @param endpoints in networks of the engine's own
 * @param addresses all that it has, in those or in a CNI network, the first one first
 */
public record PodView(
        PodRecord record,
        Status status,
        boolean ready,
        List<ContainerView> containers,
        List<Endpoint> endpoints,
        List<String> addresses) {
    /** Prints as podman calls it. */
    public enum Status {
        CREATED("Created"),
        RUNNING("Running"),
        /** Some of its containers run, some have ended. */
        DEGRADED("Degraded"),
        PAUSED("Paused"),
        STOPPED("Stopped"),
        EXITED("Exited");

        private final String text;

        Status(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** The same in short. */
    public PodOutline outline() {
        return new PodOutline(record, ready);
    }

    static Status status(PodRecord record, boolean ready, List<ContainerView> containers) {
        int running = 0;
        int paused = 0;
        int ended = 0;
        for (ContainerView container : containers) {
            switch (container.phase()) {
                case RUNNING, RESTARTING -> running++;
                case PAUSED -> paused++;
                case EXITED, REMOVING -> ended++;
                case CREATED -> {}
            }
        }
        if (running > 0) {
            return ended > 0 ? Status.DEGRADED : Status.RUNNING;
        } else if (paused > 0) {
            return Status.PAUSED;
        } else if (ready) {
            return ended > 0 ? Status.EXITED : Status.RUNNING;
        } else if (ended > 0 || record.stopped()) {
            return record.stopped() ? Status.STOPPED : Status.EXITED;
        }
        return Status.CREATED;
    }
}
