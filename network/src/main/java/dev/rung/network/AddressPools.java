package dev.rung.network;

import dev.rung.domain.Failure;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Chooses subnets for networks and addresses in them. */
final class AddressPools {
    private static final int IPV6_BITS = 64;
    private static final int SEARCHED = 1 << 20; // addresses looked at before giving up

    private AddressPools() {}

    /** The first subnet of the pools that has no address in common with what is in use. */
    static Prefix next(List<NetworkDefaults.Pool> pools, Collection<Prefix> inUse) {
        for (NetworkDefaults.Pool pool : pools) {
            int count = pool.count().min(BigInteger.valueOf(SEARCHED)).intValue();
            for (int i = 0; i < count; i++) {
                Prefix subnet = pool.at(BigInteger.valueOf(i));
                if (isFree(subnet, inUse)) {
                    return subnet;
                }
            }
        }
        throw new Failure.Unavailable(
                "all predefined address pools have been fully subnetted: give the network a subnet",
                null);
    }

    /** A unique local subnet (RFC 4193), drawn by chance. */
    static Prefix ipv6(Collection<Prefix> inUse, SecureRandom random) {
        while (true) {
            var bytes = new byte[16];
            random.nextBytes(bytes);
            bytes[0] = (byte) 0xfd;
            var prefix = new Prefix(Prefix.of(bytes), IPV6_BITS);
            if (isFree(prefix, inUse)) {
                return prefix;
            }
        }
    }

    static boolean isFree(Prefix prefix, Collection<Prefix> inUse) {
        return inUse.stream().noneMatch(prefix::overlaps);
    }

    /** The lowest address of the subnet's range that nobody has and that may be had now. */
    static InetAddress next(
            Network.Subnet subnet, Set<InetAddress> taken, Predicate<InetAddress> free) {
        Prefix range = subnet.range();
        int count = range.size().min(BigInteger.valueOf(SEARCHED)).intValue();
        for (int i = 0; i < count; i++) {
            InetAddress address = range.at(BigInteger.valueOf(i));
            if (isForHosts(subnet, address) && !taken.contains(address) && free.test(address)) {
                return address;
            }
        }
        throw new Failure.Unavailable(
                "no available IPv%d addresses in the range %s of its network"
                        .formatted(range.isV4() ? 4 : 6, range),
                null);
    }

    /** Whether a container may have it. */
    static boolean isForHosts(Network.Subnet subnet, InetAddress address) {
        Prefix prefix = subnet.prefix();
        return prefix.contains(address)
                && !address.equals(subnet.gateway())
                && !address.equals(subnet.router())
                && !prefix.isReserved(address)
                && (prefix.isV4() || !address.equals(prefix.base()));
    }
}
