package dev.rung.image.layer;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.layer.LayerStack.Found;
import dev.rung.image.tar.TarWriter;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.FileCalls;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;

/** Writes what layers show together, without a mount of them. */
public final class MergedArchive {
    private MergedArchive() {}

    private record Folder(KernelPath path, Found found) {}

    /** As the archive of one layer, not compressed. HostRefused as the kernel says. */
    public static void write(LayerStack stack, OutputStream out) throws IOException {
        try (var calls = new FileCalls();
                var tar = new TarWriter(out)) {
            write(stack, new TreeArchiver(tar, calls));
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("read layers: " + e.getMessage(), e);
        }
    }

    private static void write(LayerStack stack, TreeArchiver archive)
            throws ErrnoException, IOException {
        var pending = new ArrayDeque<Folder>();
        Found root = stack.root();
        if (root != null) {
            archive.add(
                    KernelPath.of("."),
                    stack.folder(root.layer()),
                    KernelPath.of("."),
                    root.status());
            pending.push(new Folder(LayerPath.ROOT, root));
        }
        while (!pending.isEmpty()) {
            Folder folder = pending.pop();
            for (KernelPath name : stack.names(folder.path(), folder.found())) {
                KernelPath path = LayerPath.below(folder.path(), name);
                Found found = stack.child(path, folder.found().merged());
                if (found != null) {
                    archive.add(path, stack.folder(found.layer()), path, found.status());
                    if (found.isFolder()) {
                        pending.push(new Folder(path, found));
                    }
                }
            }
        }
    }
}
