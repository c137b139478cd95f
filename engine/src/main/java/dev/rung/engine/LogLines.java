package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a container wrote, out of its log in the format of Docker's json-file driver: an object a
 * line with log, stream and time. A file that was rotated has a number behind its name, the highest
 * is the oldest.
 */
public final class LogLines implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;
    private static final long REST_MS = 50;
    private static final int MOST_FILES = 1000;

    private final Path file;
    private final Wanted wanted;
    private final ByteArrayOutputStream half = new ByteArrayOutputStream();
    private @Nullable FileChannel current;

    public LogLines(Path file, Wanted wanted) {
        this.file = file;
        this.wanted = wanted;
    }

    /**
     * Which lines.
     *
     * @param tail so many of the last ones
     * @param since null: from the beginning
     * @param until null: to the end
     */
    public record Wanted(long tail, @Nullable Instant since, @Nullable Instant until) {}

    /**
     * A piece of output: a line, or a part of one without its end.
     *
     * @param error whether it was written to stderr
     */
    public record Line(String text, boolean error, String time) {}

    /** Takes lines, in their order. */
    public interface Sink {
        void take(Line line);
    }

    /** All that there is by now. */
    public void all(Sink sink) {
        var last = new ArrayDeque<Line>();
        Sink collecting =
                wanted.tail == Long.MAX_VALUE
                        ? sink
                        : line -> {
                            last.add(line);
                            if (last.size() > wanted.tail) {
                                last.removeFirst();
                            }
                        };
        try {
            for (Path old : rotated()) {
                try (FileChannel channel = FileChannel.open(old)) {
                    read(channel, collecting);
                }
            }
            try {
                current = FileChannel.open(file);
                read(current, collecting);
            } catch (NoSuchFileException _) {
                // nothing was written yet
            }
        } catch (IOException e) {
            throw failed(e);
        }
        for (Line line : last) {
            sink.take(line);
        }
    }

    /** The oldest first. */
    private List<Path> rotated() {
        var all = new ArrayList<Path>();
        for (int i = 1; i < MOST_FILES; i++) {
            Path old = file.resolveSibling(file.getFileName() + "." + i);
            if (!Files.exists(old)) {
                break;
            }
            all.addFirst(old);
        }
        return all;
    }

    /** What came meanwhile, after a short wait when there is nothing; false for nothing. */
    public boolean more(Sink sink) {
        try {
            if (current == null) {
                if (Files.exists(file)) {
                    current = FileChannel.open(file);
                }
            } else if (read(current, sink)) {
                return true;
            } else if (isReplaced(current)) {
                current.close();
                current = FileChannel.open(file);
            }
            if (current != null && read(current, sink)) {
                return true;
            }
            Thread.sleep(REST_MS);
            return current != null && read(current, sink);
        } catch (NoSuchFileException _) {
            return false;
        } catch (IOException e) {
            throw failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    /** Whether the name means another file, or this one was emptied. */
    private boolean isReplaced(FileChannel channel) throws IOException {
        long size = Files.size(file);
        return size < channel.position() || size != channel.size();
    }

    private boolean read(FileChannel channel, Sink sink) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        boolean any = false;
        while (channel.read(chunk.clear()) > 0) {
            chunk.flip();
            while (chunk.hasRemaining()) {
                byte next = chunk.get();
                if (next != '\n') {
                    half.write(next);
                    continue;
                }
                line(half.toByteArray(), sink);
                half.reset();
            }
            any = true;
        }
        return any;
    }

    private void line(byte[] json, Sink sink) {
        if (json.length == 0) {
            return;
        }
        JsonFields fields = JsonFields.read(file.toString(), json);
        String text = fields.freeText("log");
        String time = fields.optionalText("time");
        if (text == null || time == null) {
            return;
        }
        if (wanted.since != null || wanted.until != null) {
            Instant moment = Instant.parse(time);
            if (wanted.since != null && moment.isBefore(wanted.since)
                    || wanted.until != null && moment.isAfter(wanted.until)) {
                return;
            }
        }
        sink.take(new Line(text, "stderr".equals(fields.optionalText("stream")), time));
    }

    private Failure failed(IOException e) {
        return new Failure.HostRefused("read \"" + file + "\": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        if (current != null) {
            try {
                current.close();
            } catch (IOException _) {
                // it was only read
            }
        }
    }
}
