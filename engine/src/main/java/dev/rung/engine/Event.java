package dev.rung.engine;

import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * Something that happened, as Docker tells it.
 *
 * @param type container, volume, ...
 * @param action such as start, or "exec_create: ls"
 * @param id of what it happened to
 * @param attributes of it, with its name
 */
public record Event(
        Instant time, String type, String action, String id, Map<String, String> attributes) {
    /** The filters of Docker's events that one value can fit, all but those of labels. */
    public static final Set<String> FILTERS =
            Set.of("type", "event", "container", "volume", "network", "image", "daemon", "scope");

    /** Whether somebody wants it who filters by one of {@link #FILTERS} with this value. */
    public boolean fits(String filter, String wanted) {
        return switch (filter) {
            case "type" -> type.equals(wanted);
            case "event" -> action.equals(wanted) || action.startsWith(wanted + ":");
            case "image" -> isOfImage(wanted);
            case "daemon" -> type.equals("daemon");
            case "scope" -> wanted.equals("local");
            default ->
                    type.equals(filter)
                            && (id.startsWith(wanted) || wanted.equals(attributes.get("name")));
        };
    }

    /** By its name with or without a tag. */
    private boolean isOfImage(String wanted) {
        String image =
                type.equals("image")
                        ? attributes.getOrDefault("name", id)
                        : attributes.getOrDefault("image", "");
        return image.equals(wanted) || image.startsWith(wanted + ":");
    }
}
