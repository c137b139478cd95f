package dev.rung.linux;

import dev.rung.domain.Errno;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Network links by rtnetlink(7), in the network namespace that the socket speaks for. */
public final class Links {
    /** The longest name of a link, in bytes: IFNAMSIZ without the NUL. */
    public static final int LONGEST_NAME = 15;

    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int RTM_GETLINK = 18;
    private static final int RTM_SETLINK = 19;
    private static final int IFINFO_BYTES = 16; // struct ifinfomsg
    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_LINK = 5;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_PROTINFO = 12;
    private static final int IFLA_TXQLEN = 13;
    private static final int IFLA_OPERSTATE = 16;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_AF_SPEC = 26;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_PROMISCUITY = 30;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final int VETH_INFO_PEER = 1;
    private static final int IFLA_BRPORT_MODE = 4; // hairpin
    private static final int IFLA_BRPORT_ISOLATED = 33;
    private static final int IFLA_INET6_ADDR_GEN_MODE = 8;
    private static final int IN6_ADDR_GEN_MODE_NONE = 1;
    private static final int AF_INET6 = 10;
    private static final int AF_BRIDGE = 7;
    private static final int IFF_UP = 1;

    /** Takes in what is meant for others. */
    public static final int PROMISCUOUS = 0x100;

    /** Takes in all that is sent to groups. */
    public static final int ALL_GROUPS = 0x200;

    private static final int IF_OPER_UP = 6;

    private final NetlinkSocket socket;

