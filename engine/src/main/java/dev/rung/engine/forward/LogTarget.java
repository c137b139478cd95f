package dev.rung.engine.forward;

import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.LogOptions;
import java.io.IOException;

/**
 * A place that takes log entries. One thread at a time may use it; an interrupt ends a wait of any
 * call.
 */
public interface LogTarget extends AutoCloseable {
    /**
     * Connects, unless it is connected. Fails in Docker's words; a target that tells when it is
     * gone is asked.
     */
    void connect() throws IOException, InterruptedException;

    /** Hands an entry over; after a failure nothing is connected, and it can be sent again. */
    void send(LogEntry entry) throws IOException, InterruptedException;

    /** Ends the connection. */
    @Override
    void close();

    /** The one that the container's driver sends to. Invalid when an option is wrong. */
    static LogTarget of(ContainerRecord record) {
        LogOptions log = record.host().log();
        String tag = LogTag.of(record, log.option("tag"));
        return log.isSyslog()
                ? SyslogTarget.of(log.options(), tag)
                : new JournalTarget(JournalTarget.fields(record, tag));
    }
}
