package dev.rung.tests.images;

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
import dev.rung.image.registry.Backoff;
import dev.rung.image.registry.ConfiguredHosts;
import dev.rung.image.registry.CredentialSource;
import dev.rung.image.registry.Progress;
import dev.rung.image.registry.Puller;
import dev.rung.image.registry.Pusher;
import dev.rung.image.registry.Registries;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pull and push against the registry that most people run, with skopeo as the other party. */
@SystemTest
@NeedsProgram({"docker-registry", "skopeo", "umoci", "openssl"})
class DockerRegistryTests {
    private static final Platform PLATFORM = Platform.host();
    private static final int LAYERS = 3;
    private static final int LAYER_BYTES = 20_000_000;

    @TempDir private Path folder = Path.of("");
    private Registry registry = new Registry(folder);
    private final List<Progress> events = new CopyOnWriteArrayList<>();

    @BeforeEach
    void makeRegistry() {
        registry = new Registry(folder);
    }

    @AfterEach
    void endRegistry() {
        registry.close();
    }

    private Registries registries() {
        var settings =
                new ConfiguredHosts.Settings(
                        List.of(), List.of(), List.of(folder.resolve("certs.d")));
        var patient = new Backoff(12, Duration.ofMillis(200), Duration.ofSeconds(2));
        return new Registries(
                new ConfiguredHosts(settings), Map.of(), patient, Duration.ofSeconds(10));
    }

    private ContentStore content() {
        return ContentStore.open(folder.resolve("content"));
    }

    private ImageStore images() {
        return ImageStore.open(folder.resolve("images"), content());
    }

    private Image pull(String name, Consumer<Progress> progress) throws InterruptedException {
        new Puller(registries(), content(), images())
                .pull(
                        ImageName.parse(name),
                        PLATFORM,
                        CredentialSource.NONE,
                        LayerSink.NONE,
                        progress);
        return images().resolve(name, PLATFORM);
    }

    /** Makes an image of layers that hardly shrink, and lets skopeo push it. */
    private void fill(String name) throws Exception {
        Path layout = folder.resolve("layout");
        String image = layout + ":1";
        Command.of("umoci", "init", "--layout", layout.toString()).succeed();
        Command.of("umoci", "new", "--image", image).succeed();
        var random = new Random(7);
        for (int i = 0; i < LAYERS; i++) {
            var bytes = new byte[LAYER_BYTES];
            random.nextBytes(bytes);
            Path file = Files.write(folder.resolve("file" + i), bytes);
            Command.of("umoci", "insert", "--image", image, file.toString(), "/file" + i)
                    .within(Duration.ofSeconds(60))
                    .succeed();
        }
        Command.of("skopeo", "copy", "--dest-tls-verify=false", "oci:" + image, "docker://" + name)
                .within(Duration.ofSeconds(60))
                .succeed();
    }

    private String inspected(String name) {
        return Command.of(
                        "skopeo",
                        "inspect",
                        "--tls-verify=false",
                        "--format={{.Digest}} {{.Layers}}",
                        "docker://" + name)
                .succeed()
                .output()
                .strip();
    }

    private static String described(Digest manifest, Image image) {
        return manifest
                + " "
                + image.manifest().layers().stream()
                        .map(ContentDescriptor::digest)
                        .toList()
                        .toString()
                        .replace(",", "");
    }

    @Test
    void shouldPullWhatSkopeoPushedAndPushWhatSkopeoReads() throws Exception {
        registry.start("");
        String first = registry.host() + "/one/app:1";
        fill(first);
        Image image = pull(first, events::add);
        assertThat(described(image.target().digest(), image)).isEqualTo(inspected(first));

        String second = registry.host() + "/two/app:2";
        images().tag(ImageName.parse(second), image.target().digest());
        var pusher = new Pusher(registries(), content(), images());
        events.clear();
        pusher.push(ImageName.parse(second), PLATFORM, false, CredentialSource.NONE, events::add);
        assertThat(inspected(second)).isEqualTo(inspected(first));
        assertThat(events).filteredOn(event -> event instanceof Progress.Mounted).hasSize(3);
        assertThat(registries().tags(ImageName.parse(second), CredentialSource.NONE))
                .containsExactly("2");

        Files.move(folder.resolve("data"), folder.resolve("old"));
        events.clear();
        pusher.push(ImageName.parse(second), PLATFORM, false, CredentialSource.NONE, events::add);
        assertThat(events).filteredOn(event -> event instanceof Progress.Complete).hasSize(3);
        assertThat(described(image.target().digest(), image)).isEqualTo(inspected(second));

        assertThatThrownBy(() -> pull(registry.host() + "/two/app:none", events::add))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("manifest unknown");
    }

    @Test
    void shouldGoOnAfterTheRegistryWasKilled() throws Exception {
        registry.start("");
        String name = registry.host() + "/app:1";
        fill(name);
        var killed = new AtomicBoolean();
        Image image =
                pull(
                        name,
                        event -> {
                            events.add(event);
                            boolean midway =
                                    event instanceof Progress.Moved moved
                                            && moved.bytes() > LAYER_BYTES / 4
                                            && moved.bytes() < LAYER_BYTES;
                            if (midway && killed.compareAndSet(false, true)) {
                                registry.kill();
                                registry.start("");
                            }
                        });
        assertThat(killed).isTrue();
        assertThat(described(image.target().digest(), image)).isEqualTo(inspected(name));
    }

    @Test
    void shouldTrustAnAuthorityOfDockersFolder() throws Exception {
        Path key = folder.resolve("server.key");
        Path certificate = folder.resolve("server.crt");
        Command.of(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=registry",
                        "-addext",
                        "subjectAltName=IP:127.0.0.1",
                        "-keyout",
                        key.toString(),
                        "-out",
                        certificate.toString())
                .succeed();
        registry.start("  tls:\n    certificate: " + certificate + "\n    key: " + key + "\n");
        String name = registry.host() + "/app:1";
        fill(name);
        Path own = Files.createDirectories(folder.resolve("certs.d").resolve(registry.host()));
        String server = "server = \"https://" + registry.host() + "\"\n";
        Files.writeString(own.resolve("hosts.toml"), server);
        assertThatThrownBy(() -> pull(name, events::add))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("signed by an unknown authority");
        Files.writeString(own.resolve("hosts.toml"), server + "ca = \"" + certificate + "\"\n");
        assertThat(pull(name, events::add).layers()).hasSize(LAYERS);
    }
}
