package dev.rung.host.net;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel answers to a question that ends with a list, datagram by datagram: devices,
 * addresses, or the error of what was asked first.
 */
public final class RouteAnswer {
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int IFLA_IFNAME = 3;
    private static final int IFA_FLAGS = 8;

    private final List<Link> links = new ArrayList<>(4);
    private final List<Address> addresses = new ArrayList<>(4);
    private int errno;

    /** Of which nothing has come yet. */
    public RouteAnswer() {}

    /** A device. */
    record Link(int index, String name) {}

    /**
     * An address of a device.
     *
     * @param scope 0 for a global one
     * @param flags IFA_F_…
     * @param attributes by type, each as it came; null where there was none
     */
    record Address(
            int index,
            int family,
            int prefix,
            int scope,
            int flags,
            List<byte @Nullable []> attributes) {}

    /**
     * Takes the next datagram in.
     *
     * @return whether it was the last
     */
    public boolean add(byte[] datagram) {
        var bytes = ByteBuffer.wrap(datagram).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (at + 16 <= datagram.length) {
            int length = bytes.getInt(at);
            int type = Short.toUnsignedInt(bytes.getShort(at + 4));
            if (length < 16 || length > datagram.length - at) {
                throw new IllegalStateException("netlink message of " + length + " bytes");
            }
            ByteBuffer body = bytes.slice(at + 16, length - 16).order(ByteOrder.LITTLE_ENDIAN);
            switch (type) {
                case NLMSG_DONE -> {
                    return true;
                }
                case NLMSG_ERROR -> errno = errno == 0 ? -body.getInt(0) : errno;
                case RouteWriter.RTM_NEWLINK -> link(body);
                case RouteWriter.RTM_NEWADDR -> address(body);
                default -> {} // what was not asked for
            }
            at += length + 3 & ~3;
        }
        return false;
    }

    int errno() {
        return errno;
    }

    List<Link> links() {
        return links;
    }

    List<Address> addresses() {
        return addresses;
    }

    private void link(ByteBuffer body) {
        byte[] name = attributes(body, 16, IFLA_IFNAME + 1).get(IFLA_IFNAME);
        if (name != null && name.length > 0) {
            links.add(
                    new Link(
                            body.getInt(4),
                            new String(name, 0, name.length - 1, StandardCharsets.UTF_8)));
        }
    }

    private void address(ByteBuffer body) {
        List<byte @Nullable []> attributes = attributes(body, 8, IFA_FLAGS + 2);
        byte[] all = attributes.get(IFA_FLAGS);
        int flags =
                all == null
                        ? Byte.toUnsignedInt(body.get(2))
                        : ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getInt();
        addresses.add(
                new Address(
                        body.getInt(4),
                        body.get(0),
                        Byte.toUnsignedInt(body.get(1)),
                        Byte.toUnsignedInt(body.get(3)),
                        flags,
                        attributes));
    }

    /** Those of the lowest types, as many as are asked for. */
    private static List<byte @Nullable []> attributes(ByteBuffer body, int from, int count) {
        var found = new ArrayList<byte @Nullable []>(count);
        for (int i = 0; i < count; i++) {
            found.add(null);
        }
        int at = from;
        while (at + 4 <= body.limit()) {
            int length = Short.toUnsignedInt(body.getShort(at));
            int type = Short.toUnsignedInt(body.getShort(at + 2)) & 0x3fff;
            if (length < 4 || length > body.limit() - at) {
                throw new IllegalStateException("netlink attribute of " + length + " bytes");
            }
            if (type < count) {
                var value = new byte[length - 4];
                body.get(at + 4, value);
                found.set(type, value);
            }
            at += length + 3 & ~3;
        }
        return found;
    }
}
