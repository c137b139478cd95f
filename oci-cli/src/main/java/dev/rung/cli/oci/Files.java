package dev.rung.cli.oci;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Opened;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Files that the front end opens with the caller's rights. */
final class Files {
    /** More than any file of /proc, of a cgroup or of our own state holds. */
    static final int SMALL = 1 << 20;

    private static final int O_PATH = 0x200000;

    private final Front front;

    Files(Front front) {
        this.front = front;
    }

    /**
     * What a file holds.
     *
     * @param bytes empty when it could not be read
     * @param errno why not, 0 when it could
     */
    record Content(String path, byte[] bytes, int errno) {
        boolean there() {
            return errno == 0;
        }

        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        String reason() {
            return Errno.phrase(errno);
        }

        /** The error in the words of Go, such as: open /x: no such file or directory. */
        String error() {
            return "open " + path + ": " + Errno.phrase(errno);
        }
    }

    Content read(String path, int limit) {
        return read(limit, List.of(path)).getFirst();
    }

    /** Reads all of them after asking the front end once. */
    List<Content> read(int limit, List<String> paths) {
        var requests = new ArrayList<OpenRequest>(paths.size());
        for (String path : paths) {
            requests.add(OpenRequest.reading(path));
        }
        List<Opened> opened = front.open(requests);
        var contents = new ArrayList<Content>(paths.size());
        for (int i = 0; i < paths.size(); i++) {
            contents.add(content(paths.get(i), opened.get(i), limit));
        }
        return contents;
    }

    /** Whether both are one file. The message says which of them is not there, and why. */
    boolean isSame(String path, String other) {
        FileStatus one = status(path);
        FileStatus two = status(other);
        return one.inode() == two.inode() && one.device() == two.device();
    }

    /** The path without links, as the kernel tells it; null when the file cannot be reached. */
    @Nullable String canonical(String path) {
        var request = new OpenRequest(null, KernelPath.of(path), O_PATH, 0);
        Opened opened = front.open(List.of(request)).getFirst();
        try (Fd file = opened.orThrow(path)) {
            Path link = Path.of("/proc/self/fd/" + file.number());
            return java.nio.file.Files.readSymbolicLink(link).toString();
        } catch (ErrnoException | IOException _) {
            return null;
        }
    }

    /** The number of a file that must be there, such as a namespace's. */
    long inode(String path) {
        return status(path).inode();
    }

    private FileStatus status(String path) {
        var request = new OpenRequest(null, KernelPath.of(path), O_PATH, 0);
        Opened opened = front.open(List.of(request)).getFirst();
        try (Fd file = opened.orThrow(path)) {
            return Descriptors.status(file);
        } catch (ErrnoException e) {
            throw new Failure.NotFound("stat " + path + ": " + Errno.phrase(e.errno()));
        }
    }

    /** Why a folder is none, 0 when it is one. */
    int folderError(String path) {
        var request = new OpenRequest(null, KernelPath.of(path), O_PATH | Paths.O_DIRECTORY, 0);
        Opened opened = front.open(List.of(request)).getFirst();
        if (opened.descriptor() != null) {
            opened.descriptor().close();
        }
        return opened.errno();
    }

    private static Content content(String path, Opened opened, int limit) {
        try (Fd file = opened.orThrow(path)) {
            return new Content(path, Descriptors.readAll(file, limit), 0);
        } catch (ErrnoException e) {
            return new Content(path, new byte[0], e.errno());
        }
    }
}
