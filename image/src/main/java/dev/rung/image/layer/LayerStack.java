package dev.rung.image.layer;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import dev.rung.linux.Xattrs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Layers upon each other, read as overlayfs would show them but without a mount. Layers do not
 * change, so paths in them stay what they are; what may change is not part of a stack. For one
 * thread.
 */
public final class LayerStack implements AutoCloseable {
    private final List<Fd> layers; // the uppermost first
    private final FileCalls calls = new FileCalls();

    private LayerStack(List<Fd> layers) {
        this.layers = layers;
    }

    /**
     * What a path shows.
     *
     * @param layer the uppermost that has it, from 0
     * @param merged of a folder: the layers whose content it shows, the uppermost first
     */
    record Found(int layer, FileStatus status, List<Integer> merged) {
        boolean isFolder() {
            return status.is(FileStatus.Type.DIRECTORY);
        }
    }

    /** Opens the layers' folders, the uppermost first. HostRefused when one is missing. */
    public static LayerStack open(List<Path> folders) {
        var layers = new ArrayList<Fd>();
        try {
            for (Path folder : folders) {
                layers.add(
                        Paths.open(
                                null, KernelPath.of(folder.toString()), Paths.O_DIRECTORY, 0, 0));
            }
            return new LayerStack(layers);
        } catch (ErrnoException e) {
            layers.forEach(Fd::close);
            throw new Failure.HostRefused("open a layer: " + e.getMessage(), e);
        }
    }

    Fd folder(int layer) {
        return layers.get(layer);
    }

    /** The root, or null of no layers. */
    @Nullable Found root() throws ErrnoException {
        var all = new ArrayList<Integer>();
        for (int i = 0; i < layers.size(); i++) {
            all.add(i);
        }
        return all.isEmpty() ? null : child(KernelPath.of("."), all);
    }

    /** Null when nothing is there. */
    @Nullable Found find(KernelPath path) throws ErrnoException {
        Found found = root();
        byte[] text = path.toBytes();
        for (int end = 1; end <= text.length && found != null; end++) {
            if (end == text.length || text[end] == '/') {
                found =
                        found.isFolder()
                                ? child(KernelPath.of(Arrays.copyOf(text, end)), found.merged())
                                : null;
            }
        }
        return found;
    }

    /** The path, whose parent is a folder that is merged from these layers. */
    @Nullable Found child(KernelPath path, List<Integer> among) throws ErrnoException {
        int first = -1;
        FileStatus shown = null;
        var merged = new ArrayList<Integer>();
        for (int layer : among) {
            FileStatus status = status(layer, path);
            if (status == null) {
                continue;
            }
            boolean folder = status.is(FileStatus.Type.DIRECTORY);
            if (Whiteouts.isWhiteout(status) || !folder && shown != null) {
                break;
            }
            if (shown == null) {
                first = layer;
                shown = status;
            }
            if (!folder) {
                break;
            }
            merged.add(layer);
            if (isOpaque(layers.get(layer), path)) {
                break;
            }
        }
        return shown == null ? null : new Found(first, shown, merged);
    }

    private @Nullable FileStatus status(int layer, KernelPath path) throws ErrnoException {
        try {
            return calls.status(layers.get(layer), path);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    /** The names in a folder, sorted; each may still be a whiteout. */
    SortedSet<KernelPath> names(KernelPath folder, Found found) throws ErrnoException {
        var names = new TreeSet<KernelPath>();
        for (int layer : found.merged()) {
            try (Fd opened = openFolder(layer, folder)) {
                names.addAll(Paths.list(opened));
            }
        }
        return names;
    }

    Fd openFolder(int layer, KernelPath path) throws ErrnoException {
        return calls.openFolderInRoot(layers.get(layer), LayerPath.forCall(path), Paths.O_NOFOLLOW);
    }

    /** Whether overlayfs would show nothing of lower layers in this folder. */
    static boolean isOpaque(Fd folder, KernelPath name) throws ErrnoException {
        return isYes(folder, name, Whiteouts.OPAQUE_ATTRIBUTE)
                || isYes(folder, name, Whiteouts.USER_OPAQUE_ATTRIBUTE);
    }

    private static boolean isYes(Fd folder, KernelPath name, KernelPath attribute)
            throws ErrnoException {
        try {
            byte[] value = Xattrs.get(folder, name, attribute);
            return value.length == 1 && value[0] == 'y';
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODATA || e.errno() == Errno.EOPNOTSUPP) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        layers.forEach(Fd::close);
        calls.close();
    }
}
