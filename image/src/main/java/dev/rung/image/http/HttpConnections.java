package dev.rung.image.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one job, such as a pull: made as needed, kept for the next request, closed at
 * its end. Safe for use by many threads; follows no redirects.
 */
public final class HttpConnections implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(15);
    private static final Duration READ = Duration.ofSeconds(30);
    private static final int LONGEST_CONNECT_ANSWER = 16 * 1024;

    private final Proxies proxies;
    private final TlsContexts contexts;
    private final Duration readTimeout;
    private final Map<Route, Deque<HttpConnection>> idle = new HashMap<>(); // guarded by itself
    private boolean closed; // guarded by idle
    private final Set<String> answered = ConcurrentHashMap.newKeySet();

    /** With the proxies of this environment, and the time-outs of production. */
    public HttpConnections(Map<String, String> environment) {
        this(environment, READ);
    }

    /** A read that waits longer than this fails, as does a write. */
    public HttpConnections(Map<String, String> environment, Duration readTimeout) {
        proxies = new Proxies(environment);
        contexts = new TlsContexts(environment);
        this.readTimeout = readTimeout;
    }

    Duration readTimeout() {
        return readTimeout;
    }

    /** Whether the host and port of an address have answered anything in this job. */
    public boolean hasAnswered(URI uri) {
        return answered.contains(uri.getAuthority());
    }

    /** Sends and waits for the head of the answer, which the caller closes. */
    public HttpResponse send(HttpRequest request, Trust trust) throws IOException {
        HttpResponse answer = exchange(request, trust);
        answered.add(request.uri().getAuthority());
        return answer;
    }

    private HttpResponse exchange(HttpRequest request, Trust trust) throws IOException {
        var route = Route.to(request.uri(), proxies.of(request.uri()), trust);
        while (true) {
            HttpConnection kept = take(route);
            if (kept == null) {
                return new HttpConnection(connect(route), this, route).exchange(request);
            }
            try {
                return kept.exchange(request);
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                if (Thread.currentThread().isInterrupted() || request.body() != null) {
                    throw e; // the server may have taken some of the body
                }
                // the server had closed it meanwhile: another, at last a new one
            }
        }
    }

    private @Nullable HttpConnection take(Route route) {
        synchronized (idle) {
            Deque<HttpConnection> kept = idle.get(route);
            return kept == null ? null : kept.pollFirst();
        }
    }

    void keep(HttpConnection connection) {
        synchronized (idle) {
            if (!closed) {
                idle.computeIfAbsent(connection.route(), route -> new ArrayDeque<>())
                        .addFirst(connection);
                return;
            }
        }
        connection.close();
    }

    private Socket connect(Route route) throws IOException {
        Duration limit = route.trust().connectTimeout();
        int timeout = Math.toIntExact((limit == null ? CONNECT : limit).toMillis());
        URI proxy = route.proxy();
        Socket socket = null;
        try {
            if (proxy == null) {
                socket = open(Proxy.NO_PROXY, route.address(), route.port(), timeout);
            } else if (route.hasHttpProxy()) {
                socket = throughProxy(route, proxy, timeout);
            } else {
                var address =
                        new InetSocketAddress(
                                Route.bare(proxy.getHost()),
                                proxy.getPort() < 0 ? 1080 : proxy.getPort());
                socket =
                        open(
                                new Proxy(Proxy.Type.SOCKS, address),
                                route.address(),
                                route.port(),
                                timeout);
            }
            return route.isTls()
                    ? encrypt(socket, route.address(), route.port(), route.trust())
                    : socket;
        } catch (IOException | RuntimeException e) {
            if (socket != null) {
                socket.close();
            }
            throw e;
        }
    }

    /** Tries all addresses of the host, in the resolver's order. */
    private Socket open(Proxy proxy, String host, int port, int timeout) throws IOException {
        IOException failure = new UnknownHostException("no such host: " + host);
        for (InetAddress address : InetAddress.getAllByName(host)) {
            var socket = new Socket(proxy);
            try {
                socket.setTcpNoDelay(true);
                socket.connect(new InetSocketAddress(address, port), timeout);
                socket.setSoTimeout(Math.toIntExact(readTimeout.toMillis()));
                return socket;
            } catch (IOException e) {
                socket.close();
                failure = e;
            }
        }
        throw failure;
    }

    private Socket throughProxy(Route route, URI proxy, int timeout) throws IOException {
        String host = Route.bare(proxy.getHost());
        boolean encrypted = "https".equals(proxy.getScheme());
        int port = proxy.getPort() >= 0 ? proxy.getPort() : encrypted ? 443 : 80;
        Socket socket = open(Proxy.NO_PROXY, host, port, timeout);
        try {
            if (encrypted) {
                socket = encrypt(socket, host, port, Trust.HOST);
            }
            if (route.isTls()) {
                openTunnel(socket, route);
            }
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** CONNECT (RFC 9110, section 9.3.6). */
    private static void openTunnel(Socket socket, Route route) throws IOException {
        String target = route.host() + ":" + route.port();
        socket.getOutputStream()
                .write(
                        ("CONNECT "
                                        + target
                                        + " HTTP/1.1\r\nHost: "
                                        + target
                                        + "\r\n"
                                        + route.proxyAuthorization()
                                        + "\r\n")
                                .getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
        InputStream in = socket.getInputStream();
        var answer = new StringBuilder(256);
        while (answer.indexOf("\r\n\r\n") < 0) {
            int next = in.read(); // not a byte more: what follows belongs to the tunnel
            if (next < 0 || answer.length() == LONGEST_CONNECT_ANSWER) {
                throw new IOException("the proxy's answer is no HTTP");
            }
            answer.append((char) next);
        }
        int space = answer.indexOf(" ");
        if (!answer.substring(space + 1).startsWith("200")) {
            throw new IOException(
                    "the proxy refuses: " + answer.substring(space + 1, answer.indexOf("\r\n")));
        }
    }

    private Socket encrypt(Socket socket, String host, int port, Trust trust) throws IOException {
        var encrypted =
                (SSLSocket)
                        contexts.of(trust)
                                .getSocketFactory()
                                .createSocket(socket, host, port, true);
        var parameters = encrypted.getSSLParameters();
        if (!trust.skipVerify()) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        if (isName(host)) {
            parameters.setServerNames(List.of(new SNIHostName(host)));
        }
        encrypted.setSSLParameters(parameters);
        encrypted.startHandshake();
        return encrypted;
    }

    /** Addresses are no server names (RFC 6066, section 3). */
    private static boolean isName(String host) {
        try {
            InetAddress.ofLiteral(host);
            return false;
        } catch (IllegalArgumentException e) {
            return !host.endsWith(".");
        }
    }

    /** Closes what is kept; connections in use close when their answer is. */
    @Override
    public void close() {
        synchronized (idle) {
            closed = true;
            idle.values().forEach(kept -> kept.forEach(HttpConnection::close));
            idle.clear();
        }
    }
}
