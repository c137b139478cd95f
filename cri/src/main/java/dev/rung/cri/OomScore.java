package dev.rung.cri;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which oom_score_adj containers may get: without CAP_SYS_RESOURCE none below the engine's own, as
 * with containerd's restrict_oom_score_adj.
 */
final class OomScore {
    private static final int SYS_RESOURCE = 24;
    private static final String EFFECTIVE = "CapEff:";

    private final long least;

    private OomScore(long least) {
        this.least = least;
    }

    /** Of this process. */
    static OomScore own() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith(EFFECTIVE)) {
                    String digits = line.substring(EFFECTIVE.length()).strip();
                    long capabilities = Long.parseUnsignedLong(digits, 16);
                    if ((capabilities >> SYS_RESOURCE & 1) == 1) {
                        return new OomScore(Long.MIN_VALUE);
                    }
                }
            }
            String own = Files.readString(Path.of("/proc/self/oom_score_adj")).strip();
            return new OomScore(Long.parseLong(own));
        } catch (IOException | NumberFormatException _) {
            return new OomScore(Long.MIN_VALUE); // the kernel decides then
        }
    }

    long allowed(long asked) {
        return Math.max(asked, least);
    }
}
