package dev.rung.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.rung.domain.Failure;
import dev.rung.engine.LogLines.Place;
import dev.rung.engine.forward.LogEntry;
import dev.rung.engine.forward.LogTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Sends what one container writes to where its log driver wants it, on a thread of its own, out of
 * the log that the container's monitor keeps. So neither a slow server nor an engine that is down
 * holds up the container, nothing waits in memory, and what could not be sent is sent later: how
 * far it has come stands in a file beside the log. An engine that is killed sends some lines twice.
 * Lines are lost when the server takes nothing until the log's oldest file is gone, or the
 * container is removed; that is said in the engine's log.
 */
final class LogForwarder {
    private static final System.Logger LOGGER = System.getLogger("dev.rung.engine");
    private static final String PLACE_FILE = "log-sent";
    private static final int PLACE_BYTES = 40;
    private static final int LINES_PER_PLACE = 64;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Container container;
    private final LogTarget target;
    private final Path placeFile;
    private final LogWatch.Waiter waiter;
    private final LogLines lines;
    private final Thread thread;
    private final Map<Boolean, LongLine> unfinished = new HashMap<>(); // of stderr, of stdout
    private volatile boolean ending;
    private boolean over;
    private boolean failing;
    private int sentSincePlace;

    /** A line that came in parts, of which the last has not come. */
    private record LongLine(String id, int parts) {}

    private LogForwarder(Container container, LogTarget target, LogWatch watch) {
        Path log = container.view().log();
        this.container = container;
        this.target = target;
        this.placeFile = container.folders.durable().resolve(PLACE_FILE);
        this.waiter = watch.of(log);
        this.lines = new LogLines(log, new LogLines.Wanted(Long.MAX_VALUE, null, null));
        this.thread = Thread.ofVirtual().name("forward " + container.id()).unstarted(this::run);
    }

    /**
     * Begins for a run that is about to begin, where the container's driver sends. HostRefused, in
     * Docker's words, when nothing can be sent there now.
     */
    static void begin(Container container, LogWatch watch) {
        if (!container.record().host().log().sends()) {
            return;
        }
        LogForwarder before = container.forwarder();
        if (before != null && before.goesOn()) {
            return;
        }
        try {
            LogTarget target = LogTarget.of(container.record());
            target.connect();
            start(container, target, watch);
        } catch (IOException | Failure.Invalid e) {
            throw new Failure.HostRefused(
                    "failed to initialize logging driver: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    /** Goes on where an engine before has ended; connects when there is something to send. */
    static void resume(Container container, LogWatch watch) {
        if (!container.record().host().log().sends() || container.record().started() == null) {
            return;
        }
        LogForwarder before = container.forwarder();
        if (before != null && before.goesOn()) {
            return;
        }
        try {
            start(container, LogTarget.of(container.record()), watch);
        } catch (Failure e) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "log driver of " + container.id() + ": " + e.getMessage());
        }
    }

    private static void start(Container container, LogTarget target, LogWatch watch) {
        var forwarder = new LogForwarder(container, target, watch);
        container.forwarder(forwarder);
        forwarder.thread.start();
    }

    /** False when it has ended. */
    private synchronized boolean goesOn() {
        ending = ending && over;
        return !over;
    }

    /** The run is over: ends when all is sent that there is, and does not wait for that. */
    void finish() {
        ending = true;
        waiter.wake();
    }

    /** Gives what is left so much time; what is not sent then is lost, and said to be. */
    void finish(Duration patience) {
        finish();
        try {
            if (!thread.join(patience)) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "log driver of "
                                + container.id()
                                + ": the container is removed before all it wrote was sent");
                thread.interrupt();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (target;
                waiter;
                lines) {
            lines.allAfter(readPlace(), this::take);
            while (!isOver()) {
                boolean last = ending;
                boolean any = lines.now(this::take);
                tellMissed();
                if (any) {
                    continue;
                }
                writePlace();
                if (last) {
                    end();
                } else {
                    waiter.await(null);
                }
            }
        } catch (InterruptedException _) {
            // the container is removed
        } catch (Failure e) {
            if (!ending) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "log driver of " + container.id() + ": " + e.getMessage());
            }
        } finally {
            abandon();
        }
    }

    private synchronized boolean isOver() {
        return over;
    }

    /** Unless another run has begun meanwhile. */
    private synchronized void end() {
        over = ending;
    }

    private synchronized void abandon() {
        over = true;
    }

    private void tellMissed() {
        if (lines.missed()) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "log driver of "
                            + container.id()
                            + ": lines were lost: the log's oldest file went before they were sent");
        }
    }

    private void take(LogLines.Line line) {
        if (sentSincePlace >= LINES_PER_PLACE) {
            writePlace();
        }
        LogEntry entry = entry(line);
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                if (sentSincePlace == 0) {
                    target.connect();
                }
                target.send(entry);
                told(null);
                sentSincePlace++;
                return;
            } catch (IOException e) {
                told(e);
                target.close();
                pause = rest(pause);
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
    }

    private static Duration rest(Duration pause) {
        try {
            Thread.sleep(pause);
            Duration longer = pause.multipliedBy(2);
            return longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static Failure interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Failure.Unavailable("interrupted", e);
    }

    /** Each change once. */
    private void told(@Nullable IOException failure) {
        if (failing == (failure != null)) {
            return;
        }
        failing = failure != null;
        LOGGER.log(
                System.Logger.Level.WARNING,
                "log driver of "
                        + container.id()
                        + ": "
                        + (failure == null
                                ? "lines are sent again"
                                : failure.getMessage() + "; lines wait in the log"));
    }

    private LogEntry entry(LogLines.Line line) {
        boolean whole = line.text().endsWith("\n");
        String text = whole ? line.text().substring(0, line.text().length() - 1) : line.text();
        LongLine before = unfinished.remove(line.error());
        LogEntry.Part part = null;
        if (!whole || before != null) {
            String id =
                    before == null ? UUID.randomUUID().toString().replace("-", "") : before.id();
            int number = before == null ? 1 : before.parts() + 1;
            part = new LogEntry.Part(id, number, whole);
            if (!whole) {
                unfinished.put(line.error(), new LongLine(id, number));
            }
        }
        return new LogEntry(text, line.error(), Instant.parse(line.time()), part);
    }

    private @Nullable Place readPlace() {
        try {
            String[] numbers = Files.readString(placeFile, US_ASCII).strip().split(" +");
            return numbers.length == 2
                    ? new Place(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]))
                    : null;
        } catch (NoSuchFileException | NumberFormatException _) {
            return null; // of its first run, or cut by a power failure
        } catch (IOException e) {
            throw new Failure.HostRefused("read \"" + placeFile + "\": " + e.getMessage(), e);
        }
    }

    /** Not synced: after a power cut some lines are sent twice. */
    private void writePlace() {
        Place place = lines.place();
        if (place == null || sentSincePlace == 0) {
            return;
        }
        sentSincePlace = 0;
        String text = "%-19d %-19d\n".formatted(place.file(), place.offset());
        try (FileChannel file =
                FileChannel.open(placeFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(US_ASCII));
            while (bytes.hasRemaining()) {
                file.write(bytes, PLACE_BYTES - bytes.remaining());
            }
        } catch (NoSuchFileException _) {
            // the container is removed
        } catch (IOException e) {
            LOGGER.log(
                    System.Logger.Level.WARNING, "write \"" + placeFile + "\": " + e.getMessage());
        }
    }
}
