package dev.rung.nri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.nri.v1alpha1.Container;
import dev.rung.nri.v1alpha1.ContainerAdjustment;
import dev.rung.nri.v1alpha1.ContainerEviction;
import dev.rung.nri.v1alpha1.ContainerUpdate;
import dev.rung.nri.v1alpha1.CreateContainerRequest;
import dev.rung.nri.v1alpha1.CreateContainerResponse;
import dev.rung.nri.v1alpha1.Event;
import dev.rung.nri.v1alpha1.PodSandbox;
import dev.rung.nri.v1alpha1.SynchronizeRequest;
import dev.rung.nri.v1alpha1.SynchronizeResponse;
import dev.rung.nri.v1alpha1.ValidateContainerAdjustmentResponse;
import dev.rung.nri.wire.CallFailure;
import dev.rung.nri.wire.Link;
import dev.rung.nri.wire.Service;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PluginsTests {
    private static final PodSandbox POD = PodSandbox.newBuilder().setId("pod").build();
    private static final Container CONTAINER = Container.newBuilder().setId("one").build();
    private static final PluginSettings SETTINGS =
            new PluginSettings(
                    true,
                    true,
                    Path.of("/nowhere"),
                    Path.of("/nowhere"),
                    Path.of("/nowhere"),
                    Duration.ofSeconds(2),
                    Duration.ofMillis(800),
                    ValidatorSettings.NONE);

    private final Node node = new Node();
    private final Plugins plugins = new Plugins(SETTINGS, "1", node);
    private final List<FakePlugin> fakes = new ArrayList<>();

    /** As many pods and containers as a test says. */
    private static final class Node implements NodeState {
        private final List<PodSandbox> pods = new ArrayList<>();
        private final List<Container> containers = new ArrayList<>();
        private final List<ContainerUpdate> updates =
                Collections.synchronizedList(new ArrayList<>());

        @Override
        public List<PodSandbox> pods() {
            return pods;
        }

        @Override
        public List<Container> containers() {
            return containers;
        }

        @Override
        public List<ContainerUpdate> update(List<ContainerUpdate> asked) {
            updates.addAll(asked);
            return List.of();
        }

        @Override
        public void evict(List<ContainerEviction> evictions) {
            throw new AssertionError("nobody is evicted");
        }
    }

    @AfterEach
    void end() {
        fakes.forEach(FakePlugin::close);
        plugins.close();
    }

    private FakePlugin join(@Nullable String index, int events, Service answers) throws Exception {
        var pair = Pair.open();
        var fake = new FakePlugin(pair.other(), answers).hearing(events);
        fakes.add(fake);
        Thread registering =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                if (index != null) {
                                    fake.register(index, "test");
                                }
                            } catch (CallFailure e) {
                                fake.heard.add(e.getMessage());
                            }
                        });
        boolean joined = plugins.join(pair.one(), null, "", () -> {});
        fake.heard.add(joined ? "joined" : "not joined");
        registering.join();
        return fake;
    }

    @Test
    void shouldTellPluginsInTheirOrder() throws Exception {
        var order = Collections.synchronizedList(new ArrayList<String>());
        for (String index : List.of("20", "00", "10")) {
            join(
                    index,
                    0,
                    (_, method, request) -> {
                        if (method.equals("RunPodSandbox")) {
                            order.add(index);
                        }
                        return FakePlugin.nothing("", method, request);
                    });
        }

        plugins.podRuns(POD);

        assertThat(order).containsExactly("00", "10", "20");
    }

    @Test
    void shouldTellPluginsOfItsEnd() throws Exception {
        FakePlugin fake = join("00", 0, FakePlugin::nothing);

        plugins.close();

        assertThat(fake.heard).endsWith("joined", "Shutdown");
        assertThat(plugins.isEmpty()).isTrue();
    }

    @Test
    void shouldTellOnlyWhatIsAskedFor() throws Exception {
        FakePlugin fake = join("00", 1 << Event.STOP_POD_SANDBOX_VALUE - 1, FakePlugin::nothing);

        plugins.podRuns(POD);
        plugins.podStops(POD);

        assertThat(fake.heard)
                .containsExactly("Configure", "Synchronize", "joined", "StopPodSandbox");
        assertThat(plugins.hear(Event.STOP_POD_SANDBOX)).isTrue();
        assertThat(plugins.hear(Event.RUN_POD_SANDBOX)).isFalse();
    }

    @Test
    void shouldTellOlderPluginsOfChangedStates() throws Exception {
        FakePlugin fake =
                join(
                        "00",
                        1 << Event.RUN_POD_SANDBOX_VALUE - 1,
                        (service, method, request) -> {
                            if (method.equals("RunPodSandbox")) {
                                throw CallFailure.answered(CallFailure.UNIMPLEMENTED, method);
                            }
                            return FakePlugin.nothing(service, method, request);
                        });

        plugins.podRuns(POD);
        plugins.podRuns(POD);

        assertThat(fake.heard).endsWith("joined", "RunPodSandbox", "StateChange", "StateChange");
    }

    @Test
    void shouldPassOnWhatAPluginRefuses() throws Exception {
        join(
                "00",
                1 << Event.RUN_POD_SANDBOX_VALUE - 1,
                (service, method, request) -> {
                    if (method.equals("RunPodSandbox")) {
                        throw CallFailure.answered(CallFailure.UNKNOWN, "not today");
                    }
                    return FakePlugin.nothing(service, method, request);
                });

        assertThatThrownBy(() -> plugins.podRuns(POD))
                .isInstanceOf(Failure.Denied.class)
                .hasMessage("NRI plug-in 00-test: RunPodSandbox: not today");
        assertThat(plugins.isEmpty()).isFalse();
    }

    @Test
    void shouldDropOneThatHangsAndGoOn() throws Exception {
        join(
                "00",
                1 << Event.RUN_POD_SANDBOX_VALUE - 1,
                (service, method, request) -> {
                    if (method.equals("RunPodSandbox")) {
                        sleep();
                    }
                    return FakePlugin.nothing(service, method, request);
                });
        FakePlugin other = join("10", 0, FakePlugin::nothing);

        plugins.podRuns(POD);

        assertThat(other.heard).endsWith("RunPodSandbox");
        plugins.podStops(POD);
        assertThat(other.heard).endsWith("RunPodSandbox", "StopPodSandbox");
    }

    private static void sleep() {
        try {
            Thread.sleep(Duration.ofSeconds(30));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldNotTakeInWhoHasNoProperName() throws Exception {
        assertThat(join("7", 0, FakePlugin::nothing).heard)
                .contains("not joined")
                .contains("invalid plugin index \"7\", must be 2 digits");
        assertThat(join("00", 1 << 20, FakePlugin::nothing).heard).contains("not joined");
        assertThat(plugins.isEmpty()).isTrue();
    }

    @Test
    void shouldNotWaitForWhoDoesNotSayWhoItIs() throws Exception {
        assertThat(join(null, 0, FakePlugin::nothing).heard).containsExactly("not joined");
    }

    @Test
    void shouldHaveNewcomersWaitForChangesAndGiveUp() throws Exception {
        try (var _ = plugins.changing()) {
            assertThat(join("00", 0, FakePlugin::nothing).heard)
                    .contains("Configure", "not joined")
                    .doesNotContain("Synchronize");
        }
        assertThat(join("00", 0, FakePlugin::nothing).heard).contains("Synchronize", "joined");
    }

    @Test
    void shouldSynchronizeInPieces() throws Exception {
        for (int i = 0; i < 40; i++) {
            node.pods.add(
                    PodSandbox.newBuilder()
                            .setId("pod" + i)
                            .putLabels("long", "x".repeat(200_000))
                            .build());
            node.containers.add(Container.newBuilder().setId("container" + i).build());
        }
        var pods = Collections.synchronizedList(new ArrayList<String>());
        var containers = Collections.synchronizedList(new ArrayList<String>());
        FakePlugin fake =
                join(
                        "00",
                        0,
                        (_, method, request) -> {
                            if (!method.equals("Synchronize")) {
                                return FakePlugin.nothing("", method, request);
                            }
                            SynchronizeRequest part =
                                    Link.parse(SynchronizeRequest.getDefaultInstance(), request);
                            part.getPodsList().forEach(pod -> pods.add(pod.getId()));
                            part.getContainersList().forEach(one -> containers.add(one.getId()));
                            var answer = SynchronizeResponse.newBuilder().setMore(part.getMore());
                            if (!part.getMore()) {
                                answer.addUpdate(
                                        ContainerUpdate.newBuilder().setContainerId("container3"));
                            }
                            return answer.build();
                        });

        assertThat(fake.heard).contains("joined");
        assertThat(pods).hasSize(40).doesNotHaveDuplicates();
        assertThat(containers).hasSize(40).doesNotHaveDuplicates();
        assertThat(node.updates)
                .extracting(ContainerUpdate::getContainerId)
                .containsExactly("container3");
        assertThat(Collections.frequency(fake.heard, "Synchronize")).isGreaterThan(2);
    }

    @Test
    void shouldNotTakeInOneThatWantsNoPieces() throws Exception {
        for (int i = 0; i < 40; i++) {
            node.pods.add(PodSandbox.newBuilder().putLabels("long", "x".repeat(200_000)).build());
        }

        assertThat(join("00", 0, FakePlugin::nothing).heard).contains("not joined");
    }

    private static Service annotating(String name, String value) {
        return (service, method, request) ->
                method.equals("CreateContainer")
                        ? CreateContainerResponse.newBuilder()
                                .setAdjust(
                                        ContainerAdjustment.newBuilder()
                                                .putAnnotations(name, value))
                                .build()
                        : FakePlugin.nothing(service, method, request);
    }

    @Test
    void shouldShowAPluginWhatThoseBeforeItHaveWanted() throws Exception {
        join("00", 0, annotating("a", "1"));
        var seen = Collections.synchronizedList(new ArrayList<String>());
        join(
                "10",
                1 << Event.CREATE_CONTAINER_VALUE - 1,
                (_, method, request) -> {
                    if (!method.equals("CreateContainer")) {
                        return FakePlugin.nothing("", method, request);
                    }
                    CreateContainerRequest asked =
                            Link.parse(CreateContainerRequest.getDefaultInstance(), request);
                    seen.add(asked.getContainer().getAnnotationsOrDefault("a", ""));
                    return CreateContainerResponse.getDefaultInstance();
                });

        Creation creation = plugins.create(POD, CONTAINER);

        assertThat(seen).containsExactly("1");
        assertThat(creation.adjustment().getAnnotationsMap()).containsEntry("a", "1");
    }

    @Test
    void shouldRefuseWhatTwoPluginsWantDifferently() throws Exception {
        join("00", 0, annotating("a", "1"));
        join("10", 0, annotating("a", "2"));

        assertThatThrownBy(() -> plugins.create(POD, CONTAINER))
                .isInstanceOf(Failure.WrongState.class)
                .hasMessage(
                        "NRI plug-ins \"10-test\" and \"00-test\" both tried to set Annotations a");
    }

    @Test
    void shouldHaveValidatorsRefuse() throws Exception {
        join("00", 1 << Event.CREATE_CONTAINER_VALUE - 1, annotating("a", "1"));
        join(
                "10",
                1 << Event.VALIDATE_CONTAINER_ADJUSTMENT_VALUE - 1,
                (service, method, request) ->
                        method.equals("ValidateContainerAdjustment")
                                ? ValidateContainerAdjustmentResponse.newBuilder()
                                        .setReject(true)
                                        .setReason("no annotations here")
                                        .build()
                                : FakePlugin.nothing(service, method, request));

        assertThatThrownBy(() -> plugins.create(POD, CONTAINER))
                .isInstanceOf(Failure.Denied.class)
                .hasMessageContaining("no annotations here");
    }
}
