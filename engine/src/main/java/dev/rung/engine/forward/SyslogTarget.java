package dev.rung.engine.forward;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.engine.spec.SyslogOptions;
import dev.rung.engine.spec.SyslogOptions.Address;
import dev.rung.engine.spec.SyslogOptions.Format;
import java.io.IOException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A syslog server. An entry is one message; what came from stderr has the severity of an error, the
 * rest that of information, and empty lines are left out. Differs from Docker in the moment: it is
 * that of the writing, not of the sending.
 */
final class SyslogTarget implements LogTarget {
    private static final int ERROR = 3;
    private static final int INFORMATION = 6;

    /** As RFC 3164 wants it; a day below ten has a blank before it. */
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ROOT);

    private static final DateTimeFormatter MICROSECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX", Locale.ROOT);

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssXXX", Locale.ROOT);

    private final SyslogOptions options;
    private final String tag;
    private final long pid = ProcessHandle.current().pid();
    private @Nullable SyslogConnection connection;

    private SyslogTarget(SyslogOptions options, String tag) {
        this.options = options;
        this.tag = tag;
    }

    static SyslogTarget of(Map<String, String> options, String tag) {
        return new SyslogTarget(SyslogOptions.read(options), tag);
    }

    @Override
    public void connect() throws IOException {
        SyslogConnection open = connection;
        if (open == null) {
            connection = SyslogConnection.open(options);
        } else if (open.isGone()) {
            close();
            connection = SyslogConnection.open(options);
        }
    }

    @Override
    public void send(LogEntry entry) throws IOException, InterruptedException {
        if (entry.text().isEmpty()) {
            return;
        }
        SyslogConnection to = connection;
        if (to == null) {
            to = SyslogConnection.open(options);
            connection = to;
        }
        try {
            to.send(message(entry, to.ownName()));
        } catch (IOException | InterruptedException e) {
            close();
            throw e;
        }
    }

    /**
     * A message as it goes to the wire.
     *
     * @param host what the server is told of where it comes from
     */
    byte[] message(LogEntry entry, String host) {
        ZonedDateTime time = entry.time().atZone(ZoneId.systemDefault());
        int priority = options.facility() | (entry.error() ? ERROR : INFORMATION);
        String head =
                switch (options.format()) {
                    case PLAIN ->
                            "<%d>%s %s[%d]: ".formatted(priority, STAMP.format(time), tag, pid);
                    case RFC3164 ->
                            "<%d>%s %s %s[%d]: "
                                    .formatted(priority, STAMP.format(time), host, tag, pid);
                    case RFC5424 ->
                            structured(
                                    priority,
                                    SECONDS.format(time.truncatedTo(ChronoUnit.SECONDS)),
                                    host);
                    case RFC5424_MICRO -> structured(priority, MICROSECONDS.format(time), host);
                };
        byte[] message = (head + entry.text() + "\n").getBytes(UTF_8);
        boolean counted =
                options.address() instanceof Address.Server server
                        && server.scheme().equals("tcp+tls")
                        && (options.format() == Format.RFC5424
                                || options.format() == Format.RFC5424_MICRO);
        return counted ? withLength(message) : message;
    }

    private String structured(int priority, String time, String host) {
        return "<%d>1 %s %s %s %d %s - ".formatted(priority, time, host, tag, pid, tag);
    }

    /** RFC 5425: MSG-LEN SP SYSLOG-MSG. */
    private static byte[] withLength(byte[] message) {
        byte[] length = (message.length + " ").getBytes(UTF_8);
        var framed = new byte[length.length + message.length];
        System.arraycopy(length, 0, framed, 0, length.length);
        System.arraycopy(message, 0, framed, length.length, message.length);
        return framed;
    }

    @Override
    public void close() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
