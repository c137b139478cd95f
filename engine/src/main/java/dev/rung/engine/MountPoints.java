package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Platform;
import dev.rung.domain.Printable;
import dev.rung.engine.files.TreeCopy;
import dev.rung.engine.record.ContainerRecord.MountPoint;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.MountOption;
import dev.rung.engine.spec.SecretOption;
import dev.rung.image.ImageStore;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a new container's mounts are, with the volumes and folders that they need. */
final class MountPoints {
    /** The type of a mount point that has secrets. */
    static final String SECRET = "secret";

    private final Volumes volumes;
    private final Registry registry;
    private final ImageStore images;

    MountPoints(Volumes volumes, Registry registry, ImageStore images) {
        this.volumes = volumes;
        this.registry = registry;
        this.images = images;
    }

    /**
     * Those that are asked for, those of other containers, and the image's volumes, in that order
     * of precedence. The volumes are held: to be let go when the container is there. With them
     * comes which of the volumes are to get what the image has in their place.
     */
    Resolved resolve(ContainerConfig config, HostOptions host) {
        var points = new ArrayList<MountPoint>();
        var filled = new HashSet<String>();
        boolean done = false;
        try {
            var taken = new HashSet<String>();
            for (MountOption mount : host.mounts()) {
                if (!taken.add(plain(mount.target()))) {
                    throw new Failure.Invalid("Duplicate mount point: " + mount.target());
                }
                points.add(resolve(mount, filled));
            }
            for (String from : host.volumesFrom()) {
                others(from, taken, points);
            }
            for (String target : config.volumes()) {
                if (taken.add(plain(target))) {
                    points.add(resolve(MountOption.volume(plain(target)), filled));
                }
            }
            secrets(host.secrets(), taken, points);
            done = true;
            return new Resolved(List.copyOf(points), Set.copyOf(filled));
        } finally {
            if (!done) {
                volumes.letGo(points);
                volumes.removeAnonymous(points);
            }
        }
    }

    /**
     * What became of the options.
     *
     * @param filled destinations of volumes that get what the image has there
     */
    record Resolved(List<MountPoint> points, Set<String> filled) {}

    /** Without ".", ".." and doubled slashes, as if it began at the root. */
    static String plain(String path) {
        var parts = new ArrayList<String>();
        for (String part : path.split("/")) {
            if (part.equals("..")) {
                if (!parts.isEmpty()) {
                    parts.removeLast();
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return "/" + String.join("/", parts);
    }

    /** One for all in the usual folder, and one for each that is elsewhere. */
    private static void secrets(
            List<SecretOption> secrets, Set<String> taken, List<MountPoint> points) {
        for (SecretOption secret : secrets) {
            if (secret.type() == SecretOption.Type.ENV) {
                continue;
            }
            String path = plain(secret.path());
            boolean usual = path.startsWith(SecretOption.FOLDER + "/");
            if (taken.add(usual ? SecretOption.FOLDER : path)) {
                points.add(
                        new MountPoint(
                                SECRET,
                                "",
                                "",
                                usual ? SecretOption.FOLDER : path,
                                false,
                                "rprivate"));
            } else if (!usual) {
                throw new Failure.Invalid("Duplicate mount point: " + Printable.of(path));
            }
        }
    }

    private void others(String from, Set<String> taken, List<MountPoint> points) {
        int colon = from.lastIndexOf(':');
        String mode = colon < 0 ? "" : from.substring(colon + 1);
        if (!mode.isEmpty() && !mode.equals("ro") && !mode.equals("rw") && !mode.equals("z")) {
            throw new Failure.Invalid("invalid mode: " + Printable.of(mode));
        }
        String name = colon < 0 ? from : from.substring(0, colon);
        for (MountPoint point : registry.find(name).record().mounts()) {
            boolean lasting = point.type().equals("bind") || point.type().equals("volume");
            if (!lasting || !taken.add(point.destination())) {
                continue;
            }
            if (point.type().equals("volume")) {
                volumes.hold(point.name(), Map.of(), Map.of());
            }
            points.add(
                    new MountPoint(
                            point.type(),
                            point.name(),
                            point.source(),
                            point.destination(),
                            mode.equals("ro") ? false : point.writable(),
                            point.propagation(),
                            point.recursion(),
                            point.subpath()));
        }
    }

    private MountPoint resolve(MountOption mount, Set<String> filled) {
        String target = plain(mount.target());
        return switch (mount.type()) {
            case TMPFS -> point(mount, target, "", "", "");
            case BIND -> bind(mount, target);
            case IMAGE -> {
                String id = images.resolve(mount.source(), Platform.host()).id().toString();
                yield point(mount, target, mount.source(), id, "");
            }
            case VOLUME -> {
                Volume volume = volumes.hold(mount.source(), mount.labels(), mount.driverOptions());
                if (mount.copies() && mount.subpath().isEmpty()) {
                    filled.add(target);
                }
                yield point(mount, target, volume.name(), volume.data().toString(), "");
            }
        };
    }

    private static MountPoint point(
            MountOption mount, String target, String name, String source, String propagation) {
        return new MountPoint(
                mount.type().toString(),
                name,
                source,
                target,
                !mount.readOnly() && mount.type() != MountOption.Type.IMAGE,
                mount.propagation().isEmpty() ? propagation : mount.propagation(),
                mount.recursion(),
                mount.subpath());
    }

    private static MountPoint bind(MountOption mount, String target) {
        Path source = Path.of(mount.source());
        if (!Files.exists(source)) {
            if (!mount.makesSource()) {
                throw new Failure.Invalid(
                        "invalid mount config for type \"bind\": bind source path does not exist: "
                                + mount.source());
            }
            try {
                makeFolders(source.normalize());
            } catch (IOException e) {
                throw new Failure.HostRefused(
                        "error while creating mount source path '"
                                + mount.source()
                                + "': "
                                + e.getMessage(),
                        e);
            }
        }
        return point(mount, target, "", mount.source(), "rprivate");
    }

    /** With the usual mode, whatever our own mask is. */
    private static void makeFolders(Path folder) throws IOException {
        Path parent = folder.getParent();
        if (parent != null && !Files.exists(parent, LinkOption.NOFOLLOW_LINKS)) {
            makeFolders(parent);
        }
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /**
     * Copies what the image has at a volume's place into the volume, if that is empty. Links of the
     * image lead nowhere but into the image, those of the volume are not followed.
     *
     * @param root the container's root file system
     */
    void fill(Resolved mounts, Path root) {
        for (MountPoint point : mounts.points) {
            if (mounts.filled.contains(point.destination())) {
                try {
                    Volume volume = volumes.mounted(point.name());
                    fill(volume, point.destination(), root);
                } catch (ErrnoException e) {
                    throw new Failure.HostRefused(
                            "copy the image's \""
                                    + point.destination()
                                    + "\" into volume \""
                                    + point.name()
                                    + "\": "
                                    + e.getMessage(),
                            e);
                }
            }
        }
    }

    private static void fill(Volume volume, String destination, Path root) throws ErrnoException {
        KernelPath data = KernelPath.of(volume.data().toString());
        try (Fd to = Paths.open(null, data, Paths.O_DIRECTORY | Paths.O_NOFOLLOW, 0, 0)) {
            if (!Paths.list(to).isEmpty()) {
                return;
            }
            try (Fd from = RootFiles.folder(root, destination);
                    var copy = new TreeCopy(TreeCopy.Owners.SAME)) {
                if (from != null) {
                    copy.contentAndLooks(from, to);
                }
            }
        }
    }
}
