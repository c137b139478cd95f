package dev.rung.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the host's own runtime told of how long the parts of a create took ({@code --timings}).
 *
 * @param askedNanos when the call came, by System.nanoTime
 * @param ends when each part was over, by the same clock; in the program's order
 */
record RuntimeTimings(long askedNanos, long steps, List<End> ends) {
    private static final int HEAD = 512;
    private static final int TIME = 16;
    private static final int LARGEST = 4096;
    private static final long SECOND = 1_000_000_000;

    record End(String part, long nanos) {}

    /** Null when there are none, or not of this create. */
    static @Nullable RuntimeTimings read(Path file, long notBefore) {
        byte[] bytes;
        try {
            if (Files.size(file) > LARGEST) {
                return null;
            }
            bytes = Files.readAllBytes(file);
        } catch (IOException _) {
            return null; // another runtime's container, or no room on the disk
        }
        if (bytes.length < HEAD) {
            return null;
        }
        Map<String, String> head = head(new String(bytes, 0, HEAD, StandardCharsets.US_ASCII));
        try {
            long asked = Long.parseLong(head.getOrDefault("asked", ""));
            long steps = Long.parseLong(head.getOrDefault("steps", ""));
            String[] parts = head.getOrDefault("parts", "").split(" ");
            if (asked < notBefore || bytes.length < HEAD + TIME * parts.length) {
                return null;
            }
            ByteBuffer times = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
            var ends = new End[parts.length];
            for (int i = 0; i < parts.length; i++) {
                int at = HEAD + TIME * i;
                ends[i] = new End(parts[i], times.getLong(at) * SECOND + times.getLong(at + 8));
            }
            return new RuntimeTimings(asked, steps, List.of(ends));
        } catch (NumberFormatException _) {
            return null;
        }
    }

    private static Map<String, String> head(String text) {
        var head = new HashMap<String, String>();
        for (String line : text.split("\n")) {
            int blank = line.indexOf(' ');
            if (blank > 0) {
                head.put(line.substring(0, blank), line.substring(blank + 1));
            }
        }
        return head;
    }
}
