package dev.rung.cli.oci;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Where a call writes its log: standard error, or the file of --log. */
final class Journal {
    private final Front front;
    private final @Nullable String file;
    private final boolean json;
    private final boolean debug;

    private Journal(Front front, @Nullable String file, boolean json, boolean debug) {
        this.front = front;
        this.file = file;
        this.json = json;
        this.debug = debug;
    }

    /** Before the options are known. */
    static Journal plain(Front front) {
        return new Journal(front, null, false, false);
    }

    static Journal of(Front front, Globals globals) {
        return new Journal(front, globals.logFile(), globals.json(), globals.debug());
    }

    /** What is said becomes text only where it is wanted. */
    void debug(Object said) {
        if (debug) {
            write(LogLine.Level.DEBUG, said.toString(), new TreeMap<>());
        }
    }

    void warn(String message) {
        write(LogLine.Level.WARNING, message, new TreeMap<>());
    }

    /** An error also goes to standard error as it is, when the log does not. */
    void error(String message) {
        error(message, new TreeMap<>());
    }

    void error(String message, SortedMap<String, String> fields) {
        write(LogLine.Level.ERROR, message, fields);
        if (file != null) {
            front.err(message.endsWith("\n") ? message : message + "\n");
        }
    }

    private void write(LogLine.Level level, String message, SortedMap<String, String> fields) {
        // the message says it all to a person; programs read the file
        SortedMap<String, String> more = file == null && !json ? new TreeMap<>() : fields;
        var line = new LogLine(level, Instant.now(), message, more);
        byte[] bytes;
        if (json) {
            bytes = line.json();
        } else if (file == null && front.request().terminals().err()) {
            bytes = line.terminal();
        } else {
            bytes = line.text();
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (file == null) {
            front.err(text);
        } else {
            front.log(file, text);
        }
    }
}