    public Links(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * A link as it is now.
     *
     * @param index its number in its namespace
     * @param master the index of the bridge it belongs to, else 0
     * @param kind such as veth or bridge; empty for hardware and the loopback link
     * @param hardwareAddress of six bytes where it is an Ethernet link, else perhaps empty
     * @param working whether it is up, and the kernel has seen that there is something at its other
     *     end: before that it loses packets
     * @param peer the index of the other end of a veth, in the namespace where that is, else 0
     * @param flags of netdevice(7)
     * @param promiscuity how many want it to take in what is meant for others
     * @param queueLength how many packets may wait to be sent
     */
    public record Link(
            int index,
            String name,
            int master,
            int mtu,
            String kind,
            byte[] hardwareAddress,
            boolean working,
            int peer,
            int flags,
            int promiscuity,
            int queueLength) {
        /** Whether it was set up. */
        public boolean up() {
            return (flags & IFF_UP) != 0;
        }
    }

    /**
     * One end of a pair of links that is about to be made.
     *
     * @param hardwareAddress null lets the kernel choose
     */
    public record End(String name, byte @Nullable [] hardwareAddress) {}

    /**
     * Makes a bridge, which is down. EEXIST when the name is taken.
     *
     * @param mtu in bytes; 0 lets the kernel choose
     */
    public void createBridge(String name, byte[] hardwareAddress, int mtu) throws ErrnoException {
        var message = link(RTM_NEWLINK, NetlinkSocket.CREATE, 0);
        message.text(IFLA_IFNAME, name).attribute(IFLA_ADDRESS, hardwareAddress);
        mtu(message, mtu);
        message.open(IFLA_LINKINFO).text(IFLA_INFO_KIND, "bridge").close();
        socket.request("add bridge " + name, message);
    }

    /**
     * Makes a link that sends what other links received (ifb), which is up. EEXIST when the name is
     * taken; EOPNOTSUPP where the kernel has none.
     */
    public void createIntermediate(String name, int mtu) throws ErrnoException {
        var message = new NetlinkWriter().message(RTM_NEWLINK, NetlinkSocket.CREATE);
        ifinfo(message, 0, IFF_UP, IFF_UP);
        message.text(IFLA_IFNAME, name).integer(IFLA_MTU, mtu).integer(IFLA_TXQLEN, 0);
        message.open(IFLA_LINKINFO).text(IFLA_INFO_KIND, "ifb").close();
        socket.request("add link " + name, message);
    }

    /**
     * Makes a veth pair: one end here, a port of the bridge, the other born in another namespace,
     * so that it never has to move: moving waits for grace periods. Both are down. EEXIST when a
     * name is taken.
     */
    public void createPair(End here, int bridge, End there, Fd namespace, int mtu)
            throws ErrnoException {
        var message = link(RTM_NEWLINK, NetlinkSocket.CREATE, 0);
        end(message, here, mtu);
        message.integer(IFLA_MASTER, bridge);
        message.open(IFLA_LINKINFO).text(IFLA_INFO_KIND, "veth");
        message.open(IFLA_INFO_DATA).open(VETH_INFO_PEER);
        ifinfo(message, 0, 0, 0);
        end(message, there, mtu);
        message.integer(IFLA_NET_NS_FD, namespace.number());
        message.close().close().close();
        socket.request("add link " + here.name(), message);
    }

    private static void mtu(NetlinkWriter message, int mtu) {
        if (mtu > 0) {
            message.integer(IFLA_MTU, mtu);
        }
    }

    private static void end(NetlinkWriter message, End end, int mtu) {
        message.text(IFLA_IFNAME, end.name());
        mtu(message, mtu);
        if (end.hardwareAddress() != null) {
            message.attribute(IFLA_ADDRESS, end.hardwareAddress());
        }
    }

    /** Brings a link up. */
    public void setUp(String name) throws ErrnoException {
        setFlags("set up " + name, name, IFF_UP, IFF_UP);
    }

    /** Takes a link down. */
    public void setDown(String name) throws ErrnoException {
        setFlags("set down " + name, name, 0, IFF_UP);
    }

    /** Turns a flag such as {@link #PROMISCUOUS} on or off. */
    public void setFlag(String name, int flag, boolean on) throws ErrnoException {
        setFlags("set flag of " + name, name, on ? flag : 0, flag);
    }

    private void setFlags(String doing, String name, int flags, int change) throws ErrnoException {
        var message = new NetlinkWriter().message(RTM_NEWLINK, NetlinkSocket.REQUEST);
        ifinfo(message, 0, flags, change);
        socket.request(doing, message.text(IFLA_IFNAME, name));
    }

    /** Gives a link another hardware address. */
    public void setAddress(String name, byte[] hardwareAddress) throws ErrnoException {
        var message = named(name).attribute(IFLA_ADDRESS, hardwareAddress);
        socket.request("set address of " + name, message);
    }

    /** Sets how long a packet may be, in bytes. */
    public void setMtu(String name, int mtu) throws ErrnoException {
        socket.request("set mtu of " + name, named(name).integer(IFLA_MTU, mtu));
    }

    /** Sets how many packets may wait to be sent. */
    public void setQueueLength(String name, int packets) throws ErrnoException {
        var message = named(name).integer(IFLA_TXQLEN, packets);
        socket.request("set queue length of " + name, message);
    }

    private static NetlinkWriter named(String name) {
        var message = new NetlinkWriter().message(RTM_NEWLINK, NetlinkSocket.REQUEST);
        ifinfo(message, 0, 0, 0);
        return message.text(IFLA_IFNAME, name);
    }

    /**
     * How a port of a bridge behaves, and that it makes itself no IPv6 address, which a port never
     * needs.
     *
     * @param hairpin whether frames may leave through the port they came in by
     * @param isolated whether frames between this port and other isolated ones are dropped
     */
    public void configurePort(String name, boolean hairpin, boolean isolated)
            throws ErrnoException {
        withoutIpv6(name);
        if (!hairpin && !isolated) {
            return;
        }
        var port = new NetlinkWriter().message(RTM_SETLINK, NetlinkSocket.REQUEST);
        port.fixedByte(AF_BRIDGE).fixedByte(0).fixedShort(0);
        port.fixedInt(index(name)).fixedInt(0).fixedInt(0);
        port.open(IFLA_PROTINFO).oneByte(IFLA_BRPORT_MODE, hairpin ? 1 : 0);
        port.oneByte(IFLA_BRPORT_ISOLATED, isolated ? 1 : 0).close();
        socket.request("set port " + name, port);
    }

    /** EAFNOSUPPORT, where the kernel has no IPv6, is as good. */
    private void withoutIpv6(String name) throws ErrnoException {
        var message = named(name);
        message.open(IFLA_AF_SPEC).open(AF_INET6);
        message.oneByte(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE).close().close();
        try {
            socket.request("set address mode of " + name, message);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EAFNOSUPPORT && e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
        }
    }

    /** Makes a link a port of the bridge, or of none with 0. */
    public void setMaster(String name, int bridge) throws ErrnoException {
        socket.request("set master of " + name, named(name).integer(IFLA_MASTER, bridge));
    }

    /**
     * Removes a link, and with a veth its other end; waits for grace periods of the kernel. ENODEV.
     */
    public void delete(String name) throws ErrnoException {
        var message = link(RTM_DELLINK, NetlinkSocket.REQUEST, 0);
        socket.request("delete link " + name, message.text(IFLA_IFNAME, name));
    }

    /** The index of a link by name; ENODEV. */
    public int index(String name) throws ErrnoException {
        return find(name).index();
    }

    /** The link of that name; ENODEV. */
    public Link find(String name) throws ErrnoException {
        var message = link(RTM_GETLINK, NetlinkSocket.REQUEST, 0).text(IFLA_IFNAME, name);
        return link(socket.ask("get link " + name, message, IFINFO_BYTES));
    }

    /** The link with that index; ENODEV. */
    public Link find(int index) throws ErrnoException {
        var message = link(RTM_GETLINK, NetlinkSocket.REQUEST, index);
        return link(socket.ask("get link " + index, message, IFINFO_BYTES));
    }

    /** All links of the namespace. */
    public List<Link> list() throws ErrnoException {
        var links = new ArrayList<Link>();
        var message = link(RTM_GETLINK, NetlinkSocket.DUMP, 0);
        for (NetlinkMessage answer : socket.dump("list links", message, IFINFO_BYTES)) {
            links.add(link(answer));
        }
        return links;
    }

    private static Link link(NetlinkMessage message) {
        NetlinkMessage info = message.nested(IFLA_LINKINFO);
        String kind = info == null ? null : info.text(IFLA_INFO_KIND);
        String name = message.text(IFLA_IFNAME);
        byte[] address = message.get(IFLA_ADDRESS);
        byte[] state = message.get(IFLA_OPERSTATE);
        return new Link(
                message.fixedInt(4),
                name == null ? "" : name,
                message.integerOr(IFLA_MASTER, 0),
                message.integerOr(IFLA_MTU, 0),
                kind == null ? "" : kind,
                address == null ? new byte[0] : address,
                state != null && state[0] == IF_OPER_UP,
                message.integerOr(IFLA_LINK, 0),
                message.fixedInt(8),
                message.integerOr(IFLA_PROMISCUITY, 0),
                message.integerOr(IFLA_TXQLEN, 0));
    }

    private static NetlinkWriter link(int type, int flags, int index) {
        var message = new NetlinkWriter().message(type, flags);
        ifinfo(message, index, 0, 0);
        return message;
    }

    /** struct ifinfomsg. */
    private static void ifinfo(NetlinkWriter message, int index, int flags, int change) {
        message.fixedByte(0).fixedByte(0).fixedShort(0);
        message.fixedInt(index).fixedInt(flags).fixedInt(change);
    }
}
