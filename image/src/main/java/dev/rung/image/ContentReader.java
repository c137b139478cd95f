package dev.rung.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;

/** Content that may still be coming, from its start. For one thread. */
public final class ContentReader implements ReadableByteChannel {
    private final FileChannel file;
    private final GrowthSignal growth;
    private final int generation;

    ContentReader(FileChannel file, GrowthSignal growth) {
        this.file = file;
        this.growth = growth;
        generation = growth.generation();
    }

    /** Of content that lies in the store. */
    static ContentReader ofWhole(FileChannel file) {
        var growth = new GrowthSignal();
        try {
            growth.reached(file.size());
        } catch (IOException e) {
            throw ContentStore.failed("read content", file, e);
        }
        growth.verified();
        return new ContentReader(file, growth);
    }

    /** Waits for at least one byte; -1 once all were read and were what the digest says. */
    @Override
    public int read(ByteBuffer target) throws IOException {
        if (!target.hasRemaining()) {
            return 0;
        }
        if (growth.await(file.position(), generation) == GrowthSignal.Next.END) {
            return -1;
        }
        int count = file.read(target);
        if (count < 0) {
            throw new IOException("what had come was dropped"); // its end is not the content's
        }
        return count;
    }

    /** Whether reading failed because the download was begun anew: then a new reader helps. */
    public boolean mustRestart() {
        return growth.generation() != generation;
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
