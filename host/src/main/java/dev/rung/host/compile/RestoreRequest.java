package dev.rung.host.compile;

import dev.rung.host.criu.CriuOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a restore needs besides what makes a new container.
 *
 * @param images folder that holds them, absolute
 * @param work folder for the log and the like, null: that of the images
 * @param mounts what is mounted from outside, by the names that the images have for it
 * @param descriptors what the first process had as its standard streams
 */
public record RestoreRequest(
        CriuCommand criu,
        CriuOptions options,
        String images,
        @Nullable String work,
        List<CheckpointRequest.OutsideMount> mounts,
        List<String> descriptors) {
    public RestoreRequest {
        mounts = List.copyOf(mounts);
        descriptors = List.copyOf(descriptors);
    }
}
