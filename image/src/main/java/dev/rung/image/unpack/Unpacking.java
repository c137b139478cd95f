package dev.rung.image.unpack;

import dev.rung.domain.Digest;
import dev.rung.image.layer.LayerUnpacker.Ownership;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.layer.UnpackedLayer;
import dev.rung.linux.Fd;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;

/** Unpacks layers, several at once, until it is closed; then nothing of it works on them. */
public interface Unpacking extends AutoCloseable {
    /**
     * How a layer is to be unpacked.
     *
     * @param algorithm that its diff id is made with
     */
    record Order(UnpackLimits limits, Ownership ownership, Digest.Algorithm algorithm) {}

    /** What was unpacked, and the digest of the plain archive. */
    record Unpacked(UnpackedLayer layer, Digest diffId) {}

    /**
     * Unpacks a layer, compressed in any known way, into an empty folder. Blocks a thread of the
     * platform; an interruption ends it. Failures as {@code LayerUnpacker} has them, Unavailable
     * when whoever unpacks was ended. IOException when the layer breaks off, or as its reading
     * throws it.
     */
    Unpacked unpack(ReadableByteChannel packed, Fd folder, Order order) throws IOException;

    @Override
    void close();

    /** Gives a new one to everybody who asks. */
    interface Source {
        Unpacking open();
    }
}
