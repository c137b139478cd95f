package dev.rung.network.cni;

import dev.rung.linux.Expression;
import dev.rung.network.Prefix;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** What rules of attachments ask about packets. */
final class Matches {
    private static final int REGISTER = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int V4_SOURCE = 12;
    private static final int V4_DESTINATION = 16;
    private static final int V6_SOURCE = 8;
    private static final int V6_DESTINATION = 24;
    private static final int DESTINATION_PORT = 2;
    private static final int ESTABLISHED_OR_RELATED = 6;
    private static final int CHANGED_DESTINATION = 0x20; // IPS_DST_NAT

    private Matches() {}

    static List<Expression> family(boolean v4) {
        return List.of(
                new Expression.Meta(Expression.META_NFPROTO, REGISTER),
                new Expression.Compare(
                        REGISTER, true, new byte[] {(byte) (v4 ? AF_INET : AF_INET6)}));
    }

    static List<Expression> from(Prefix prefix) {
        return in(prefix, prefix.isV4() ? V4_SOURCE : V6_SOURCE, true);
    }

    static List<Expression> to(Prefix prefix) {
        return in(prefix, prefix.isV4() ? V4_DESTINATION : V6_DESTINATION, true);
    }

    static List<Expression> notTo(Prefix prefix) {
        return in(prefix, prefix.isV4() ? V4_DESTINATION : V6_DESTINATION, false);
    }

    private static List<Expression> in(Prefix prefix, int offset, boolean inside) {
        byte[] base = prefix.base().getAddress();
        var mask = new byte[base.length];
        for (int bit = 0; bit < prefix.length(); bit++) {
            mask[bit / Byte.SIZE] |= (byte) (0x80 >> bit % Byte.SIZE);
        }
        var load = new Expression.Payload(Expression.NETWORK_HEADER, offset, base.length, REGISTER);
        var compare = new Expression.Compare(REGISTER, inside, base);
        return prefix.length() == Byte.SIZE * base.length
                ? List.of(load, compare)
                : List.of(load, new Expression.Mask(REGISTER, mask), compare);
    }

    /** A single address as a prefix. */
    static Prefix single(InetAddress address) {
        return new Prefix(address, address.getAddress().length * Byte.SIZE);
    }

    /** Of that protocol, by its number, and to that port. */
    static List<Expression> port(int protocol, int port) {
        return List.of(
                new Expression.Meta(Expression.META_L4PROTO, REGISTER),
                new Expression.Compare(REGISTER, true, new byte[] {(byte) protocol}),
                new Expression.Payload(
                        Expression.TRANSPORT_HEADER, DESTINATION_PORT, Short.BYTES, REGISTER),
                new Expression.Compare(REGISTER, true, bytes(port)));
    }

    /** Of a connection whose destination was changed. */
    static List<Expression> changed() {
        return connection(Expression.CT_STATUS, CHANGED_DESTINATION);
    }

    /** Of a connection that is known, or that belongs to one. */
    static List<Expression> known() {
        return connection(Expression.CT_STATE, ESTABLISHED_OR_RELATED);
    }

    private static List<Expression> connection(int key, int bits) {
        byte[] mask =
                ByteBuffer.allocate(Integer.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .putInt(bits)
                        .array();
        return List.of(
                new Expression.Connection(key, REGISTER),
                new Expression.Mask(REGISTER, mask),
                new Expression.Compare(REGISTER, false, new byte[Integer.BYTES]));
    }

    /** Sends it there. */
    static List<Expression> redirect(InetAddress address, int port) {
        boolean v4 = address.getAddress().length == 4;
        return List.of(
                new Expression.Load(REGISTER, address.getAddress()),
                new Expression.Load(2, bytes(port)),
                new Expression.Redirect(v4 ? AF_INET : AF_INET6, REGISTER, 2));
    }

    private static byte[] bytes(int port) {
        return ByteBuffer.allocate(Short.BYTES).putShort((short) port).array();
    }
}
