package dev.rung.tests.monitor;

import dev.rung.engine.monitor.ExitRecord;
import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.MonitorEvent;
import dev.rung.engine.monitor.Output;
import dev.rung.testkit.Patience;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Takes all events of a monitor. */
final class Listener {
    private final Map<Output, ByteArrayOutputStream> written = new EnumMap<>(Output.class);
    private final List<String> notices = new ArrayList<>();
    private long oomKills;
    private boolean attached;
    private @Nullable MonitorEvent last;

    Listener(Monitor monitor) {
        for (Output stream : Output.values()) {
            written.put(stream, new ByteArrayOutputStream());
        }
        Thread.ofVirtual().start(() -> take(monitor));
    }

    String output() {
        return new String(bytes(Output.STDOUT), StandardCharsets.UTF_8);
    }

    String errors() {
        return new String(bytes(Output.STDERR), StandardCharsets.UTF_8);
    }

    synchronized byte[] bytes(Output stream) {
        ByteArrayOutputStream all = written.get(stream);
        return all == null ? new byte[0] : all.toByteArray();
    }

    synchronized List<String> notices() {
        return List.copyOf(notices);
    }

    synchronized long oomKills() {
        return oomKills;
    }

    void awaitAttached() {
        Patience.await(this::isAttached, () -> "not attached");
    }

    void awaitOutput(Predicate<String> wish) {
        Patience.await(() -> wish.test(output()), () -> "stdout: " + output() + last());
    }

    /** Waits for the end of the container. */
    ExitRecord ended() {
        Patience.await(() -> last() != null, () -> "has not ended; stdout: " + output());
        if (last() instanceof MonitorEvent.Ended(ExitRecord exit)) {
            return exit;
        }
        throw new AssertionError("the monitor was lost");
    }

    /** Waits for the loss of the connection. */
    void lost() {
        Patience.await(() -> last() instanceof MonitorEvent.Lost, () -> "not lost: " + last());
    }

    synchronized @Nullable MonitorEvent last() {
        return last;
    }

    private synchronized boolean isAttached() {
        return attached;
    }

    private void take(Monitor monitor) {
        while (last() == null) {
            MonitorEvent event = monitor.next();
            synchronized (this) {
                switch (event) {
                    case MonitorEvent.Written(var stream, var bytes) -> {
                        var copy = new byte[bytes.remaining()];
                        bytes.get(copy);
                        written.computeIfAbsent(stream, _ -> new ByteArrayOutputStream())
                                .writeBytes(copy);
                    }
                    case MonitorEvent.Attached _ -> attached = true;
                    case MonitorEvent.OomKilled(long kills) -> oomKills = kills;
                    case MonitorEvent.Notice(String text) -> notices.add(text);
                    case MonitorEvent.Ended _, MonitorEvent.Lost _ -> last = event;
                }
            }
        }
    }
}
