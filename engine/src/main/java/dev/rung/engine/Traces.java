package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.engine.StartTrace.Area;
import dev.rung.engine.StartTrace.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The traces of containers' last starts. One is written to disk only when the start is long over,
 * and not synced: it is nothing that anybody waits for.
 */
final class Traces {
    private static final String FILE = "trace.json";
    private static final String NEW = "trace.json.new";
    private static final String CREATE = "create";
    private static final Duration LATER = Duration.ofSeconds(1);

    /** A wait between creation and start that is longer is left out of the picture. */
    private static final long LONGEST_GAP = Duration.ofMillis(5).toNanos();

    private static final long SHORTEST = 5_000;

    private Traces() {}

    /** What a start left to be told of it, as long as it is in memory. */
    record Pending(@Nullable Stopwatch creation, Stopwatch start, String runtime) {}

    /** Where the host's own runtime is to tell of its parts. */
    static Path timings(Container container) {
        return container.folders.running().resolve("timings");
    }

    /** A start is over. */
    static void keep(Container container, Stopwatch start, String runtime) {
        var pending = new Pending(container.creation(), start, runtime);
        container.trace(pending);
        container.creation(null);
        Thread.ofVirtual()
                .name("trace " + container.id())
                .start(() -> {
                    try {
                        Thread.sleep(LATER);
                        write(container, pending);
                    } catch (InterruptedException | IOException _) {
                        // it stays in memory as long as the engine lives
                    }
                });
    }

    private static void write(Container container, Pending pending) throws IOException {
        container.lock.lock();
        try {
            if (container.phase() == Phase.REMOVING || !pending.equals(container.trace())) {
                return;
            }
            Path fresh = container.folders.durable().resolve(NEW);
            Files.write(fresh, complete(container, pending).json());
            Files.move(
                    fresh,
                    container.folders.durable().resolve(FILE),
                    StandardCopyOption.ATOMIC_MOVE);
            container.trace(null);
        } finally {
            container.lock.unlock();
        }
    }

    /** WrongState for a container that was never started, NotFound when nothing is known of it. */
    static StartTrace of(Container container) {
        Pending pending = container.trace();
        if (pending != null) {
            return complete(container, pending);
        } else if (container.record().started() == null) {
            throw new Failure.WrongState(
                    "container " + container.record().name() + " was never started");
        }
        Path file = container.folders.durable().resolve(FILE);
        try {
            return StartTrace.read(file.toString(), Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new Failure.NotFound(
                    "no trace of the start of container " + container.record().name());
        } catch (IOException e) {
            throw new Failure.HostRefused("read \"" + file + "\": " + e.getMessage(), e);
        }
    }

    private static StartTrace complete(Container container, Pending pending) {
        Stopwatch creation = pending.creation;
        Stopwatch start = pending.start;
        long zero = start.beganNanos();
        long waited = 0;
        var parts = new ArrayList<Part>();
        if (creation != null) {
            long gap = start.beganNanos() - creation.lastNanos();
            waited = gap > LONGEST_GAP ? gap : 0;
            zero = creation.beganNanos() + waited;
            for (Stopwatch.Lap lap : creation.laps()) {
                parts.add(part(Area.CREATION, lap, creation.beganNanos()));
            }
        }
        long steps = 0;
        for (Stopwatch.Lap lap : start.laps()) {
            if (lap.toNanos() - lap.fromNanos() < SHORTEST) {
                continue; // nothing was done, such as where nobody attaches
            }
            parts.add(part(Area.START, lap, zero));
            if (lap.name().equals(CREATE)) {
                RuntimeTimings timings = RuntimeTimings.read(timings(container), lap.fromNanos());
                if (timings != null) {
                    steps = timings.steps();
                    inside(timings, lap, zero, parts);
                }
            }
        }
        return new StartTrace(
                creation == null ? start.began() : creation.began(),
                pending.runtime,
                steps,
                waited,
                parts);
    }

    private static Part part(Area area, Stopwatch.Lap lap, long zero) {
        return new Part(
                area, lap.name(), lap.detail(), lap.fromNanos() - zero, lap.toNanos() - zero);
    }

    /**
     * The parts of a create. Each begins where that before it was over, but for what the front end
     * does while the container's process is busy.
     */
    private static void inside(
            RuntimeTimings timings, Stopwatch.Lap lap, long zero, List<Part> to) {
        var parts = new ArrayList<Part>();
        long last = timings.askedNanos();
        parts.add(inside("monitor", "", lap.fromNanos(), last, zero));
        long forked = last;
        List<RuntimeTimings.End> ends =
                timings.ends().stream()
                        .sorted(Comparator.comparingLong(RuntimeTimings.End::nanos))
                        .toList();
        for (RuntimeTimings.End end : ends) {
            boolean beside = end.part().equals("limits");
            String detail = end.part().equals("compile") ? timings.steps() + " steps" : "";
            parts.add(inside(end.part(), detail, beside ? forked : last, end.nanos(), zero));
            last = beside ? last : end.nanos();
            forked = end.part().equals("cgroup") ? end.nanos() : forked;
        }
        parts.add(inside("answer", "", last, lap.toNanos(), zero));
        parts.sort(Comparator.comparingLong(Part::fromNanos));
        to.addAll(parts);
    }

    private static Part inside(String name, String detail, long from, long to, long zero) {
        return new Part(Area.RUNTIME, name, detail, from - zero, Math.max(from, to) - zero);
    }
}
