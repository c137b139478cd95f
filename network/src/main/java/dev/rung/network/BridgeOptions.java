package dev.rung.network;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.net.InetAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Options of docker's bridge driver. */
final class BridgeOptions {
    static final String TALK = "com.docker.network.bridge.enable_icc";
    static final String MASQUERADE = "com.docker.network.bridge.enable_ip_masquerade";

    private static final String NAME = "com.docker.network.bridge.name";
    private static final String BINDING = "com.docker.network.bridge.host_binding_ipv4";
    private static final String MTU = "com.docker.network.driver.mtu";
    private static final String PREFIX = "com.docker.network.container_iface_prefix";
    private static final int LONGEST_PREFIX = 12; // three digits fit behind it

    private BridgeOptions() {}

    /** Refuses values that are none. */
    static Map<String, String> checked(Map<String, String> options) {
        InetAddress binding = hostBinding(options);
        if (binding != null && binding.getAddress().length != 4) {
            throw invalid(options, BINDING, "an IPv4 address");
        }
        String prefix = linkPrefix(options);
        boolean right = !prefix.isEmpty() && prefix.length() <= LONGEST_PREFIX;
        for (int i = 0; right && i < prefix.length(); i++) {
            char c = prefix.charAt(i);
            right = c > ' ' && c < 0x7f && c != '/' && c != ':' && c != '%';
        }
        if (!right) {
            throw invalid(options, PREFIX, "1 to " + LONGEST_PREFIX + " letters and digits");
        }
        return options;
    }

    static @Nullable String bridge(Map<String, String> options, @Nullable String otherwise) {
        return options.getOrDefault(NAME, otherwise);
    }

    static int mtu(Map<String, String> options, int otherwise) {
        String text = options.get(MTU);
        try {
            int mtu = text == null ? otherwise : Integer.parseInt(text);
            if (mtu >= 0) {
                return mtu;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw invalid(options, MTU, "a number of bytes");
    }

    /** A flag as Go's ParseBool takes it. */
    static boolean flag(Map<String, String> options, String name, boolean otherwise) {
        return switch (options.get(name)) {
            case null -> otherwise;
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw invalid(options, name, "true or false");
        };
    }

    static @Nullable InetAddress hostBinding(Map<String, String> options) {
        String text = options.get(BINDING);
        InetAddress address = text == null ? null : Prefix.parseAddress(text);
        return address == null || address.isAnyLocalAddress() ? null : address;
    }

    static String linkPrefix(Map<String, String> options) {
        return options.getOrDefault(PREFIX, "eth");
    }

    private static Failure.Invalid invalid(Map<String, String> options, String name, String want) {
        return new Failure.Invalid(
                "invalid value of option %s \"%s\": want %s"
                        .formatted(name, Printable.of(options.getOrDefault(name, "")), want));
    }
}
