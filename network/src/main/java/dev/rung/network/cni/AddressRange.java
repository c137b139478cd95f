package dev.rung.network.cni;

import dev.rung.network.Prefix;
import dev.rung.oci.json.JsonFields;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that host-local may give away.
 *
 * @param first the lowest
 * @param last the highest, which for IPv4 is not the broadcast address unless asked for
 * @param gateway never given away
 */
record AddressRange(Prefix subnet, InetAddress first, InetAddress last, InetAddress gateway) {
    /** Reads subnet, rangeStart, rangeEnd and gateway; Invalid for what does not fit together. */
    static AddressRange read(JsonFields fields) {
        String text = fields.text("subnet");
        Prefix subnet = Prefix.parse(text);
        int bits = subnet.base().getAddress().length * Byte.SIZE;
        if (subnet.length() > bits - 2) {
            throw fields.invalid("subnet", "network %s too small to allocate from".formatted(text));
        } else if (!IpText.parse(text).equals(subnet.base())) {
            throw fields.invalid(
                    "subnet",
                    "network has host bits set: for a length of %d its address is %s"
                            .formatted(subnet.length(), IpText.of(subnet.base())));
        }
        InetAddress first = address(fields, "rangeStart", subnet);
        InetAddress last = address(fields, "rangeEnd", subnet);
        InetAddress gateway = address(fields, "gateway", null);
        BigInteger end = subnet.size().subtract(subnet.isV4() ? BigInteger.TWO : BigInteger.ONE);
        var range =
                new AddressRange(
                        subnet,
                        first == null ? subnet.at(BigInteger.ONE) : first,
                        last == null ? subnet.at(end) : last,
                        gateway == null ? subnet.at(BigInteger.ONE) : gateway);
        if (range.size().signum() <= 0) {
            throw fields.invalid("rangeEnd", "want none before rangeStart");
        }
        return range;
    }

    private static @Nullable InetAddress address(
            JsonFields fields, String name, @Nullable Prefix within) {
        String text = fields.optionalText(name);
        InetAddress address = text == null ? null : Prefix.parseAddress(text);
        if (address != null && within != null && !within.contains(address)) {
            throw fields.invalid(name, "want an address of %s, got %s".formatted(within, text));
        }
        return address;
    }

    boolean contains(InetAddress address) {
        return subnet.contains(address)
                && subnet.offset(address).compareTo(subnet.offset(first)) >= 0
                && subnet.offset(address).compareTo(subnet.offset(last)) <= 0;
    }

    boolean overlaps(AddressRange other) {
        return subnet.isV4() == other.subnet.isV4()
                && (contains(other.first)
                        || contains(other.last)
                        || other.contains(first)
                        || other.contains(last));
    }

    /** The one after it, which may lie outside. */
    InetAddress after(InetAddress address) {
        return subnet.at(subnet.offset(address).add(BigInteger.ONE));
    }

    BigInteger size() {
        return subnet.offset(last).subtract(subnet.offset(first)).add(BigInteger.ONE);
    }

    @Override
    public String toString() {
        return IpText.of(first) + "-" + IpText.of(last);
    }

    /** The range of a set that has the address, null without. */
    static @Nullable AddressRange of(List<AddressRange> set, @Nullable InetAddress address) {
        for (AddressRange range : set) {
            if (address != null && range.contains(address)) {
                return range;
            }
        }
        return null;
    }
}
