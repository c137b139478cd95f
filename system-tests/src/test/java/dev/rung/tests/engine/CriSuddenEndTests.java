package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.cri.v1.ContainerEventResponse;
import dev.rung.cri.v1.ContainerState;
import dev.rung.cri.v1.GetEventsRequest;
import dev.rung.cri.v1.ListContainersRequest;
import dev.rung.cri.v1.ListContainersResponse;
import dev.rung.cri.v1.ListPodSandboxRequest;
import dev.rung.cri.v1.ListPodSandboxResponse;
import dev.rung.cri.v1.PodSandbox;
import dev.rung.cri.v1.PodSandboxState;
import dev.rung.engine.Step;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** kill -9 of the engine in calls of CRI: what a kubelet finds afterwards. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class CriSuddenEndTests {
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

    private static List<PodSandbox> pods(CriClient kubelet) {
        return kubelet.call(
                        "ListPodSandbox",
                        ListPodSandboxRequest.getDefaultInstance(),
                        ListPodSandboxResponse.getDefaultInstance())
                .getItemsList();
    }

    private static List<ContainerState> containers(CriClient kubelet) {
        return kubelet
                .call(
                        "ListContainers",
                        ListContainersRequest.getDefaultInstance(),
                        ListContainersResponse.getDefaultInstance())
                .getContainersList()
                .stream()
                .map(container -> container.getState())
                .toList();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "POD_RECORDED",
                "POD_JOINED",
                "POD_READY",
                "RECORD_WRITTEN",
                "CREATED",
                "STARTED",
                "POD_LEFT",
                "POD_FORGOTTEN"
            })
    void shouldTellAKubeletWhatIsThere(Step step) throws IOException {
        engine.rung("version").succeed();
        engine.dieAfter(step);
        Path logs = engine.home().resolve("logs/" + step);
        var config = CriClient.pod("sudden").setLogDirectory(logs.toString());
        try (var kubelet = new CriClient(engine.criSocket())) {
            String pod = kubelet.run(config);
            kubelet.launch(
                    pod,
                    config,
                    CriClient.container("main", "sh", "-c", "echo begun; sleep 1000")
                            .setLogPath("0.log"));
            kubelet.end(pod);
        } catch (StatusRuntimeException _) {
            // that was its end
        }
        Patience.await(() -> !engine.isToDie(), () -> "it has not come to " + step);

        engine.rung("version").succeed();
        try (var kubelet = new CriClient(engine.criSocket())) {
            List<PodSandbox> pods = pods(kubelet);
            List<ContainerState> states = containers(kubelet);
            switch (step) {
                case POD_RECORDED, POD_JOINED -> {
                    assertThat(pods).hasSize(1);
                    assertThat(pods.getFirst().getState())
                            .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
                    assertThat(states).isEmpty();
                }
                case POD_READY ->
                        assertThat(pods)
                                .singleElement()
                                .extracting(PodSandbox::getState)
                                .isEqualTo(PodSandboxState.SANDBOX_READY);
                case RECORD_WRITTEN, CREATED ->
                        assertThat(states).allMatch(state -> isBeforeOrAfter(state));
                case STARTED -> {
                    assertThat(states).containsExactly(ContainerState.CONTAINER_RUNNING);
                    Patience.await(
                            () -> has(logs.resolve("0.log"), "begun"), () -> "nothing is logged");
                }
                case POD_LEFT ->
                        assertThat(pods)
                                .allMatch(each ->
                                        each.getState() == PodSandboxState.SANDBOX_NOTREADY);
                default -> assertThat(pods).isEmpty();
            }
            for (PodSandbox pod : pods) {
                kubelet.end(pod.getId());
            }
            assertThat(pods(kubelet)).isEmpty();
            assertThat(containers(kubelet)).isEmpty();
            engine.leavesNothing();
        }
    }

    /** What a kubelet was not told the end of has happened, or not, and never a half of it. */
    @ParameterizedTest
    @EnumSource(names = {"LIMITS_RECORDED", "POD_LIMITS_RECORDED"})
    void shouldLimitWhatRunsAsItTells(Step step) throws IOException {
        engine.rung("version").succeed();
        KilledCall call =
                step == Step.POD_LIMITS_RECORDED
                        ? KilledCall.UPDATE_POD_SANDBOX_RESOURCES
                        : KilledCall.UPDATE_CONTAINER_RESOURCES;
        KilledCall.Found before;
        try (var kubelet = new CriClient(engine.criSocket())) {
            before = call.prepare(engine, kubelet);
            engine.dieAfter(step);
            assertThatThrownBy(() -> call.make(engine, kubelet, before))
                    .isInstanceOf(StatusRuntimeException.class);
        }
        assertThat(engine.isToDie()).isFalse();

        engine.rung("version").succeed();
        try (var kubelet = new CriClient(engine.criSocket())) {
            String found = call.judge(engine, kubelet, before, false);
            assertThat(found).as("what was recorded").contains(Long.toString(KilledCall.LIMIT));
            kubelet.endAll();
        }
        engine.leavesNothing();
    }

    /** It never runs unseen. */
    private static boolean isBeforeOrAfter(ContainerState state) {
        return state == ContainerState.CONTAINER_CREATED
                || state == ContainerState.CONTAINER_EXITED;
    }

    private static boolean has(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (IOException _) {
            return false;
        }
    }

    @Test
    void shouldKnowHowContainersEndedMeanwhile() throws IOException {
        engine.rung("version").succeed();
        Path logs = engine.home().resolve("logs/ended");
        var config = CriClient.pod("ended").setLogDirectory(logs.toString());
        String id;
        String pod;
        try (var kubelet = new CriClient(engine.criSocket())) {
            pod = kubelet.run(config);
            id =
                    kubelet.launch(
                            pod,
                            config,
                            CriClient.container(
                                            "main",
                                            "sh",
                                            "-c",
                                            "while [ ! -e /tmp/go ]; do sleep 0.1; done; echo bye;"
                                                    + " exit 7")
                                    .setLogPath("0.log"));
            kubelet.exec(id, "sh", "-c", "(sleep 1; touch /tmp/go) >/dev/null 2>&1 &");
        }
        engine.kill();
        Patience.await(() -> has(logs.resolve("0.log"), "bye"), () -> "nothing is logged");
        engine.rung("version").succeed();
        try (var kubelet = new CriClient(engine.criSocket())) {
            assertThat(kubelet.ended(id).getExitCode()).isEqualTo(7);
            assertThat(kubelet.status(id).getReason()).isEqualTo("Error");
            assertThat(kubelet.status(id).getFinishedAt())
                    .isGreaterThan(kubelet.status(id).getStartedAt());
            assertThat(Files.readString(logs.resolve("0.log"))).contains("stdout F bye");
            kubelet.end(pod);
        }
        engine.leavesNothing();
    }

    /** A pod with a container that runs, and one that has ended, when the engine is killed. */
    @Test
    void shouldTellPluginsAndKubeletsThatComeBackOfWhatLivesAndHowItEnds() {
        engine.rung("version").succeed();
        var config = CriClient.pod("lives");
        String pod;
        String main;
        String brief;
        NriPlugin before = NriPlugin.at(engine.home().resolve("run/nri.sock"));
        try (before;
                var kubelet = new CriClient(engine.criSocket())) {
            before.join("10", "before");
            pod = kubelet.run(config);
            main = kubelet.launch(pod, config, CriClient.container("main", "sleep", "1000"));
            brief = kubelet.launch(pod, config, CriClient.container("brief", "true"));
            kubelet.ended(brief);
            engine.kill();
            Patience.await(before::isDropped, () -> "the plug-in is still connected");
        }

        engine.rung("version").succeed();
        var told = Collections.synchronizedList(new ArrayList<ContainerEventResponse>());
        try (var plugin = NriPlugin.at(engine.home().resolve("run/nri.sock")).join("10", "before");
                var kubelet = new CriClient(engine.criSocket())) {
            assertThat(plugin.heard())
                    .extracting(NriPlugin.Heard::toString)
                    .contains("there lives", "there /main")
                    .doesNotContain("there /brief");
            Thread listening = Thread.ofVirtual().start(() -> listen(kubelet, told));
            Patience.await(
                    () -> {
                        kubelet.end(kubelet.run(CriClient.pod("knocks")));
                        return !told.isEmpty();
                    },
                    () -> "no events");

            kubelet.stop(main, 0);
            kubelet.end(pod);

            plugin.hears("RemovePodSandbox lives");
            assertThat(plugin.of("lives"))
                    .containsSubsequence(
                            "StopContainer main",
                            "StopPodSandbox",
                            "RemoveContainer main",
                            "RemovePodSandbox");
            var own = Set.of(main, pod);
            Patience.await(
                    () -> events(told, own).contains("CONTAINER_DELETED_EVENT " + pod),
                    () -> "the pod's end is not told: " + events(told, own));
            assertThat(events(told, own))
                    .containsExactly(
                            "CONTAINER_STOPPED_EVENT " + main,
                            "CONTAINER_STOPPED_EVENT " + pod,
                            "CONTAINER_DELETED_EVENT " + main,
                            "CONTAINER_DELETED_EVENT " + pod);
            assertThat(events(told, Set.of(brief)))
                    .containsExactly("CONTAINER_DELETED_EVENT " + brief);
            listening.interrupt();
        }
        engine.leavesNothing();
    }

    private static void listen(CriClient kubelet, List<ContainerEventResponse> told) {
        try {
            kubelet.stream(
                            CriClient.RUNTIME,
                            "GetContainerEvents",
                            GetEventsRequest.getDefaultInstance(),
                            ContainerEventResponse.getDefaultInstance())
                    .forEachRemaining(told::add);
        } catch (StatusRuntimeException _) {
            // the connection ends with the test
        }
    }

    private static List<String> events(List<ContainerEventResponse> told, Set<String> ids) {
        return List.copyOf(told).stream()
                .filter(event -> ids.contains(event.getContainerId()))
                .map(event -> event.getContainerEventType().name() + " " + event.getContainerId())
                .toList();
    }
}
