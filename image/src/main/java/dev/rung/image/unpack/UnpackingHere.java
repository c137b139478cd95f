package dev.rung.image.unpack;

import dev.rung.domain.Digest;
import dev.rung.image.compression.Compression;
import dev.rung.image.layer.LayerUnpacker;
import dev.rung.image.layer.UnpackedLayer;
import dev.rung.linux.Fd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/** Unpacks in this very process, with all its rights: for archives of its own making. */
public final class UnpackingHere implements Unpacking {
    public UnpackingHere() {}

    @Override
    public Unpacked unpack(ReadableByteChannel packed, Fd folder, Order order) throws IOException {
        return unpack(Channels.newInputStream(packed), folder, order);
    }

    static Unpacked unpack(InputStream packed, Fd folder, Order order) throws IOException {
        MessageDigest hash = order.algorithm().hash();
        UnpackedLayer layer;
        try (InputStream plain = new DigestInputStream(Compression.undo(packed), hash)) {
            layer = LayerUnpacker.unpack(plain, folder, order.limits(), order.ownership());
        }
        return new Unpacked(layer, Digest.of(order.algorithm(), hash));
    }

    @Override
    public void close() {}
}
