package dev.rung.docker.shape;

import dev.rung.engine.ContainerView;
import dev.rung.engine.Health;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a list says of a container, such as: Up 2 minutes, Exited (1) 3 hours ago. */
final class ContainerStatus {
    private ContainerStatus() {}

    static String text(ContainerView container, Instant now) {
        Instant started = container.record().started();
        return switch (container.phase()) {
            case CREATED -> "Created";
            case RUNNING -> up(started, now) + health(container.health());
            case PAUSED -> up(started, now) + " (Paused)";
            case RESTARTING -> "Restarting (" + container.exitCode() + ") " + ago(container, now);
            case EXITED ->
                    started == null && !container.record().error().isEmpty()
                            ? "Created"
                            : "Exited (" + container.exitCode() + ") " + ago(container, now);
            case REMOVING -> "Removal In Progress";
        };
    }

    private static String up(@Nullable Instant started, Instant now) {
        return "Up " + since(started, now);
    }

    private static String ago(ContainerView container, Instant now) {
        return since(container.finished(), now) + " ago";
    }

    private static String since(@Nullable Instant moment, Instant now) {
        return Moments.since(Duration.between(moment == null ? now : moment, now));
    }

    private static String health(@Nullable Health health) {
        if (health == null) {
            return "";
        }
        return health.status() == Health.Status.STARTING
                ? " (health: starting)"
                : " (" + health.status() + ")";
    }
}
