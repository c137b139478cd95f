package dev.rung.engine;

import dev.rung.engine.record.ContainerRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What happens, told to whoever listens; the last of it is remembered, as in Docker. */
public final class Events {
    private static final int REMEMBERED = 256;
    private static final int WAITING = 4096;
    private static final Event END = new Event(Instant.EPOCH, "", "", "", Map.of());

    private final Clock clock;
    private final Deque<Event> last = new ArrayDeque<>(REMEMBERED);
    private final List<Listening> listeners = new ArrayList<>();

    Events(Clock clock) {
        this.clock = clock;
    }

    /** Hears of all that happens until it is closed. */
    public final class Listening implements AutoCloseable {
        private final BlockingQueue<Event> waiting = new ArrayBlockingQueue<>(WAITING);

        private Listening() {}

        /** The next event; null when there is none for that long. */
        public @Nullable Event next(Duration patience) {
            try {
                Event event = waiting.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
                return END.equals(event) ? null : event;
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return null;
            }
        }

        /** Wakes who waits for the next event, too. */
        @Override
        public void close() {
            synchronized (Events.this) {
                listeners.remove(this);
            }
            var _ = waiting.offer(END); // who has that many to read looks by itself
        }
    }

    /**
     * Begins to listen.
     *
     * @param past gets those that are remembered, the oldest first; nothing is missed in between
     */
    public synchronized Listening listen(List<Event> past) {
        past.addAll(last);
        var listening = new Listening();
        listeners.add(listening);
        return listening;
    }

    /** How many there are who listen. */
    public synchronized int listeners() {
        return listeners.size();
    }

    void tell(String type, String action, String id, Map<String, String> attributes) {
        var event = new Event(clock.instant(), type, action, id, Map.copyOf(attributes));
        synchronized (this) {
            if (last.size() == REMEMBERED) {
                last.removeFirst();
            }
            last.addLast(event);
            for (Listening listener : listeners) {
                // who does not read loses the latest, and the others nothing
                boolean taken = listener.waiting.offer(event);
                assert taken || listener.waiting.remainingCapacity() == 0;
            }
        }
    }

    void container(ContainerRecord container, String action) {
        container(container, action, Map.of());
    }

    void container(ContainerRecord container, String action, Map<String, String> more) {
        var attributes = new LinkedHashMap<>(container.config().labels());
        attributes.put("image", container.config().image());
        attributes.put("name", container.name().value());
        attributes.putAll(more);
        tell("container", action, container.id().value(), attributes);
    }
}
