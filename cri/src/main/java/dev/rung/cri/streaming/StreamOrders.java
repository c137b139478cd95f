package dev.rung.cri.streaming;

import dev.rung.domain.Failure;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Orders that wait for their clients, under words that nobody can guess and that are good once. */
final class StreamOrders {
    static final Duration GOOD_FOR = Duration.ofMinutes(1);

    private static final int MOST = 1000;
    private static final int WORD_BYTES = 24;

    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Waiting> waiting = new LinkedHashMap<>(); // the oldest first

    private record Waiting(StreamOrder order, Instant until) {}

    StreamOrders(Clock clock) {
        this.clock = clock;
    }

    /** A word for it. Unavailable when too many wait already. */
    synchronized String add(StreamOrder order) {
        Instant now = clock.instant();
        waiting.values().removeIf(each -> each.until().isBefore(now));
        if (waiting.size() >= MOST) {
            throw new Failure.Unavailable("too many streams were asked for and not taken", null);
        }
        byte[] bytes = new byte[WORD_BYTES];
        random.nextBytes(bytes);
        String word = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        waiting.put(word, new Waiting(order, now.plus(GOOD_FOR)));
        return word;
    }

    /** What the word stands for, which it does no more afterwards; null when it never did. */
    synchronized @Nullable StreamOrder take(String word) {
        Waiting found = waiting.remove(word);
        return found == null || found.until().isBefore(clock.instant()) ? null : found.order();
    }
}
