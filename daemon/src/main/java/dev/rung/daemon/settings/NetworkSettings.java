package dev.rung.daemon.settings;

import dev.rung.domain.Failure;
import dev.rung.network.NetworkDefaults;
import dev.rung.network.NetworkSpec;
import dev.rung.network.Networks;
import dev.rung.network.Prefix;
import dev.rung.oci.json.JsonFields;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What the files say about networks, in dockerd's words. */
final class NetworkSettings {
    private static final String BINDING = "com.docker.network.bridge.host_binding_ipv4";
    private static final int MOST_MTU = 65_535;

    private final List<JsonFields> files;

    /** Those that count come first. */
    NetworkSettings(List<JsonFields> files) {
        this.files = files;
    }

    NetworkDefaults defaults() {
        return new NetworkDefaults(bridge(), pools(), options(), flag(Keys.IP_FORWARD, true))
                .withRouters(routers())
                .withProxy(flag(Keys.PROXY, true))
                .withIpv6Rules(flag(Keys.IP6TABLES, true));
    }

    private List<InetAddress> routers() {
        var routers = new ArrayList<InetAddress>();
        for (String key : List.of(Keys.ROUTER, Keys.ROUTER_V6)) {
            int length = key.equals(Keys.ROUTER) ? 4 : 16;
            InetAddress router = first(key, (fields, name) -> address(fields, name, length));
            if (router != null) {
                routers.add(router);
            }
        }
        return routers;
    }

    private static InetAddress address(JsonFields fields, String key, int length) {
        InetAddress address = address(fields, key);
        if (address.getAddress().length != length) {
            throw fields.invalid(key, "want an IPv%d address".formatted(length == 4 ? 4 : 6));
        }
        return address;
    }

    private <T> @Nullable T first(String key, BiFunction<JsonFields, String, T> reader) {
        for (JsonFields fields : files) {
            if (fields.has(key)) {
                return reader.apply(fields, key);
            }
        }
        return null;
    }

    private boolean flag(String key, boolean otherwise) {
        Boolean flag = first(key, JsonFields::flag);
        return flag == null ? otherwise : flag;
    }

    private NetworkSpec bridge() {
        NetworkSpec spec = NetworkSpec.of(Networks.DEFAULT);
        NetworkSpec.Subnet v4 = subnet(Keys.BIP, Keys.FIXED_CIDR);
        if (v4 != null) {
            spec = spec.withSubnet(v4);
        }
        if (flag(Keys.IPV6, false)) {
            Prefix v6 = first(Keys.FIXED_CIDR_V6, NetworkSettings::prefix);
            spec = spec.withIpv6();
            spec = v6 == null ? spec : spec.withSubnet(new NetworkSpec.Subnet(v6, null, null));
        }
        if (!flag(Keys.ICC, true)) {
            spec = spec.withoutTalk();
        }
        var options = new HashMap<String, String>();
        InetAddress binding = first(Keys.IP, NetworkSettings::address);
        if (binding != null && !binding.isAnyLocalAddress()) {
            options.put(BINDING, binding.getHostAddress());
        }
        Long mtu = first(Keys.MTU, (fields, key) -> fields.integer(key, 0, MOST_MTU));
        if (mtu != null && mtu > 0) {
            options.put("com.docker.network.driver.mtu", mtu.toString());
        }
        if (!flag(Keys.IP_MASQ, true)) {
            options.put("com.docker.network.bridge.enable_ip_masquerade", "false");
        }
        return spec.withOptions(options);
    }

    /** The host's address and network, and where addresses of containers are from. */
    private NetworkSpec.@Nullable Subnet subnet(String own, String range) {
        Prefix fixed = first(range, NetworkSettings::prefix);
        NetworkSpec.Subnet subnet = first(own, NetworkSettings::withGateway);
        if (subnet == null) {
            return fixed == null ? null : new NetworkSpec.Subnet(fixed, null, null);
        }
        return new NetworkSpec.Subnet(subnet.prefix(), fixed, subnet.gateway());
    }

    private static NetworkSpec.Subnet withGateway(JsonFields fields, String key) {
        String text = fields.text(key);
        Prefix prefix = prefix(fields, key);
        InetAddress gateway = Prefix.parseAddress(text.substring(0, text.indexOf('/')));
        if (!prefix.isV4() || gateway.equals(prefix.base())) {
            throw fields.invalid(key, "want an IPv4 address of a host and its network's length");
        }
        return new NetworkSpec.Subnet(prefix, null, gateway);
    }

    private static Prefix prefix(JsonFields fields, String key) {
        try {
            return Prefix.parse(fields.text(key));
        } catch (Failure.Invalid e) {
            throw fields.invalid(key, String.valueOf(e.getMessage()));
        }
    }

    private static InetAddress address(JsonFields fields, String key) {
        try {
            return Prefix.parseAddress(fields.text(key));
        } catch (Failure.Invalid e) {
            throw fields.invalid(key, String.valueOf(e.getMessage()));
        }
    }

    private List<NetworkDefaults.Pool> pools() {
        List<NetworkDefaults.Pool> pools = first(Keys.ADDRESS_POOLS, NetworkSettings::pools);
        return pools == null ? List.of() : pools;
    }

    private static List<NetworkDefaults.Pool> pools(JsonFields fields, String key) {
        var pools = new ArrayList<NetworkDefaults.Pool>();
        for (JsonFields pool : fields.objects(key)) {
            pools.add(
                    new NetworkDefaults.Pool(
                            prefix(pool, "base"), (int) pool.integer("size", 1, 128)));
        }
        return pools;
    }

    private Map<String, String> options() {
        JsonFields drivers = first(Keys.NETWORK_OPTIONS, JsonFields::object);
        return drivers == null ? Map.of() : drivers.textMap("bridge");
    }
}
