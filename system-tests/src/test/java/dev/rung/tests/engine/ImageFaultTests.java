package dev.rung.tests.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Registries that lie and disks that are full: one clear line, and nothing left behind. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class ImageFaultTests {
    private static final String INDEX = "application/vnd.oci.image.index.v1+json";

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @SuppressWarnings("NullAway.Init")
    private LyingRegistry registry;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = new Engine();
        registry = new LyingRegistry();
    }

    @AfterEach
    void repent() {
        registry.repent();
    }

    @AfterAll
    void end() {
        if (registry != null) {
            registry.close();
        }
        if (engine != null) {
            engine.close();
        }
    }

    private String refusal() {
        Outcome outcome =
                engine.rung("pull", LyingRegistry.IMAGE).within(Duration.ofMinutes(2)).run();
        String errors = outcome.refused().errors();
        assertThat(errors).startsWith("Error response from daemon: ");
        assertThat(engine.rung("images", "-q", LyingRegistry.IMAGE).succeed().output()).isEmpty();
        return errors.substring("Error response from daemon: ".length()).strip();
    }

    /** That what was refused was the lie. */
    private void pullTheTruth() {
        registry.repent();
        engine.rung("pull", LyingRegistry.IMAGE).succeed();
        engine.rung("rmi", LyingRegistry.IMAGE).succeed();
    }

    @Test
    void shouldRefuseOtherContentThanWasPromised() {
        byte[] other = registry.layer.clone();
        other[12] ^= 1;
        registry.lie(
                LyingRegistry.digest(registry.layer),
                exchange -> LyingRegistry.send(exchange, 200, "application/octet-stream", other));
        assertThat(refusal()).contains("content " + LyingRegistry.digest(registry.layer));
        registry.lie(
                LyingRegistry.digest(registry.config),
                exchange ->
                        LyingRegistry.send(
                                exchange, 200, "application/octet-stream", "{}".getBytes(UTF_8)));
        assertThat(refusal()).contains("content sha256:");
        pullTheTruth();
    }

    @Test
    void shouldRefuseManifestsOfTwoKinds() {
        String text = new String(registry.manifest, UTF_8).strip();
        registry.lie(
                "/manifests/1",
                LyingRegistry.document(
                        text.substring(0, text.length() - 1)
                                + ",\"manifests\":[{\"mediaType\":"
                                + "\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\""
                                + LyingRegistry.digest(registry.manifest)
                                + "\",\"size\":"
                                + registry.manifest.length
                                + "}]}"));
        assertThat(refusal()).contains("manifest for " + LyingRegistry.IMAGE).contains("manifests");
        registry.lie(
                "/manifests/1",
                LyingRegistry.document(
                        text.replace("image.manifest.v1+json\"", "image.index.v1+json\"")));
        assertThat(refusal()).contains("mediaType");
        pullTheTruth();
    }

    @Test
    void shouldRefuseNonsense() {
        registry.lie("/manifests/1", LyingRegistry.document("<h1>welcome</h1>"));
        assertThat(refusal()).contains("manifest for " + LyingRegistry.IMAGE);
        registry.lie("/manifests/1", LyingRegistry.document(" ".repeat(5 << 20)));
        assertThat(refusal()).contains("an answer of more than 4194304 bytes");
        registry.lie("/manifests/1", LyingRegistry.status(404));
        assertThat(refusal()).isEqualTo("manifest for " + LyingRegistry.IMAGE + " not found");
        registry.lie("/manifests/1", LyingRegistry.status(400));
        assertThat(refusal()).contains("answered 400");
        pullTheTruth();
    }

    @Test
    void shouldGiveUpInTheEnd() {
        registry.lie("/manifests/1", LyingRegistry.status(500));
        assertThat(refusal()).contains("answered 500");
        registry.lie(
                "/manifests/1",
                exchange -> {
                    exchange.getResponseHeaders().set("Retry-After", "3600");
                    LyingRegistry.send(exchange, 429, "text/plain", new byte[] {'x'});
                });
        assertThat(refusal()).startsWith("toomanyrequests: ").endsWith("try again in 3600 s");
        registry.lie(
                "/manifests/1",
                exchange -> {
                    exchange.getResponseHeaders().set("Location", "/v2/lies/manifests/1");
                    LyingRegistry.send(exchange, 307, "text/plain", new byte[] {'x'});
                });
        assertThat(refusal()).contains("more than 10 redirects");
        pullTheTruth();
    }

    @Test
    void shouldTryAgainWhatPasses() {
        var asked = new AtomicInteger();
        registry.lie(
                "/blobs/",
                exchange -> {
                    if (asked.incrementAndGet() < 3) {
                        LyingRegistry.status(503).handle(exchange);
                        return;
                    }
                    registry.repent();
                    exchange.getResponseHeaders()
                            .set("Location", exchange.getRequestURI().toString());
                    LyingRegistry.send(exchange, 307, "text/plain", new byte[] {'x'});
                });
        engine.rung("pull", LyingRegistry.IMAGE).succeed();
        assertThat(asked).hasValueGreaterThanOrEqualTo(3);
        engine.rung("rmi", LyingRegistry.IMAGE).succeed();
    }

    /** In the middle of a layer; the next pull goes on. */
    @Test
    void shouldSayThatWhoUnpacksWasKilled() {
        registry.lie(
                LyingRegistry.digest(registry.layer),
                exchange -> {
                    exchange.sendResponseHeaders(200, registry.layer.length);
                    exchange.getResponseBody().write(registry.layer, 0, 5);
                    exchange.getResponseBody().flush();
                    Patience.await(this::killUnpacker, () -> "nothing unpacks");
                    exchange.getResponseBody().write(registry.layer, 5, registry.layer.length - 5);
                });
        assertThat(refusal())
                .isEqualTo("the process that unpacks layers has ended before it was done");
        assertThat(engine.shell("ls -A $RUNG_HOME/lib/snapshots/layers").succeed().output())
                .doesNotContain("new-");
        pullTheTruth();
    }

    private boolean killUnpacker() {
        String kill = "pkill -9 -P $(cat $RUNG_HOME/run/rungd.pid) -f ^rung-unpacker";
        return engine.shell(kill).run().status() == 0;
    }

    @Test
    void shouldRunNothingButWhatIsForThePlatformThatWasAskedFor() {
        String own = "linux/" + LyingRegistry.architecture();
        String other = own.endsWith("amd64") ? "linux/arm64" : "linux/amd64";
        engine.rung("pull", LyingRegistry.IMAGE).succeed();
        Outcome refused = create("--platform", other).run();
        assertThat(refused.status()).isEqualTo(125);
        assertThat(refused.errors())
                .startsWith("Unable to find image '" + LyingRegistry.IMAGE + "' locally\n")
                .contains(
                        "image with reference %s was found but does not match the specified"
                                        .formatted(LyingRegistry.IMAGE)
                                + " platform: wanted %s, actual: %s\n".formatted(other, own));

        byte[] config = forPlatform(registry.config, other);
        byte[] manifest =
                new String(registry.manifest, UTF_8)
                        .replace(
                                LyingRegistry.digest(registry.config), LyingRegistry.digest(config))
                        .getBytes(UTF_8);
        String entries = entry(registry.manifest, own) + "," + entry(manifest, other);
        String index =
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                        .formatted(INDEX, entries);
        registry.lie(
                "/manifests/1",
                exchange -> LyingRegistry.send(exchange, 200, INDEX, index.getBytes(UTF_8)));
        registry.lie(
                LyingRegistry.digest(manifest),
                LyingRegistry.document(new String(manifest, UTF_8)));
        registry.lie(
                LyingRegistry.digest(config),
                exchange -> LyingRegistry.send(exchange, 200, "application/octet-stream", config));
        engine.rung("rmi", LyingRegistry.IMAGE).succeed();
        engine.rung("pull", LyingRegistry.IMAGE).succeed();

        String foreign = create("--platform", other, "--name", "foreign").succeed().output();
        assertThat(engine.inspect("foreign", ".Image")).isEqualTo(LyingRegistry.digest(config));
        String usual = create("--name", "own").succeed().output();
        assertThat(engine.inspect("own", ".Image"))
                .isEqualTo(LyingRegistry.digest(registry.config));
        engine.rung("rm", foreign.strip(), usual.strip()).succeed();
        engine.rung("rmi", LyingRegistry.IMAGE).succeed();
    }

    private Command create(String... options) {
        var words = new ArrayList<>(List.of("create", "--network", "none"));
        words.addAll(List.of(options));
        words.addAll(List.of(LyingRegistry.IMAGE, "/x"));
        return engine.rung(words.toArray(new String[0]));
    }

    private static byte[] forPlatform(byte[] config, String platform) {
        String architecture = platform.substring("linux/".length());
        return new String(config, UTF_8)
                .replace('"' + LyingRegistry.architecture() + '"', '"' + architecture + '"')
                .getBytes(UTF_8);
    }

    private static String entry(byte[] manifest, String platform) {
        String architecture = platform.substring("linux/".length());
        return """
        {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%d,
        "platform":{"os":"linux","architecture":"%s"}}
        """
                .formatted(LyingRegistry.digest(manifest), manifest.length, architecture);
    }

    @Test
    void shouldSayThatNobodyListens() {
        Outcome outcome = engine.rung("pull", "127.0.0.1:5020/nobody").run().refused();
        assertThat(outcome.errors())
                .isEqualTo(
                        "Error response from daemon: registry \"127.0.0.1:5020\": connection"
                                + " refused\n");
    }

    /** An archive of some kilobytes that says that there are 64 MiB in it, and has them. */
    private String bomb() {
        String make =
                "mkdir -p bomb/x && truncate -s 64M bomb/x/layer.tar && tar -czf bomb.tar.gz -C bomb x";
        Command.of("bash", "-ec", make).in(folder).succeed();
        return folder.resolve("bomb.tar.gz").toString();
    }

    @Test
    void shouldOutliveAFullDisk() throws IOException {
        Files.createDirectories(folder.resolve("tree"));
        Command.of("bash", "-ec", "head -c 6000000 /dev/urandom >tree/big; tar -cf big.tar tree")
                .in(folder)
                .succeed();
        engine.shell("rung save -o image.tar " + Engine.IMAGE).in(folder).succeed();
        try (var small = new SmallEngine(folder, "4m")) {
            small.rung("import", folder.resolve("big.tar").toString())
                    .run()
                    .refused()
                    .failedSaying("no space left on device");
            small.rung("load", "-i", bomb())
                    .run()
                    .refused()
                    .failedSaying("no space left on device");
            small.rung("load", "-i", folder.resolve("image.tar").toString()).succeed();
            small.rung("run", "--name", "full", "--network", "none", Engine.IMAGE).run().ended(0);
            small.fill();
            small.rung("commit", "full", "full:1")
                    .run()
                    .refused()
                    .failedSaying("no space left on device");
            small.rung("pull", LyingRegistry.IMAGE)
                    .run()
                    .refused()
                    .failedSaying("no space left on device");
            assertThat(small.rung("images", "-q").succeed().output().lines()).hasSize(1);
            small.empty();
            small.rung("pull", LyingRegistry.IMAGE).succeed();
            small.rung("commit", "full", "full:1").succeed();
            small.rung("run", "--rm", "--network", "none", "full:1", "true").succeed();
        }
    }
}
