package dev.rung.image.http;

import dev.rung.domain.Failure;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY, small letters too, as Go's programs read them: NO_PROXY
 * lists names (with all below them), addresses, ranges of addresses and *, each with an optional
 * port; loopback never goes through a proxy.
 */
final class Proxies {
    private final @Nullable URI http;
    private final @Nullable URI https;
    private final String[] direct;

    Proxies(Map<String, String> environment) {
        http = proxy(environment, "HTTP_PROXY", "http_proxy");
        https = proxy(environment, "HTTPS_PROXY", "https_proxy");
        String none = first(environment, "NO_PROXY", "no_proxy");
        direct = none == null ? new String[0] : none.split(",", -1);
    }

    private static @Nullable String first(
            Map<String, String> environment, String name, String otherName) {
        String value = environment.get(name);
        if (value == null || value.isEmpty()) {
            value = environment.get(otherName);
        }
        return value == null || value.isEmpty() ? null : value;
    }

    private static @Nullable URI proxy(
            Map<String, String> environment, String name, String otherName) {
        String value = first(environment, name, otherName);
        if (value == null) {
            return null;
        }
        URI uri;
        try {
            uri = URI.create(value.contains("://") ? value : "http://" + value);
        } catch (IllegalArgumentException e) {
            throw wrong(name);
        }
        if (uri.getHost() == null) {
            throw wrong(name);
        }
        return uri;
    }

    private static Failure.Invalid wrong(String name) {
        return new Failure.Invalid(
                name + ": no address of a proxy: want such as http://proxy:3128");
    }

    /** Null: go there directly. */
    @Nullable URI of(URI target) {
        URI proxy = "https".equalsIgnoreCase(target.getScheme()) ? https : http;
        return proxy == null || isDirect(target) ? null : proxy;
    }

    private boolean isDirect(URI target) {
        String host = Route.bare(String.valueOf(target.getHost())).toLowerCase(Locale.ROOT);
        if (host.equals("localhost") || host.startsWith("127.") || host.equals("::1")) {
            return true;
        }
        int port =
                target.getPort() >= 0
                        ? target.getPort()
                        : "https".equalsIgnoreCase(target.getScheme()) ? 443 : 80;
        for (String one : direct) {
            if (matches(one.strip().toLowerCase(Locale.ROOT), host, port)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String rule, String host, int port) {
        if (rule.isEmpty()) {
            return false;
        }
        if (rule.equals("*")) {
            return true;
        }
        if (rule.indexOf('/') > 0) {
            return AddressRange.contains(rule, host);
        }
        String name = rule;
        int colon = rule.lastIndexOf(':');
        boolean sixth = rule.indexOf(':') != colon && !rule.startsWith("[");
        if (colon > 0 && !sixth && rule.indexOf(']') < colon) {
            if (!rule.substring(colon + 1).equals(String.valueOf(port))) {
                return false;
            }
            name = rule.substring(0, colon);
        }
        name = Route.bare(name);
        if (name.startsWith("*.")) {
            name = name.substring(1);
        }
        return name.startsWith(".")
                ? host.endsWith(name)
                : host.equals(name) || host.endsWith("." + name);
    }
}
