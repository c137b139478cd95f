package dev.rung.network;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.linux.DurableFile;
import dev.rung.network.machine.StateFile;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;

/**
 * Who is in which network, as a log: a line for each that joined or left, with a checksum before
 * it. A line is written before the kernel is told to make anything, so that nothing it names is
 * ever unknown, and another when all of it is made; a last line that is not whole says that nothing
 * was made yet. Not safe for threads.
 */
final class EndpointLog implements AutoCloseable {
    private static final String FIRST_LINE = "rung-endpoints 1\n";
    private static final String FORMAT = "rung-endpoints ";
    private static final String BEGUN = "begun";
    private static final int CHECKSUM_DIGITS = 8;
    private static final int SPARE_LINES = 1000; // more of them than endpoints: written anew

    private final Path file;
    private final Map<Key, Endpoint> endpoints;
    private final Set<Key> begun;
    private FileChannel channel;
    private int lines;

    private record Key(String network, ContainerId container) {}

    private EndpointLog(
            Path file,
            FileChannel channel,
            Map<Key, Endpoint> endpoints,
            Set<Key> begun,
            int lines) {
        this.file = file;
        this.channel = channel;
        this.endpoints = endpoints;
        this.begun = begun;
        this.lines = lines;
    }

    /** Reads what is there and cuts off a line that was never finished. */
    static EndpointLog open(Path file) {
        try {
            byte[] content = content(file);
            if (content.length == 0) {
                content = FIRST_LINE.getBytes(StandardCharsets.US_ASCII);
                StateFile.replace(file, content);
            }
            var endpoints = new LinkedHashMap<Key, Endpoint>();
            var begun = new HashSet<Key>();
            int lines = 0;
            int start = firstLine(file, content);
            for (int end; (end = endOfLine(content, start)) >= 0; start = end + 1) {
                lines++;
                apply(file, lines, Arrays.copyOfRange(content, start, end), endpoints, begun);
            }
            FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
            channel.truncate(start).position(start);
            return new EndpointLog(file, channel, endpoints, begun, lines);
        } catch (IOException e) {
            throw StateFile.refused(file, e);
        }
    }

