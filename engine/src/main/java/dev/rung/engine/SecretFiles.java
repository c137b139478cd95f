package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.ContainerRecord.MountPoint;
import dev.rung.engine.spec.SecretOption;
import dev.rung.image.snapshot.Rootfs;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.Mounts;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The secrets of containers that run: files in a tmpfs for each container, so that they are never
 * on a disk in a form that goes with the container, its image or its layers.
 */
final class SecretFiles {
    private static final long NOSUID_NODEV_NOEXEC = 0x2 | 0x4 | 0x8;
    private static final KernelPath TMPFS = KernelPath.of("tmpfs");

    /** Its content never goes to swap; from Linux 6.4 on. */
    private static final String KEPT = "mode=0700,noswap";

    private static final String PLAIN = "mode=0700";

    private final EngineFolders folders;
    private final Secrets secrets;

    SecretFiles(EngineFolders folders, Secrets secrets) {
        this.folders = folders;
        this.secrets = secrets;
    }

    /** What is to be mounted at the mount point: a folder, or one file. */
    Path place(ContainerRecord container, MountPoint point) {
        Path tmpfs = tmpfs(container.id());
        boolean folder = point.destination().equals(SecretOption.FOLDER);
        Path usual = tmpfs.resolve("usual");
        try {
            mount(tmpfs);
            if (folder) {
                makeFolder(usual);
            }
            Path place = usual;
            int number = 0;
            for (SecretOption secret : container.host().secrets()) {
                String path = MountPoints.plain(secret.path());
                number++;
                boolean file = secret.type() == SecretOption.Type.MOUNT;
                if (file && path.startsWith(SecretOption.FOLDER + "/")) {
                    if (folder) {
                        Path own = usual.resolve(path.substring(SecretOption.FOLDER.length() + 1));
                        makeFolders(usual, own.resolveSibling(""));
                        write(own, secret);
                    }
                } else if (file && path.equals(point.destination())) {
                    place = tmpfs.resolve(Integer.toString(number));
                    write(place, secret);
                }
            }
            return place;
        } catch (ErrnoException | IOException e) {
            throw new Failure.HostRefused("make the secrets of a container: " + e.getMessage(), e);
        }
    }

    private static void mount(Path tmpfs) throws IOException, ErrnoException {
        if (Files.isDirectory(tmpfs) && isMounted(tmpfs)) {
            return;
        }
        Files.createDirectories(tmpfs);
        KernelPath target = KernelPath.of(tmpfs.toString());
        try {
            Mounts.mount(TMPFS, target, TMPFS, NOSUID_NODEV_NOEXEC, KernelPath.of(KEPT));
        } catch (ErrnoException _) {
            Mounts.mount(TMPFS, target, TMPFS, NOSUID_NODEV_NOEXEC, KernelPath.of(PLAIN));
        }
    }

    private static boolean isMounted(Path folder) throws IOException {
        return !Files.getAttribute(folder, "unix:dev")
                .equals(Files.getAttribute(folder.resolveSibling(""), "unix:dev"));
    }

    private static void makeFolders(Path top, Path folder) throws IOException {
        if (!folder.equals(top)) {
            makeFolders(top, folder.resolveSibling(""));
            makeFolder(folder);
        }
    }

    private static void makeFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private void write(Path file, SecretOption option) throws IOException, ErrnoException {
        Files.deleteIfExists(file);
        Files.write(file, secrets.value(option.source()), StandardOpenOption.CREATE_NEW);
        KernelPath name = KernelPath.of(file.toString());
        try (Fd fd = Paths.open(null, name, Paths.O_NOFOLLOW, 0, 0);
                var calls = new FileCalls()) {
            calls.changeOwner(fd, (int) option.uid(), (int) option.gid());
            calls.changeMode(fd, option.mode());
        }
    }

    /** Takes them all away, when the container has ended. */
    void remove(ContainerId id) {
        Rootfs.unmount(tmpfs(id));
    }

    /** Those that are variables of the environment. */
    List<String> environment(ContainerRecord container) {
        var all = new ArrayList<String>();
        for (SecretOption secret : container.host().secrets()) {
            if (secret.type() == SecretOption.Type.ENV) {
                String value = new String(secrets.value(secret.source()), StandardCharsets.UTF_8);
                all.add(secret.target() + "=" + value);
            }
        }
        return all;
    }

    private Path tmpfs(ContainerId id) {
        return folders.of(id).running().resolve("secrets");
    }
}
