package dev.rung.image.snapshot;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.IdMap;
import dev.rung.linux.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How containers get a writable folder over layers. */
public enum SnapshotKind {
    /** An overlay that root mounts. */
    OVERLAY,
    /** An overlay that is mounted in a user namespace, and marks its folders by user attributes. */
    USER_OVERLAY,
    /** A copy of all layers: slow and big, but possible everywhere. */
    COPY;

    /**
     * What is possible in this folder, which must be there: for root, also one of a user namespace,
     * by trying a mount that nobody sees. Without the rights of root user namespaces are trusted to
     * mount overlays, as they do since Linux 5.11.
     */
    public static SnapshotKind possibleIn(Path folder) {
        if (Identity.effectiveUid() != 0) {
            return USER_OVERLAY;
        }
        boolean whole = IdMap.ofUsers().isWhole();
        Path trial;
        try {
            trial = Files.createTempDirectory(folder, "new-trial");
            for (String name : List.of("lower", "upper", "work")) {
                Files.createDirectory(trial.resolve(name));
            }
        } catch (IOException e) {
            throw SnapshotStore.failure("write to \"" + folder + "\"", e);
        }
        var overlay =
                new Rootfs.Overlay(
                        List.of(trial.resolve("lower")),
                        trial.resolve("upper"),
                        trial.resolve("work"),
                        !whole);
        try (Fd mount = overlay.mount();
                var calls = new FileCalls()) {
            calls.makeFolder(mount, KernelPath.of("trial"), 0700); // not on a read-only one
            return whole ? OVERLAY : USER_OVERLAY;
        } catch (ErrnoException | Failure.HostRefused e) {
            return COPY;
        } finally {
            SnapshotStore.remove(folder, trial.getFileName().toString());
        }
    }
}
