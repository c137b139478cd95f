package dev.rung.image.registry;

import dev.rung.oci.image.ContentDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.function.Consumer;

/** Tells now and then how much of a layer was read. */
final class ToldReading implements ReadableByteChannel {
    private static final long TELL_EVERY_NS = 100_000_000;

    private final ReadableByteChannel layer;
    private final ContentDescriptor descriptor;
    private final Consumer<Progress> progress;
    private long bytes;
    private long toldAt = System.nanoTime();

    ToldReading(
            ReadableByteChannel layer, ContentDescriptor descriptor, Consumer<Progress> progress) {
        this.layer = layer;
        this.descriptor = descriptor;
        this.progress = progress;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int count = layer.read(target);
        bytes += Math.max(0, count);
        long now = System.nanoTime();
        if (now - toldAt >= TELL_EVERY_NS) {
            toldAt = now;
            progress.accept(new Progress.Unpacking(descriptor.digest(), bytes, descriptor.size()));
        }
        return count;
    }

    @Override
    public boolean isOpen() {
        return layer.isOpen();
    }

    @Override
    public void close() throws IOException {
        layer.close();
    }
}
