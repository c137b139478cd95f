package dev.rung.image.layer;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.image.layer.LayerStack.Found;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FdInputStream;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Files that layers show together, read without a mount of them: for who wants some of an image's
 * files, rather than to run it. No link is followed. For the thread that made it.
 */
public final class LayerFiles implements AutoCloseable {
    private static final int BLOCK = 512;

    /** Bytes that may take nothing on the disk: a file system can keep them in the inode. */
    private static final int SMALL = 64 << 10;

    /** Bytes of a file for each that it takes on the disk; a file system may compress. */
    private static final int MOST_HOLLOW = 64;

    private final String named;
    private final LayerStack stack;
    private final FileCalls calls = new FileCalls();

    /**
     * Of a stack, which is closed with it.
     *
     * @param named what failures call it
     */
    public LayerFiles(String named, LayerStack stack) {
        this.named = named;
        this.stack = stack;
    }

    /** What failures call it. */
    public String named() {
        return named;
    }

    /** Is shown a file; its stream ends with this. */
    public interface Reader {
        void read(long size, FdInputStream content) throws IOException;
    }

    /** The names in a folder, sorted; null when nothing is there. Invalid when it is no folder. */
    public @Nullable List<KernelPath> names(KernelPath folder) {
        try {
            Found found = stack.find(folder);
            if (found == null) {
                return null;
            } else if (!found.isFolder()) {
                throw unfit(folder, "a folder");
            }
            var names = new ArrayList<KernelPath>();
            for (KernelPath name : stack.names(folder, found)) {
                if (stack.child(LayerPath.below(folder, name), found.merged()) != null) {
                    names.add(name);
                }
            }
            return names;
        } catch (ErrnoException e) {
            throw refused(e);
        }
    }

    /**
     * Reads a file; false when nothing is there. Invalid when it is something else, such as a link,
     * or for the most part holes, which take an archive a few bytes and who copies it a disk.
     */
    public boolean read(KernelPath path, Reader reader) throws IOException {
        try {
            Found found = stack.find(path);
            if (found == null) {
                return false;
            }
            FileStatus status = found.status();
            if (!status.is(FileStatus.Type.REGULAR)) {
                throw unfit(path, "a file");
            } else if (status.size() > SMALL
                    && status.size() / MOST_HOLLOW > status.blocks() * BLOCK) {
                throw unfit(path, "no sparse file");
            }
            try (Fd file = calls.openRegular(stack.folder(found.layer()), path);
                    var content = new FdInputStream(file, "\"" + path + "\"")) {
                reader.read(status.size(), content);
            }
            return true;
        } catch (ErrnoException e) {
            throw refused(e);
        }
    }

    private Failure unfit(KernelPath path, String wanted) {
        String name = Printable.of(path.toString());
        return new Failure.Invalid(named + ": \"" + name + "\": want " + wanted);
    }

    private static Failure refused(ErrnoException e) {
        return new Failure.HostRefused("read layers: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        calls.close();
        stack.close();
    }
}
