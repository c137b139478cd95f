package dev.rung.image.unpack;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.image.layer.LayerUnpacker.Ownership;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.layer.UnpackedLayer;
import dev.rung.image.layer.UnpackedLayer.MissingLink;
import dev.rung.image.unpack.Unpacking.Order;
import dev.rung.image.unpack.Unpacking.Unpacked;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * How the engine and its unpacker speak. Both are of one build, so there is no version.
 *
 * <pre>
 * order, a message with three descriptors: the folder, the packed layer, where the report goes
 *      i64 most bytes, i64 most entries, u8 ownership, u8 algorithm        little-endian
 * report, a stream, big-endian; without one the unpacker was ended
 *      u8 0, i64 bytes, i64 entries, digest, three lists: implied folders, opaque folders,
 *           missing links (target, name); a list is i32 count, a path u16 length and bytes
 *      u8 1 Invalid, 2 HostRefused, 3 Unsupported, 4 broken off; then a text as a path
 * </pre>
 *
 * The unpacker may have been taken over by what it unpacks, so its report is read as what a
 * stranger says.
 */
final class UnpackWire {
    static final int ORDER_BYTES = 24; // a multiple of 8, of which 18 are used
    static final int FOLDER = 0;
    static final int PACKED = 1;
    static final int REPORT = 2;
    static final int DESCRIPTORS = 3;

    private static final int ORDER_USED = 18;
    private static final int LONGEST_TEXT = 4096;

    /** What is to be done in the layers below would fill the engine's memory otherwise. */
    private static final int MOST_PATH_BYTES = 8 << 20;

    private static final byte OWNERS_RECORDED = 0;
    private static final byte OWNER_CALLER = 1;
    private static final byte HASH_SHA256 = 0;
    private static final byte HASH_SHA512 = 1;

    private static final int DONE = 0;
    private static final int INVALID = 1;
    private static final int HOST_REFUSED = 2;
    private static final int UNSUPPORTED = 3;
    private static final int BROKEN_OFF = 4;

    private UnpackWire() {}

    static void putOrder(ByteBuffer message, Order order) {
        message.putLong(order.limits().bytes());
        message.putLong(order.limits().entries());
        message.put(
                switch (order.ownership()) {
                    case RECORDED -> OWNERS_RECORDED;
                    case CALLER -> OWNER_CALLER;
                });
        message.put(
                switch (order.algorithm()) {
                    case SHA256 -> HASH_SHA256;
                    case SHA512 -> HASH_SHA512;
                });
    }

    static int orderLength() {
        return ORDER_USED;
    }

    static Order order(ByteBuffer message) {
        var limits = new UnpackLimits(message.getLong(), message.getLong());
        Ownership ownership =
                message.get() == OWNERS_RECORDED ? Ownership.RECORDED : Ownership.CALLER;
        return new Order(
                limits,
                ownership,
                message.get() == HASH_SHA256 ? Digest.Algorithm.SHA256 : Digest.Algorithm.SHA512);
    }

    static void putReport(DataOutputStream to, Unpacked unpacked) throws IOException {
        UnpackedLayer layer = unpacked.layer();
        to.writeByte(DONE);
        to.writeLong(layer.bytes());
        to.writeLong(layer.entries());
        to.write(HexFormat.of().parseHex(unpacked.diffId().hex()));
        putPaths(to, layer.impliedFolders());
        putPaths(to, layer.opaqueFolders());
        to.writeInt(layer.missingLinks().size());
        for (MissingLink link : layer.missingLinks()) {
            putPath(to, link.target().toBytes());
            putPath(to, link.name().toBytes());
        }
    }

    private static void putPaths(DataOutputStream to, List<KernelPath> paths) throws IOException {
        to.writeInt(paths.size());
        for (KernelPath path : paths) {
            putPath(to, path.toBytes());
        }
    }

    private static void putPath(DataOutputStream to, byte[] path) throws IOException {
        to.writeShort(path.length);
        to.write(path);
    }

    static void putFailure(DataOutputStream to, Exception failure) throws IOException {
        to.writeByte(
                switch (failure) {
                    case Failure.Invalid _ -> INVALID;
                    case Failure.Unsupported _ -> UNSUPPORTED;
                    case EOFException _ -> BROKEN_OFF;
                    default -> HOST_REFUSED;
                });
        byte[] text = String.valueOf(failure.getMessage()).getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, LONGEST_TEXT);
        to.writeShort(length);
        to.write(text, 0, length);
    }

    /** The report, or the failure that it tells of. EOFException when it breaks off. */
    static Unpacked report(DataInputStream from, Digest.Algorithm algorithm) throws IOException {
        int kind = from.readUnsignedByte();
        if (kind == DONE) {
            return new Reading(from).unpacked(algorithm);
        }
        byte[] bytes = new byte[Math.min(from.readUnsignedShort(), LONGEST_TEXT)];
        from.readFully(bytes);
        String text = Printable.of(new String(bytes, StandardCharsets.UTF_8));
        if (kind == BROKEN_OFF) {
            throw new IOException(text);
        }
        throw switch (kind) {
            case INVALID -> new Failure.Invalid(text);
            case UNSUPPORTED -> new Failure.Unsupported(text);
            default -> new Failure.HostRefused(text, null);
        };
    }

    /** Paths that are read, with what they may take in all. */
    private static final class Reading {
        private final DataInputStream from;
        private int left = MOST_PATH_BYTES;

        Reading(DataInputStream from) {
            this.from = from;
        }

        Unpacked unpacked(Digest.Algorithm algorithm) throws IOException {
            long bytes = from.readLong();
            long entries = from.readLong();
            var hash = new byte[algorithm.hash().getDigestLength()];
            from.readFully(hash);
            var layer = new UnpackedLayer(bytes, entries, paths(), paths(), links());
            return new Unpacked(layer, new Digest(algorithm, HexFormat.of().formatHex(hash)));
        }

        private List<KernelPath> paths() throws IOException {
            var paths = new ArrayList<KernelPath>();
            for (int left = from.readInt(); left > 0; left--) {
                paths.add(path());
            }
            return paths;
        }

        private List<MissingLink> links() throws IOException {
            var links = new ArrayList<MissingLink>();
            for (int left = from.readInt(); left > 0; left--) {
                links.add(new MissingLink(path(), path()));
            }
            return links;
        }

        private KernelPath path() throws IOException {
            var path = new byte[from.readUnsignedShort()];
            left -= path.length + 64; // and what the list takes
            if (left < 0) {
                throw new Failure.Invalid(
                        "invalid layer: too many folders and links of it depend on other layers");
            }
            from.readFully(path);
            return KernelPath.of(path);
        }
    }
}
