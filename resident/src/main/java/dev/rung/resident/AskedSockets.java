package dev.rung.resident;

import org.jspecify.annotations.Nullable;

/**
 * Where the engine was told to serve when it was started.
 *
 * @param docker the path for Docker's API; empty: where it usually is
 * @param cri the path for a kubelet; empty: the usual one, null: what is written down counts
 */
public record AskedSockets(String docker, @Nullable String cri) {
    /** Nothing was said. */
    public static final AskedSockets NONE = new AskedSockets("", null);

    AskedSockets withDocker(String path) {
        return new AskedSockets(path, cri);
    }

    AskedSockets withCri(String path) {
        return new AskedSockets(docker, path);
    }
}
