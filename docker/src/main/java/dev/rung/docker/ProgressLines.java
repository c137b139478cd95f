package dev.rung.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.image.registry.Progress;
import dev.rung.oci.json.JsonWriter;
import dev.rung.rpc.http.BodyOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happens during a long request, one JSON object a line, as docker's command line shows it.
 * Told from several threads; who has gone hears no more, and the work goes on. The answer begins
 * with the first line: what fails before that is told by its status.
 */
final class ProgressLines implements AutoCloseable {
    private static final long PAUSE_NANOS = 100_000_000L;
    private static final int SHORT_DIGEST = 12;
    private static final int BAR = 50;

    private final Call call;
    private final boolean uploads;
    private final Map<Digest, Long> told = new HashMap<>();
    private @Nullable BodyOutput out;
    private boolean gone;

    ProgressLines(Call call, boolean uploads) {
        this.call = call;
        this.uploads = uploads;
    }

    /** Begins the answer, if nothing has yet. */
    synchronized BodyOutput begun() {
        BodyOutput begun = out;
        if (begun == null) {
            begun = call.stream(Call.JSON);
            out = begun;
        }
        return begun;
    }

    /** Ends the answer, if there is one. */
    @Override
    public synchronized void close() throws IOException {
        if (out != null) {
            out.close();
        }
    }

    synchronized void line(Consumer<JsonWriter> fields) {
        if (gone) {
            return;
        }
        var json = JsonWriter.compact();
        json.beginObject();
        fields.accept(json);
        json.endObject();
        String text = new String(json.bytes(), UTF_8) + "\r\n";
        gone = !isPut(begun(), text.getBytes(UTF_8));
    }

    /** By a thread of its own: one that is interrupted while it writes would end the connection. */
    private static boolean isPut(BodyOutput to, byte[] line) {
        var put = new AtomicBoolean();
        Thread writing =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                to.write(line);
                                to.flush();
                                put.set(true);
                            } catch (IOException _) {
                                // the client has gone
                            }
                        });
        boolean interrupted = false;
        while (writing.isAlive()) {
            try {
                writing.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return put.get();
    }

    void status(String text) {
        line(json -> json.field("status", text));
    }

    void status(String id, String text) {
        line(json -> json.field("status", text).field("id", id));
    }

    /** The last line of something that failed after it had begun; thrown when it has not. */
    void failed(Failure failure) {
        String why = String.valueOf(failure.getMessage());
        synchronized (this) {
            if (out == null) {
                throw failure instanceof Failure.Unavailable
                        ? new StatusFailure(500, why)
                        : failure;
            }
        }
        line(json -> {
            json.name("errorDetail").beginObject().field("message", why).endObject();
            json.field("error", why);
        });
    }

    void tell(Progress progress) {
        switch (progress) {
            case Progress.Waiting(Digest layer, long _) ->
                    layer(layer, uploads ? "Preparing" : "Pulling fs layer");
            case Progress.Exists(Digest layer) ->
                    layer(layer, uploads ? "Layer already exists" : "Already exists");
            case Progress.Moved(Digest layer, long bytes, long size) -> moved(layer, bytes, size);
            case Progress.Retrying(Digest layer, String why, var pause) ->
                    layer(layer, "Retrying in " + pause.toSeconds() + " seconds: " + why);
            case Progress.Complete(Digest layer) ->
                    layer(layer, uploads ? "Pushed" : "Download complete");
            case Progress.Unpacked(Digest layer) -> layer(layer, "Pull complete");
            case Progress.Mounted(Digest layer, String from) ->
                    layer(layer, "Mounted from " + from);
            case Progress.Resolved _, Progress.Unpacking _ -> {}
        }
    }

    private void layer(Digest layer, String status) {
        line(json -> {
            json.field("status", status).name("progressDetail").beginObject().endObject();
            json.field("id", shown(layer));
        });
    }

    private static String shown(Digest layer) {
        return layer.hex().substring(0, SHORT_DIGEST);
    }

    private void moved(Digest layer, long bytes, long size) {
        long now = System.nanoTime();
        synchronized (this) {
            Long last = told.get(layer);
            if (last != null && now - last < PAUSE_NANOS) {
                return;
            }
            told.put(layer, now);
        }
        line(json -> {
            json.field("status", uploads ? "Pushing" : "Downloading").name("progressDetail");
            json.beginObject().field("current", bytes).field("total", size).endObject();
            json.field("progress", bar(bytes, size)).field("id", shown(layer));
        });
    }

    private static String bar(long bytes, long size) {
        int done = size <= 0 ? 0 : (int) Math.min(BAR, bytes * BAR / size);
        String arrow = done < BAR ? ">" : "";
        return "["
                + "=".repeat(done)
                + arrow
                + " ".repeat(BAR - done - arrow.length())
                + "]  "
                + shown(bytes)
                + "/"
                + shown(size);
    }

    private static String shown(long bytes) {
        double value = bytes;
        for (String unit : new String[] {"B", "kB", "MB", "GB"}) {
            if (value < 1000) {
                return String.format(Locale.ROOT, value < 100 ? "%.4g%s" : "%.0f%s", value, unit);
            }
            value /= 1000;
        }
        return String.format(Locale.ROOT, "%.0fTB", value);
    }
}
