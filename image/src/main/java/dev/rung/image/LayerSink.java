package dev.rung.image;

import dev.rung.domain.Digest;
import dev.rung.oci.image.ContentDescriptor;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.List;

/** Takes layers while they are downloaded, several at once, each on a thread of its own. */
public interface LayerSink {
    /** Lets the layers lie in the content store. */
    LayerSink NONE =
            new LayerSink() {
                @Override
                public boolean wants(Layer layer) {
                    return false;
                }

                @Override
                public void take(Layer layer, ReadableByteChannel packed) {}
            };

    /**
     * A layer of an image.
     *
     * @param diffIds of the layers below it and at last its own, the lowest first
     */
    record Layer(ContentDescriptor descriptor, List<Digest> diffIds) {
        /** The digest of the plain tar, as the image's config says. */
        public Digest diffId() {
            return diffIds.getLast();
        }
    }

    /** Whether it has this layer not yet. */
    boolean wants(Layer layer);

    /**
     * Takes a layer as the registry packed it. A read waits for bytes, and answers the end only
     * when all came and were what their digest says: what is made of them may only then become
     * visible. When a read fails, all of it is to be dropped; the same layer may then come once
     * more from its start.
     */
    void take(Layer layer, ReadableByteChannel packed) throws IOException;
}
