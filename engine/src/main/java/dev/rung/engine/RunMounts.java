package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Platform;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.ContainerRecord.MountPoint;
import dev.rung.image.ImageStore;
import dev.rung.image.snapshot.Rootfs;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Mounts;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is mounted on the host as long as a container runs, for its mounts to be made of. */
final class RunMounts {
    private static final int O_PATH = 0x200000;
    private static final int RESOLVE_NO_MAGICLINKS_BENEATH = 0x02 | 0x08;

    private final EngineFolders folders;
    private final Volumes volumes;
    private final ImageStore images;
    private final ContainerRoots roots;
    private final SecretFiles secrets;

    RunMounts(
            EngineFolders folders,
            Volumes volumes,
            ImageStore images,
            ContainerRoots roots,
            SecretFiles secrets) {
        this.folders = folders;
        this.volumes = volumes;
        this.images = images;
        this.roots = roots;
        this.secrets = secrets;
    }

    /** Makes them; where on the host lies what is mounted, by destination. */
    Map<String, Path> make(ContainerRecord container) {
        var sources = new HashMap<String, Path>();
        List<MountPoint> points = container.mounts();
        for (int i = 0; i < points.size(); i++) {
            MountPoint point = points.get(i);
            Path source =
                    switch (point.type()) {
                        case "volume" -> volumes.mounted(point.name()).data();
                        case "image" -> image(container.id(), point, i);
                        case MountPoints.SECRET -> secrets.place(container, point);
                        default -> Path.of(point.source());
                    };
            if (!point.subpath().isEmpty()) {
                source = part(container.id(), point, source, i);
            }
            sources.put(point.destination(), source);
        }
        return sources;
    }

    private Path image(ContainerId id, MountPoint point, int number) {
        String part = "image" + number;
        if (!roots.hasPart(id, part)) {
            String image = point.source().isEmpty() ? point.name() : point.source();
            roots.preparePart(id, part, images.resolve(image, Platform.host()));
        }
        return roots.mountPart(id, part);
    }

    /**
     * Mounts what the path leads to in a place of our own, so that nobody can turn it elsewhere.
     */
    private Path part(ContainerId id, MountPoint point, Path whole, int number) {
        Path place = place(id, number);
        try (Fd folder =
                        Paths.open(null, KernelPath.of(whole.toString()), Paths.O_DIRECTORY, 0, 0);
                Fd found =
                        Paths.open(
                                folder,
                                KernelPath.of(point.subpath()),
                                O_PATH,
                                0,
                                RESOLVE_NO_MAGICLINKS_BENEATH);
                Fd copy = Mounts.copy(found)) {
            Rootfs.unmount(place);
            makePlace(place, Descriptors.status(found).is(FileStatus.Type.DIRECTORY));
            try (Fd target = Paths.open(null, KernelPath.of(place.toString()), O_PATH, 0, 0)) {
                Mounts.attach(copy, target);
            }
            return place;
        } catch (ErrnoException e) {
            throw new Failure.HostRefused(
                    "cannot access path "
                            + whole
                            + "/"
                            + KernelPath.of(point.subpath())
                            + ": "
                            + e.getMessage(),
                    e);
        } catch (IOException e) {
            throw new Failure.HostRefused("make \"" + place + "\": " + e.getMessage(), e);
        }
    }

    private static void makePlace(Path place, boolean folder) throws IOException {
        Files.deleteIfExists(place);
        Files.createDirectories(place.resolveSibling(""));
        if (folder) {
            Files.createDirectory(place);
        } else {
            Files.createFile(place);
        }
    }

    private Path place(ContainerId id, int number) {
        return places(id).resolve(Integer.toString(number));
    }

    private Path places(ContainerId id) {
        return folders.of(id).running().resolve("mounts");
    }

    /**
     * Takes away what a start that never came to its end has mounted, for a container that may have
     * no record: whoever deletes its files would delete what is mounted there, too.
     */
    void removeAll(ContainerId id) {
        if (Files.isDirectory(places(id))) {
            try (var all = Files.newDirectoryStream(places(id))) {
                all.forEach(Rootfs::unmount);
            } catch (IOException e) {
                throw new Failure.HostRefused(
                        "look for the mounts of " + id + ": " + e.getMessage(), e);
            }
        }
        secrets.remove(id);
    }

    /** Takes them away again, but for volumes that others use. */
    void remove(ContainerRecord container) {
        List<MountPoint> points = container.mounts();
        for (int i = 0; i < points.size(); i++) {
            MountPoint point = points.get(i);
            if (!point.subpath().isEmpty()) {
                Rootfs.unmount(place(container.id(), i));
            }
            if (point.type().equals("image")) {
                roots.unmountPart(container.id(), "image" + i);
            } else if (point.type().equals(MountPoints.SECRET)) {
                secrets.remove(container.id());
            } else if (point.type().equals("volume")) {
                volumes.unused(point.name(), container.id());
            }
        }
    }
}
