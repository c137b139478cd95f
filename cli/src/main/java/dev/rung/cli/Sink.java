package dev.rung.cli;

import dev.rung.linux.FdOutputStream;
import dev.rung.resident.Passage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Where a command puts bytes: a file of the person's, there in full or not at all, or stdout. */
final class Sink implements AutoCloseable {
    private static final int BUFFER = 64 * 1024;

    private final @Nullable PersonFile file;
    private final @Nullable Passage passage;
    private final FdOutputStream direct;
    private final OutputStream stream;

    private Sink(@Nullable PersonFile file, @Nullable Passage passage, FdOutputStream direct) {
        this.file = file;
        this.passage = passage;
        this.direct = direct;
        stream = new BufferedOutputStream(direct, BUFFER);
    }

    /** What writes all of it. */
    interface Writer {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Writes to the file of that path, or to stdout where it is empty. */
    static void write(Invocation call, String path, Writer writer) throws IOException {
        try (Sink sink = path.isEmpty() ? output(call) : file(call, path)) {
            try {
                writer.writeTo(sink.stream);
                sink.finish();
            } catch (IOException e) {
                sink.tellWhy();
                throw e;
            }
        }
    }

    private static Sink file(Invocation call, String path) {
        PersonFile file = PersonFile.replacing(call, path);
        return new Sink(file, null, new FdOutputStream(file.fd(), path));
    }

    private static Sink output(Invocation call) {
        Passage passage = call.caller().output();
        return new Sink(null, passage, new FdOutputStream(passage.pipe(), "standard output"));
    }

    /** Our end of the pipe only broke: the front end knows what went wrong at the other. */
    private void tellWhy() {
        if (passage != null) {
            passage.finish();
        }
    }

    private void finish() throws IOException {
        stream.flush();
        if (file != null) {
            file.finish();
        } else if (passage != null) {
            passage.finish();
        }
    }

    @Override
    public void close() {
        direct.close();
        if (file != null) {
            file.close();
        } else if (passage != null) {
            passage.close();
        }
    }
}
