package dev.rung.host.compile;

import java.util.List;

/** What the compiler has a word for, whatever the host (features.md). */
public final class Abilities {
    private Abilities() {}

    public static List<String> mountOptions() {
        return MountOptions.known();
    }

    public static List<String> capabilities() {
        return Capability.names(-1);
    }
}
