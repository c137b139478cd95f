package dev.rung.linux;

import java.util.ArrayList;
import java.util.List;

/** Addresses of links and routes by rtnetlink(7), in the socket's network namespace. */
public final class Routes {
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_GETADDR = 22;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_DELROUTE = 25;
    private static final int RTM_GETROUTE = 26;
    private static final int IFADDR_BYTES = 8; // struct ifaddrmsg
    private static final int RTMSG_BYTES = 12;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_BROADCAST = 4;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_F_NODAD = 0x02;
    private static final int IFA_F_TENTATIVE = 0x40;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_METRICS = 8;
    private static final int RTA_TABLE = 15;
    private static final int RTAX_MTU = 2;
    private static final int RTAX_ADVMSS = 8;
    private static final int CREATE_BESIDE = NetlinkSocket.REQUEST | 0x400;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_BOOT = 3;
    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_LINK = 253;
    private static final int RTN_UNICAST = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int IPV4_BYTES = 4;

    private final NetlinkSocket socket;

    public Routes(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Where packets go, or an address with the length of its network.
     *
     * @param address of 4 or 16 bytes
     * @param length of the prefix in bits
     * @param link the index of the link, 0 where a route names none
     * @param gateway of a route, empty without one
     */
    public record Entry(byte[] address, int length, int link, byte[] gateway) {}

    /**
     * A route that is about to be made.
     *
     * @param gateway empty for what is at the link itself
     * @param priority lower counts first; 0 for the kernel's choice
     * @param table its number
     * @param scope how far away it leads: 0 anywhere, 253 on the link
     * @param mtu of packets on the way, in bytes; 0 for the link's
     * @param segment the largest one to offer for TCP, in bytes; 0 for the kernel's choice
     */
    public record Route(
            byte[] network,
            int length,
            byte[] gateway,
            int priority,
            int table,
            int scope,
            int mtu,
            int segment) {
        public static final int MAIN_TABLE = RT_TABLE_MAIN;
    }

    /**
     * Gives a link an address, which can be used at once: nobody is asked whether he has it already
     * (duplicate address detection takes a second or two). EEXIST when the link has it.
     */
    public void addAddress(int link, byte[] address, int length) throws ErrnoException {
        var message = address(RTM_NEWADDR, NetlinkSocket.CREATE, link, address, length);
        socket.request("add address to link " + link, message);
    }

    /** The same after others were asked for it, until when {@link #isTentative} says so. */
    public void addAskedAddress(int link, byte[] address, int length) throws ErrnoException {
        var message = address(RTM_NEWADDR, NetlinkSocket.CREATE, link, address, length);
        socket.request("add address to link " + link, message.integer(IFA_FLAGS, 0));
    }

    /** Whether others are still being asked whether they have one of the link's addresses. */
    public boolean isTentative(int link) throws ErrnoException {
        for (NetlinkMessage answer : dumpAddresses()) {
            int flags = answer.integerOr(IFA_FLAGS, answer.fixedByte(2));
            if (answer.fixedInt(4) == link && (flags & IFA_F_TENTATIVE) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Takes an address away; EADDRNOTAVAIL when the link has it not. */
    public void deleteAddress(int link, byte[] address, int length) throws ErrnoException {
        var message = address(RTM_DELADDR, NetlinkSocket.REQUEST, link, address, length);
        socket.request("delete address of link " + link, message);
    }

    /** All addresses of all links. */
    public List<Entry> addresses() throws ErrnoException {
        var entries = new ArrayList<Entry>();
        for (NetlinkMessage answer : dumpAddresses()) {
            byte[] local = answer.get(IFA_LOCAL);
            byte[] address = local == null ? answer.get(IFA_ADDRESS) : local;
            if (address != null) {
                entries.add(
                        new Entry(address, answer.fixedByte(1), answer.fixedInt(4), new byte[0]));
            }
        }
        return entries;
    }

    private List<NetlinkMessage> dumpAddresses() throws ErrnoException {
        var message = new NetlinkWriter().message(RTM_GETADDR, NetlinkSocket.DUMP);
        message.fixedInt(0).fixedInt(0);
        return socket.dump("list addresses", message, IFADDR_BYTES);
    }

    /** Sends what has no better route to the gateway. EEXIST when there is such a route. */
    public void addDefault(int link, byte[] gateway) throws ErrnoException {
        add(link, new byte[0], 0, gateway);
    }

    /** Sends what is meant for a network to the gateway, or out of the link when that is empty. */
    public void add(int link, byte[] network, int length, byte[] gateway) throws ErrnoException {
        var message = new NetlinkWriter().message(RTM_NEWROUTE, NetlinkSocket.CREATE);
        socket.request("add route", route(message, link, network, length, gateway));
    }

    /**
     * Makes a route; where one to the same network leads through another gateway already, IPv6
     * packets take both ways. EEXIST.
     */
    public void add(int link, Route route) throws ErrnoException {
        boolean v4 = route.network().length == IPV4_BYTES;
        var message = new NetlinkWriter().message(RTM_NEWROUTE, CREATE_BESIDE);
        message.fixedByte(v4 ? AF_INET : AF_INET6).fixedByte(route.length());
        message.fixedByte(0).fixedByte(0);
        message.fixedByte(Math.min(route.table(), 0xff)).fixedByte(RTPROT_BOOT);
        message.fixedByte(route.scope()).fixedByte(RTN_UNICAST).fixedInt(0);
        if (route.length() > 0) {
            message.attribute(RTA_DST, route.network());
        }
        if (route.gateway().length > 0) {
            message.attribute(RTA_GATEWAY, route.gateway());
        }
        if (route.priority() > 0) {
            message.integer(RTA_PRIORITY, route.priority());
        }
        if (route.mtu() > 0 || route.segment() > 0) {
            message.open(RTA_METRICS);
            metric(message, RTAX_MTU, route.mtu());
            metric(message, RTAX_ADVMSS, route.segment());
            message.close();
        }
        message.integer(RTA_TABLE, route.table()).integer(RTA_OIF, link);
        socket.request("add route", message);
    }

    private static void metric(NetlinkWriter message, int metric, int value) {
        if (value > 0) {
            message.integer(metric, value);
        }
    }

    /** Takes the default route to the gateway away; ESRCH when there is none. */
    public void deleteDefault(int link, byte[] gateway) throws ErrnoException {
        var message = new NetlinkWriter().message(RTM_DELROUTE, NetlinkSocket.REQUEST);
        socket.request("delete route", route(message, link, new byte[0], 0, gateway));
    }

    private static NetlinkWriter route(
            NetlinkWriter message, int link, byte[] network, int length, byte[] gateway) {
        boolean v4 = (gateway.length == 0 ? network : gateway).length == IPV4_BYTES;
        message.fixedByte(v4 ? AF_INET : AF_INET6).fixedByte(length).fixedByte(0).fixedByte(0);
        message.fixedByte(RT_TABLE_MAIN).fixedByte(RTPROT_BOOT);
        message.fixedByte(gateway.length == 0 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
        message.fixedByte(RTN_UNICAST).fixedInt(0);
        if (length > 0) {
            message.attribute(RTA_DST, network);
        }
        if (gateway.length > 0) {
            message.attribute(RTA_GATEWAY, gateway);
        }
        return message.integer(RTA_OIF, link);
    }

    /** The networks that the main table has routes to, with 0 bits for default routes. */
    public List<Entry> list() throws ErrnoException {
        var message = new NetlinkWriter().message(RTM_GETROUTE, NetlinkSocket.DUMP);
        message.fixedInt(0).fixedInt(0).fixedInt(0);
        var entries = new ArrayList<Entry>();
        for (NetlinkMessage answer : socket.dump("list routes", message, RTMSG_BYTES)) {
            boolean v4 = answer.fixedByte(0) == AF_INET;
            if (answer.fixedByte(4) == RT_TABLE_MAIN && (v4 || answer.fixedByte(0) == AF_INET6)) {
                byte[] network = answer.get(RTA_DST);
                byte[] gateway = answer.get(RTA_GATEWAY);
                entries.add(
                        new Entry(
                                network == null ? new byte[v4 ? IPV4_BYTES : 16] : network,
                                answer.fixedByte(1),
                                answer.integerOr(RTA_OIF, 0),
                                gateway == null ? new byte[0] : gateway));
            }
        }
        return entries;
    }

    private static NetlinkWriter address(
            int type, int flags, int link, byte[] address, int length) {
        boolean v4 = address.length == IPV4_BYTES;
        var message = new NetlinkWriter().message(type, flags);
        message.fixedByte(v4 ? AF_INET : AF_INET6).fixedByte(length);
        message.fixedByte(v4 ? 0 : IFA_F_NODAD).fixedByte(RT_SCOPE_UNIVERSE).fixedInt(link);
        message.attribute(IFA_LOCAL, address).attribute(IFA_ADDRESS, address);
        if (v4 && length < 31) {
            message.attribute(IFA_BROADCAST, broadcast(address, length));
        }
        return message;
    }

    private static byte[] broadcast(byte[] address, int length) {
        byte[] last = address.clone();
        for (int bit = length; bit < Byte.SIZE * last.length; bit++) {
            last[bit / Byte.SIZE] |= (byte) (0x80 >> bit % Byte.SIZE);
        }
        return last;
    }
}
