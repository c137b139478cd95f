package dev.rung.cri;

import dev.rung.cri.v1.ContainerEventResponse;
import dev.rung.cri.v1.ContainerEventType;
import dev.rung.cri.v1.GetEventsRequest;
import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Event;
import dev.rung.engine.Events;
import dev.rung.engine.PodView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What happens to pods and their containers, told to whoever listens, in its order. */
final class PodEvents {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Events events;
    private final PodSandboxes pods;
    private final PodContainers containers;

    PodEvents(Events events, PodSandboxes pods, PodContainers containers) {
        this.events = events;
        this.pods = pods;
        this.containers = containers;
    }

    /** Until the client goes; what happened before is for the lists to tell. */
    void stream(GetEventsRequest request, AnswerStream<ContainerEventResponse> answers) {
        var podOf = new HashMap<String, String>(); // a container that is gone says it no more
        for (ContainerView container : containers.all()) {
            podOf.put(container.record().id().value(), container.record().host().pod());
        }
        try (Events.Listening listening = events.listen(new ArrayList<>())) {
            while (answers.isOpen()) {
                Event event = listening.next(PAUSE);
                ContainerEventResponse told = event == null ? null : told(event, podOf);
                if (told != null && !answers.send(told)) {
                    return;
                }
            }
        }
    }

    private @Nullable ContainerEventResponse told(Event event, Map<String, String> podOf) {
        ContainerEventType type = type(event);
        if (type == null) {
            return null;
        }
        var told =
                ContainerEventResponse.newBuilder()
                        .setContainerId(event.id())
                        .setContainerEventType(type)
                        .setCreatedAt(PodSandboxes.nanos(event.time()));
        String pod = event.type().equals("pod") ? event.id() : pod(event.id(), podOf);
        if (pod.isEmpty()) {
            return null; // of a container that was not made through CRI
        }
        try {
            PodView view = pods.findAny(pod);
            told.setPodSandboxStatus(PodSandboxes.status(view));
            for (ContainerView container : Notes.containers(view)) {
                told.addContainersStatuses(containers.status(container));
            }
        } catch (Failure.NotFound _) {
            if (event.type().equals("pod") && type != ContainerEventType.CONTAINER_DELETED_EVENT) {
                return null; // it was not made through CRI
            }
        }
        if (type == ContainerEventType.CONTAINER_DELETED_EVENT) {
            podOf.remove(event.id());
        }
        return told.build();
    }

    private String pod(String container, Map<String, String> podOf) {
        String known = podOf.get(container);
        if (known != null) {
            return known;
        }
        try {
            String pod = containers.find(container).record().host().pod();
            podOf.put(container, pod);
            return pod;
        } catch (Failure.NotFound _) {
            return "";
        }
    }

    /** A pod counts as a container of its own, as its pause process does elsewhere. */
    private static @Nullable ContainerEventType type(Event event) {
        if (event.type().equals("container")) {
            return switch (event.action()) {
                case "create" -> ContainerEventType.CONTAINER_CREATED_EVENT;
                case "start" -> ContainerEventType.CONTAINER_STARTED_EVENT;
                case "die" -> ContainerEventType.CONTAINER_STOPPED_EVENT;
                case "destroy" -> ContainerEventType.CONTAINER_DELETED_EVENT;
                default -> null;
            };
        } else if (event.type().equals("pod")) {
            return switch (event.action()) {
                case "create" -> ContainerEventType.CONTAINER_CREATED_EVENT;
                case "ready" -> ContainerEventType.CONTAINER_STARTED_EVENT;
                case "stop" -> ContainerEventType.CONTAINER_STOPPED_EVENT;
                case "remove" -> ContainerEventType.CONTAINER_DELETED_EVENT;
                default -> null;
            };
        }
        return null;
    }
}
