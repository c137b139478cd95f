package dev.rung.cri;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * A list as it goes to a client. Each entry is the encoding of an answer with one element; one
 * behind the other they are that of the answer with all of them (Protocol Buffers, "Encoding":
 * merging concatenates repeated fields).
 */
record EncodedList(List<byte[]> entries) {
    /** Copies the entries to where they are sent from, and nowhere before. */
    static final Marshaller<EncodedList> MARSHALLER =
            new Marshaller<>() {
                @Override
                public InputStream stream(EncodedList list) {
                    return new Entries(list.entries);
                }

                @Override
                public EncodedList parse(InputStream stream) {
                    try {
                        return new EncodedList(List.of(stream.readAllBytes()));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            };

    /** What is left of the entries: gRPC asks how much that is, and has it written. */
    private static final class Entries extends InputStream implements KnownLength, Drainable {
        private final List<byte[]> entries;
        private int entry;
        private int at;

        private Entries(List<byte[]> entries) {
            this.entries = entries;
        }

        @Override
        public int available() {
            int length = -at;
            for (byte[] each : entries.subList(entry, entries.size())) {
                length += each.length;
            }
            return length;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int length = 0;
            for (; entry < entries.size(); entry++) {
                byte[] next = entries.get(entry);
                target.write(next, at, next.length - at);
                length += next.length - at;
                at = 0;
            }
            return length;
        }

        /** Goes on to the next one where nothing is left; false when there is none. */
        private boolean hasMore() {
            while (entry < entries.size() && at == entries.get(entry).length) {
                entry++;
                at = 0;
            }
            return entry < entries.size();
        }

        @Override
        public int read() {
            return hasMore() ? entries.get(entry)[at++] & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int from, int most) {
            if (!hasMore()) {
                return -1;
            }
            byte[] next = entries.get(entry);
            int length = Math.min(most, next.length - at);
            System.arraycopy(next, at, into, from, length);
            at += length;
            return length;
        }
    }
}
