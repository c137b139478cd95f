package dev.rung.engine.forward;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.engine.record.ContainerRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * systemd's journal, by its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): a datagram of
 * fields an entry, or a sealed file in memory where a datagram is too small.
 */
final class JournalTarget implements LogTarget {
    private static final String SOCKET = "/run/systemd/journal/socket";
    private static final int ERROR = 3;
    private static final int INFORMATION = 6;
    private static final int EPOCH_BYTES = 32;

    private final Map<String, String> fields;
    private @Nullable LocalDatagrams socket;
    private long entries;

    /**
     * The journal of this machine.
     *
     * @param fields that each entry has
     */
    JournalTarget(Map<String, String> fields) {
        this.fields = fields;
    }

    /** What each entry tells of its container. */
    static Map<String, String> fields(ContainerRecord record, String tag) {
        var epoch = new byte[EPOCH_BYTES];
        ThreadLocalRandom.current().nextBytes(epoch);
        String id = record.id().value();
        var fields = new TreeMap<String, String>();
        fields.put("CONTAINER_ID", LogTag.shortened(id));
        fields.put("CONTAINER_ID_FULL", id);
        fields.put("CONTAINER_NAME", record.name().value());
        fields.put("CONTAINER_TAG", tag);
        fields.put("IMAGE_NAME", record.config().image());
        fields.put("SYSLOG_IDENTIFIER", tag);
        fields.put("CONTAINER_LOG_EPOCH", HexFormat.of().formatHex(epoch));
        fields.putAll(record.host().log().attributes(record.config(), JournalTarget::key));
        fields.remove(""); // a name of which nothing is left
        return fields;
    }

    /** A name as the journal wants it: capitals, digits and low lines, none of them first. */
    static String key(String name) {
        var key = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean small = c >= 'a' && c <= 'z';
            boolean plain = c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            char put = small ? (char) (c - 'a' + 'A') : plain ? c : '_';
            if (put != '_' || !key.isEmpty()) {
                key.append(put);
            }
        }
        return key.toString();
    }

    @Override
    public void connect() throws IOException {
        if (socket != null) {
            return;
        }
        try {
            socket = LocalDatagrams.connect(SOCKET, "");
        } catch (IOException e) {
            throw new IOException("journald is not enabled on this host", e);
        }
    }

    @Override
    public void send(LogEntry entry) throws IOException, InterruptedException {
        connect();
        LocalDatagrams to = socket;
        if (to == null) {
            throw new IOException("journald is not enabled on this host");
        }
        try {
            to.sendOrPass(datagram(entry, entries + 1));
            entries++;
        } catch (IOException | InterruptedException e) {
            close();
            throw e;
        }
    }

    byte[] datagram(LogEntry entry, long number) {
        var bytes = new ByteArrayOutputStream();
        put(bytes, "PRIORITY", Integer.toString(entry.error() ? ERROR : INFORMATION));
        put(bytes, "MESSAGE", entry.text());
        fields.forEach((name, value) -> put(bytes, name, value));
        put(bytes, "SYSLOG_TIMESTAMP", entry.time().toString());
        LogEntry.Part part = entry.part();
        if (part != null) {
            put(bytes, "CONTAINER_PARTIAL_ID", part.id());
            put(bytes, "CONTAINER_PARTIAL_ORDINAL", Integer.toString(part.number()));
            put(bytes, "CONTAINER_PARTIAL_LAST", Boolean.toString(part.last()));
            if (!part.last()) {
                put(bytes, "CONTAINER_PARTIAL_MESSAGE", "true");
            }
        }
        put(bytes, "CONTAINER_LOG_ORDINAL", Long.toString(number));
        return bytes.toByteArray();
    }

    /** NAME=value, or with a length where the value has lines. */
    private static void put(ByteArrayOutputStream to, String name, String value) {
        byte[] bytes = value.getBytes(UTF_8);
        to.writeBytes(name.getBytes(UTF_8));
        if (value.indexOf('\n') < 0) {
            to.write('=');
        } else {
            to.write('\n');
            to.writeBytes(
                    ByteBuffer.allocate(Long.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(bytes.length)
                            .array());
        }
        to.writeBytes(bytes);
        to.write('\n');
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }
}
