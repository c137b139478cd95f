package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.engine.record.ContainerRecord.MountPoint;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.MountOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Supplier;

/** Folders with names of their own, which outlive containers. */
final class Volumes {
    private static final int ANONYMOUS_LENGTH = 64;

    private final Path folder;
    private final Supplier<String> names;

    /** The names are those of anonymous volumes. */
    Volumes(Path folder, Supplier<String> names) {
        this.folder = folder;
        this.names = names;
    }

    /** What a new container's mounts are, with the volumes and folders that they need. */
    List<MountPoint> resolve(ContainerConfig config, HostOptions host) {
        var points = new ArrayList<MountPoint>();
        var taken = new HashSet<String>();
        for (MountOption mount : host.mounts()) {
            if (!taken.add(mount.target())) {
                throw new Failure.Invalid("Duplicate mount point: " + mount.target());
            }
            points.add(resolve(mount));
        }
        for (String target : config.volumes()) {
            if (taken.add(target)) {
                points.add(resolve(MountOption.volume(target)));
            }
        }
        return List.copyOf(points);
    }

    /** Deletes those of the volumes that nobody gave a name. */
    void removeAnonymous(List<MountPoint> points) {
        for (MountPoint point : points) {
            if (point.type().equals("volume") && isAnonymous(point.name())) {
                Lifecycle.removeFolder(folder.resolve(point.name()));
            }
        }
    }

    private static boolean isAnonymous(String name) {
        return name.length() == ANONYMOUS_LENGTH
                && name.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
    }

    private MountPoint resolve(MountOption mount) {
        return switch (mount.type()) {
            case TMPFS -> new MountPoint("tmpfs", "", "", mount.target(), !mount.readOnly(), "");
            case BIND -> bind(mount);
            case VOLUME -> volume(mount);
        };
    }

    private static MountPoint bind(MountOption mount) {
        Path source = Path.of(mount.source());
        if (!Files.exists(source)) {
            if (!mount.makesSource()) {
                throw new Failure.Invalid(
                        "invalid mount config for type \"bind\": bind source path does not exist: "
                                + mount.source());
            }
            try {
                Files.createDirectories(source);
            } catch (IOException e) {
                throw new Failure.HostRefused(
                        "error while creating mount source path '"
                                + mount.source()
                                + "': "
                                + e.getMessage(),
                        e);
            }
        }
        String propagation = mount.propagation().isEmpty() ? "rprivate" : mount.propagation();
        return new MountPoint(
                "bind", "", mount.source(), mount.target(), !mount.readOnly(), propagation);
    }

    private MountPoint volume(MountOption mount) {
        String name = mount.source().isEmpty() ? names.get() : mount.source();
        Path data = folder.resolve(name).resolve("_data");
        try {
            var mode = PosixFilePermissions.fromString("rwxr-xr-x");
            Files.createDirectories(data);
            Files.setPosixFilePermissions(data, mode);
        } catch (IOException e) {
            throw new Failure.HostRefused("make volume \"" + name + "\": " + e.getMessage(), e);
        }
        return new MountPoint(
                "volume",
                name,
                data.toString(),
                mount.target(),
                !mount.readOnly(),
                mount.propagation());
    }
}
