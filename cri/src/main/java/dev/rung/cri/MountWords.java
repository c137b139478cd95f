package dev.rung.cri;

import dev.rung.cri.v1.Mount;
import dev.rung.cri.v1.MountPropagation;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonWriter;
import java.util.List;

/** Mounts of a container in Docker's words. */
final class MountWords {
    private final JsonWriter to;

    MountWords(JsonWriter to) {
        this.to = to;
    }

    void write(List<Mount> mounts) {
        to.name("Mounts").beginArray();
        for (Mount mount : mounts) {
            FieldRules.require("config.mounts.container_path", mount.getContainerPath());
            FieldRules.pathLength("config.mounts.container_path", mount.getContainerPath());
            check(mount);
            to.beginObject();
            if (mount.hasImage()) {
                image(mount);
            } else {
                bind(mount);
            }
            to.endObject();
        }
        to.endArray();
    }

    private static void check(Mount mount) {
        if (!mount.getRecursiveReadOnly()) {
            return;
        }
        if (!mount.getReadonly()) {
            throw new Failure.Invalid(
                    "config.mounts.recursive_read_only: "
                            + Printable.of(mount.getContainerPath())
                            + " is not readonly");
        } else if (mount.getPropagation() != MountPropagation.PROPAGATION_PRIVATE) {
            throw new Failure.Invalid(
                    "config.mounts.recursive_read_only: "
                            + Printable.of(mount.getContainerPath())
                            + " has not PROPAGATION_PRIVATE");
        }
    }

    /** Relative to the root where it is relative, as with others. */
    static String target(Mount mount) {
        String path = mount.getContainerPath();
        return path.startsWith("/") ? path : "/" + path;
    }

    private void image(Mount mount) {
        if (!mount.getHostPath().isEmpty()) {
            throw new Failure.Invalid(
                    "config.mounts: "
                            + Printable.of(mount.getContainerPath())
                            + " has both a host_path and an image");
        }
        FieldRules.require("config.mounts.image.image", mount.getImage().getImage());
        to.field("Type", "image").field("Source", mount.getImage().getImage());
        to.field("Target", target(mount)).field("ReadOnly", true);
        to.optional("Subpath", mount.getImageSubPath());
    }

    private void bind(Mount mount) {
        FieldRules.path("config.mounts.host_path", mount.getHostPath());
        to.field("Type", "bind").field("Source", mount.getHostPath());
        to.field("Target", target(mount)).field("ReadOnly", mount.getReadonly());
        to.field("CreateSource", true);
        to.field(
                "Propagation",
                switch (mount.getPropagation()) {
                    case PROPAGATION_PRIVATE -> "rprivate";
                    case PROPAGATION_HOST_TO_CONTAINER -> "rslave";
                    case PROPAGATION_BIDIRECTIONAL -> "rshared";
                    case UNRECOGNIZED ->
                            throw new Failure.Invalid(
                                    "config.mounts.propagation: unknown value "
                                            + mount.getPropagationValue());
                });
        if (mount.getReadonly()) {
            to.field("Recursive", mount.getRecursiveReadOnly() ? "readonly" : "writable");
        }
    }
}
