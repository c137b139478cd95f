package dev.rung.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.ContentStore;
import dev.rung.image.ImageStore;
import dev.rung.image.LayerSink;
import dev.rung.image.http.TestProxy;
import dev.rung.image.http.TestTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The certificates are for 127.0.0.1 and localhost; both count as loopback unless configured. */
@Timeout(60)
class TlsTests {
    private static final Backoff ONCE = new Backoff(1, Duration.ofMillis(2), Duration.ofMillis(9));

    @TempDir private Path folder = Path.of("");
    private final ServedImages served = new ServedImages();
    private boolean wantsClient;
    private TestServer server = new TestServer((request, answer) -> {});

    @BeforeEach
    void serveAnImage() {
        served.serve("app", "latest", served.images.image("linux/amd64", 1, 100_000));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void start() throws Exception {
        server.close();
        var socket =
                TestTls.serverContext(
                                resource("server.cert"), resource("server.key"), resource("ca.crt"))
                        .getServerSocketFactory()
                        .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ((SSLServerSocket) socket).setNeedClientAuth(wantsClient);
        server = new TestServer(socket, served::answer);
    }

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(TlsTests.class.getResource(name), name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** A folder with docker's files or a hosts.toml for the server, which is then https only. */
    private Path hosts() throws IOException {
        return Files.createDirectories(folder.resolve("certs.d").resolve(server.host()));
    }

    private void hostsFile(String more) throws IOException {
        Files.writeString(
                hosts().resolve("hosts.toml"),
                "server = \"https://" + server.host() + "\"\n" + more);
    }

    private void pull(Map<String, String> environment) throws InterruptedException {
        var settings =
                new ConfiguredHosts.Settings(
                        List.of(), List.of(), List.of(folder.resolve("certs.d")));
        var registries =
                new Registries(
                        new ConfiguredHosts(settings), environment, ONCE, Duration.ofSeconds(2));
        ContentStore content = ContentStore.open(folder.resolve("content"));
        var images = ImageStore.open(folder.resolve("images"), content);
        new Puller(registries, content, images)
                .pull(
                        ImageName.parse(server.host() + "/app"),
                        Platform.parse("linux/amd64"),
                        CredentialSource.NONE,
                        LayerSink.NONE,
                        event -> {});
        assertThat(images.list()).hasSize(1);
    }

    @Test
    void shouldTakeAnyCertificateOfLoopback() throws Exception {
        start();
        pull(Map.of());
    }

    @Test
    void shouldTrustTheHostsOwnBundle() throws Exception {
        start();
        hostsFile("");
        pull(Map.of("SSL_CERT_FILE", resource("ca.crt").toString()));
    }

    @Test
    void shouldRefuseUnknownAuthorities() throws Exception {
        start();
        hostsFile("");
        assertThatThrownBy(() -> pull(Map.of("SSL_CERT_FILE", resource("client.cert").toString())))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("signed by an unknown authority");
        assertThatThrownBy(() -> pull(Map.of("SSL_CERT_FILE", "/none")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("/none: no such file or directory");
    }

    @Test
    void shouldTrustAuthoritiesOfAHostsFile() throws Exception {
        start();
        Files.copy(resource("ca.crt"), hosts().resolve("my.crt"));
        hostsFile("ca = \"my.crt\"\n");
        pull(Map.of());
    }

    @Test
    void shouldSkipVerificationOnlyWhenTold() throws Exception {
        start();
        hostsFile("skip_verify = true\n");
        pull(Map.of());
    }

    @Test
    void shouldShowClientCertificates() throws Exception {
        wantsClient = true;
        start();
        hostsFile("skip_verify = true\n");
        assertThatThrownBy(() -> pull(Map.of())).isInstanceOf(Failure.Unavailable.class);
        for (String name : List.of("client", "client-rsa")) {
            Path hosts = hosts();
            Files.deleteIfExists(hosts.resolve("hosts.toml"));
            Files.copy(resource(name + ".cert"), hosts.resolve("client.cert"));
            assertThatThrownBy(() -> pull(Map.of()))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("missing key client.key");
            Files.copy(resource(name + ".key"), hosts.resolve("client.key"));
            pull(Map.of());
            Files.delete(hosts.resolve("client.cert"));
            Files.delete(hosts.resolve("client.key"));
        }
    }

    @Test
    void shouldSayThatAServerSpeaksNoTls() throws Exception {
        server.close();
        server = new TestServer(served::answer);
        hostsFile("");
        assertThatThrownBy(() -> pull(Map.of())).hasMessageContaining("does it speak http");
    }

    @Test
    void shouldTunnelThroughAProxy() throws Exception {
        start();
        hostsFile("skip_verify = true\n");
        var proxies = new TestProxy("registry.test:443", server.host());
        try (proxies) {
            Files.move(hosts(), folder.resolve("certs.d/registry.test"));
            Files.writeString(
                    folder.resolve("certs.d/registry.test/hosts.toml"),
                    "server = \"https://registry.test\"\nskip_verify = true\n");
            var settings =
                    new ConfiguredHosts.Settings(
                            List.of(), List.of(), List.of(folder.resolve("certs.d")));
            var registries =
                    new Registries(
                            new ConfiguredHosts(settings),
                            Map.of("HTTPS_PROXY", "http://u:p@" + proxies.host()),
                            ONCE,
                            Duration.ofSeconds(2));
            ContentStore content = ContentStore.open(folder.resolve("content"));
            new Puller(registries, content, ImageStore.open(folder.resolve("images"), content))
                    .pull(
                            ImageName.parse("registry.test/app"),
                            Platform.parse("linux/amd64"),
                            CredentialSource.NONE,
                            LayerSink.NONE,
                            event -> {});
            assertThat(proxies.authorization()).isEqualTo("Basic dTpw");
        }
    }
}
