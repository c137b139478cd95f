package dev.rung.image.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLDecoder;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The way to a server: what two requests must agree in to share a connection.
 *
 * @param proxy an http, https or socks5 address
 */
record Route(String scheme, String host, int port, @Nullable URI proxy, Trust trust) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    static Route to(URI uri, @Nullable URI proxy, Trust trust) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        String host = uri.getHost();
        if (host == null || !scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("no http address: " + uri);
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? HTTPS : HTTP;
        return new Route(scheme, host.toLowerCase(Locale.ROOT), port, proxy, trust);
    }

    boolean isTls() {
        return scheme.equals("https");
    }

    /** With the port only where it is not the scheme's own. */
    String hostHeader() {
        return port == (isTls() ? HTTPS : HTTP) ? host : host + ":" + port;
    }

    /** An address for a socket: without the brackets of IPv6. */
    String address() {
        return bare(host);
    }

    static String bare(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    boolean hasHttpProxy() {
        return proxy != null && !String.valueOf(proxy.getScheme()).startsWith("socks");
    }

    boolean proxyTakesWholeAddress() {
        return hasHttpProxy() && !isTls();
    }

    /** For requests that the proxy itself reads. */
    void writeProxyHeaders(StringBuilder head) {
        if (proxyTakesWholeAddress()) {
            head.append(proxyAuthorization());
        }
    }

    String proxyAuthorization() {
        String user = proxy == null ? null : proxy.getRawUserInfo();
        if (user == null) {
            return "";
        }
        byte[] plain = URLDecoder.decode(user.replace("+", "%2B"), UTF_8).getBytes(UTF_8);
        return "Proxy-Authorization: Basic " + Base64.getEncoder().encodeToString(plain) + "\r\n";
    }
}
