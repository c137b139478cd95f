package dev.rung.cli;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FdInputStream;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Passage;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Where a command takes bytes from: a file, opened with the person's rights, or stdin. */
final class Source implements AutoCloseable {
    private final Fd fd;
    private final FdInputStream stream;
    private final @Nullable Passage passage;

    private Source(Fd fd, String name, @Nullable Passage passage) {
        this.fd = fd;
        this.passage = passage;
        stream = new FdInputStream(fd, name);
    }

    static Source file(Invocation call, String path) {
        String name = Printable.of(path);
        try {
            Fd file = call.caller().open(OpenRequest.reading(path)).orThrow(path);
            return new Source(file, name, null);
        } catch (ErrnoException e) {
            throw new Failure.Invalid("open " + name + ": " + Errno.phrase(e.errno()));
        }
    }

    /** All of the person's standard input; nothing else can be asked of the person meanwhile. */
    static Source input(Invocation call) {
        Passage passage = call.caller().input();
        return new Source(passage.pipe(), "standard input", passage);
    }

    InputStream stream() {
        return stream;
    }

    @Override
    public void close() {
        stream.close();
        if (passage == null) {
            fd.close();
        } else {
            passage.close();
        }
    }
}
