package dev.rung.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.ContentStore;
import dev.rung.image.ImageStore;
import dev.rung.image.LayerSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AuthorizationTests {
    private static final Backoff QUICK = new Backoff(2, Duration.ofMillis(2), Duration.ofMillis(9));
    private static final Credentials ME = new Credentials.Password("me", "s3cret");
    private static final String MY_BASIC = "Basic bWU6czNjcmV0";

    @TempDir private Path folder = Path.of("");
    private final ServedImages served = new ServedImages();
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

    private void pull(String name, CredentialSource source) throws InterruptedException {
        served.serve("app", "latest", served.images.image("linux/amd64", 1, 10, 20, 30));
        ContentStore content = ContentStore.open(folder.resolve("content"));
        new Puller(registries(), content, ImageStore.open(folder.resolve("images"), content))
                .pull(
                        ImageName.parse(name),
                        Platform.parse("linux/amd64"),
                        source,
                        LayerSink.NONE,
                        event -> {});
    }

    /** Serves who shows the right Authorization, and challenges others. */
    private TestServer guarded(String authorization, String challenge) {
        return start((request, answer) -> {
            if (request.header("authorization").equals(authorization)) {
                served.answer(request, answer);
            } else {
                answer.send(401, new byte[0], "WWW-Authenticate", challenge);
            }
        });
    }

    private static CredentialSource as(Credentials credentials) {
        return registry -> credentials;
    }

    @Test
    void shouldSayNameAndPasswordOnlyWhenAsked() throws Exception {
        TestServer server = guarded(MY_BASIC, "Basic realm=\"x\"");
        pull(server.host() + "/app", registry -> ME);
        assertThat(server.requests.getFirst().header("authorization")).isEmpty();
        assertThatThrownBy(() -> pull(server.host() + "/app:2", CredentialSource.NONE))
                .isInstanceOf(Failure.Denied.class)
                .hasMessageContaining("may require 'rung login'");
        assertThatThrownBy(() ->
                        pull(
                                server.host() + "/app:2",
                                registry -> new Credentials.Password("me", "wrong")))
                .isInstanceOf(Failure.Denied.class);
    }

    @Test
    void shouldFetchOneTokenForAllLayers() throws Exception {
        TestServer tokens =
                start((request, answer) -> answer.send(200, "{\"token\":\"t1\"}".getBytes(UTF_8)));
        TestServer server =
                guarded(
                        "Bearer t1",
                        "Bearer realm=\"http://"
                                + tokens.host()
                                + "/token?a=b\",service=\"the, \\\"service\\\"\","
                                + "scope=\"repository:app:pull\"");
        pull(server.host() + "/app", registry -> ME);
        assertThat(tokens.requests).hasSize(1);
        TestServer.Request asked = tokens.requests.getFirst();
        assertThat(asked.target())
                .isEqualTo(
                        "/token?a=b&account=me&service=the%2C+%22service%22"
                                + "&scope=repository%3Aapp%3Apull");
        assertThat(asked.header("authorization")).isEqualTo(MY_BASIC);
        assertThat(server.requests)
                .noneMatch(request -> request.header("authorization").startsWith("Basic"));
    }

    @Test
    void shouldRenewATokenThatExpires() throws Exception {
        var valid = new CopyOnWriteArrayList<String>();
        TestServer tokens =
                start((request, answer) -> {
                    valid.add("Bearer t" + valid.size());
                    String token = valid.getLast().substring(7);
                    answer.send(200, ("{\"access_token\":\"" + token + "\"}").getBytes(UTF_8));
                });
        TestServer server =
                start((request, answer) -> {
                    boolean fresh =
                            !valid.isEmpty()
                                    && request.header("authorization").equals(valid.getLast());
                    boolean manifest = request.path().contains("manifests");
                    if (fresh && (manifest || valid.size() > 1)) {
                        served.answer(request, answer);
                    } else {
                        answer.send(
                                401,
                                new byte[0],
                                "WWW-Authenticate",
                                "Bearer realm=\"http://" + tokens.host() + "/\"");
                    }
                });
        pull(server.host() + "/app", CredentialSource.NONE);
        assertThat(tokens.requests).hasSize(2);
    }

    @Test
    void shouldShowIdentityTokensToTheTokenServiceOnly() throws Exception {
        TestServer tokens =
                start((request, answer) -> answer.send(200, "{\"token\":\"t1\"}".getBytes(UTF_8)));
        TestServer server =
                guarded("Bearer t1", "Bearer realm=\"http://" + tokens.host() + "/token\"");
        pull(server.host() + "/app", registry -> new Credentials.IdentityToken("i&d"));
        assertThat(tokens.requests.getFirst().method()).isEqualTo("POST");
        assertThat(new String(tokens.requests.getFirst().body(), UTF_8))
                .isEqualTo(
                        "grant_type=refresh_token&client_id=rung&refresh_token=i%26d"
                                + "&scope=repository%3Aapp%3Apull");
        folder = folder.resolve("again");
        pull(server.host() + "/app", registry -> new Credentials.RegistryToken("t1"));
        assertThat(tokens.requests).hasSize(1);
    }

    @Test
    void shouldNotBelieveAnyTokenService() throws Exception {
        for (String realm : List.of("file:///etc/passwd", "no address", "")) {
            TestServer server = guarded("never", "Bearer realm=\"" + realm + "\"");
            assertThatThrownBy(() -> pull(server.host() + "/app", registry -> ME))
                    .as(realm)
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("names no token service that can be trusted");
        }
        TestServer injecting =
                start((request, answer) ->
                        answer.send(200, "{\"token\":\"a\\nB: c\"}".getBytes(UTF_8)));
        TestServer server = guarded("never", "Bearer realm=\"http://" + injecting.host() + "/\"");
        assertThatThrownBy(() -> pull(server.host() + "/app", registry -> ME))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("want printable characters");
    }

    @Test
    void shouldNotTakeCredentialsAlongToAnotherHost() throws Exception {
        TestServer other = start(served::answer);
        TestServer server =
                start((request, answer) -> {
                    if (!request.header("authorization").equals(MY_BASIC)) {
                        answer.send(401, new byte[0], "WWW-Authenticate", "Basic");
                    } else if (request.path().contains("/blobs/")) {
                        answer.send(
                                307,
                                new byte[0],
                                "Location",
                                "http://" + other.host() + request.path());
                    } else {
                        served.answer(request, answer);
                    }
                });
        pull(server.host() + "/app", registry -> ME);
        assertThat(other.requests).hasSize(4);
        assertThat(other.requests).allMatch(request -> request.header("authorization").isEmpty());
    }

    @Test
    void shouldGiveUpWhenNothingHelps() {
        TestServer tokens =
                start((request, answer) -> answer.send(200, "{\"token\":\"t\"}".getBytes(UTF_8)));
        TestServer server = guarded("never", "Bearer realm=\"http://" + tokens.host() + "/\"");
        assertThatThrownBy(() -> pull(server.host() + "/app", registry -> ME))
                .isInstanceOf(Failure.Denied.class);
        assertThat(tokens.requests.size()).isLessThan(5);
    }

    @Test
    void shouldCheckALogin() throws Exception {
        TestServer server =
                start((request, answer) -> {
                    boolean good = request.header("authorization").equals(MY_BASIC);
                    answer.send(good ? 200 : 401, new byte[0], "WWW-Authenticate", "Basic");
                });
        registries().login(server.host(), as(ME));
        assertThatThrownBy(() ->
                        registries()
                                .login(server.host(), as(new Credentials.Password("me", "wrong"))))
                .isInstanceOf(Failure.Denied.class)
                .hasMessageContaining("failed with status: 401 Unauthorized");
    }

    @Test
    void shouldReadDockersFile() throws Exception {
        Path file = folder.resolve("config.json");
        var config = new DockerConfig("config.json", new LocalSide(file, folder));
        assertThat(config.find("quay.io")).isEqualTo(Credentials.ANONYMOUS);
        Files.writeString(
                file,
                """
                {"auths":{"https://index.docker.io/v1/":{"auth":"bWU6czNjcmV0"},
                "https://quay.io/v1/":{"username":"me","password":"s3cret"},
                "a.b":{"identitytoken":"i"},"c.d":{"registrytoken":"r"},"e.f":{"auth":"!"}}}
                """);
        assertThat(config.proxies()).isEqualTo(Map.of("HTTPS_PROXY", "http://proxy:1"));
        assertThat(config.find("docker.io")).isEqualTo(ME);
        assertThat(config.find("quay.io")).isEqualTo(ME);
        assertThat(config.find("a.b")).isEqualTo(new Credentials.IdentityToken("i"));
        assertThat(config.find("c.d")).isEqualTo(new Credentials.RegistryToken("r"));
        assertThat(config.find("other")).isEqualTo(Credentials.ANONYMOUS);
        assertThatThrownBy(() -> config.find("e.f")).hasMessageContaining("want base64");
        assertThat(ME.toString()).doesNotContain("s3cret");
    }

    @Test
    void shouldRememberAndForgetLogins() throws Exception {
        Path file = folder.resolve("config.json");
        var config = new DockerConfig("config.json", new LocalSide(file, folder));
        assertThat(config.store("docker.io", ME)).isTrue();
        Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{\"other\":[1],"));
        config.store("a.b", new Credentials.IdentityToken("i"));
        assertThat(config.find("docker.io")).isEqualTo(ME);
        assertThat(config.find("a.b")).isEqualTo(new Credentials.IdentityToken("i"));
        assertThat(config.erase("docker.io")).isTrue();
        assertThat(config.erase("docker.io")).isFalse();
        assertThat(config.find("docker.io")).isEqualTo(Credentials.ANONYMOUS);
        assertThat(Files.readString(file)).contains("\"other\"").contains("a.b");
    }

    @Test
    void shouldAskHelpersForTheirOwnRegistriesOnly() throws Exception {
        Path helper = folder.resolve("docker-credential-test");
        Files.writeString(
                helper,
                """
                #!/bin/sh
                read -r server
                echo "$1 $server" >> "$0.log"
                case $server in
                    quay.io) echo '{"ServerURL":"quay.io","Username":"me","Secret":"s3cret"}' ;;
                    a.b) echo '{"Username":"<token>","Secret":"i"}' ;;
                    broken) echo 'no keys'; exit 1 ;;
                    *) echo 'credentials not found in native keychain'; exit 1 ;;
                esac
                """);
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));
        Path file = folder.resolve("config.json");
        Files.writeString(
                file,
                """
                {"credHelpers":{"quay.io":"test","a.b":"test","broken":"test","u.v":"test",
                "bad":"../x"}}
                """);
        var config = new DockerConfig("config.json", new LocalSide(file, folder));
        assertThat(config.find("quay.io")).isEqualTo(ME);
        assertThat(config.find("a.b")).isEqualTo(new Credentials.IdentityToken("i"));
        assertThat(config.find("u.v")).isEqualTo(Credentials.ANONYMOUS);
        assertThatThrownBy(() -> config.find("broken"))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageEndingWith(" get: no keys");
        var without = new DockerConfig("config.json", new LocalSide(file, folder.resolve("no")));
        assertThatThrownBy(() -> without.find("a.b"))
                .hasMessage("docker-credential-test: executable file not found in PATH");
        assertThat(config.find("other.io")).isEqualTo(Credentials.ANONYMOUS);
        assertThatThrownBy(() -> config.find("bad")).isInstanceOf(Failure.Invalid.class);
    }
}
