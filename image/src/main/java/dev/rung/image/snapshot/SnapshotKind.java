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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How containers get a writable folder over layers. */
public enum SnapshotKind {
    /** An overlay that root mounts. */
    OVERLAY,
    /** An overlay that is mounted in a user namespace, and marks its folders by user attributes. */
    USER_OVERLAY,
    /** A copy of all layers: slow and big, but possible everywhere. */
    COPY;

    /** Beside the snapshots: what was possible the last time. */
    private static final String NOTE = "kind";

    /**
     * What is possible in this folder, which must be there: for root, also one of a user namespace,
     * by trying a mount that nobody sees. Without the rights of root user namespaces are trusted to
     * mount overlays, as they do since Linux 5.11. On a disk that is full nothing can be tried, and
     * what was possible there before counts.
     */
    public static SnapshotKind possibleIn(Path folder) {
        if (Identity.effectiveUid() != 0) {
            return USER_OVERLAY;
        }
        Path note = folder.resolve(NOTE);
        try {
            SnapshotKind kind = tried(folder);
            note(note, kind);
            return kind;
        } catch (Failure.HostRefused e) {
            SnapshotKind before = e.isFull() ? noted(note) : null;
            if (before == null) {
                throw e;
            }
            return before;
        }
    }

    private static void note(Path note, SnapshotKind kind) {
        try {
            if (noted(note) != kind) {
                Files.writeString(note, kind.name());
            }
        } catch (IOException _) {
            // there was room to try, but none to write; the next engine does
        }
    }

    private static @Nullable SnapshotKind noted(Path note) {
        try {
            String name = Files.readString(note);
            return Stream.of(values())
                    .filter(kind -> kind.name().equals(name))
                    .findAny()
                    .orElse(null);
        } catch (IOException _) {
            return null; // it is the first time
        }
    }

    private static SnapshotKind tried(Path folder) {
        boolean whole = IdMap.ofUsers().isWhole();
        Path trial = folder.resolve("new-trial");
        var overlay =
                new Rootfs.Overlay(
                        List.of(trial.resolve("lower")),
                        trial.resolve("upper"),
                        trial.resolve("work"),
                        !whole);
        SnapshotStore.remove(folder, trial.getFileName().toString()); // of an end in the midst
        try {
            for (String name : List.of("lower", "upper", "work")) {
                Files.createDirectories(trial.resolve(name));
            }
            try (Fd mount = overlay.mount();
                    var calls = new FileCalls()) {
                calls.makeFolder(mount, KernelPath.of("trial"), 0700); // not on a read-only one
            }
            return whole ? OVERLAY : USER_OVERLAY;
        } catch (IOException e) {
            throw SnapshotStore.failure("write to \"" + folder + "\"", e);
        } catch (ErrnoException e) {
            return withoutOverlay(new Failure.HostRefused(e.getMessage(), e));
        } catch (Failure.HostRefused e) {
            return withoutOverlay(e);
        } finally {
            SnapshotStore.remove(folder, trial.getFileName().toString());
        }
    }

    private static SnapshotKind withoutOverlay(Failure.HostRefused why) {
        if (why.isFull()) {
            throw why; // that says nothing of overlays
        }
        return COPY;
    }
}
