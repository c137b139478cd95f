package dev.rung.image.registry;

import dev.rung.domain.Digest;
import dev.rung.domain.ImageName;
import dev.rung.oci.image.ContentDescriptor;
import java.time.Duration;

/** What happens during a pull or a push; told from several threads, one event at a time a layer. */
public sealed interface Progress {
    /** The name points at this. */
    record Resolved(ImageName name, ContentDescriptor target) implements Progress {}

    /** A layer is to be moved; sizes are in bytes. */
    record Waiting(Digest layer, long size) implements Progress {}

    /** A layer is there already. */
    record Exists(Digest layer) implements Progress {}

    /** So much of a layer has been moved, also by an earlier try. */
    record Moved(Digest layer, long bytes, long size) implements Progress {}

    /** The connection broke; goes on after the pause. */
    record Retrying(Digest layer, String why, Duration pause) implements Progress {}

    /** All of a layer has come and is what its digest says, or has been taken by the registry. */
    record Complete(Digest layer) implements Progress {}

    /** A layer's consumer has read so much of it as it was moved. */
    record Unpacking(Digest layer, long bytes, long size) implements Progress {}

    /** A layer's consumer has taken it. */
    record Unpacked(Digest layer) implements Progress {}

    /** The registry has taken a layer from another of its repositories. */
    record Mounted(Digest layer, String from) implements Progress {}
}
