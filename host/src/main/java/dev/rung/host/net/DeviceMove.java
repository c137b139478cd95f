package dev.rung.host.net;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.host.net.RouteAnswer.Address;
import dev.rung.host.net.RouteAnswer.Link;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one device goes into a container's network namespace: in one message it moves and is named
 * anew, then its addresses are given again and it is raised. The move closes a device and takes all
 * addresses away; global and permanent ones are the host's wish, so they are kept.
 *
 * @param move for a socket of the namespace where the device is; at {@link #NAMESPACE_AT} the
 *     number of a descriptor of the other namespace is missing
 * @param settle for a socket of the other one: only what fails is answered, and the last message
 */
@SuppressWarnings("ArrayRecordComponent")
public record DeviceMove(byte[] move, byte[] settle) {
    /** Where {@link #move} has the descriptor, 4 bytes. */
    public static final int NAMESPACE_AT = 36;

    /** No {@link #move} is longer. */
    public static final int MOVE_SIZE = 80;

    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_NEW_IFINDEX = 49;

    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_BROADCAST = 4;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_RT_PRIORITY = 9;
    private static final int[] KEPT = {IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_RT_PRIORITY};

    private static final int PERMANENT = 0x80;
    private static final int GLOBAL = 0;

    /** NODAD, HOMEADDRESS, MANAGETEMPADDR, NOPREFIXROUTE, MCAUTOJOIN: what can be asked for. */
    private static final int WISHES = 0x2 | 0x10 | 0x100 | 0x200 | 0x400;

    private static final int UP = 0x1;
    private static final int LONGEST_NAME = 15;
    private static final String TEMPLATE = "%d";

    /** Asks for a device by name, and for the addresses of all. */
    public static byte[] askForDevice(String name) {
        return new RouteWriter()
                .link(RouteWriter.RTM_GETLINK, 0, 0, 0, 0)
                .attribute(IFLA_IFNAME, name)
                .address(RouteWriter.RTM_GETADDR, RouteWriter.DUMP, 0, 0, 0)
                .bytes();
    }

    /** Asks for all devices. */
    public static byte[] askForDevices() {
        return new RouteWriter().link(RouteWriter.RTM_GETLINK, RouteWriter.DUMP, 0, 0, 0).bytes();
    }

    /**
     * Decides.
     *
     * @param key of the config, for messages
     * @param name of the device outside
     * @param wanted its name inside; with "%d" in it the first free number takes that place
     * @param outside the answer to {@link #askForDevice}
     * @param inside the answer to {@link #askForDevices} in the container
     */
    public static DeviceMove of(
            String key, String name, String wanted, RouteAnswer outside, RouteAnswer inside) {
        if (outside.errno() != 0 || outside.links().isEmpty()) {
            int errno = outside.errno() == 0 ? Errno.ENODEV : outside.errno();
            throw new Failure.NotFound(
                    "link not found for interface "
                            + Printable.of(name)
                            + " on runtime namespace: "
                            + Errno.phrase(errno)
                            + where(key));
        }
        Link device = outside.links().getFirst();
        String newName = freeName(key, wanted, inside.links());
        int newIndex = freeIndex(device.index(), inside.links());
        byte[] move =
                new RouteWriter()
                        .link(RouteWriter.RTM_NEWLINK, RouteWriter.ACK, device.index(), 0, 0)
                        .attribute(IFLA_NET_NS_FD, 0)
                        .attribute(IFLA_NEW_IFINDEX, newIndex)
                        .attribute(IFLA_IFNAME, newName)
                        .bytes();
        var settle = new RouteWriter();
        for (Address address : outside.addresses()) {
            if (address.index() == device.index()
                    && address.scope() == GLOBAL
                    && (address.flags() & PERMANENT) != 0) {
                give(settle, address, newIndex);
            }
        }
        settle.link(RouteWriter.RTM_NEWLINK, RouteWriter.ACK, newIndex, UP, UP);
        return new DeviceMove(move, settle.bytes());
    }

    private static void give(RouteWriter to, Address address, int index) {
        to.address(
                RouteWriter.RTM_NEWADDR,
                RouteWriter.CREATE | RouteWriter.EXCL,
                address.family(),
                address.prefix(),
                index);
        for (int type : KEPT) {
            byte[] value = address.attributes().get(type);
            if (value != null) {
                to.attribute(type, value);
            }
        }
        to.attribute(IFA_FLAGS, address.flags() & WISHES);
    }

    private static String freeName(String key, String wanted, List<Link> taken) {
        int at = wanted.indexOf('%');
        if (at < 0) {
            if (find(taken, wanted) != null) {
                throw refused(key, wanted, Errno.phrase(Errno.EEXIST));
            }
            return wanted;
        }
        if (!wanted.startsWith(TEMPLATE, at) || wanted.indexOf('%', at + 1) >= 0) {
            throw refused(key, wanted, Errno.phrase(Errno.EINVAL));
        }
        for (int i = 0; ; i++) {
            String name = wanted.substring(0, at) + i + wanted.substring(at + TEMPLATE.length());
            if (name.length() > LONGEST_NAME) {
                throw refused(key, wanted, Errno.phrase(Errno.ENAMETOOLONG));
            } else if (find(taken, name) == null) {
                return name;
            }
        }
    }

    private static Failure refused(String key, String wanted, String why) {
        return new Failure.AlreadyExists(
                "fail to move network device to the container's network namespace as "
                        + Printable.of(wanted)
                        + ": "
                        + why
                        + where(key));
    }

    private static String where(String key) {
        return " (config.json: " + key + ")";
    }

    private static @Nullable Link find(List<Link> links, String name) {
        for (Link link : links) {
            if (link.name().equals(name)) {
                return link;
            }
        }
        return null;
    }

    /** The number that it has if that is free, else one above all. */
    private static int freeIndex(int index, List<Link> taken) {
        boolean free = true;
        int highest = 0;
        for (Link link : taken) {
            free = free && link.index() != index;
            highest = Math.max(highest, link.index());
        }
        return free ? index : highest + 1;
    }
}
