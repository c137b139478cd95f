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
import dev.rung.image.LayerSink;
import dev.rung.image.TestImages;
import dev.rung.image.signature.AttachedSignature;
import dev.rung.image.signature.SignaturePolicy;
import dev.rung.image.signature.Signer;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageManifest;
import dev.rung.oci.image.MediaTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pulls that a policy of signatures judges. */
@Timeout(60)
class SignedPullTests {
    private static final Platform AMD64 = Platform.parse("linux/amd64");

    @TempDir private Path folder = Path.of("");
    private final ServedImages served = new ServedImages();
    private final TestServer server = new TestServer(served::answer);
    private final String name = server.host() + "/app";

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void pull() throws InterruptedException {
        var settings = new ConfiguredHosts.Settings(List.of(), List.of(), List.of());
        var quick = new Backoff(2, Duration.ofMillis(2), Duration.ofMillis(20));
        var registries =
                new Registries(
                        new ConfiguredHosts(settings), Map.of(), quick, Duration.ofSeconds(5));
        ContentStore content = ContentStore.open(folder.resolve("content"));
        new Puller(
                        registries,
                        content,
                        ImageStore.open(folder.resolve("images"), content),
                        () -> SignaturePolicy.read(folder.resolve("policy.json")))
                .pull(ImageName.parse(name), AMD64, CredentialSource.NONE, LayerSink.NONE, _ -> {});
    }

    private void policy(String requirement) throws IOException {
        Files.writeString(
                folder.resolve("policy.json"),
                """
                {"default": [{"type": "reject"}], "transports": {"docker": {"%s": [%s]}}}
                """
                        .formatted(server.host(), requirement));
    }

    private void wantSignatureOf(Signer signer) throws IOException {
        policy("{\"type\": \"sigstoreSigned\", \"keyData\": \"" + signer.keyData() + "\"}");
    }

    private void attach(Digest subject, AttachedSignature signature) {
        TestImages images = served.images;
        ContentDescriptor payload = images.add(AttachedSignature.MEDIA_TYPE, signature.payload());
        var layer =
                new ContentDescriptor(
                        payload.mediaType(),
                        payload.digest(),
                        payload.size(),
                        List.of(),
                        Map.of(AttachedSignature.ANNOTATION, signature.signature()),
                        null,
                        null);
        var manifest =
                new ImageManifest(
                        MediaTypes.OCI_MANIFEST,
                        null,
                        images.add(MediaTypes.OCI_CONFIG, "{}".getBytes(UTF_8)),
                        List.of(layer),
                        null,
                        Map.of());
        served.serve(
                "app",
                "sha256-" + subject.hex() + ".sig",
                images.add(MediaTypes.OCI_MANIFEST, manifest.json()));
    }

    private List<String> asked() {
        return server.requests.stream().map(TestServer.Request::toString).toList();
    }

    @Test
    void shouldAskNoRegistryForWhatIsRejected() throws Exception {
        policy("{\"type\": \"reject\"}");
        assertThatThrownBy(this::pull)
                .isInstanceOf(Failure.Denied.class)
                .hasMessageStartingWith(
                        "Source image rejected: Running image docker://%s:latest is rejected by"
                                .formatted(name));
        Files.writeString(folder.resolve("policy.json"), "{");
        assertThatThrownBy(this::pull)
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(folder.resolve("policy.json").toString());
        assertThat(asked()).isEmpty();
    }

    @Test
    void shouldFetchLayersOnlyOfWhatIsSigned() throws Exception {
        ContentDescriptor image = served.images.image("linux/amd64", 1, 10, 20);
        served.serve("app", "latest", image);
        var signer = new Signer("EC");
        wantSignatureOf(signer);
        assertThatThrownBy(this::pull)
                .isInstanceOf(Failure.Denied.class)
                .hasMessageContaining("A signature was required, but no signature exists");
        attach(
                image.digest(),
                new Signer("EC").sign(Signer.claim(image.digest(), name + ":latest")));
        assertThatThrownBy(this::pull)
                .isInstanceOf(Failure.Denied.class)
                .hasMessageContaining("cryptographic signature verification failed");
        assertThat(asked()).filteredOn(one -> one.contains("/blobs/")).hasSize(1); // the payload
        attach(image.digest(), signer.sign(Signer.claim(image.digest(), name + ":latest")));
        pull();
        assertThat(asked()).filteredOn(one -> one.contains("/blobs/")).hasSize(1 + 4);
    }

    @Test
    void shouldWantTheManifestOfThePlatformSigned() throws Exception {
        ContentDescriptor image = served.images.image("linux/amd64", 1, 10);
        ContentDescriptor index = served.images.index(TestImages.onPlatform(image, "linux/amd64"));
        served.serve("app", "unused", image);
        served.serve("app", "latest", index);
        var signer = new Signer("EC");
        wantSignatureOf(signer);
        attach(index.digest(), signer.sign(Signer.claim(index.digest(), name + ":latest")));
        assertThatThrownBy(this::pull).hasMessageContaining("no signature exists");
        attach(image.digest(), signer.sign(Signer.claim(image.digest(), name + ":latest")));
        pull();
    }
}
