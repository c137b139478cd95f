package dev.rung.image.archive;

import dev.rung.domain.Digest;

/** Is told now and then, by the thread that loads, how much of a big file has been taken in. */
public interface LoadListener {
    LoadListener NONE = (id, bytes, size) -> {};

    /**
     * So far so much.
     *
     * @param id the start of its digest, or of its name where that is not known
     */
    void taken(String id, long bytes, long size);

    /** Tells of one file. */
    final class Meter {
        private static final long EVERY_NS = 50_000_000;
        private static final long WORTH_TELLING = 64 * 1024;
        private static final int SHORT = 12;

        private final LoadListener listener;
        private final String id;
        private final long size;
        private long bytes;
        private long toldAt = System.nanoTime();

        Meter(LoadListener listener, String id, long size) {
            this.listener = listener;
            this.id = id.length() > SHORT ? id.substring(0, SHORT) : id;
            this.size = size;
        }

        static Meter of(LoadListener listener, Digest digest, long size) {
            return new Meter(listener, digest.hex(), size);
        }

        void more(int count) {
            bytes += count;
            long now = System.nanoTime();
            if (now - toldAt >= EVERY_NS || bytes == size && size >= WORTH_TELLING) {
                toldAt = now;
                listener.taken(id, bytes, size);
            }
        }
    }
}
