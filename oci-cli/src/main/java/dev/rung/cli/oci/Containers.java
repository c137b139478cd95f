package dev.rung.cli.oci;

import dev.rung.cli.oci.Files.Content;
import dev.rung.domain.ContainerId;
import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import dev.rung.oci.ContainerStatus;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Opened;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The containers below one --root: their records, and what has become of them. */
final class Containers {
    private static final String GONE = "container does not exist";

    private final Front front;
    private final Files files;
    private final String root;

    Containers(Front front, Files files, String root) {
        this.front = front;
        this.files = files;
        this.root = root;
    }

    /**
     * A container at a moment.
     *
     * @param status CREATING: a create has just begun, or was killed
     */
    record Found(StoredContainer stored, ContainerStatus status) {}

    /** The name as a checked one, in runc's words when it is none. */
    static ContainerId id(String text) {
        if (text.isEmpty()) {
            throw new Failure.Invalid("container id cannot be empty");
        }
        try {
            return new ContainerId(text);
        } catch (Failure.Invalid _) {
            throw new Failure.Invalid(
                    "invalid container ID format: invalid character in container ID \""
                            + Printable.of(text)
                            + "\", want letters, digits and _+-.");
        }
    }

    static Failure.NotFound missing() {
        return new Failure.NotFound(GONE);
    }

    String folder(ContainerId id) {
        return root + "/" + id;
    }

    /** A container that was created. */
    Found get(String id) {
        Found found = find(id(id));
        if (found == null || found.status == ContainerStatus.CREATING) {
            throw missing();
        }
        return found;
    }

    /** Null when there is no record. */
    @Nullable Found find(ContainerId id) {
        Entry entry = open(id);
        if (entry == null) {
            return null;
        }
        return new Found(entry.stored, status(entry.stored, entry.waits));
    }

    /**
     * A container whose first process waits to be started, or is frozen while it does; else null.
     */
    @Nullable StoredContainer waiting(String id) {
        Entry entry = open(id(id));
        return entry != null && entry.waits && entry.stored.pid() != 0 ? entry.stored : null;
    }

    /**
     * What lies in the folder of a container.
     *
     * @param waits whether somebody holds its lock
     */
    private record Entry(StoredContainer stored, boolean waits) {}

    private @Nullable Entry open(ContainerId id) {
        String file = folder(id) + "/state.json";
        List<Opened> opened =
                front.open(
                        List.of(
                                OpenRequest.reading(file),
                                OpenRequest.reading(folder(id) + "/init.lock")));
        try (Fd state = opened.get(0).orThrow(file)) {
            byte[] json = Descriptors.readAll(state, Files.SMALL);
            return new Entry(StoredContainer.read(file, json), waits(opened.get(1)));
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw new Failure.HostRefused("open " + file + ": " + Errno.phrase(e.errno()), e);
        } catch (Failure.Invalid e) {
            throw new Failure.Corrupt(String.valueOf(e.getMessage()), e);
        }
    }

    private ContainerStatus status(StoredContainer stored, boolean waits) {
        if (stored.pid() == 0) {
            return ContainerStatus.CREATING;
        }
        String freezer = freezerFile(stored);
        var paths = new ArrayList<String>(2);
        paths.add("/proc/" + stored.pid() + "/stat");
        if (freezer != null) {
            paths.add(freezer);
        }
        List<Content> contents = files.read(Files.SMALL, paths);
        ProcessStatus process = ProcessStatus.of(contents.getFirst().text());
        if (process == null || process.dead() || process.startTime() != stored.startTime()) {
            return ContainerStatus.STOPPED;
        }
        if (freezer != null && isFrozen(contents.get(1).text())) {
            return ContainerStatus.PAUSED;
        }
        return waits ? ContainerStatus.CREATED : ContainerStatus.RUNNING;
    }

    /** The file of the container's cgroup that tells whether it is frozen; null: none. */
    static @Nullable String freezerFile(StoredContainer stored) {
        String folder = stored.cgroups().get("freezer");
        if (folder != null) {
            return folder + "/freezer.state";
        }
        folder = stored.cgroups().get("");
        return folder == null ? null : folder + "/cgroup.freeze";
    }

    private static boolean isFrozen(String text) {
        String state = text.strip();
        return state.equals("FROZEN") || state.equals("FREEZING") || state.equals("1");
    }

    /** The first process holds the lock until it executes the user's program. */
    private static boolean waits(Opened lock) {
        try (Fd file = lock.orThrow("init.lock")) {
            return !Paths.tryLockShared(file);
        } catch (ErrnoException _) {
            return false;
        }
    }

    /**
     * All that were created, by name.
     *
     * @param rootGiven whether a missing root is an error
     */
    List<ContainerView> list(boolean rootGiven) {
        List<String> names;
        var request = new OpenRequest(null, OpenRequest.reading(root).path(), Paths.O_DIRECTORY, 0);
        try (Fd folder = front.open(List.of(request)).getFirst().orThrow(root)) {
            names = new ArrayList<>();
            for (var name : Paths.list(folder)) {
                names.add(new String(name.toBytes(), StandardCharsets.UTF_8));
            }
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT && !rootGiven) {
                return List.of();
            }
            throw new Failure.HostRefused("open " + root + ": " + Errno.phrase(e.errno()), e);
        }
        names.sort(null);
        var views = new ArrayList<ContainerView>();
        for (String name : names) {
            try {
                Found found = find(new ContainerId(name));
                if (found != null && found.status != ContainerStatus.CREATING) {
                    views.add(view(found, found.stored.owner()));
                }
            } catch (Failure e) {
                front.err("load container " + name + ": " + e.getMessage() + "\n");
            }
        }
        return views;
    }

    static ContainerView view(Found found, @Nullable String owner) {
        StoredContainer stored = found.stored;
        return new ContainerView(
                stored.ociVersion(),
                stored.id(),
                found.status == ContainerStatus.STOPPED ? 0 : stored.pid(),
                found.status.toString(),
                stored.bundle(),
                stored.rootfs(),
                stored.created(),
                stored.annotations(),
                owner);
    }
}
