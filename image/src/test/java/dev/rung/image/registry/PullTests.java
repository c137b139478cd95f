package dev.rung.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.ContentStore;
import dev.rung.image.Image;
import dev.rung.image.ImageStore;
import dev.rung.image.LayerSink;
import dev.rung.image.TestImages;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageDocument;
import dev.rung.oci.image.ImageManifest;
import dev.rung.oci.image.MediaTypes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PullTests {
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Backoff QUICK =
            new Backoff(4, Duration.ofMillis(2), Duration.ofSeconds(2));
    private static final int BIG = 300_000;

    @TempDir private Path folder = Path.of("");
    private final ServedImages served = new ServedImages();
    private final List<Progress> events = new CopyOnWriteArrayList<>();
    private final List<TestServer> servers = new CopyOnWriteArrayList<>();

    private TestServer start(TestServer.Handler handler) {
        var server = new TestServer(handler);
        servers.add(server);
        return server;
    }

    @AfterEach
    void stop() throws IOException {
        for (TestServer server : servers) {
            server.close();
        }
    }

    private ContentStore content() {
        return ContentStore.open(folder.resolve("content"));
    }

    private ImageStore images() {
        return ImageStore.open(folder.resolve("images"), content());
    }

    private static Registries registries(Map<String, String> environment) {
        return registries(environment, QUICK);
    }

    private static Registries registries(Map<String, String> environment, Backoff backoff) {
        var settings = new ConfiguredHosts.Settings(List.of(), List.of(), List.of());
        return new Registries(
                new ConfiguredHosts(settings), environment, backoff, Duration.ofMillis(300));
    }

    private Puller.Pulled pull(String name, LayerSink sink) throws InterruptedException {
        return new Puller(registries(Map.of()), content(), images())
                .pull(ImageName.parse(name), AMD64, CredentialSource.NONE, sink, events::add);
    }

    private Image pulled(String name) throws InterruptedException {
        pull(name, LayerSink.NONE);
        return images().resolve(name, AMD64);
    }

    private ContentDescriptor image(int... layers) {
        ContentDescriptor image = served.images.image("linux/amd64", layers.length, layers);
        served.serve("app", "latest", image);
        return image;
    }

    private ContentDescriptor layer(ContentDescriptor image, int index) {
        var manifest =
                (ImageManifest)
                        ImageDocument.read("m", image.mediaType(), served.bytes(image.digest()));
        return manifest.layers().get(index);
    }

    @Test
    void shouldPullAnImageWithItsLayers() throws Exception {
        ContentDescriptor image = image(1000, BIG, 0, 10);
        TestServer server = start(served::answer);
        String name = server.host() + "/app";
        Image pulled = pulled(name);
        assertThat(pulled.descriptor().digest()).isEqualTo(image.digest());
        for (ContentDescriptor layer : pulled.manifest().layers()) {
            assertThat(content().read(layer.digest(), BIG)).isEqualTo(served.bytes(layer.digest()));
        }
        server.requests.clear();
        assertThat(pull(name, LayerSink.NONE).changed()).isFalse();
        assertThat(server.requests)
                .map(TestServer.Request::toString)
                .containsExactly("GET /v2/", "GET /v2/app/manifests/latest");
        assertThat(events).contains(new Progress.Exists(layer(image, 1).digest()));
    }

    @Test
    void shouldChooseThePlatform() throws Exception {
        ContentDescriptor amd64 = served.images.image("linux/amd64", 1, 10);
        ContentDescriptor arm64 = served.images.image("linux/arm64", 2, 10);
        served.serve("app", "unused", amd64);
        served.serve("app", "unused", arm64);
        served.serve(
                "app",
                "latest",
                served.images.index(
                        TestImages.onPlatform(arm64, "linux/arm64"),
                        TestImages.onPlatform(amd64, "linux/amd64")));
        served.serve(
                "other",
                "latest",
                served.images.index(TestImages.onPlatform(arm64, "linux/arm64")));
        TestServer server = start(served::answer);
        assertThat(pulled(server.host() + "/app").descriptor().digest()).isEqualTo(amd64.digest());
        assertThatThrownBy(() -> pulled(server.host() + "/other"))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("no matching manifest for linux/amd64");
    }

    @Test
    void shouldHandLayersOnWhileTheyCome() throws Exception {
        image(1000, BIG, 10);
        TestServer server = start(served::answer);
        var taken = new ConcurrentHashMap<Digest, byte[]>();
        Sink sink = (layer, bytes) -> taken.put(layer.descriptor().digest(), bytes);
        pull(server.host() + "/app", sink);
        Image image = images().resolve(server.host() + "/app", AMD64);
        assertThat(image.layers()).hasSize(3);
        for (LayerSink.Layer layer : image.layers()) {
            assertThat(taken.get(layer.descriptor().digest()))
                    .isEqualTo(served.bytes(layer.descriptor().digest()));
        }
        taken.clear();
        pull(server.host() + "/app", sink); // those that are here already too
        assertThat(taken).hasSize(3);
    }

    /** A sink that reads all. */
    private interface Sink extends LayerSink {
        void took(Layer layer, byte[] bytes) throws IOException;

        @Override
        default boolean wants(Layer layer) {
            return true;
        }

        @Override
        default void take(Layer layer, ReadableByteChannel packed) throws IOException {
            var all = ByteBuffer.allocate(2 * BIG);
            while (packed.read(all) >= 0) {
                // goes on
            }
            took(layer, Arrays.copyOf(all.array(), all.position()));
        }
    }

    @Test
    void shouldTellWhyALayerCouldNotBeUnpacked() {
        image(BIG, BIG + 1);
        TestServer server = start(served::answer);
        Sink sink =
                (layer, bytes) -> {
                    throw new Failure.Invalid("a tar of lies");
                };
        assertThatThrownBy(() -> pull(server.host() + "/app", sink))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("a tar of lies");
        assertThat(images().list()).isEmpty();
    }

    @Test
    void shouldGoOnWhereAConnectionBroke() throws Exception {
        ContentDescriptor layer = layer(image(BIG), 0);
        var cuts = new AtomicInteger();
        TestServer server =
                start((request, answer) -> {
                    if (request.path().endsWith(layer.digest().toString())
                            && cuts.getAndIncrement() == 0) {
                        answer.head(200, BIG);
                        answer.raw(Arrays.copyOf(served.bytes(layer.digest()), 100_000));
                        answer.close();
                    } else {
                        served.answer(request, answer);
                    }
                });
        pulled(server.host() + "/app");
        assertThat(server.requests)
                .anyMatch(request -> request.header("range").equals("bytes=100000-"));
        assertThat(events).anyMatch(event -> event instanceof Progress.Retrying);
    }

    @Test
    void shouldWaitForARegistryThatWasThere() throws Exception {
        ContentDescriptor image = image(BIG);
        var first = new CompletableFuture<TestServer>();
        first.complete(
                start((request, answer) -> {
                    if (request.path().contains("/manifests/")) {
                        first.join().stopListening();
                        answer.close(); // nothing of the image was begun
                    }
                    served.answer(request, answer);
                }));
        String name = first.join().host() + "/app";
        int port = first.join().port();
        Consumer<Progress> startAgain =
                event -> {
                    if (event instanceof Progress.Retrying) {
                        servers.add(new TestServer(port, served::answer));
                    }
                };
        var patient = new Backoff(10, Duration.ofMillis(20), Duration.ofSeconds(2));
        new Puller(registries(Map.of(), patient), content(), images())
                .pull(
                        ImageName.parse(name),
                        AMD64,
                        CredentialSource.NONE,
                        LayerSink.NONE,
                        startAgain);
        assertThat(images().resolve(name, AMD64).descriptor().digest()).isEqualTo(image.digest());
    }

    @Test
    void shouldMakeAConnectionThatStallsAnew() throws Exception {
        ContentDescriptor layer = layer(image(BIG), 0);
        var stalls = new AtomicInteger();
        TestServer server =
                start((request, answer) -> {
                    if (request.path().endsWith(layer.digest().toString())
                            && stalls.getAndIncrement() == 0) {
                        answer.head(200, BIG);
                        answer.raw(Arrays.copyOf(served.bytes(layer.digest()), 100_000));
                        Thread.sleep(10_000);
                    } else {
                        served.answer(request, answer);
                    }
                });
        pulled(server.host() + "/app");
        assertThat(events)
                .anyMatch(event ->
                        event instanceof Progress.Retrying retrying
                                && retrying.why().equals("no answer in time"));
    }

    @Test
    void shouldGiveUpOnARegistryThatStallsForGood() throws Exception {
        ContentDescriptor layer = layer(image(BIG), 0);
        byte[] start = Arrays.copyOf(served.bytes(layer.digest()), 10);
        TestServer server =
                spoil(
                        layer,
                        (request, answer) -> {
                            answer.head(200, BIG);
                            answer.raw(start);
                            Thread.sleep(10_000);
                        });
        assertThat(failure(server))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessage("registry \"" + server.host() + "\": no answer in time");
    }

    @Test
    void shouldGoOnWhereAnEarlierPullWasKilled() throws Exception {
        ContentDescriptor layer = layer(image(BIG), 0);
        try (var ingest = content().begin(layer)) {
            assertThat(ingest).isNotNull();
            if (ingest != null) {
                ingest.write(served.bytes(layer.digest()), 0, 123_456);
            }
        }
        TestServer server = start(served::answer);
        pulled(server.host() + "/app");
        assertThat(server.requests)
                .anyMatch(request -> request.header("range").equals("bytes=123456-"));
    }

    @Test
    void shouldBeginAnewWhenWhatLayHereWasDamaged() throws Exception {
        ContentDescriptor layer = layer(image(BIG), 0);
        try (var ingest = content().begin(layer)) {
            if (ingest != null) {
                ingest.write(new byte[5000], 0, 5000);
            }
        }
        TestServer server = start(served::answer);
        var taken = new CopyOnWriteArrayList<byte[]>();
        Sink sink = (one, bytes) -> taken.add(bytes);
        pull(server.host() + "/app", sink);
        assertThat(taken).containsExactly(served.bytes(layer.digest()));
    }

    @Test
    void shouldCopeWithAServerThatKnowsNoRanges() throws Exception {
        ContentDescriptor layer = layer(image(BIG), 0);
        var cuts = new AtomicInteger();
        TestServer server =
                start((request, answer) -> {
                    if (!request.path().endsWith(layer.digest().toString())) {
                        served.answer(request, answer);
                    } else if (cuts.getAndIncrement() == 0) {
                        answer.head(200, BIG);
                        answer.raw(Arrays.copyOf(served.bytes(layer.digest()), 100_000));
                        answer.close();
                    } else {
                        answer.send(200, served.bytes(layer.digest()));
                    }
                });
        pulled(server.host() + "/app");
        assertThat(cuts).hasValue(2);
    }

    private Failure failure(TestServer server) throws InterruptedException {
        try {
            pulled(server.host() + "/app");
        } catch (Failure e) {
            assertThat(images().list()).isEmpty();
            return e;
        }
        throw new AssertionError("nothing failed");
    }

    private TestServer spoil(ContentDescriptor spoilt, TestServer.Handler handler) {
        return start((request, answer) -> {
            if (request.path().endsWith(spoilt.digest().toString())) {
                handler.answer(request, answer);
            } else {
                served.answer(request, answer);
            }
        });
    }

    @Test
    void shouldRefuseLiesAboutDigests() throws Exception {
        ContentDescriptor layer = layer(image(BIG), 0);
        assertThat(failure(spoil(layer, (request, answer) -> answer.send(200, new byte[BIG]))))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("wrong digest, got sha256:");
        assertThat(content().contains(layer.digest())).isFalse();
        ContentDescriptor manifest = image(10);
        TestServer server =
                start((request, answer) ->
                        answer.send(
                                200,
                                served.bytes(manifest.digest()),
                                "Content-Type",
                                manifest.mediaType(),
                                "Docker-Content-Digest",
                                Digest.sha256(new byte[1]).toString()));
        assertThat(failure(server))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("want digest");
    }

    @Test
    void shouldRefuseLiesAboutSizes() throws Exception {
        ContentDescriptor layer = layer(image(BIG), 0);
        assertThat(failure(spoil(layer, (request, answer) -> answer.send(200, new byte[BIG + 1]))))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("got an answer of 300001 bytes");
        TestServer endless =
                spoil(
                        layer,
                        (request, answer) -> {
                            answer.raw("HTTP/1.1 200 x\r\nConnection: close\r\n\r\n");
                            while (true) {
                                answer.raw(new byte[100_000]);
                            }
                        });
        assertThat(failure(endless))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("got more");
        TestServer ranges =
                spoil(
                        layer,
                        (request, answer) ->
                                answer.send(
                                        206,
                                        new byte[BIG],
                                        "Content-Range",
                                        "bytes 0-299999/999999999"));
        assertThat(failure(ranges))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("got content of 999999999");
    }

    @Test
    void shouldReadChunkedAnswers() throws Exception {
        ContentDescriptor layer = layer(image(10), 0);
        byte[] bytes = served.bytes(layer.digest());
        pulled(
                spoil(
                                        layer,
                                        (request, answer) -> {
                                            answer.raw(
                                                    "HTTP/1.1 200 x\r\nTransfer-Encoding:"
                                                            + " chunked\r\n\r\n4;a=b\r\n");
                                            answer.raw(Arrays.copyOf(bytes, 4));
                                            answer.raw("\r\n6\r\n");
                                            answer.raw(Arrays.copyOfRange(bytes, 4, 10));
                                            answer.raw("\r\n0\r\nTrailer: x\r\n\r\n");
                                        })
                                .host()
                        + "/app");
    }

    @Test
    void shouldGiveUpOnGarbage() throws Exception {
        ContentDescriptor layer = layer(image(10), 0);
        for (String garbage :
                List.of(
                        "garbage\r\n\r\n",
                        "HTTP/1.1 abc x\r\n\r\n",
                        "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                        "HTTP/1.1 200 x\r\nContent-Length: -5\r\n\r\n",
                        "HTTP/1.1 200 x\r\nTransfer-Encoding: gzip\r\n\r\n",
                        "HTTP/1.1 200 x\r\n" + "A: b\r\n".repeat(10_000) + "\r\n",
                        "HTTP/1.1 200 " + "x".repeat(100_000),
                        "HTTP/1.1 100 x\r\n\r\n".repeat(100),
                        "")) {
            TestServer server =
                    spoil(
                            layer,
                            (request, answer) -> {
                                answer.raw(garbage);
                                answer.close();
                            });
            assertThat(failure(server)).as(garbage).isInstanceOf(Failure.Unavailable.class);
        }
    }

    @Test
    void shouldTryAgainAfterPassingTrouble() throws Exception {
        ContentDescriptor layer = layer(image(10), 0);
        var asked = new AtomicInteger();
        TestServer server =
                start((request, answer) -> {
                    if (asked.getAndIncrement() % 2 == 0) {
                        answer.send(503, new byte[0]);
                    } else {
                        served.answer(request, answer);
                    }
                });
        pulled(server.host() + "/app");
        assertThat(content().contains(layer.digest())).isTrue();
    }

    @Test
    void shouldSayWhatTheRegistrySaid() throws Exception {
        image(10);
        String limited = "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"your limit\"}]}";
        assertThat(
                        failure(
                                start((request, answer) ->
                                        answer.send(
                                                429,
                                                limited.getBytes(UTF_8),
                                                "Retry-After",
                                                "3600"))))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageStartingWith("toomanyrequests: ")
                .hasMessageContaining("your limit")
                .hasMessageEndingWith("try again in 3600 s");
        assertThat(failure(start((request, answer) -> answer.send(500, new byte[0]))))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("answered 500");
        TestServer server = start(served::answer);
        assertThatThrownBy(() -> pulled(server.host() + "/none:3"))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageEndingWith("/none:3 not found: manifest unknown: manifest unknown");
        String gone = server.host();
        server.close();
        assertThatThrownBy(() -> pulled(gone + "/app"))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("connection refused");
        assertThatThrownBy(() -> pulled("no-such-host.invalid/app"))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessage("registry \"no-such-host.invalid\": no such host");
    }

    @Test
    void shouldRefuseAmbiguousAndForeignDocuments() throws Exception {
        var both =
                served.images.add(
                        MediaTypes.OCI_MANIFEST,
                        "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}".getBytes(UTF_8));
        served.serve("app", "latest", both);
        assertThat(failure(start(served::answer)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("want no such field in a manifest");
        assertThat(failure(start((request, answer) -> answer.send(200, "<html>".getBytes(UTF_8)))))
                .isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void shouldFollowRedirectsWithoutCredentialsAndNotForEver() throws Exception {
        ContentDescriptor layer = layer(image(10), 0);
        TestServer other = start(served::answer);
        TestServer server =
                spoil(
                        layer,
                        (request, answer) ->
                                answer.send(
                                        307,
                                        new byte[0],
                                        "Location",
                                        "http://" + other.host() + request.path()));
        pulled(server.host() + "/app");
        assertThat(other.requests).hasSize(1);
        folder = folder.resolve("again");
        TestServer loop =
                spoil(
                        layer,
                        (request, answer) ->
                                answer.send(302, new byte[0], "Location", request.path()));
        assertThat(failure(loop)).hasMessageContaining("more than 10 redirects");
        TestServer nowhere =
                spoil(
                        layer,
                        (request, answer) ->
                                answer.send(302, new byte[0], "Location", "file:///etc/passwd"));
        assertThat(failure(nowhere)).hasMessageContaining("sends us to no http address");
    }

    @Test
    void shouldStopWhenInterrupted() throws Exception {
        ContentDescriptor layer = layer(image(BIG), 0);
        TestServer server =
                spoil(
                        layer,
                        (request, answer) -> {
                            answer.head(200, BIG);
                            for (int i = 0; i < BIG; i += 1000) {
                                answer.raw(
                                        Arrays.copyOfRange(
                                                served.bytes(layer.digest()), i, i + 1000));
                                Thread.sleep(20);
                            }
                        });
        Thread thread =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                pulled(server.host() + "/app");
                                events.clear();
                            } catch (InterruptedException e) {
                                events.add(new Progress.Exists(layer.digest()));
                            }
                        });
        Path partial = folder.resolve("content/ingest/sha256-" + layer.digest().hex());
        while (!Files.exists(partial) || Files.size(partial) == 0) {
            Thread.sleep(5);
        }
        thread.interrupt();
        assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        assertThat(events).contains(new Progress.Exists(layer.digest()));
        try (var ingest = content().begin(layer)) {
            assertThat(ingest).isNotNull();
            assertThat(ingest == null ? 0 : ingest.offset()).isPositive();
        }
    }

    @Test
    void shouldUseAProxy() throws Exception {
        image(10);
        TestServer proxy =
                start((request, answer) -> {
                    assertThat(request.target()).startsWith("http://registry.test:80/v2/");
                    served.answer(
                            new TestServer.Request(
                                    request.method(),
                                    request.target().substring(23),
                                    request.headers(),
                                    request.body()),
                            answer);
                });
        var settings =
                new ConfiguredHosts.Settings(List.of(), List.of("registry.test:80"), List.of());
        var registries =
                new Registries(
                        new ConfiguredHosts(settings),
                        Map.of("http_proxy", "http://me:secret@" + proxy.host()),
                        QUICK,
                        Duration.ofMillis(300));
        new Puller(registries, content(), images())
                .pull(
                        ImageName.parse("registry.test:80/app"),
                        AMD64,
                        CredentialSource.NONE,
                        LayerSink.NONE,
                        events::add);
        assertThat(proxy.requests)
                .allMatch(request ->
                        request.header("proxy-authorization").equals("Basic bWU6c2VjcmV0"));
    }
}
