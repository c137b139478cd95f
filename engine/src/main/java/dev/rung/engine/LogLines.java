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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container wrote, out of its log in the format of Docker's json-file driver: an object a
 * line with log, stream and time. A file that was rotated has a number behind its name, the highest
 * is the oldest.
 */
public final class LogLines implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;
    private static final long SHORTEST_REST_MS = 10;
    private static final long LONGEST_REST_MS = 200;
    private static final int MOST_FILES = 1000;

    private final Path file;
    private final Wanted wanted;
    private final ByteArrayOutputStream half = new ByteArrayOutputStream();
    private @Nullable Opened current;
    private @Nullable Place place;
    private boolean gap;
    private long rest = SHORTEST_REST_MS;

    /**
     * A file of the log.
     *
     * @param key is the same as long as it is the same file
     */
    private record Opened(FileChannel channel, long key) {}

    /**
     * How far somebody has read.
     *
     * @param file its number, whatever it is called by now
     * @param offset in bytes, after a whole line
     */
    public record Place(long file, long offset) {}

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
     * @param attributes such as label=value,label=value; empty: none
     */
    public record Line(String text, boolean error, String time, String attributes) {}

    /** Takes lines, in their order. */
    public interface Sink {
        void take(Line line);
    }

    /** All that there is by now. */
    public void all(Sink sink) {
        var older = new ArrayList<Opened>();
        try {
            current = open(file);
            // what comes while this reads would be more than the last ones
            long end = current == null ? 0 : current.channel().size();
            long left = current == null ? wanted.tail : seek(current.channel(), end, wanted.tail);
            for (Path path : rotated()) {
                Opened old = left == 0 ? null : open(path);
                // what was rotated just now is the one that was opened first
                if (old == null || current != null && old.key() == current.key()) {
                    continue;
                }
                older.addFirst(old);
                left = seek(old.channel(), old.channel().size(), left);
            }
            for (Opened old : older) {
                read(old, sink);
            }
            if (current != null) {
                read(current, end, sink);
            }
        } catch (IOException e) {
            throw failed(e);
        } finally {
            older.forEach(LogLines::close);
        }
    }

    /**
     * All that came after a place, from the oldest line on when that is null.
     *
     * <p>Whether some of it is gone is told by {@link #missed()}.
     */
    public void allAfter(@Nullable Place from, Sink sink) {
        var files = new ArrayList<Opened>();
        try {
            Opened newest = open(file);
            if (newest != null) {
                files.add(newest);
            }
            for (Path path : rotated()) {
                Opened old = open(path);
                if (old != null && (newest == null || old.key() != newest.key())) {
                    files.addFirst(old);
                }
            }
            dropBefore(from, files);
            while (files.size() > 1) {
                read(files.getFirst(), sink);
                close(files.removeFirst());
            }
            if (!files.isEmpty()) {
                current = files.removeFirst();
                read(current, sink);
            }
        } catch (IOException e) {
            throw failed(e);
        } finally {
            files.forEach(LogLines::close);
        }
    }

    private void dropBefore(@Nullable Place from, List<Opened> files) throws IOException {
        if (from == null) {
            return;
        } else if (files.stream().noneMatch(each -> each.key() == from.file())) {
            gap = true;
            return;
        }
        while (files.getFirst().key() != from.file()) {
            close(files.removeFirst());
        }
        FileChannel channel = files.getFirst().channel();
        if (channel.size() < from.offset()) {
            gap = true; // somebody emptied it
        } else {
            channel.position(from.offset());
        }
    }

    /** After the last line that was taken; null before the first. */
    public @Nullable Place place() {
        return place;
    }

    /** Whether lines were gone before they could be read, since this was asked the last time. */
    public boolean missed() {
        boolean was = gap;
        gap = false;
        return was;
    }

    /**
     * Goes to where the last lines of so many bytes begin.
     *
     * @return how many are to come from older files
     */
    private static long seek(FileChannel channel, long size, long lines) throws IOException {
        if (lines == Long.MAX_VALUE) {
            return lines;
        }
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        long ends = 0;
        for (long end = size; end > 0; ) {
            long begin = Math.max(0, end - CHUNK);
            channel.read(chunk.clear().limit((int) (end - begin)), begin);
            for (int i = chunk.position() - 1; i >= 0; i--) {
                if (chunk.get(i) == '\n' && ends++ == lines) {
                    channel.position(begin + i + 1);
                    return 0;
                }
            }
            end = begin;
        }
        return lines - ends;
    }

    /** A file, and what it is whatever it is called; null where there is none of that name. */
    private static @Nullable Opened open(Path path) throws IOException {
        while (true) {
            try {
                long key = key(path);
                FileChannel channel = FileChannel.open(path);
                if (key == key(path)) {
                    return new Opened(channel, key);
                }
                channel.close(); // it was rotated in between
            } catch (NoSuchFileException _) {
                return null;
            }
        }
    }

    private static long key(Path path) throws IOException {
        return (long) Files.getAttribute(path, "unix:ino");
    }

    /** The latest first. */
    private List<Path> rotated() {
        var all = new ArrayList<Path>();
        for (int i = 1; i < MOST_FILES; i++) {
            Path old = file.resolveSibling(file.getFileName() + "." + i);
            if (!Files.exists(old)) {
                break;
            }
            all.add(old);
        }
        return all;
    }

    /** What came meanwhile, without waiting; false for nothing. */
    public boolean now(Sink sink) {
        try {
            boolean any = current == null ? begin() : read(current, sink);
            return any || current != null && rotatedSince(current, sink);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** What came meanwhile, after a short wait when there is nothing; false for nothing. */
    public boolean more(Sink sink) {
        try {
            if (now(sink)) {
                rest = SHORTEST_REST_MS;
                return true;
            }
            Thread.sleep(rest);
            rest = Math.min(2 * rest, LONGEST_REST_MS);
            return current != null && read(current, sink);
        } catch (IOException e) {
            throw failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    private boolean begin() throws IOException {
        current = open(file);
        return current != null;
    }

    /** When it goes by another name by now: the rest of it, and of those that came after it. */
    private boolean rotatedSince(Opened before, Sink sink) throws IOException {
        try {
            if (before.key() == key(file)) {
                if (Files.size(file) < before.channel().position()) {
                    before.channel().position(0); // somebody emptied it
                    gap = true;
                }
                return false;
            }
        } catch (NoSuchFileException _) {
            return false; // in the middle of it
        }
        read(before, sink);
        var between = new ArrayList<Opened>();
        boolean found = false;
        for (Path path : rotated()) {
            Opened old = open(path);
            if (old == null) {
                break;
            } else if (old.key() == before.key()) {
                close(old);
                found = true;
                break;
            }
            between.addFirst(old);
        }
        gap |= !found;
        close(before);
        half.reset();
        for (Opened old : between) {
            read(old, sink);
            close(old);
        }
        return begin();
    }

    private boolean read(Opened from, Sink sink) throws IOException {
        return read(from, Long.MAX_VALUE, sink);
    }

    private boolean read(Opened from, long end, Sink sink) throws IOException {
        FileChannel channel = from.channel();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        boolean any = false;
        while (channel.read(upTo(end - channel.position(), chunk.clear())) > 0) {
            long begin = channel.position() - chunk.position();
            chunk.flip();
            while (chunk.hasRemaining()) {
                byte next = chunk.get();
                if (next != '\n') {
                    half.write(next);
                    continue;
                }
                line(half.toByteArray(), sink);
                half.reset();
                place = new Place(from.key(), begin + chunk.position());
            }
            any = true;
        }
        return any;
    }

    private static ByteBuffer upTo(long bytes, ByteBuffer chunk) {
        return chunk.limit((int) Math.min(bytes, chunk.capacity()));
    }

    private void line(byte[] json, Sink sink) {
        if (json.length == 0) {
            return;
        }
        JsonFields fields;
        try {
            fields = JsonFields.read(file.toString(), json);
        } catch (Failure.Invalid _) {
            return; // a power cut leaves half a line, or zeros
        }
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
        boolean error = "stderr".equals(fields.optionalText("stream"));
        sink.take(new Line(text, error, time, attributes(fields.textMap("attrs"))));
    }

    private static String attributes(Map<String, String> all) {
        if (all.isEmpty()) {
            return "";
        }
        var texts = new ArrayList<String>();
        all.forEach((name, value) -> texts.add(name + "=" + value));
        texts.sort(null);
        return String.join(",", texts);
    }

    private Failure failed(IOException e) {
        return new Failure.HostRefused("read \"" + file + "\": " + e.getMessage(), e);
    }

    private static void close(Opened file) {
        try {
            file.channel().close();
        } catch (IOException _) {
            // it was only read
        }
    }

    @Override
    public void close() {
        if (current != null) {
            close(current);
        }
    }
}
