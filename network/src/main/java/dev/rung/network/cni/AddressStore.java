package dev.rung.network.cni;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import dev.rung.network.Prefix;
import dev.rung.network.machine.StateFile;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The files of host-local, which the plugin of that name shares: one for each address that is given
 * away, called like it, with the container's id, CR, LF and the link; last_reserved_ip.N with the
 * last one of each set of ranges; and lock, which is held by flock(2) as long as this is open.
 */
final class AddressStore implements AutoCloseable {
    private static final Path USUAL = Path.of("/var/lib/cni/networks");
    private static final String LAST = "last_reserved_ip.";
    private static final String LINE_BREAK = "\r\n";
    private static final int LOCK_MODE = 0750; // the plugin's
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PAUSE_NS = 1_000_000;

    private final Path folder;
    private final Fd lock;

    private AddressStore(Path folder, Fd lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** Waits until nobody else has it; an empty folder means the usual one. */
    static AddressStore open(String network, String dataFolder) throws PluginError {
        Path data = dataFolder.isEmpty() ? USUAL : Path.of(dataFolder);
        Path folder = data.resolve(network);
        try {
            Files.createDirectories(folder);
            Fd lock =
                    Paths.open(
                            null,
                            KernelPath.of(folder.resolve("lock").toString()),
                            Paths.O_RDONLY | Paths.O_CREAT,
                            LOCK_MODE,
                            0);
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (!Paths.tryLock(lock)) {
                if (System.nanoTime() > end) {
                    lock.close();
                    throw new PluginError(
                            PluginError.TRY_AGAIN, "\"" + folder + "\" is locked", "");
                }
                LockSupport.parkNanos(PAUSE_NS); // to block would hold a virtual thread's carrier
            }
            return new AddressStore(folder, lock);
        } catch (IOException e) {
            throw PluginError.of(StateFile.refused(folder, e));
        } catch (ErrnoException e) {
            throw PluginError.of("lock of addresses", e);
        }
    }

    private static String content(String container, String link) {
        return container.strip() + LINE_BREAK + link;
    }

    /** False when somebody has it. */
    boolean reserve(String container, String link, InetAddress address, int set)
            throws PluginError {
        Path file = folder.resolve(IpText.of(address));
        try {
            if (Files.exists(file)) {
                return false;
            }
            // never seen without its content, so that one who is killed leaves none without owner
            Path next = folder.resolve("." + file.getFileName());
            create(next, content(container, link));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            write(folder.resolve(LAST + set), IpText.of(address));
            return true;
        } catch (IOException e) {
            throw PluginError.of(StateFile.refused(file, e));
        }
    }

    private static void create(Path file, String content) throws IOException {
        var mode =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try {
            Files.createFile(file, mode);
        } catch (FileAlreadyExistsException _) {
            // of one who was killed
        }
        Files.writeString(file, content, StandardCharsets.UTF_8);
    }

    private static void write(Path file, String content) throws IOException {
        create(file, content);
    }

    /** Null when none was given away yet. */
    @Nullable InetAddress last(int set) {
        try {
            return Prefix.parseAddress(read(folder.resolve(LAST + set)));
        } catch (IOException | Failure.Invalid e) {
            return null;
        }
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
    }

    /** What somebody has. */
    private record Held(Path file, InetAddress address, String owner) {}

    private List<Held> held() throws PluginError {
        var held = new ArrayList<Held>();
        try (var entries = Files.newDirectoryStream(folder)) {
            for (Path file : entries) {
                String name = file.getFileName().toString();
                try {
                    held.add(
                            new Held(
                                    file,
                                    Prefix.parseAddress(
                                            name.startsWith(".") ? name.substring(1) : name),
                                    read(file)));
                } catch (Failure.Invalid | NoSuchFileException _) {
                    // another file
                }
            }
        } catch (IOException e) {
            throw PluginError.of(StateFile.refused(folder, e));
        }
        return held;
    }

    /** The addresses of a link; those that an old version of the plugin gave the container too. */
    List<InetAddress> of(String container, String link) throws PluginError {
        String owner = content(container, link);
        return held().stream()
                .filter(one -> one.owner.equals(owner) || one.owner.equals(container.strip()))
                .map(Held::address)
                .toList();
    }

    /** All addresses that somebody has. */
    List<InetAddress> all() throws PluginError {
        return held().stream().map(Held::address).toList();
    }

    void release(String container, String link) throws PluginError {
        String owner = content(container, link);
        if (removeIf(one -> one.equals(owner)) == 0) {
            removeIf(one -> one.equals(container.strip()));
        }
    }

    /** Releases all but what these have. */
    void retain(Set<Attachment.Key> valid) throws PluginError {
        removeIf(owner ->
                valid.stream()
                        .noneMatch(key ->
                                owner.equals(content(key.container(), key.link()))
                                        || owner.equals(key.container())));
    }

    private int removeIf(Predicate<String> condition) throws PluginError {
        int count = 0;
        for (Held one : held()) {
            if (condition.test(one.owner)) {
                try {
                    Files.deleteIfExists(one.file);
                    count++;
                } catch (IOException e) {
                    throw PluginError.of(StateFile.refused(one.file, e));
                }
            }
        }
        return count;
    }

    @Override
    public void close() {
        lock.close();
    }
}
