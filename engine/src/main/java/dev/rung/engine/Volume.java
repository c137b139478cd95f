package dev.rung.engine;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * A folder with a name of its own, which outlives containers.
 *
 * @param options of Docker's local driver: type, device and o, of what is mounted there while a
 *     container uses it; empty for a plain folder
 * @param data what containers see
 */
public record Volume(
        String name,
        Instant created,
        Map<String, String> labels,
        Map<String, String> options,
        Path data) {
    /** Labels one that a person gave no name. */
    static final String ANONYMOUS = "com.docker.volume.anonymous";

    public boolean isAnonymous() {
        return labels.containsKey(ANONYMOUS);
    }

    boolean isMounted() {
        return !options.isEmpty();
    }
}
