package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import dev.rung.cri.v1.Container;
import dev.rung.cri.v1.ContainerFilter;
import dev.rung.cri.v1.ContainerState;
import dev.rung.cri.v1.LinuxContainerConfig;
import dev.rung.cri.v1.LinuxContainerResources;
import dev.rung.cri.v1.LinuxContainerSecurityContext;
import dev.rung.cri.v1.ListContainersRequest;
import dev.rung.cri.v1.ListContainersResponse;
import dev.rung.cri.v1.ListPodSandboxRequest;
import dev.rung.cri.v1.ListPodSandboxResponse;
import dev.rung.cri.v1.NamespaceMode;
import dev.rung.cri.v1.NamespaceOption;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.cri.v1.UpdateContainerResourcesRequest;
import dev.rung.cri.v1.UpdateContainerResourcesResponse;
import dev.rung.nri.v1alpha1.CDIDevice;
import dev.rung.nri.v1alpha1.ContainerAdjustment;
import dev.rung.nri.v1alpha1.ContainerEviction;
import dev.rung.nri.v1alpha1.ContainerUpdate;
import dev.rung.nri.v1alpha1.CreateContainerRequest;
import dev.rung.nri.v1alpha1.CreateContainerResponse;
import dev.rung.nri.v1alpha1.Empty;
import dev.rung.nri.v1alpha1.Hook;
import dev.rung.nri.v1alpha1.Hooks;
import dev.rung.nri.v1alpha1.KeyValue;
import dev.rung.nri.v1alpha1.LinuxContainerAdjustment;
import dev.rung.nri.v1alpha1.LinuxContainerUpdate;
import dev.rung.nri.v1alpha1.LinuxDevice;
import dev.rung.nri.v1alpha1.LinuxMemory;
import dev.rung.nri.v1alpha1.LinuxResources;
import dev.rung.nri.v1alpha1.LinuxSeccomp;
import dev.rung.nri.v1alpha1.LinuxSyscall;
import dev.rung.nri.v1alpha1.Mount;
import dev.rung.nri.v1alpha1.OptionalInt;
import dev.rung.nri.v1alpha1.OptionalInt64;
import dev.rung.nri.v1alpha1.POSIXRlimit;
import dev.rung.nri.v1alpha1.UpdateContainersRequest;
import dev.rung.nri.wire.CallFailure;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Plug-ins of the node resource interface, in an engine that serves a kubelet. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class NriTests {
    private static final String[] SLEEP = {"sleep", "1000"};

    private static final LinuxContainerConfig.Builder OWN_PROCESSES =
            LinuxContainerConfig.newBuilder()
                    .setSecurityContext(
                            LinuxContainerSecurityContext.newBuilder()
                                    .setNamespaceOptions(
                                            NamespaceOption.newBuilder()
                                                    .setPid(NamespaceMode.CONTAINER)));

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @SuppressWarnings("NullAway.Init")
    private CriClient kubelet;

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = Engine.withCri();
        kubelet = new CriClient(engine.criSocket());
        engine.rung("version").succeed();
    }

    @AfterAll
    void end() {
        if (engine != null) {
            kubelet.close();
            engine.close();
        }
    }

    private Path socket() {
        return engine.home().resolve("run/nri.sock");
    }

    private NriPlugin plugin() {
        return NriPlugin.at(socket());
    }

    private List<Container> containers(String pod) {
        return kubelet.call(
                        "ListContainers",
                        ListContainersRequest.newBuilder()
                                .setFilter(ContainerFilter.newBuilder().setPodSandboxId(pod))
                                .build(),
                        ListContainersResponse.getDefaultInstance())
                .getContainersList();
    }

    private List<String> pods() {
        return kubelet
                .call(
                        "ListPodSandbox",
                        ListPodSandboxRequest.getDefaultInstance(),
                        ListPodSandboxResponse.getDefaultInstance())
                .getItemsList()
                .stream()
                .map(pod -> pod.getMetadata().getName())
                .toList();
    }

    @Test
    void shouldTellOfAPodAndItsContainersFromTheFirstToTheLast() {
        PodSandboxConfig.Builder config = CriClient.pod("life");
        try (var plugin = plugin().join("10", "life")) {
            assertThat(plugin.heard().getFirst().toString()).isEqualTo("Configure rung");
            String pod = kubelet.run(config);
            kubelet.launch(pod, config, CriClient.container("main", SLEEP));
            String brief = kubelet.launch(pod, config, CriClient.container("brief", "false"));
            plugin.hears("StopContainer life/brief");
            try (var later = plugin().join("20", "later")) {
                assertThat(later.heard())
                        .extracting(NriPlugin.Heard::toString)
                        .contains("there life", "there /main")
                        .doesNotContain("there /brief");
            }
            engine.rung("rm", brief).succeed();
            plugin.hears("RemoveContainer life/brief");
            kubelet.end(pod);

            assertThat(plugin.of("life"))
                    .containsSubsequence(
                            "RunPodSandbox",
                            "CreateContainer main",
                            "PostCreateContainer main",
                            "StartContainer main",
                            "PostStartContainer main",
                            "CreateContainer brief",
                            "StartContainer brief",
                            "StopContainer brief",
                            "StopContainer main",
                            "StopPodSandbox",
                            "RemoveContainer main",
                            "RemovePodSandbox")
                    .doesNotHaveDuplicates();
        }
    }

    private static KeyValue variable(String name, String value) {
        return KeyValue.newBuilder().setKey(name).setValue(value).build();
    }

    private static LinuxResources memory(long bytes) {
        return LinuxResources.newBuilder()
                .setMemory(
                        LinuxMemory.newBuilder()
                                .setLimit(OptionalInt64.newBuilder().setValue(bytes)))
                .build();
    }

    private static ContainerUpdate update(String id, LinuxResources resources) {
        return ContainerUpdate.newBuilder()
                .setContainerId(id)
                .setLinux(LinuxContainerUpdate.newBuilder().setResources(resources))
                .build();
    }

    @Test
    void shouldMakeContainersAsPluginsWantThem() throws IOException {
        Path data = Files.createDirectories(engine.home().resolve("data"));
        Files.writeString(data.resolve("word"), "given");
        Path hooked = engine.home().resolve("hooked");
        ContainerAdjustment wish =
                ContainerAdjustment.newBuilder()
                        .putAnnotations("example.com/a", "1")
                        .addEnv(variable("GIVEN", "yes"))
                        .addEnv(variable("-TAKEN", ""))
                        .addArgs("sleep")
                        .addArgs("2000")
                        .addMounts(
                                Mount.newBuilder()
                                        .setDestination("/given")
                                        .setType("bind")
                                        .setSource(data.toString())
                                        .addOptions("rbind")
                                        .addOptions("ro"))
                        .addRlimits(
                                POSIXRlimit.newBuilder()
                                        .setType("RLIMIT_NOFILE")
                                        .setSoft(123)
                                        .setHard(321))
                        .setHooks(
                                Hooks.newBuilder()
                                        .addCreateRuntime(
                                                Hook.newBuilder()
                                                        .setPath("/bin/sh")
                                                        .addAllArgs(
                                                                List.of(
                                                                        "sh",
                                                                        "-c",
                                                                        "echo > " + hooked))))
                        .setLinux(
                                LinuxContainerAdjustment.newBuilder()
                                        .addDevices(
                                                LinuxDevice.newBuilder()
                                                        .setPath("/dev/given")
                                                        .setType("c")
                                                        .setMajor(1)
                                                        .setMinor(5))
                                        .setResources(memory(96 << 20))
                                        .setOomScoreAdj(OptionalInt.newBuilder().setValue(777))
                                        .putSysctl("kernel.msgmax", "12345")
                                        .setSeccompPolicy(
                                                LinuxSeccomp.newBuilder()
                                                        .setDefaultAction("SCMP_ACT_ALLOW")
                                                        .addSyscalls(
                                                                LinuxSyscall.newBuilder()
                                                                        .addNames("mkdir")
                                                                        .addNames("mkdirat")
                                                                        .setAction(
                                                                                "SCMP_ACT_ERRNO"))))
                        .build();
        PodSandboxConfig.Builder config = CriClient.pod("wishes");
        try (var plugin = plugin().adjusting(_ -> wish).join("10", "wishes")) {
            String pod = kubelet.run(config);
            String id =
                    kubelet.launch(
                            pod,
                            config,
                            CriClient.container("main", SLEEP)
                                    .setLinux(OWN_PROCESSES)
                                    .addEnvs(
                                            dev.rung.cri.v1.KeyValue.newBuilder()
                                                    .setKey("TAKEN")
                                                    .setValue(ByteString.copyFromUtf8("x"))));

            assertThat(kubelet.output(id, "cat", "/proc/1/cmdline"))
                    .isEqualTo("sleep\0" + "2000\0");
            assertThat(kubelet.output(id, "cat", "/proc/1/environ"))
                    .contains("GIVEN=yes")
                    .doesNotContain("TAKEN");
            assertThat(kubelet.output(id, "env")).contains("GIVEN=yes").doesNotContain("TAKEN");
            assertThat(kubelet.output(id, "cat", "/given/word")).isEqualTo("given");
            assertThat(kubelet.exec(id, "touch", "/given/new").getExitCode()).isNotZero();
            assertThat(kubelet.output(id, "cat", "/proc/1/limits"))
                    .containsPattern("Max open files +123 +321");
            assertThat(kubelet.output(id, "cat", "/proc/1/oom_score_adj")).isEqualTo("777\n");
            assertThat(kubelet.output(id, "cat", "/proc/sys/kernel/msgmax")).isEqualTo("12345\n");
            assertThat(kubelet.output(id, "head", "-c", "2", "/dev/given")).isEqualTo("\0\0");
            assertThat(kubelet.exec(id, "mkdir", "/tmp/new").getExitCode()).isNotZero();
            assertThat(kubelet.status(id).getResources().getLinux().getMemoryLimitInBytes())
                    .isEqualTo(96 << 20);
            assertThat(hooked).exists();
            assertThat(Files.readString(config(id))).contains("\"example.com/a\":\"1\"");
            kubelet.end(pod);
            assertThat(plugin.isDropped()).isFalse();
        }
    }

    private Path config(String id) throws IOException {
        try (var files = Files.walk(engine.home().resolve("run"))) {
            return files.filter(file -> file.toString().contains(id))
                    .filter(file -> file.endsWith("config.json"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void shouldRefuseWhatAPluginRefusesOrTwoWantDifferently() {
        PodSandboxConfig.Builder config = CriClient.pod("refused");
        try (var plugin =
                plugin().on(
                                "RunPodSandbox",
                                _ -> {
                                    throw CallFailure.answered(2, "no pods today");
                                })
                        .join("10", "against")) {
            assertThatThrownBy(() -> kubelet.run(config))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessageContaining("10-against: RunPodSandbox: no pods today");
            assertThat(pods()).doesNotContain("refused");
            assertThat(plugin.of("refused"))
                    .containsExactly("RunPodSandbox", "StopPodSandbox", "RemovePodSandbox");
        }
        Patience.await(() -> isGone("10-against"), () -> "the plug-in does not go");
        try (var _ = plugin().adjusting(_ -> annotation("1")).join("10", "one");
                var two = plugin().adjusting(_ -> annotation("2")).join("20", "two")) {
            String pod = kubelet.run(config);
            assertThatThrownBy(
                            () -> kubelet.create(pod, config, CriClient.container("main", SLEEP)))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessageContaining(
                            "\"20-two\" and \"10-one\" both tried to set Annotations example.com/a");
            two.adjusting(_ ->
                    ContainerAdjustment.newBuilder()
                            .addCDIDevices(CDIDevice.newBuilder().setName("example.com/no=one"))
                            .build());
            assertThatThrownBy(
                            () -> kubelet.create(pod, config, CriClient.container("main", SLEEP)))
                    .hasMessageContaining("unresolvable CDI devices example.com/no=one");
            assertThat(containers(pod)).isEmpty();
            assertThat(two.of("refused")).endsWith("StopContainer main", "RemoveContainer main");
            kubelet.end(pod);
        }
        engine.leavesNothing();
    }

    /** Whether a pod can be made without it. */
    private boolean isGone(String plugin) {
        PodSandboxConfig.Builder config = CriClient.pod("gone");
        try {
            kubelet.end(kubelet.run(config));
            return true;
        } catch (StatusRuntimeException e) {
            assertThat(e).hasMessageContaining(plugin);
            return false;
        }
    }

    private static ContainerAdjustment annotation(String value) {
        return ContainerAdjustment.newBuilder().putAnnotations("example.com/a", value).build();
    }

    @Test
    void shouldUpdateAndEvictOtherContainers() {
        PodSandboxConfig.Builder config = CriClient.pod("others");
        String pod = kubelet.run(config);
        String first = kubelet.launch(pod, config, CriClient.container("first", SLEEP));
        try (var plugin = plugin()) {
            plugin.on(
                            "CreateContainer",
                            _ ->
                                    CreateContainerResponse.newBuilder()
                                            .addUpdate(update(first, memory(64 << 20)))
                                            .build())
                    .join("10", "others");
            String second = kubelet.create(pod, config, CriClient.container("second", SLEEP));
            assertThat(limit(first)).isEqualTo(64 << 20);
            assertThat(limit(second)).isZero();

            var failed =
                    plugin.update(
                            UpdateContainersRequest.newBuilder()
                                    .addUpdate(update(first, memory(80 << 20)))
                                    .addUpdate(update(second, memory(5)))
                                    .build());
            assertThat(failed.getFailedList())
                    .extracting(ContainerUpdate::getContainerId)
                    .containsExactly(second);
            assertThat(limit(first)).isEqualTo(80 << 20);

            kubelet.call(
                    "UpdateContainerResources",
                    UpdateContainerResourcesRequest.newBuilder()
                            .setContainerId(first)
                            .setLinux(
                                    LinuxContainerResources.newBuilder()
                                            .setMemoryLimitInBytes(90 << 20))
                            .build(),
                    UpdateContainerResourcesResponse.getDefaultInstance());
            assertThat(limit(first)).isEqualTo(90 << 20);
            assertThat(plugin.of("others"))
                    .contains("UpdateContainer first", "PostUpdateContainer first");

            plugin.update(
                    UpdateContainersRequest.newBuilder()
                            .addEvict(ContainerEviction.newBuilder().setContainerId(first))
                            .build());
            assertThat(kubelet.ended(first).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
            plugin.hears("StopContainer others/first");
            kubelet.end(pod);
        }
    }

    private long limit(String id) {
        return kubelet.status(id).getResources().getLinux().getMemoryLimitInBytes();
    }

    @Test
    void shouldDropAPluginThatHangsOrBreaksTheProtocol() throws IOException {
        PodSandboxConfig.Builder config = CriClient.pod("dropped");
        var over = new CountDownLatch(1);
        try (var plugin =
                plugin().on(
                                "RunPodSandbox",
                                _ -> {
                                    await(over);
                                    return Empty.getDefaultInstance();
                                })
                        .join("10", "hanging")) {
            String pod = kubelet.run(config);
            Patience.await(plugin::isDropped, () -> "it is still there");
            assertThat(pods()).contains("dropped");
            kubelet.end(pod);
        } finally {
            over.countDown();
        }
        try (var stranger = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            stranger.write(ByteBuffer.wrap(new byte[] {0, 0, 0, 2, -1, -1, -1, -1, 0}));
            assertThat(stranger.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
        try (var plugin = plugin().join("10", "after")) {
            kubelet.end(kubelet.run(config));
            assertThat(plugin.of("dropped")).contains("RunPodSandbox", "RemovePodSandbox");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                .isEqualTo("rw-------");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldShowWhatAKubeletAsksFor() {
        PodSandboxConfig.Builder config = CriClient.pod("shown").putAnnotations("a", "b");
        var asked = new AtomicReference<CreateContainerRequest>();
        try (var _ =
                plugin().adjusting(
                                request -> {
                                    asked.set(request);
                                    return null;
                                })
                        .join("10", "looking")) {
            String pod = kubelet.run(config);
            String id =
                    kubelet.create(
                            pod,
                            config,
                            CriClient.container("main", SLEEP)
                                    .setLinux(
                                            LinuxContainerConfig.newBuilder()
                                                    .setResources(
                                                            LinuxContainerResources.newBuilder()
                                                                    .setMemoryLimitInBytes(70 << 20)
                                                                    .setOomScoreAdj(9))));
            CreateContainerRequest request = asked.get();
            assertThat(request.getPod().getAnnotationsMap()).containsEntry("a", "b");
            assertThat(request.getPod().getIpsList()).isNotEmpty();
            var container = request.getContainer();
            assertThat(container.getId()).isEqualTo(id);
            assertThat(container.getPodSandboxId()).isEqualTo(pod);
            assertThat(container.getArgsList()).containsExactly(SLEEP);
            assertThat(container.getEnvList()).anyMatch(one -> one.startsWith("PATH="));
            assertThat(container.getMountsList())
                    .anyMatch(mount -> mount.getDestination().equals("/proc"));
            assertThat(container.getLinux().getResources().getMemory().getLimit().getValue())
                    .isEqualTo(70 << 20);
            assertThat(container.getLinux().getOomScoreAdj().getValue()).isEqualTo(9);
            assertThat(container.getLinux().getNamespacesList())
                    .anyMatch(namespace ->
                            namespace.getType().equals("network")
                                    && !namespace.getPath().isEmpty());
            kubelet.end(pod);
        }
    }
}
