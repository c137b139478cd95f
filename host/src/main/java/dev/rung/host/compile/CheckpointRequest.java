package dev.rung.host.compile;

import dev.rung.host.criu.CriuOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a dump of a container is to be.
 *
 * @param images folder that gets them, absolute; made when it is missing
 * @param work folder for the log and the like, null: that of the images
 * @param statusFd of the caller, told when pages can be fetched; -1: none
 * @param pid of the first process
 * @param startTime of that process
 * @param rootfs of the container as its maker saw it
 * @param freezer cgroup to freeze it by, null: there is none
 * @param mounts places inside that show something from outside
 * @param namespaces that are not the container's own
 * @param descriptors what the first process has as its standard streams, as JSON
 */
@SuppressWarnings("ArrayRecordComponent")
public record CheckpointRequest(
        CriuCommand criu,
        CriuOptions options,
        String images,
        @Nullable String work,
        int statusFd,
        int pid,
        long startTime,
        String rootfs,
        @Nullable String freezer,
        List<OutsideMount> mounts,
        List<OutsideNamespace> namespaces,
        byte[] descriptors) {
    public CheckpointRequest {
        mounts = List.copyOf(mounts);
        namespaces = List.copyOf(namespaces);
    }

    /**
     * A mount by its place inside, and the name that the images have for it; at a restore by that
     * name, and what is mounted.
     */
    public record OutsideMount(String key, String value) {}

    /** A namespace by its inode; the images have a name for each kind. */
    public record OutsideNamespace(Kind kind, long inode) {}

    /** Those of which criu can be told that they are not the container's own. */
    public enum Kind {
        NETWORK("net", "extRootNetNS"),
        PID("pid", "extRootPidNS");

        final String type;
        final String key;

        Kind(String type, String key) {
            this.type = type;
            this.key = key;
        }
    }
}
