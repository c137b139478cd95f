package dev.rung.engine;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Wakes who follows a log when something comes, by inotify(7): one watch for each folder, however
 * many follow what is in it, and nothing to do as long as nothing is written.
 */
public final class LogWatch {
    /** Where the kernel gives no more watches, logs are looked at so often. */
    private static final Duration WITHOUT_WATCH = Duration.ofMillis(200);

    private static final Duration LONGEST = Duration.ofHours(1);

    private final Map<Path, Watched> folders = new HashMap<>();
    private @Nullable WatchService service;

    /** A folder, and who wants to know of it. */
    private record Watched(@Nullable WatchKey key, Set<Waiter> waiters) {}

    LogWatch() {}

    /** Waits for more of one log, on one thread. */
    public final class Waiter implements AutoCloseable {
        private final Path folder;
        private final Semaphore news = new Semaphore(0);
        private boolean watched;

        private Waiter(Path folder) {
            this.folder = folder;
        }

        /** Has who waits look again. */
        public void wake() {
            if (news.availablePermits() == 0) {
                news.release();
            }
        }

        /** Returns when something came since the last time, or somebody woke it, or at the end. */
        public void await(@Nullable Duration end) throws InterruptedException {
            if (watched && end == null) {
                news.acquire();
            } else {
                Duration longest = watched ? LONGEST : WITHOUT_WATCH;
                Duration time = end == null || end.compareTo(longest) > 0 ? longest : end;
                boolean woken = news.tryAcquire(time.toMillis() + 1, TimeUnit.MILLISECONDS);
                if (!woken) {
                    return;
                }
            }
            news.drainPermits();
        }

        @Override
        public void close() {
            leave(this);
        }
    }

    /** Begins to watch; nothing that is written from now on is missed. */
    public synchronized Waiter of(Path log) {
        Path folder = log.toAbsolutePath().getParent();
        var waiter = new Waiter(folder == null ? log : folder);
        Watched place = folders.get(waiter.folder);
        if (place == null) {
            place = new Watched(register(waiter.folder), new HashSet<>());
            folders.put(waiter.folder, place);
        }
        place.waiters.add(waiter);
        waiter.watched = place.key != null;
        return waiter;
    }

    private @Nullable WatchKey register(Path folder) {
        try {
            WatchService to = service;
            if (to == null) {
                to = FileSystems.getDefault().newWatchService();
                service = to;
                WatchService running = to;
                Thread.ofVirtual().name("watch logs").start(() -> run(running));
            }
            return folder.register(
                    to, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_CREATE);
        } catch (IOException _) {
            return null;
        }
    }

    private void run(WatchService from) {
        try {
            while (true) {
                WatchKey key = from.take();
                key.pollEvents();
                key.reset();
                waiters(key).forEach(Waiter::wake);
            }
        } catch (InterruptedException | ClosedWatchServiceException _) {
            // nobody does that
        }
    }

    private synchronized List<Waiter> waiters(WatchKey key) {
        for (Watched place : folders.values()) {
            if (key.equals(place.key)) {
                return List.copyOf(place.waiters);
            }
        }
        return List.of();
    }

    private synchronized void leave(Waiter waiter) {
        Watched place = folders.get(waiter.folder);
        if (place != null && place.waiters.remove(waiter) && place.waiters.isEmpty()) {
            folders.remove(waiter.folder);
            if (place.key != null) {
                place.key.cancel();
            }
        }
    }
}
