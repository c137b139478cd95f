package dev.rung.cli;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.image.archive.ImageLayout;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FdInputStream;
import dev.rung.linux.FileStatus;
import dev.rung.resident.Caller;
import dev.rung.resident.OpenRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** A folder of the person's, whose files are opened with that person's rights and only in it. */
record PersonFolder(Caller caller, Fd folder, String name) implements ImageLayout, AutoCloseable {
    private static final int RESOLVE_NO_MAGICLINKS_BENEATH = 2 | 8;

    /** Null when the path is that of something else. */
    static @Nullable PersonFolder find(Invocation call, String path) {
        Fd file;
        try {
            file = call.caller().open(OpenRequest.reading(path)).orThrow(path);
        } catch (ErrnoException e) {
            throw refused(path, e);
        }
        try {
            if (Descriptors.status(file).is(FileStatus.Type.DIRECTORY)) {
                return new PersonFolder(call.caller(), file, path);
            }
        } catch (ErrnoException e) {
            file.close();
            throw refused(path, e);
        }
        file.close();
        return null;
    }

    @Override
    public @Nullable InputStream open(String path) throws IOException {
        String whole = name + "/" + path;
        var request =
                new OpenRequest(folder, KernelPath.of(path), 0, RESOLVE_NO_MAGICLINKS_BENEATH);
        Fd file;
        try {
            file = caller.open(request).orThrow(whole);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw refused(whole, e);
        }
        return new FilterInputStream(new FdInputStream(file, Printable.of(whole))) {
            @Override
            public void close() throws IOException {
                super.close();
                file.close();
            }
        };
    }

    private static Failure refused(String path, ErrnoException e) {
        return new Failure.Invalid("open " + Printable.of(path) + ": " + Errno.phrase(e.errno()));
    }

    @Override
    public void close() {
        folder.close();
    }
}
