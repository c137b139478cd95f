package dev.rung.network;

import dev.rung.domain.Failure;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a person settled for all networks of an engine.
 *
 * @param bridge what the default network is like
 * @param pools where subnets are chosen from, in this order
 * @param options of the bridge driver, for networks that give no other
 * @param forwarding whether the host is told to forward packets
 * @param routers where default routes of the default network lead, at most one address of each
 *     family; to the host without one
 * @param proxy whether this process forwards the calls to published ports that packet rules leave
 * @param ipv6Rules whether packet rules decide about IPv6 as well
 */
public record NetworkDefaults(
        NetworkSpec bridge,
        List<Pool> pools,
        Map<String, String> options,
        boolean forwarding,
        List<InetAddress> routers,
        boolean proxy,
        boolean ipv6Rules) {
    /** Docker's, when nothing is settled. */
    public static final NetworkDefaults USUAL =
            new NetworkDefaults(NetworkSpec.of(Networks.DEFAULT), List.of(), Map.of(), true);

    private static final List<Pool> USUAL_POOLS =
            List.of(
                    Pool.of("172.17.0.0/16", 16),
                    Pool.of("172.18.0.0/16", 16),
                    Pool.of("172.19.0.0/16", 16),
                    Pool.of("172.20.0.0/14", 16),
                    Pool.of("172.24.0.0/14", 16),
                    Pool.of("172.28.0.0/14", 16),
                    Pool.of("192.168.0.0/16", 20));

    public NetworkDefaults {
        pools = List.copyOf(pools);
        options = Map.copyOf(options);
        routers = List.copyOf(routers);
    }

    /** With Docker's for all else. */
    public NetworkDefaults(
            NetworkSpec bridge, List<Pool> pools, Map<String, String> options, boolean forwarding) {
        this(bridge, pools, options, forwarding, List.of(), true, true);
    }

    /** With these routers. */
    public NetworkDefaults withRouters(List<InetAddress> all) {
        return new NetworkDefaults(bridge, pools, options, forwarding, all, proxy, ipv6Rules);
    }

    /** With calls that packet rules leave forwarded or not. */
    public NetworkDefaults withProxy(boolean on) {
        return new NetworkDefaults(bridge, pools, options, forwarding, routers, on, ipv6Rules);
    }

    /** With packet rules for IPv6 or without. */
    public NetworkDefaults withIpv6Rules(boolean on) {
        return new NetworkDefaults(bridge, pools, options, forwarding, routers, proxy, on);
    }

    /**
     * Addresses that are cut into subnets.
     *
     * @param size the length of a subnet's prefix, in bits
     */
    public record Pool(Prefix base, int size) {
        public Pool {
            int bits = base.base().getAddress().length * Byte.SIZE;
            if (size < base.length() || size > bits) {
                throw new Failure.Invalid(
                        "invalid size %d of address pool %s: want %d to %d"
                                .formatted(size, base, base.length(), bits));
            }
        }

        static Pool of(String base, int size) {
            return new Pool(Prefix.parse(base), size);
        }

        /** How many subnets it has. */
        BigInteger count() {
            return BigInteger.ONE.shiftLeft(size - base.length());
        }

        Prefix at(BigInteger number) {
            int bits = base.base().getAddress().length * Byte.SIZE;
            return new Prefix(base.at(number.shiftLeft(bits - size)), size);
        }
    }

    /** The pools of a family; Docker's for IPv4 when none is settled. */
    List<Pool> pools(boolean v4) {
        var own = new ArrayList<Pool>();
        for (Pool pool : pools) {
            if (pool.base.isV4() == v4) {
                own.add(pool);
            }
        }
        return own.isEmpty() && v4 ? USUAL_POOLS : own;
    }

    /** The network that is asked for, with the options that it leaves open. */
    NetworkSpec completed(NetworkSpec spec) {
        var missing = new HashMap<>(options);
        missing.keySet().removeAll(spec.options().keySet());
        if (missing.isEmpty()) {
            return spec;
        }
        missing.putAll(spec.options());
        return spec.withOptions(missing);
    }

    /** The subnet of the default network, with the router that is settled for its family. */
    Network.Subnet routed(Network.Subnet subnet) {
        return subnet.through(router(subnet.prefix().isV4()));
    }

    private @Nullable InetAddress router(boolean v4) {
        for (InetAddress router : routers) {
            if (router.getAddress().length == 4 == v4) {
                return router;
            }
        }
        return null;
    }

    /** Whether the default network is still as it is settled. */
    boolean isMet(Network network) {
        for (Network.Subnet subnet : network.subnets()) {
            if (!Objects.equals(subnet.router(), router(subnet.prefix().isV4()))) {
                return false;
            }
        }
        for (NetworkSpec.Subnet wish : bridge.subnets()) {
            Network.Subnet subnet = network.subnet(wish.prefix().isV4());
            if (subnet == null
                    || !subnet.prefix().equals(wish.prefix())
                    || wish.gateway() != null && !subnet.gateway().equals(wish.gateway())
                    || wish.range() != null && !subnet.range().equals(wish.range())) {
                return false;
            }
        }
        return (bridge.mtu() == 0 || bridge.mtu() == network.mtu())
                && bridge.talkative() == network.talkative()
                && bridge.masquerade() == network.masquerade()
                && (!bridge.ipv6() || network.subnet(false) != null)
                && bridge.options().equals(network.options());
    }
}
