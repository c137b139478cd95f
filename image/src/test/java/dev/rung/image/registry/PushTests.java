package dev.rung.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.ContentStore;
import dev.rung.image.ImageStore;
import dev.rung.image.TestImages;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageManifest;
import dev.rung.oci.image.MediaTypes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PushTests {
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Backoff QUICK = new Backoff(4, Duration.ofMillis(2), Duration.ofMillis(9));
    private static final int BIG = 200_000;

    @TempDir private Path folder = Path.of("");
    private final TestImages made = new TestImages();
    private final TakingRegistry registry = new TakingRegistry();
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

    private static Registries registries() {
        var settings = new ConfiguredHosts.Settings(List.of(), List.of(), List.of());
        return new Registries(
                new ConfiguredHosts(settings), Map.of(), QUICK, Duration.ofMillis(500));
    }

    private void push(String name, ContentDescriptor target) throws InterruptedException {
        ContentStore content = ContentStore.open(folder.resolve("content"));
        made.fill(content);
        ImageStore images = ImageStore.open(folder.resolve("images"), content);
        images.put(ImageName.parse(name), target);
        new Pusher(registries(), content, images)
                .push(ImageName.parse(name), AMD64, false, CredentialSource.NONE, events::add);
    }

    @Test
    void shouldPushContentThenManifests() throws Exception {
        ContentDescriptor amd64 = made.image("linux/amd64", 1, BIG, 10, 0);
        ContentDescriptor index = made.index(TestImages.onPlatform(amd64, "linux/amd64"));
        TestServer server = start(registry::answer);
        push(server.host() + "/app", index);
        for (Map.Entry<Digest, byte[]> content : made.contents.entrySet()) {
            String key = "app/" + content.getKey();
            byte[] got = registry.blobs.getOrDefault(key, registry.manifests.get(key));
            if (!content.getKey().equals(index.digest())) {
                assertThat(got).as(key).isEqualTo(content.getValue());
            }
        }
        assertThat(registry.manifests.get("app/latest"))
                .isEqualTo(made.contents.get(index.digest()));
        assertThat(server.requests.getLast().target()).isEqualTo("/v2/app/manifests/latest");
        events.clear();
        push(server.host() + "/app", index);
        // the layers: of a config nobody is told
        assertThat(events.stream().filter(one -> one instanceof Progress.Exists)).hasSize(3);
    }

    @Test
    void shouldPushOnlyWhatIsHereOfAnIndex() throws Exception {
        ContentDescriptor amd64 = made.image("linux/amd64", 1, 10);
        ContentDescriptor elsewhere =
                ContentDescriptor.of(MediaTypes.OCI_MANIFEST, Digest.sha256(new byte[1]), 1);
        ContentDescriptor index =
                made.index(
                        TestImages.onPlatform(amd64, "linux/amd64"),
                        TestImages.onPlatform(elsewhere, "linux/arm64"));
        TestServer server = start(registry::answer);
        push(server.host() + "/app", index);
        assertThat(registry.manifests.get("app/latest"))
                .isEqualTo(made.contents.get(amd64.digest()));
    }

    /** As when a registry is so slow that its connection is given up before it has read all. */
    @Test
    void shouldNotSendTwiceWhatReachesTheRegistryLate() throws Exception {
        ContentDescriptor image = made.image("linux/amd64", 1, BIG);
        var late = new ConcurrentHashMap<String, byte[]>();
        var delayed = ConcurrentHashMap.<String>newKeySet();
        TestServer server =
                start((request, answer) -> {
                    if (request.method().equals("PATCH")) {
                        if (delayed.add(request.path())) {
                            late.put(request.path(), request.body());
                            throw new IOException("given up");
                        }
                        byte[] before = late.remove(request.path());
                        if (before != null) {
                            registry.received(request.path(), before);
                        }
                    }
                    registry.answer(request, answer);
                });
        push(server.host() + "/app", image);
        assertThat(registry.blobs.values())
                .containsExactlyInAnyOrderElementsOf(
                        made.contents.entrySet().stream()
                                .filter(one -> !one.getKey().equals(image.digest()))
                                .map(Map.Entry::getValue)
                                .toList());
    }

    @Test
    void shouldMountWhatAnotherRepositoryHas() throws Exception {
        ContentDescriptor image = made.image("linux/amd64", 1, BIG);
        TestServer server = start(registry::answer);
        push(server.host() + "/one", image);
        push(server.host() + "/two", image);
        assertThat(events).filteredOn(one -> one instanceof Progress.Mounted).hasSize(1);
        assertThat(server.count("PATCH /v2/two")).isZero();
        assertThat(registry.manifests).containsKey("two/latest");
    }

    @Test
    void shouldUploadWhatMayNotBeMounted() throws Exception {
        ContentDescriptor image = made.image("linux/amd64", 1, 10);
        TestServer server =
                start((request, answer) -> {
                    if (request.target().contains("mount=")) {
                        answer.send(403, new byte[0]);
                    } else {
                        registry.answer(request, answer);
                    }
                });
        push(server.host() + "/one", image);
        push(server.host() + "/two", image);
        assertThat(registry.manifests).containsKey("two/latest");
    }

    @Test
    void shouldGoOnWithAnUploadThatBroke() throws Exception {
        ContentDescriptor image = made.image("linux/amd64", 1, BIG);
        var broken = new AtomicInteger();
        TestServer server =
                start((request, answer) -> {
                    boolean big = request.body().length == BIG;
                    if (big && broken.getAndIncrement() == 0) {
                        registry.received(request.path(), Arrays.copyOf(request.body(), 50_000));
                        answer.close();
                    } else {
                        registry.answer(request, answer);
                    }
                });
        push(server.host() + "/app", image);
        assertThat(server.requests)
                .anyMatch(request -> request.header("content-range").equals("50000-199999"));
        assertThat(events).anyMatch(one -> one instanceof Progress.Retrying);
    }

    @Test
    void shouldBeginAnewWhenTheUploadIsForgotten() throws Exception {
        ContentDescriptor image = made.image("linux/amd64", 1, BIG);
        var broken = new AtomicInteger();
        TestServer server =
                start((request, answer) -> {
                    if (request.method().equals("PATCH") && broken.getAndIncrement() < 2) {
                        answer.close();
                    } else if (request.method().equals("GET")
                            && request.path().contains("uploads")) {
                        answer.send(404, new byte[0]);
                    } else {
                        registry.answer(request, answer);
                    }
                });
        push(server.host() + "/app", image);
        assertThat(registry.manifests).containsKey("app/latest");
    }

    @Test
    void shouldTellWhatTheRegistryRefuses() throws Exception {
        ContentDescriptor image = made.image("linux/amd64", 1, 10);
        TestServer denying =
                start((request, answer) -> {
                    if (request.method().equals("POST")) {
                        answer.send(
                                403,
                                "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\"}]}"
                                        .getBytes(UTF_8));
                    } else {
                        registry.answer(request, answer);
                    }
                });
        assertThatThrownBy(() -> push(denying.host() + "/app", image))
                .isInstanceOf(Failure.Denied.class)
                .hasMessageEndingWith("denied: no");
        assertThatThrownBy(() -> push("127.0.0.1:1/app@" + image.digest(), image))
                .hasMessage("cannot push a digest reference");
    }

    @Test
    void shouldLinkReferrersByTagWhereTheRegistryDoesNot() throws Exception {
        ContentDescriptor image = made.image("linux/amd64", 1, 10);
        ContentDescriptor signature =
                made.add(
                        MediaTypes.OCI_MANIFEST,
                        new ImageManifest(
                                        MediaTypes.OCI_MANIFEST,
                                        "application/signature",
                                        made.add(MediaTypes.EMPTY, "{}".getBytes(UTF_8)),
                                        List.of(),
                                        image,
                                        Map.of("signed", "yes"))
                                .json());
        TestServer server = start(registry::answer);
        push(server.host() + "/app", image);
        push(server.host() + "/app:sig", signature);
        push(server.host() + "/app:sig2", signature);
        var subject = ImageName.parse(server.host() + "/app").withDigest(image.digest());
        List<ContentDescriptor> referrers =
                registries().referrers(subject, null, CredentialSource.NONE);
        assertThat(referrers).hasSize(1);
        assertThat(referrers.getFirst().digest()).isEqualTo(signature.digest());
        assertThat(referrers.getFirst().artifactType()).isEqualTo("application/signature");
        assertThat(referrers.getFirst().annotations()).containsEntry("signed", "yes");
        assertThat(registries().referrers(subject, "other", CredentialSource.NONE)).isEmpty();
    }

    @Test
    void shouldListTagsOverPagesOfTheSameHost() throws Exception {
        TestServer server =
                start((request, answer) -> {
                    switch (request.target()) {
                        case "/v2/app/tags/list?n=1000" ->
                                answer.send(
                                        200,
                                        "{\"tags\":[\"a\",\"b\"]}".getBytes(UTF_8),
                                        "Link",
                                        "</v2/app/tags/list?last=b>; rel=\"next\"");
                        case "/v2/app/tags/list?last=b" ->
                                answer.send(
                                        200,
                                        "{\"tags\":[\"c\"]}".getBytes(UTF_8),
                                        "Link",
                                        "<http://192.0.2.1/v2/>; rel=\"next\"");
                        default -> answer.send(200, new byte[0]);
                    }
                });
        assertThat(
                        registries()
                                .tags(
                                        ImageName.parse(server.host() + "/app"),
                                        CredentialSource.NONE))
                .containsExactly("a", "b", "c");
    }
}
