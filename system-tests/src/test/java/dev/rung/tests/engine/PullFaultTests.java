package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pulls that end in the middle: the next one goes on there, and nothing else is left. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "tar", "curl"})
@TestInstance(Lifecycle.PER_CLASS)
class PullFaultTests {
    private static final long SEED = 20261129;
    private static final int BYTES = 1_500_000;
    private static final String LAYERS = "lib/snapshots/layers";
    private static final String UNFINISHED = "lib/content/ingest";

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @SuppressWarnings("NullAway.Init")
    private LyingRegistry registry;

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private String sum = "";

    @BeforeAll
    void begin(@TempDir Path own) throws IOException {
        folder = own;
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        var content = new byte[BYTES];
        new Random(SEED).nextBytes(content);
        Files.write(Files.createDirectory(folder.resolve("tree")).resolve("data"), content);
        sum = LyingRegistry.digest(content).substring("sha256:".length());
        registry = new LyingRegistry(archive("tree"));
        engine = new Engine();
    }

    private byte[] archive(String tree) throws IOException {
        Command.of("tar", "-cf", "layer.tar", "-C", tree, ".").in(folder).succeed();
        return Files.readAllBytes(folder.resolve("layer.tar"));
    }

    @AfterEach
    void repent() {
        registry.repent();
        engine.rung("rmi", "-f", LyingRegistry.IMAGE).run();
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

    private Running pullUpTo(int bytes, CountDownLatch letGo) {
        return upTo(bytes, letGo, engine.rung("pull", LyingRegistry.IMAGE));
    }

    /** Holds the layer back after so many bytes, once they lie on the engine's disk. */
    private Running upTo(int bytes, CountDownLatch letGo, Command command) {
        registry.lie(LyingRegistry.digest(registry.layer), registry.layerUpTo(bytes, letGo));
        Running pull = command.start();
        String name = LyingRegistry.digest(registry.layer).replace(':', '-');
        Path partial = engine.home().resolve(UNFINISHED).resolve(name);
        Patience.await(
                () -> Files.exists(partial) && partial.toFile().length() == bytes,
                () -> partial.toFile().length() + " bytes came: " + pull.output() + pull.errors());
        return pull;
    }

    private void pullTheRest(int from) throws IOException {
        registry.repent();
        engine.rung("pull", LyingRegistry.IMAGE).succeed();
        assertThat(registry.askedFrom()).isEqualTo(from);
        assertThat(engine.files(UNFINISHED)).isEmpty();
        assertThat(engine.files(LAYERS)).noneMatch(name -> name.startsWith("new-"));
        String id =
                engine.rung("create", "--network", "none", LyingRegistry.IMAGE, "/x")
                        .succeed()
                        .output()
                        .strip();
        String look = "rung export " + id + " | tar -xO ./data data 2>/dev/null | sha256sum";
        assertThat(engine.shell("set +o pipefail; " + look).run().output()).startsWith(sum);
        engine.rung("rm", id).succeed();
        engine.rung("rmi", LyingRegistry.IMAGE).succeed();
    }

    @Test
    @Timeout(240)
    void shouldGoOnWhereTheEngineWasKilled() throws IOException {
        int whole = registry.layer.length;
        for (int bytes : List.of(1, 10, 65_536, whole / 3, whole / 3 + 1, whole - 1)) {
            var letGo = new CountDownLatch(1);
            try (Running pull = pullUpTo(bytes, letGo)) {
                engine.kill();
                assertThat(pull.await(Duration.ofSeconds(20)).status()).isNotZero();
            } finally {
                letGo.countDown();
            }
            pullTheRest(bytes);
        }
    }

    @Test
    @Timeout(120)
    void shouldEndWithThePersonAndGoOnLater() throws IOException {
        endAndGoOn(engine.rung("pull", LyingRegistry.IMAGE), registry.layer.length / 2);
    }

    @Test
    @Timeout(120)
    void shouldEndWithTheClientOfDockersInterface() throws IOException {
        engine.rung("ps").succeed();
        String socket = engine.home().resolve("run/docker.sock").toString();
        String name = LyingRegistry.IMAGE.substring(0, LyingRegistry.IMAGE.lastIndexOf(':'));
        String address = "http://rung/images/create?tag=1&fromImage=" + name;
        endAndGoOn(
                Command.of("curl", "-s", "--unix-socket", socket, "-X", "POST", address),
                registry.layer.length / 3);
    }

    private void endAndGoOn(Command command, int bytes) throws IOException {
        var letGo = new CountDownLatch(1);
        try (Running pull = upTo(bytes, letGo, command)) {
            Patience.await(() -> unpackers().size() == 1, () -> "unpacked by " + unpackers());
            pull.signal("INT");
            assertThat(pull.await(Duration.ofSeconds(20)).status()).isNotZero();
            Patience.await(() -> unpackers().isEmpty(), () -> "unpacked by " + unpackers());
            Patience.await(
                    () -> engine.files(LAYERS).stream().noneMatch(name -> name.startsWith("new-")),
                    () -> "left: " + engine.files(LAYERS));
        } finally {
            letGo.countDown();
        }
        assertThat(engine.rung("images", "-q", LyingRegistry.IMAGE).succeed().output()).isEmpty();
        pullTheRest(bytes);
    }

    private List<String> unpackers() {
        String find = "pgrep -P $(cat $RUNG_HOME/run/rungd.pid) -f ^rung-unpacker || true";
        return engine.shell(find).succeed().output().lines().toList();
    }

    /** What stalls for half a minute is asked for anew, from where it stopped. */
    @Test
    @Tag("long")
    @Timeout(120)
    void shouldAskAnewWhereARegistryStalls() throws IOException {
        int bytes = registry.layer.length / 2;
        var letGo = new CountDownLatch(1);
        try (Running pull = pullUpTo(bytes, letGo)) {
            registry.repent();
            Outcome outcome = pull.await(Duration.ofSeconds(60)).ended(0);
            assertThat(outcome.output()).contains("Retrying in ").contains("no answer in time");
            assertThat(registry.askedFrom()).isEqualTo(bytes);
        } finally {
            letGo.countDown();
        }
        engine.rung("rmi", LyingRegistry.IMAGE).succeed();
        assertThat(engine.files(UNFINISHED)).isEmpty();
    }

    /** The packed layer fits, what it holds does not. */
    @Test
    @Timeout(120)
    void shouldSayThatThereIsNoRoomToUnpack() throws IOException {
        Path small = Files.createDirectory(folder.resolve("small-tree"));
        Files.write(small.resolve("zeros"), new byte[8 << 20]);
        registry.close();
        try (var engine = new SmallEngine(folder, "4m")) {
            try (var zeros = new LyingRegistry(archive("small-tree"))) {
                Outcome outcome = engine.rung("pull", LyingRegistry.IMAGE).run().refused();
                outcome.failedSaying("no space left on device");
                assertThat(outcome.errors().lines()).hasSize(1);
                assertThat(engine.files("snapshots/layers"))
                        .noneMatch(name -> name.startsWith("new-"));
                assertThat(engine.rung("images", "-q").succeed().output()).isEmpty();

                engine.grow("20m");
                engine.rung("pull", LyingRegistry.IMAGE).succeed();
                assertThat(zeros.askedFrom()).isZero();
                engine.rung("rmi", LyingRegistry.IMAGE).succeed();
            }
        } finally {
            registry = new LyingRegistry(archive("tree"));
        }
    }
}
