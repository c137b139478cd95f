package dev.rung.tests.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;

/**
 * A registry that has one small image, and answers what a test wants in the place of parts of it.
 */
final class LyingRegistry implements AutoCloseable {
    static final String HOST = "127.0.0.1:5019";
    static final String IMAGE = HOST + "/lies:1";

    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

    private final HttpServer server;
    private final Map<String, HttpHandler> lies = new ConcurrentHashMap<>();
    private volatile int askedFrom;
    final byte[] layer;
    final byte[] config;
    final byte[] manifest;

    /** Its image has no files. */
    LyingRegistry() {
        this(new byte[1024]); // an archive of nothing
    }

    /** Its image has the files of this archive. */
    LyingRegistry(byte[] tar) {
        try {
            layer = packed(tar);
            config =
                    """
                    {"os":"linux","architecture":"%s","config":{},
                    "rootfs":{"type":"layers","diff_ids":["%s"]}}
                    """
                            .formatted(architecture(), digest(tar))
                            .getBytes(UTF_8);
            manifest =
                    """
                    {"schemaVersion":2,"mediaType":"%s",
                    "config":{"mediaType":"application/vnd.oci.image.config.v1+json",
                    "digest":"%s","size":%d},
                    "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip",
                    "digest":"%s","size":%d}]}
                    """
                            .formatted(
                                    MANIFEST,
                                    digest(config),
                                    config.length,
                                    digest(layer),
                                    layer.length)
                            .getBytes(UTF_8);
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 5019), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", this::serve);
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String architecture() {
        return System.getProperty("os.arch", "").equals("amd64") ? "amd64" : "arm64";
    }

    private static byte[] packed(byte[] plain) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    static String digest(byte[] content) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
            return "sha256:" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** From now on answers so to paths that hold this word. */
    void lie(String word, HttpHandler answer) {
        lies.put(word, answer);
    }

    /** Tells the truth again. */
    void repent() {
        lies.clear();
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            for (Map.Entry<String, HttpHandler> lie : lies.entrySet()) {
                if (path.contains(lie.getKey())) {
                    lie.getValue().handle(exchange);
                    return;
                }
            }
            if (path.equals("/v2/")) {
                send(exchange, 200, "application/json", "{}".getBytes(UTF_8));
            } else if (path.endsWith("/manifests/1") || path.endsWith(digest(manifest))) {
                send(exchange, 200, MANIFEST, manifest);
            } else if (path.endsWith(digest(config))) {
                send(exchange, 200, "application/octet-stream", config);
            } else if (path.endsWith(digest(layer))) {
                sendLayer(exchange);
            } else {
                send(exchange, 404, "application/json", "{}".getBytes(UTF_8));
            }
        }
    }

    /** From where the layer was asked for the last time, in bytes. */
    int askedFrom() {
        return askedFrom;
    }

    private void sendLayer(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range"); // bytes=FIRST-
        int first = range == null ? 0 : Integer.parseInt(range.substring(6, range.length() - 1));
        askedFrom = first;
        if (first == 0) {
            send(exchange, 200, "application/octet-stream", layer);
            return;
        }
        exchange.getResponseHeaders()
                .set(
                        "Content-Range",
                        "bytes %d-%d/%d".formatted(first, layer.length - 1, layer.length));
        byte[] rest = Arrays.copyOfRange(layer, first, layer.length);
        send(exchange, 206, "application/octet-stream", rest);
    }

    /** Gives so many bytes of the layer and then nothing, until somebody lets go. */
    HttpHandler layerUpTo(int bytes, CountDownLatch letGo) {
        return exchange -> {
            askedFrom = 0;
            exchange.sendResponseHeaders(200, layer.length);
            exchange.getResponseBody().write(layer, 0, bytes);
            exchange.getResponseBody().flush();
            try {
                letGo.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    static void send(HttpExchange exchange, int status, String type, byte[] body)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length == 0 ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    /** A manifest in the place of the true one. */
    static HttpHandler document(String text) {
        return exchange -> send(exchange, 200, MANIFEST, text.getBytes(UTF_8));
    }

    /** No more than a status. */
    static HttpHandler status(int status) {
        return exchange -> send(exchange, status, "text/html", "<h1>no</h1>".getBytes(UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
