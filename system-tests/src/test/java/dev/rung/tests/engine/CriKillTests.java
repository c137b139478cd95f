package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.cri.v1.ContainerState;
import dev.rung.cri.v1.PodSandboxState;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.engine.KilledCall.Found;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * kill -9 of the engine at moments spread over each call that changes something. {@link
 * CriSuddenEndTests} has the quick ones, between the steps of such calls.
 */
@SystemTest
@Tag("long")
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "ip"})
@TestInstance(Lifecycle.PER_CLASS)
class CriKillTests {
    private static final String NETWORK =
            """
            {"cniVersion": "1.0.0", "name": "kills", "plugins": [
              {"type": "bridge", "bridge": "cnikills0", "isGateway": true,
               "ipam": {"type": "host-local", "dataDir": "DATA", "subnet": "10.77.0.0/24"}},
              {"type": "portmap", "capabilities": {"portMappings": true}}]}
            """;

    /** Moments of a call; RUNG_TEST_KILLS says how many otherwise. */
    private static final int MOMENTS =
            Integer.parseInt(System.getenv().getOrDefault("RUNG_TEST_KILLS", "12"));

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = Engine.withCni();
        String data = engine.home().resolve("ipam").toString();
        engine.write("net.d/10-kills.conflist", NETWORK.replace("DATA", data));
        String criu = System.getenv("RUNG_TEST_CRIU");
        if (criu != null) {
            engine.configure("daemon.json", "{\"criu\": \"" + criu + "\"}");
            engine.rung("system", "shutdown").succeed();
        }
        engine.rung("version").succeed();
    }

    @AfterAll
    void end() {
        if (engine != null) {
            engine.close();
            Command.of("ip", "link", "delete", "cnikills0").run();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(1800)
    void shouldTellTheTruthWheneverItIsKilled(KilledCall call, TestReporter reporter)
            throws IOException {
        long usual = usual(call);
        var wrong = new ArrayList<String>();
        for (int i = 0; i < MOMENTS; i++) {
            long moment = usual * (2L * i + 1) * 5 / (8L * MOMENTS); // up to 1.25 of it
            try {
                reporter.publishEntry(moment / 1000 + " us", killIn(call, moment));
            } catch (AssertionError | RuntimeException e) {
                wrong.add("killed after " + moment / 1000 + " us of " + usual / 1000 + ": " + e);
                engine.rung("pod", "rm", "--force", "--all").run();
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** How long it takes when nobody dies, the second time. */
    private long usual(KilledCall call) throws IOException {
        long took = 0;
        for (int i = 0; i < 2; i++) {
            try (var kubelet = new CriClient(engine.criSocket())) {
                Found before = prepare(call, kubelet);
                long begun = System.nanoTime();
                call.make(engine, kubelet, before);
                took = System.nanoTime() - begun;
                kubelet.endAll();
            }
            leavesNothing();
        }
        return took;
    }

    private Found prepare(KilledCall call, CriClient kubelet) {
        Command.of("rm", "-rf", engine.home() + "/logs").succeed();
        return call.prepare(engine, kubelet);
    }

    private String killIn(KilledCall call, long moment) throws IOException {
        boolean answered;
        Found before;
        ProcessHandle daemon = ProcessHandle.of(Long.parseLong(engine.pid())).orElseThrow();
        try (var kubelet = new CriClient(engine.criSocket())) {
            before = prepare(call, kubelet);
            Found prepared = before;
            long begun = System.nanoTime();
            var made = CompletableFuture.runAsync(() -> call.make(engine, kubelet, prepared));
            while (System.nanoTime() - begun < moment) {
                Thread.onSpinWait();
            }
            daemon.destroyForcibly();
            Patience.await(
                    () -> !daemon.isAlive(), () -> "the engine lives on"); // onExit() looks rarely
            engine.rung("version").succeed();
            answered = made.handle((_, failed) -> failed == null).join();
        }
        String found;
        try (var kubelet = new CriClient(engine.criSocket())) {
            found = call.judge(engine, kubelet, before, answered);
            kubelet.endAll();
        }
        leavesNothing();
        return (answered ? "answered, " : "cut off, ") + found;
    }

    private void leavesNothing() {
        engine.leavesNothing();
        Patience.await(() -> rest().isEmpty(), () -> "there is a rest: " + rest());
    }

    /** Addresses, records of what joined networks, and processes. */
    private List<String> rest() {
        String script =
                """
                ls ipam/kills | grep '^10[.]77' || true
                ls lib/cni/results run/netns 2>/dev/null | grep -v ':$' | grep . || true
                ls lib/images lib/content/ingest 2>/dev/null | grep -i 'tmp\\|part' || true
                pgrep --ns $$ --nslist mnt -af '[r]ung-monitor.*[0-9a-f]{64}' || true
                ip -o link | grep 'master cnikills0' || true
                """;
        return Command.of("sh", "-c", "cd " + engine.home() + "; " + script)
                .succeed()
                .output()
                .lines()
                .toList();
    }

    @Test
    void shouldHaveWhatItJudgesBy() throws IOException {
        try (var kubelet = new CriClient(engine.criSocket())) {
            Found found = KilledCall.STOP_CONTAINER.prepare(engine, kubelet);
            assertThat(kubelet.status(found.container()).getState())
                    .isEqualTo(ContainerState.CONTAINER_RUNNING);
            assertThat(kubelet.pods().get(found.pod())).isEqualTo(PodSandboxState.SANDBOX_READY);
            assertThat(rest()).isNotEmpty();
            kubelet.endAll();
        }
        leavesNothing();
    }
}
