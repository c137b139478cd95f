package dev.rung.resident;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * The resident's own log: its descriptor 2, which is a file beside its socket. It says no more once
 * it said 1 MiB, because that folder may be in memory.
 */
final class ResidentLog {
    private static final int MOST_BYTES = 1 << 20;

    private final OutputStream out;
    private int written;

    ResidentLog() {
        this(new FileOutputStream(FileDescriptor.err));
    }

    ResidentLog(OutputStream out) {
        this.out = out;
    }

    /** One line, with the time before it. */
    synchronized void say(String line) {
        byte[] bytes = (Instant.now() + " " + line + "\n").getBytes(StandardCharsets.UTF_8);
        if (written > MOST_BYTES - bytes.length) {
            return;
        }
        written += bytes.length;
        try {
            out.write(bytes);
        } catch (IOException e) {
            written = MOST_BYTES; // nobody is there to tell
        }
    }

    /** A fault of ours, with where it came from. */
    void say(String line, Throwable fault) {
        var trace = new StringWriter();
        fault.printStackTrace(new PrintWriter(trace));
        say(line + ": " + trace);
    }
}
