package dev.rung.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.Engine;
import dev.rung.engine.LogLines;
import dev.rung.engine.LogWatch;
import dev.rung.engine.monitor.Output;
import dev.rung.rpc.http.BodyOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** {@code GET /containers/{id}/logs}. */
final class ContainerLog {
    private final Containers containers;
    private final LogWatch watch;

    ContainerLog(Engine engine) {
        containers = engine.containers();
        watch = engine.logWatch();
    }

    void answer(Call call) throws IOException, InterruptedException {
        ContainerView container = containers.get(call.name());
        Set<Output> outputs = EnumSet.noneOf(Output.class);
        if (call.flag("stdout")) {
            outputs.add(Output.STDOUT);
        }
        if (call.flag("stderr")) {
            outputs.add(Output.STDERR);
        }
        if (outputs.isEmpty()) {
            throw new Failure.Invalid("Bad parameters: you must choose at least one stream");
        }
        checkReadable(container);
        boolean tty = container.record().config().tty();
        boolean stamps = call.flag("timestamps");
        var wanted =
                new LogLines.Wanted(
                        tail(call.text("tail")),
                        moment("since", call.text("since")),
                        moment("until", call.text("until")));
        boolean follows = call.flag("follow");
        try (BodyOutput out = call.stream(OutputFraming.contentType(call, tty));
                var waiter = watch.of(container.log());
                var lines = new LogLines(container.log(), wanted)) {
            out.flush();
            LogLines.Sink sink =
                    sink(
                            tty,
                            stamps,
                            outputs,
                            (head, text) -> {
                                put(out, head);
                                put(out, text);
                            });
            lines.all(sink);
            out.flush();
            if (follows) {
                String id = container.record().id().value();
                var gone = new AtomicBoolean();
                call.exchange()
                        .whenGone(() -> {
                            gone.set(true);
                            waiter.wake();
                        });
                var end = containers.ended(id).thenRun(waiter::wake);
                while (!gone.get()) {
                    boolean runs = runs(id);
                    boolean more = lines.now(sink);
                    out.flush();
                    if (isOver(wanted.until()) || !runs && !more) {
                        break;
                    } else if (!more) {
                        waiter.await(left(wanted.until()));
                    }
                }
                end.cancel(false);
            }
        } catch (UncheckedIOException e) {
            throw new IOException(e);
        }
    }

    private static boolean isOver(@Nullable Instant until) {
        return until != null && !Instant.now().isBefore(until);
    }

    private static @Nullable Duration left(@Nullable Instant until) {
        return until == null ? null : Duration.between(Instant.now(), until);
    }

    private static void put(BodyOutput out, ByteBuffer bytes) throws IOException {
        var copy = new byte[bytes.remaining()];
        bytes.get(copy);
        out.write(copy);
    }

    private boolean runs(String id) {
        try {
            return containers.get(id).phase().runs();
        } catch (Failure.NotFound _) {
            return false;
        }
    }

    /** All that there is by now, for one who attaches. */
    void replay(ContainerView container, Set<Output> outputs, StreamRoutes.Sink to)
            throws IOException {
        checkReadable(container);
        var all = new LogLines.Wanted(Long.MAX_VALUE, null, null);
        try (var lines = new LogLines(container.log(), all)) {
            lines.all(sink(container.record().config().tty(), false, outputs, to));
        } catch (UncheckedIOException e) {
            throw new IOException(e);
        }
    }

    private static void checkReadable(ContainerView container) {
        if (!container.record().host().log().isReadable()) {
            throw new Failure.Unsupported("configured logging driver does not support reading");
        }
    }

    private static LogLines.Sink sink(
            boolean tty, boolean stamps, Set<Output> outputs, StreamRoutes.Sink to) {
        return line -> {
            Output stream = line.error() ? Output.STDERR : Output.STDOUT;
            if (!outputs.contains(stream)) {
                return;
            }
            String text = stamps ? line.time() + " " + line.text() : line.text();
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
            try {
                to.take(OutputFraming.head(tty, stream, bytes.remaining()), bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    private static long tail(String text) {
        try {
            long count = text.isEmpty() || text.equals("all") ? -1 : Long.parseLong(text);
            return count < 0 ? Long.MAX_VALUE : count;
        } catch (NumberFormatException _) {
            return Long.MAX_VALUE; // as in Docker
        }
    }

    /** Seconds since 1970, with a fraction perhaps; null when empty or 0. */
    static @Nullable Instant moment(String name, String text) {
        if (text.isEmpty() || text.equals("0")) {
            return null;
        }
        try {
            int point = text.indexOf('.');
            long seconds = Long.parseLong(point < 0 ? text : text.substring(0, point));
            String fraction = point < 0 ? "" : text.substring(point + 1);
            long nanos = Long.parseLong((fraction + "000000000").substring(0, 9));
            return Instant.ofEpochSecond(seconds, nanos);
        } catch (NumberFormatException _) {
            throw new Failure.Invalid("invalid value for \"" + name + "\": " + Printable.of(text));
        }
    }
}
