package dev.rung.linux;

import dev.rung.domain.Errno;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the kernel remembers about connections (conntrack), in the namespace of the socket. */
public final class Connections {
    private static final int SUBSYSTEM = 1 << 8;
    private static final int GET = SUBSYSTEM | 1;
    private static final int DELETE = SUBSYSTEM | 2;
    private static final int GENERIC_BYTES = 4; // struct nfgenmsg
    private static final int CTA_TUPLE_ORIG = 1;
    private static final int CTA_TUPLE_PROTO = 2;
    private static final int CTA_PROTO_NUM = 1;
    private static final int CTA_PROTO_DST_PORT = 3;
    private static final int CTA_ID = 12;
    private static final int CTA_ZONE = 18;
    private static final int UDP = 17;
    private static final int NESTED = 0x8000;

    private final NetlinkSocket socket;

    public Connections(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Forgets all UDP flows to these ports of anybody. Rules are asked once for a flow, and a peer
     * that never pauses keeps the answer alive: without this its packets would go on to where the
     * port led before.
     */
    public void forgetUdp(Set<Integer> ports) throws ErrnoException {
        var message = request(GET, NetlinkSocket.DUMP, 0);
        for (NetlinkMessage flow : socket.dump("list connections", message, GENERIC_BYTES)) {
            byte[] tuple = flow.get(CTA_TUPLE_ORIG);
            NetlinkMessage original = flow.nested(CTA_TUPLE_ORIG);
            if (tuple != null && original != null && leadsTo(original, ports)) {
                forget(flow, tuple);
            }
        }
    }

    private static boolean leadsTo(NetlinkMessage original, Set<Integer> ports) {
        NetlinkMessage protocol = original.nested(CTA_TUPLE_PROTO);
        byte[] number = protocol == null ? null : protocol.get(CTA_PROTO_NUM);
        byte[] port = protocol == null ? null : protocol.get(CTA_PROTO_DST_PORT);
        return number != null
                && port != null
                && number[0] == UDP
                && ports.contains(ByteBuffer.wrap(port).getShort() & 0xffff);
    }

    private void forget(NetlinkMessage flow, byte[] tuple) throws ErrnoException {
        var message = request(DELETE, NetlinkSocket.REQUEST, flow.fixedByte(0));
        message.attribute(CTA_TUPLE_ORIG | NESTED, tuple);
        copy(message, CTA_ZONE, flow.get(CTA_ZONE));
        copy(message, CTA_ID, flow.get(CTA_ID));
        try {
            socket.request("forget connection", message);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e; // else it was quicker by itself
            }
        }
    }

    private static void copy(NetlinkWriter message, int attribute, byte @Nullable [] value) {
        if (value != null) {
            message.attribute(attribute, value);
        }
    }

    private static NetlinkWriter request(int type, int flags, int family) {
        return new NetlinkWriter()
                .message(type, flags)
                .fixedByte(family)
                .fixedByte(0)
                .fixedShort(0);
    }
}