    private static byte[] content(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return new byte[0];
        }
    }

    private static int firstLine(Path file, byte[] content) {
        int end = endOfLine(content, 0);
        String line = new String(content, 0, end + 1, StandardCharsets.US_ASCII);
        if (line.equals(FIRST_LINE)) {
            return end + 1;
        } else if (line.startsWith(FORMAT)) {
            throw new Failure.Unsupported(
                    "\"%s\" has format %s, written by a newer Rung: this one knows 1"
                            .formatted(file, line.substring(FORMAT.length()).strip()));
        }
        throw new Failure.Corrupt(
                "\"%s\": want \"%s\" as its first line".formatted(file, FIRST_LINE.strip()), null);
    }

    private static int endOfLine(byte[] content, int start) {
        for (int i = start; i < content.length; i++) {
            if (content[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static void apply(
            Path file, int number, byte[] line, Map<Key, Endpoint> endpoints, Set<Key> begun) {
        String name = file + " line " + (number + 1);
        byte[] json =
                Arrays.copyOfRange(line, Math.min(CHECKSUM_DIGITS + 1, line.length), line.length);
        if (!checksum(json)
                .equals(
                        new String(
                                line, 0, line.length - json.length, StandardCharsets.US_ASCII))) {
            throw new Failure.Corrupt(name + ": the checksum does not fit", null);
        }
        try {
            var fields = JsonFields.read(name, json);
            JsonFields joined = fields.optionalObject("joined");
            if (joined == null) {
                JsonFields left = fields.object("left");
                var key = new Key(left.text("network"), new ContainerId(left.text("container")));
                endpoints.remove(key);
                begun.remove(key);
            } else {
                Endpoint endpoint = NetworkRecords.endpoint(joined);
                endpoints.put(key(endpoint), endpoint);
                if (fields.flag(BEGUN)) {
                    begun.add(key(endpoint));
                } else {
                    begun.remove(key(endpoint));
                }
            }
        } catch (Failure.Invalid e) {
            throw new Failure.Corrupt(String.valueOf(e.getMessage()), e);
        }
    }

    /** All endpoints, in the order in which they joined. */
    Collection<Endpoint> endpoints() {
        return endpoints.values();
    }

    List<Endpoint> of(ContainerId container) {
        return endpoints.values().stream()
                .filter(endpoint -> endpoint.container().equals(container))
                .toList();
    }

    List<Endpoint> in(Network network) {
        return endpoints.values().stream()
                .filter(endpoint -> endpoint.networkId().equals(network.id()))
                .toList();
    }

    /** The container's place in a network; WrongState when it has none there. */
    Endpoint require(ContainerId container, Network network) {
        Endpoint endpoint = endpoints.get(new Key(network.id(), container));
        if (endpoint == null) {
            throw new Failure.WrongState(
                    "container %s is not connected to network %s"
                            .formatted(container, network.name()));
        }
        return endpoint;
    }

    /** Those of which the kernel may have a part only. */
    List<Endpoint> unfinished() {
        return endpoints.values().stream()
                .filter(endpoint -> begun.contains(key(endpoint)))
                .toList();
    }

    /** Writes that it joins, or how it is to change; {@link #sync} makes that last. */
    void begun(Endpoint endpoint) {
        begun.add(key(endpoint));
        append(json(endpoint));
        endpoints.put(key(endpoint), endpoint);
    }

    /** Writes that the kernel has all of it, if it is still there. */
    void finished(Endpoint endpoint) {
        Endpoint now = endpoints.get(key(endpoint));
        if (now != null && begun.remove(key(endpoint))) {
            append(json(now));
        }
    }

    /** Writes how it changed. */
    void changed(Endpoint endpoint) {
        append(json(endpoint));
        endpoints.put(key(endpoint), endpoint);
    }

    private byte[] json(Endpoint endpoint) {
        var writer = JsonWriter.compact().beginObject();
        if (begun.contains(key(endpoint))) {
            writer.field(BEGUN, true);
        }
        NetworkRecords.write(writer.name("joined"), endpoint);
        return writer.endObject().bytes();
    }

    /** Writes that it left, if it was there. */
    void left(Endpoint endpoint) {
        if (endpoints.remove(key(endpoint)) == null) {
            return;
        }
        begun.remove(key(endpoint));
        var writer = JsonWriter.compact().beginObject().name("left").beginObject();
        writer.field("network", endpoint.networkId());
        writer.field("container", endpoint.container().value());
        append(writer.endObject().endObject().bytes());
        if (lines > 2 * endpoints.size() + SPARE_LINES) {
            rewrite();
        }
    }

    /** Begins to sync what was written so far; completes when that is done. */
    CompletableFuture<Void> sync() {
        FileChannel written = channel;
        var done = new CompletableFuture<Void>();
        Thread.ofVirtual()
                .name("network-sync")
                .start(() -> {
                    try {
                        written.force(false);
                        done.complete(null);
                    } catch (ClosedChannelException e) {
                        done.complete(null); // written anew meanwhile, and synced
                    } catch (IOException e) {
                        done.completeExceptionally(StateFile.refused(file, e));
                    }
                });
        return done;
    }

    private void append(byte[] json) {
        try {
            long end = channel.size();
            try {
                DurableFile.writeFully(channel, line(json));
                lines++;
            } catch (IOException e) {
                channel.truncate(end); // a full disk: no half line before the next
                throw e;
            }
        } catch (IOException e) {
            throw StateFile.refused(file, e);
        }
    }

    private void rewrite() {
        var text = new ByteArrayOutputStream();
        text.writeBytes(FIRST_LINE.getBytes(StandardCharsets.US_ASCII));
        for (Endpoint endpoint : endpoints.values()) {
            text.writeBytes(line(json(endpoint)));
        }
        StateFile.replace(file, text.toByteArray());
        try {
            channel.close();
            channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
            lines = endpoints.size();
        } catch (IOException e) {
            throw StateFile.refused(file, e);
        }
    }

    private static byte[] line(byte[] json) {
        byte[] sum = checksum(json).getBytes(StandardCharsets.US_ASCII);
        byte[] line = Arrays.copyOf(sum, sum.length + json.length + 1);
        System.arraycopy(json, 0, line, sum.length, json.length);
        line[line.length - 1] = '\n';
        return line;
    }

    /** Eight digits and the blank after them. */
    private static String checksum(byte[] json) {
        var sum = new CRC32C();
        sum.update(json);
        String digits = Long.toHexString(sum.getValue());
        return "0".repeat(CHECKSUM_DIGITS - digits.length()) + digits + " ";
    }

    private static Key key(Endpoint endpoint) {
        return new Key(endpoint.networkId(), endpoint.container());
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw StateFile.refused(file, e);
        }
    }
}
