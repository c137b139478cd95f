package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.image.Image;
import dev.rung.image.layer.LayerFiles;
import dev.rung.linux.Fd;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** Root file systems of containers, made of their images' layers. */
public interface ContainerRoots {
    /** Makes a container's root; its layers are unpacked where that was not done before. */
    void prepare(ContainerId id, Image image);

    /**
     * Makes the root of a container that never ran anew, with more layers on those of its image.
     * Invalid for a layer that is damaged or would do harm; the root is then as it was.
     *
     * @param layers archives as {@link dev.rung.image.layer.LayerDiff} writes them, not compressed,
     *     the lowest first
     */
    void stack(ContainerId id, Image image, List<Path> layers);

    /** Reads files of an image, whose layers are unpacked where that was not done before. */
    <T> T read(Image image, Function<LayerFiles, T> use);

    /** Mounts it, unless it is mounted; where it is then. */
    Path mount(ContainerId id);

    /**
     * The same with other owners, as a user namespace maps them. HostRefused when the kernel or the
     * file system cannot; it is not mounted then.
     *
     * @param root what root of the namespace is outside
     */
    Path mount(ContainerId id, Fd userNamespace, int root);

    /** Where it is mounted, or would be. */
    Path place(ContainerId id);

    /** Takes the mount away, if there is one; what the container wrote stays. */
    void unmount(ContainerId id);

    /** Whether a container has something of an image beside its root, by a name of its own. */
    boolean hasPart(ContainerId id, String part);

    /** Makes it; it goes with the root. */
    void preparePart(ContainerId id, String part, Image image);

    /** Mounts it; where it is then. */
    Path mountPart(ContainerId id, String part);

    /** Takes the mount away, if there is one. */
    void unmountPart(ContainerId id, String part);

    /** All that were made and not removed. */
    List<ContainerId> all();

    /** Removes it with all that the container wrote. */
    void remove(ContainerId id);
}
