package dev.rung.tests.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What people do with images by Docker's command line. */
@SystemTest
@NeedsProgram({"docker", "docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class DockerImageCommandTests {
    private static final String IMAGE = DockerSide.IMAGE;
    private static final String HOST = "127.0.0.1:5019";

    /** The secret by bcrypt, the only way that the registry knows. */
    private static final String ACCOUNT =
            "joe:$2y$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK\n";

    @SuppressWarnings("NullAway.Init")
    private DockerSide side;

    @BeforeAll
    void begin() {
        side = new DockerSide();
        side.engine().rung("version").succeed();
    }

    @AfterAll
    void end() {
        if (side != null) {
            side.close();
        }
    }

    @Test
    void shouldNameListAndRemoveImages() {
        side.says("tag " + IMAGE + " inamed:1");
        side.says("image tag inamed:1 inamed:2");
        assertThat(side.says("images --format", "{{.Repository}}:{{.Tag}}", "inamed"))
                .contains("inamed:1", "inamed:2");
        assertThat(side.says("image ls --tree")).contains("inamed:1");
        assertThat(side.says("images --filter reference=inamed:* --quiet").lines().distinct())
                .hasSize(1);
        assertThat(side.says("history --format {{.CreatedBy}} inamed:1")).isNotEmpty();
        assertThat(side.says("rmi inamed:1")).isEqualTo("Untagged: inamed:1");
        assertThat(side.says("image rm inamed:2")).contains("Untagged: inamed:2");
        side.tries("rmi inamed:2").failedSaying("No such image: inamed:2");
    }

    @Test
    void shouldSearchTheIndexOfARegistry() throws Exception {
        var asked = new CopyOnWriteArrayList<String>();
        HttpServer index =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 5020), 0);
        index.createContext(
                "/",
                exchange -> {
                    boolean search = exchange.getRequestURI().getPath().equals("/v1/search");
                    asked.add(exchange.getRequestURI().toString());
                    byte[] found =
                            """
                            {"num_results":3,"query":"busy","results":[
                             {"name":"busybox","description":"small","star_count":30,"is_official":true},
                             {"name":"me/busy","description":"","star_count":3,"is_automated":true},
                             {"name":"me/busier","star_count":20}]}
                            """
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(search ? 200 : 404, search ? found.length : -1);
                    if (search) {
                        exchange.getResponseBody().write(found);
                    }
                    exchange.close();
                });
        index.start();
        try {
            String search = "search --no-trunc --format {{.Name}}/{{.StarCount}}/{{.IsOfficial}} ";
            assertThat(side.says(search + "127.0.0.1:5020/busy"))
                    .isEqualTo("busybox/30/[OK]\nme/busy/3/\nme/busier/20/");
            assertThat(asked.getLast()).isEqualTo("/v1/search?q=busy&n=25");
            assertThat(side.says(search + "--limit 7 --filter stars=20 127.0.0.1:5020/a/b"))
                    .isEqualTo("busybox/30/[OK]\nme/busier/20/");
            assertThat(asked.getLast()).isEqualTo("/v1/search?q=a%2Fb&n=7");
            assertThat(side.says(search + "--filter is-official=false 127.0.0.1:5020/b"))
                    .isEqualTo("me/busy/3/\nme/busier/20/");
            assertThat(side.says(search + "--filter is-automated=true 127.0.0.1:5020/b")).isEmpty();
            side.tries(search + "--limit 101 127.0.0.1:5020/b")
                    .failedSaying("limit 101 is outside the range of [1, 100]");
            side.tries(search + "--filter stars=x 127.0.0.1:5020/b")
                    .failedSaying("invalid filter 'stars=x'");
            side.tries(search + "--filter none=1 127.0.0.1:5020/b")
                    .failedSaying("invalid filter 'none'");
            side.tries(search + "http://x/b").failedSaying("should not have a scheme");
        } finally {
            index.stop(0);
        }
        side.tries("search 127.0.0.1:5020/busy").failedSaying("127.0.0.1:5020/v1/search");
    }

    @Test
    void shouldMakeImagesOfContainersAndArchives(@TempDir Path folder) {
        side.says("run --name imade " + IMAGE + " sh -c", "echo made >/made");
        side.says("commit --author me --message msg --change", "ENV Q=1", "imade", "icommitted:1");
        assertThat(side.says("run --rm icommitted:1 sh -c", "cat /made; echo $Q"))
                .isEqualTo("made\n1");
        assertThat(side.says("inspect --format {{.Author}}/{{.Comment}} icommitted:1"))
                .isEqualTo("me/msg");
        String tar = folder.resolve("exported.tar").toString();
        side.says("export --output " + tar + " imade");
        side.says("import --change", "CMD cat /made", tar, "iimported:1");
        assertThat(side.says("run --rm iimported:1")).isEqualTo("made");
        String saved = folder.resolve("saved.tar").toString();
        side.says("save --output " + saved + " icommitted:1 iimported:1");
        side.remove("imade");
        side.says("rmi icommitted:1 iimported:1");
        assertThat(side.says("load --input " + saved))
                .contains("Loaded image: icommitted:1", "Loaded image: iimported:1");
        assertThat(side.says("run --rm icommitted:1 cat /made")).isEqualTo("made");
        side.says("rmi icommitted:1 iimported:1");
        assertThat(side.says("image prune --force")).contains("Total reclaimed space");
    }

    @Test
    void shouldBuildWithTheUsualFlags(@TempDir Path folder) throws Exception {
        Files.writeString(
                folder.resolve("Other"),
                """
                FROM %s AS first
                ARG X=1
                RUN echo $X >/x
                FROM %s
                COPY --from=first /x /x
                COPY file /file
                CMD ["cat", "/x", "/file"]
                """
                        .formatted(IMAGE, IMAGE));
        Files.writeString(folder.resolve("file"), "content\n");
        Files.writeString(folder.resolve(".dockerignore"), "ignored\n");
        String build = "build --file " + folder.resolve("Other") + " --build-arg X=7 --label a=b";
        side.says(build + " --tag ibuilt:1 " + folder);
        assertThat(side.says("run --rm ibuilt:1")).isEqualTo("7\ncontent");
        assertThat(side.says(build + " --tag ibuilt:2 " + folder)).contains("Using cache");
        assertThat(side.says(build + " --quiet " + folder)).matches("sha256:[0-9a-f]{64}");
        assertThat(side.says(build + " --no-cache --target first --tag ifirst " + folder))
                .contains("Successfully tagged ifirst:latest")
                .doesNotContain("Using cache");
        side.tries("build --file nosuch " + folder).failedSaying("no such file or directory");
        side.says("rmi ibuilt:1 ibuilt:2 ifirst");
        side.says("builder prune --force --all");
    }

    @Test
    void shouldSpeakToARegistryThatWantsAPassword(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("accounts"), ACCOUNT);
        Path config = folder.resolve("registry.yml");
        Files.writeString(
                config,
                """
                version: 0.1
                storage:
                  filesystem:
                    rootdirectory: %1$s/registry
                http:
                  addr: %2$s
                auth:
                  htpasswd:
                    realm: test
                    path: %1$s/accounts
                """
                        .formatted(folder, HOST));
        String image = HOST + "/private/busybox:1";
        try (Running registry = Command.of("docker-registry", "serve", config.toString()).start()) {
            Patience.await(
                    () -> Command.of("curl", "-s", "http://" + HOST + "/v2/").run().status() == 0,
                    () -> "the registry does not listen: " + registry.errors());
            side.says("tag " + IMAGE + " " + image);
            side.tries("push " + image).failedSaying("access denied for " + HOST);
            side.docker("login --username joe --password-stdin " + HOST)
                    .reading("wrong")
                    .run()
                    .failedSaying("401 Unauthorized");
            assertThat(
                            side.docker("login --username joe --password-stdin " + HOST)
                                    .reading("s3cret")
                                    .succeed()
                                    .output())
                    .contains("Login Succeeded");
            assertThat(side.says("push " + image)).contains("digest: sha256:");
            side.says("rmi " + image);
            assertThat(side.says("pull " + image)).contains("Downloaded newer image");
            assertThat(side.says("pull " + image)).contains("Image is up to date");
            assertThat(side.says("manifest inspect --insecure " + image)).contains("layers");
            side.says("logout " + HOST);
            side.says("rmi " + image);
            side.tries("pull " + image).failedSaying("access denied for " + HOST);
            side.tries("pull " + HOST + "/private/nosuch:1").refused();
        }
    }
}
