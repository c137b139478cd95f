package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.engine.Step;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** kill -9 of the engine after each kind of its steps, of a monitor, and a machine that reboots. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "runc"})
@TestInstance(Lifecycle.PER_CLASS)
class SuddenEndTests {
    private static final long SEED = 20261124;

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = Engine.mortal();
    }

    @AfterAll
    void end() {
        if (engine != null) {
            engine.close();
        }
    }

    @AfterEach
    void removeContainers() {
        engine.write("die", "");
        for (String id : engine.rung("ps", "-aq").run().output().lines().toList()) {
            engine.rung("rm", "-f", id).run();
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "ROOT_PREPARED",
                "CREATED",
                "NETWORK_JOINED",
                "STARTED",
                "END_SEEN",
                "RECORD_FORGOTTEN"
            })
    void shouldLoseNothing(Step step) {
        die(step, "host");
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "POD_RECORDED",
                "NAMESPACES_HELD",
                "POD_JOINED",
                "POD_READY",
                "CREATED",
                "STARTED",
                "POD_LEFT",
                "POD_FORGOTTEN"
            })
    void shouldLeaveNothingOfAPod(Step step) {
        engine.rung("ps").succeed();
        engine.dieAfter(step);
        List<List<String>> script =
                List.of(
                        List.of(
                                "pod",
                                "create",
                                "--name",
                                "po",
                                "--share",
                                "+pid",
                                "-p",
                                "18081:80"),
                        List.of("run", "-d", "--pod", "po", Engine.IMAGE, "sleep", "4242"),
                        List.of("pod", "stop", "-t", "0", "po"),
                        List.of("pod", "start", "po"),
                        List.of("pod", "rm", "-f", "po"));
        for (List<String> words : script) {
            if (engine.rung(words.toArray(new String[0])).run().status() != 0) {
                break;
            }
        }
        Patience.await(() -> !engine.isToDie(), () -> "it has not come to " + step);
        sleep(200); // it is on its way to its end

        engine.rung("pod", "rm", "--force", "--ignore", "po").succeed();
        assertThat(engine.rung("pod", "ps", "-q").succeed().output()).isEmpty();
        assertThat(engine.rung("ps", "-aq").succeed().output()).isEmpty();
        engine.leavesNothing();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "POD_.*|NAMESPACES_HELD")
    @Tag("long")
    @Timeout(120)
    void shouldLoseNothingAnywhere(Step step) {
        for (String runtime : List.of("host", "runc")) {
            die(step, runtime);
        }
    }

    private void die(Step step, String runtime) {
        engine.rung("ps").succeed();
        engine.dieAfter(step);
        List<List<String>> script =
                List.of(
                        List.of(
                                "run",
                                "-d",
                                "--name",
                                "fa",
                                "-p",
                                "127.0.0.1:18080:80",
                                "--runtime",
                                runtime,
                                Engine.IMAGE,
                                "sh",
                                "-c",
                                "echo said; exec sleep 4242"),
                        List.of("update", "--memory", "48m", "--memory-swap", "-1", "fa"),
                        List.of("stop", "-t", "0", "fa"),
                        List.of("rm", "fa"));
        for (List<String> words : script) {
            if (engine.rung(words.toArray(new String[0])).run().status() != 0) {
                break;
            }
        }
        Patience.await(() -> !engine.isToDie(), () -> "it has not come to " + step);
        sleep(200); // it is on its way to its end

        String seen = engine.rung("ps", "-a", "--format", "{{.State}}").succeed().output();

        assertThat(seen.strip()).isIn(expected(step));
        if (seen.startsWith("exited")) {
            assertThat(engine.inspect("fa", ".State.ExitCode")).isEqualTo("137");
        }
        if (seen.startsWith("exited") || seen.startsWith("running")) {
            Patience.await(() -> engine.logs("fa").equals("said\n"), () -> engine.logs("fa"));
        }
        if (seen.startsWith("running")) {
            engine.rung("exec", "fa", "true").succeed();
        } else if (seen.startsWith("created")) {
            engine.rung("start", "fa").succeed();
            engine.rung("exec", "fa", "true").succeed();
        }
        engine.rung("rm", "-f", "fa").run();
        engine.leavesNothing();
    }

    private static List<String> expected(Step step) {
        return switch (step) {
            case ROOT_PREPARED, RECORD_FORGOTTEN, ROOT_REMOVED -> List.of("");
            case RECORD_WRITTEN, ROOT_MOUNTED, BUNDLE_WRITTEN, CREATED, NETWORK_JOINED ->
                    List.of("created");
            case STARTED, LIMITS_RECORDED, LIMITS_APPLIED, STOP_RECORDED -> List.of("running");
            case START_RECORDED -> List.of("running", "exited"); // nobody waits for it
            case END_SEEN, RUNTIME_CLEARED, NETWORK_LEFT, ROOT_UNMOUNTED -> List.of("exited");
            case POD_RECORDED,
                    NAMESPACES_HELD,
                    POD_JOINED,
                    POD_READY,
                    POD_LIMITS_RECORDED,
                    POD_LEFT,
                    POD_FORGOTTEN ->
                    throw new IllegalArgumentException(step + " is a pod's");
        };
    }

    @Test
    void shouldGoOnWithoutAMonitor() {
        engine.start("mo", "sh", "-c", "sleep 1.5; exit 5");
        String id = engine.inspect("mo", ".Id");

        Command.of("sh", "-c", "kill -9 $(pgrep -f '[r]ung-monitor.*" + id + "')").succeed();

        assertThat(engine.inspect("mo", ".State.Status")).isEqualTo("running");
        Patience.await(
                () -> engine.inspect("mo", ".State.Status").equals("exited"),
                () -> engine.inspect("mo", ".State.Status"));
        engine.rung("rm", "mo").succeed();
        engine.leavesNothing();
    }

    @Test
    @Timeout(120)
    void shouldPullAgainAfterItsEndInThePull() {
        var random = new Random(SEED);
        for (int round = 0; round < 4; round++) {
            engine.rung("rmi", "-f", Engine.IMAGE).run();
            engine.rung("ps").succeed();
            try (Running pull = engine.rung("pull", Engine.IMAGE).start()) {
                sleep(random.nextInt(150));
                engine.kill();
                pull.await(Duration.ofSeconds(20));
            }
            engine.rung("pull", Engine.IMAGE).succeed();
            engine.run("true").ended(0);
        }
        assertThat(engine.files("lib/snapshots/layers")).noneMatch(name -> name.startsWith("new-"));
    }

    /** Whoever asked for a container goes at any moment: it is there and works, or is not there. */
    @Test
    @Timeout(120)
    void shouldLeaveNothingHalfDoneWhenItsPersonGoes() {
        var random = new Random(SEED);
        for (int round = 0; round < 12; round++) {
            try (Running person =
                    engine.rung("run", "-d", "-p", "127.0.0.1:18080:80", Engine.IMAGE, "sleep", "9")
                            .start()) {
                sleep(random.nextInt(60));
                // it may have been quicker
                Command.of("kill", "-KILL", Long.toString(person.pid())).run();
                person.await(Duration.ofSeconds(20));
            }
            Patience.await(this::nothingIsLeftOfWhatWorks, () -> "left: " + engine.left());
        }
    }

    /** Tries and removes what there is, which may come yet. */
    private boolean nothingIsLeftOfWhatWorks() {
        for (String id : engine.rung("ps", "-aq").succeed().output().lines().toList()) {
            engine.rung("start", id).succeed();
            engine.rung("exec", id, "true").succeed();
            engine.rung("rm", "-f", id).succeed();
        }
        return engine.left().isEmpty();
    }

    /** What is mounted for a container lies below its own folder, which is deleted with it. */
    @Test
    void shouldNotDeleteWhatWasMountedIntoAContainerThatNeverRan() {
        engine.rung("volume", "create", "kept").succeed();
        String fill = "mkdir -p /v/part/deep && echo data >/v/part/deep/file";
        engine.rung("run", "--rm", "-v", "kept:/v", Engine.IMAGE, "sh", "-c", fill).succeed();
        engine.dieAfter(Step.ROOT_MOUNTED);
        String mount = "type=volume,src=kept,dst=/v,volume-subpath=part";
        engine.rung("run", "-d", "--name", "never", "--mount", mount, Engine.IMAGE, "sleep", "9")
                .run();
        Patience.await(() -> !engine.isToDie(), () -> "it has mounted nothing");
        sleep(200); // it is on its way to its end

        engine.rung("rm", "-f", "never").succeed();

        engine.leavesNothing();
        String look = "cat /v/part/deep/file";
        assertThat(
                        engine.rung("run", "--rm", "-v", "kept:/v", Engine.IMAGE, "sh", "-c", look)
                                .succeed()
                                .output())
                .isEqualTo("data\n");
        engine.rung("volume", "rm", "kept").succeed();
    }

    @Test
    void shouldKnowWhatIsPaused() {
        engine.start("pa", "sleep", "4242");
        engine.rung("pause", "pa").succeed();

        engine.kill();

        assertThat(engine.inspect("pa", ".State.Status")).isEqualTo("paused");
        engine.rung("unpause", "pa").succeed();
        engine.rung("exec", "pa", "true").succeed();
        engine.kill();
        assertThat(engine.inspect("pa", ".State.Status")).isEqualTo("running");
        engine.rung("rm", "-f", "pa").succeed();
    }

    @Test
    @Timeout(120)
    void shouldCommitAgainAfterItsEndInTheCommit() {
        engine.start("co", "sh", "-c", "head -c 20m /dev/urandom >/made; exec sleep 4242");
        Patience.await(
                () ->
                        engine.rung("exec", "co", "ls", "-l", "/made")
                                .run()
                                .output()
                                .contains("2097"),
                () -> "it is not made");
        var random = new Random(SEED);
        for (int round = 0; round < 4; round++) {
            try (Running commit = engine.rung("commit", "co", "kept:" + round).start()) {
                sleep(random.nextInt(400));
                engine.kill();
                commit.await(Duration.ofSeconds(20));
            }
            engine.rung("commit", "co", "kept:again").succeed();
            engine.rung("run", "--rm", "--network=none", "kept:again", "test", "-s", "/made")
                    .succeed();
        }
        assertThat(engine.inspect("co", ".State.Status")).isEqualTo("running");
        assertThat(engine.files("lib/spools")).isEmpty();
        engine.rung("rm", "-f", "co").succeed();
        for (String image :
                engine.rung("images", "-q", "kept").succeed().output().lines().toList()) {
            engine.rung("rmi", "-f", image).run();
        }
        engine.leavesNothing();
    }

    @Test
    void shouldStartAgainAfterAReboot() {
        engine.rung(
                        "run",
                        "-d",
                        "--name",
                        "always",
                        "--restart",
                        "always",
                        Engine.IMAGE,
                        "sleep",
                        "4242")
                .succeed();
        engine.start("once", "sleep", "4242");
        engine.cutOff();
        try {
            Patience.await(
                    () -> engine.inspect("always", ".State.Status").equals("running"),
                    () -> engine.inspect("always", ".State.Error"));
            assertThat(engine.inspect("once", ".State.Status")).isEqualTo("exited");
            engine.rung("exec", "always", "true").succeed();
            engine.rung("rm", "-f", "always", "once").succeed();
            engine.leavesNothing();
        } finally {
            engine.endReboot();
        }
    }

    @Test
    void shouldSayThatTheDiskIsFull() {
        String home = engine.home().resolve("lib/containers").toString();
        engine.rung("ps").succeed();
        Command.of("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", home).succeed();
        try {
            engine.start("writer", "sh", "-c", "yes | head -n 200000; exec sleep 4242");
            Patience.await(() -> new File(home).getUsableSpace() < 8192, () -> "there is space");
            Outcome refused = engine.rung("create", "--network", "none", Engine.IMAGE).run();
            assertThat(refused.status()).isEqualTo(125);
            assertThat(refused.errors()).containsIgnoringCase("no space left on device");
            assertThat(engine.inspect("writer", ".State.Status")).isEqualTo("running");
            engine.rung("rm", "-f", "writer").succeed();
            Patience.await(
                    () -> new File(home).getUsableSpace() > 200_000, () -> "there is no space");
            engine.run("true").ended(0);
        } finally {
            Command.of("umount", "-l", home).succeed();
        }
    }

    @Test
    @Timeout(300)
    void shouldServeAHundredAtOnce() throws InterruptedException {
        serve(10, 10);
    }

    private void serve(int clients, int each) throws InterruptedException {
        var threads = new ArrayList<Thread>();
        var wrong = new ArrayList<String>();
        for (int client = 0; client < clients; client++) {
            String name = "c" + client + "-";
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = 0; i < each; i++) {
                                    Outcome run =
                                            engine.rung(
                                                            "run",
                                                            "-d",
                                                            "--name",
                                                            name + i,
                                                            Engine.IMAGE,
                                                            "sleep",
                                                            "4242")
                                                    .run();
                                    if (run.status() != 0) {
                                        synchronized (wrong) {
                                            wrong.add(run.errors());
                                        }
                                    }
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).isEmpty();
        List<String> ids = engine.rung("ps", "-q").succeed().output().lines().toList();
        assertThat(ids).hasSize(clients * each);
        var words = new ArrayList<>(List.of("rm", "-f"));
        words.addAll(ids);
        engine.rung(words.toArray(new String[0])).succeed();
        engine.leavesNothing();
    }

    @Test
    @Tag("long")
    @Timeout(1800)
    void shouldStayAsItIsForAThousandContainers() {
        startAndRemove(300);
        long before = residentKib();
        startAndRemove(1000);
        assertThat(residentKib()).isLessThan(before + 24 * 1024);
        assertThat(descriptors()).isLessThan(80);
        engine.leavesNothing();
    }

    @Test
    void shouldLeaveNothingOfManyContainers() {
        startAndRemove(3);
        int before = descriptors();
        startAndRemove(30);
        Patience.await(
                () -> descriptors() <= before + 4,
                () -> descriptors() + " descriptors instead of " + before);
        engine.leavesNothing();
    }

    private void startAndRemove(int count) {
        for (int i = 0; i < count; i++) {
            engine.rung("run", "-d", "--name", "again", Engine.IMAGE, "sleep", "4242").succeed();
            engine.rung("rm", "-f", "again").succeed();
        }
    }

    private int descriptors() {
        String script = "ls /proc/" + engine.pid() + "/fd | wc -l";
        return Integer.parseInt(Command.of("sh", "-c", script).succeed().output().strip());
    }

    private long residentKib() {
        sleep(12_000); // it gives back what it does not need after ten seconds
        String script = "awk '/^VmRSS/{print $2}' /proc/" + engine.pid() + "/status";
        return Long.parseLong(Command.of("sh", "-c", script).succeed().output().strip());
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
