package dev.rung.image.snapshot;

import dev.rung.domain.Failure;
import dev.rung.image.layer.LayerStack;
import dev.rung.image.layer.LayerUnpacker;
import dev.rung.image.layer.LayerUnpacker.Ownership;
import dev.rung.image.layer.MergedArchive;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Makes what a container's root file system consists of, in a folder of its own. */
record Preparation(Path folder, List<Path> lowers) {
    private static final int PIPE_BYTES = 256 * 1024;
    private static final int USUAL_MODE = 0755;

    /** The upper folder is what the container sees as its root, so it looks like the image's. */
    void overlay() throws IOException {
        Path upper = Files.createDirectory(folder.resolve("upper"));
        Files.createDirectory(folder.resolve("work"));
        try (var calls = new FileCalls();
                Fd root = SnapshotStore.open(upper)) {
            calls.changeMode(root, USUAL_MODE);
            if (lowers.isEmpty()) {
                Files.createDirectory(folder.resolve("empty")); // an overlay wants something below
            } else {
                try (Fd model = SnapshotStore.open(lowers.getFirst())) {
                    FileStatus status = Descriptors.status(model);
                    calls.changeOwner(root, status.uid(), status.gid());
                    calls.changeMode(root, status.permissions());
                    calls.setTimes(root, status.modifiedSeconds(), status.modifiedNanos());
                }
            }
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("make an upper folder: " + e.getMessage(), e);
        }
    }

    /** Writes what the layers show into a pipe, and unpacks what comes out. */
    void copy() throws IOException {
        Path root = Files.createDirectory(folder.resolve("root"));
        var in = new PipedInputStream(PIPE_BYTES);
        var out = new PipedOutputStream(in);
        var writing =
                new FutureTask<Void>(() -> {
                    try (out;
                            LayerStack stack = LayerStack.open(lowers)) {
                        MergedArchive.write(stack, out);
                    }
                    return null;
                });
        var writer = new Thread(writing, "rung-copy-layers");
        writer.start();
        try (Fd target = SnapshotStore.open(root);
                in) {
            LayerUnpacker.unpack(in, target, UnpackLimits.USUAL, Ownership.RECORDED);
            writing.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw new IOException("copy layers", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("copy layers: interrupted", e);
        }
    }
}
