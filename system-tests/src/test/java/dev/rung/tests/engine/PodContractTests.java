package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.cri.v1.Capability;
import dev.rung.cri.v1.CheckpointContainerRequest;
import dev.rung.cri.v1.CheckpointContainerResponse;
import dev.rung.cri.v1.CheckpointPodRequest;
import dev.rung.cri.v1.CheckpointPodResponse;
import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.ContainerState;
import dev.rung.cri.v1.HugepageLimit;
import dev.rung.cri.v1.IDMapping;
import dev.rung.cri.v1.ImageSpec;
import dev.rung.cri.v1.LinuxContainerConfig;
import dev.rung.cri.v1.LinuxContainerResources;
import dev.rung.cri.v1.LinuxContainerSecurityContext;
import dev.rung.cri.v1.LinuxPodSandboxConfig;
import dev.rung.cri.v1.LinuxSandboxSecurityContext;
import dev.rung.cri.v1.ListMetricDescriptorsRequest;
import dev.rung.cri.v1.ListMetricDescriptorsResponse;
import dev.rung.cri.v1.ListPodSandboxMetricsRequest;
import dev.rung.cri.v1.ListPodSandboxMetricsResponse;
import dev.rung.cri.v1.ListPodSandboxRequest;
import dev.rung.cri.v1.ListPodSandboxResponse;
import dev.rung.cri.v1.Metric;
import dev.rung.cri.v1.MetricDescriptor;
import dev.rung.cri.v1.Mount;
import dev.rung.cri.v1.MountPropagation;
import dev.rung.cri.v1.NamespaceMode;
import dev.rung.cri.v1.NamespaceOption;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.cri.v1.PodSandboxMetrics;
import dev.rung.cri.v1.ReopenContainerLogRequest;
import dev.rung.cri.v1.ReopenContainerLogResponse;
import dev.rung.cri.v1.RestorePodRequest;
import dev.rung.cri.v1.RestorePodResponse;
import dev.rung.cri.v1.StreamPodSandboxMetricsRequest;
import dev.rung.cri.v1.StreamPodSandboxMetricsResponse;
import dev.rung.cri.v1.UpdatePodSandboxResourcesRequest;
import dev.rung.cri.v1.UpdatePodSandboxResourcesResponse;
import dev.rung.cri.v1.UserNamespace;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.attacks.Resident;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/** What a kubelet may ask of pods beyond the daily things. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class PodContractTests {
    private static final int CLIENTS = 10;
    private static final int PODS = 100;

    /** What is no leak: the heap is collected when it is, not when we look. */
    private static final int GROWTH_KIB = 16 * 1024;

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @SuppressWarnings("NullAway.Init")
    private CriClient kubelet;

    /** Where Debian's criu does not work on this kernel, RUNG_TEST_CRIU names one that does. */
    private static String criu() {
        return System.getenv().getOrDefault("RUNG_TEST_CRIU", "criu");
    }

    @BeforeAll
    void begin() throws Exception {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = Engine.withCri();
        Path program =
                Files.writeString(
                        engine.home().resolve("criu"),
                        "#!/bin/sh\n[ ! -e $0-hangs ] || exec sleep 3\nexec "
                                + criu()
                                + " \"$@\"\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        settle(program, false);
        engine.rung("system", "shutdown").succeed();
        engine.rung("ps").succeed();
        kubelet = new CriClient(engine.criSocket());
    }

    private void settle(Path criu, boolean images) {
        engine.configure(
                "daemon.json",
                "{\"criu\": \"" + criu + "\", \"checkpoint-images\": " + images + "}");
    }

    /** Whether images with checkpoints are restored, from now on. */
    private void restoreImages(boolean allowed) {
        settle(engine.home().resolve("criu"), allowed);
        engine.rung("system", "reload").succeed();
    }

    @Test
    @NeedsProgram("criu")
    void shouldWriteACheckpointOfAContainerThatGoesOn() {
        var config = CriClient.pod("written");
        String pod = kubelet.run(config);
        String id = kubelet.launch(pod, config, CriClient.container("main", "sleep", "1000"));
        Path archive = engine.home().resolve("checkpoint.tar");
        boolean works = Command.of(criu(), "check").run().status() == 0;

        if (works) {
            checkpoint(id, archive.toString());
            assertThat(Command.of("tar", "-tf", archive.toString()).succeed().output().lines())
                    .contains(
                            "checkpoint/inventory.img",
                            "checkpoint/descriptors.json",
                            "config.dump",
                            "spec.dump",
                            "status.dump",
                            "rootfs-diff.tar",
                            "dump.log");
            assertThatThrownBy(() -> checkpoint(id, archive.toString()))
                    .hasMessageContaining("exists");
        } else {
            assertThatThrownBy(() -> checkpoint(id, archive.toString()))
                    .hasMessageContaining("criu failed: ")
                    .hasMessageContaining("Error (criu/");
            assertThat(archive).doesNotExist();
        }

        assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(kubelet.output(id, "echo", "here")).isEqualTo("here\n");
        for (String wrong : List.of("", "relative.tar", "/tmp/../x.tar", "/")) {
            assertThatThrownBy(() -> checkpoint(id, wrong)).hasMessageContaining("location");
        }
        kubelet.stop(id, 0);
        assertThatThrownBy(() -> checkpoint(id, archive + "2")).hasMessageContaining("not running");
        kubelet.end(pod);
    }

    @Test
    @Timeout(180) // three restores
    @NeedsProgram("criu")
    void shouldGoOnWhereAPodWas() {
        assumeTrue(
                Command.of(criu(), "check").run().status() == 0,
                "criu does not work on this kernel: RUNG_TEST_CRIU may name one");
        var config = CriClient.pod("former");
        var main =
                CriClient.container(
                        "main",
                        "sh",
                        "-c",
                        "rm /files/link; echo new > /files/new; i=100; while :; do i=$((i+1)); echo $i > /count; sleep"
                                + " 0.1; done");
        main.setLinux(
                LinuxContainerConfig.newBuilder()
                        .setSecurityContext(
                                LinuxContainerSecurityContext.newBuilder()
                                        .addAllMaskedPaths(List.of("/proc/keys", "/sys/firmware"))
                                        .addReadonlyPaths("/proc/sys")));
        main.addMounts(
                Mount.newBuilder()
                        .setHostPath(engine.home().resolve("etc").toString())
                        .setContainerPath("/dots/rung")
                        .setReadonly(true));
        var side = CriClient.container("side", "sleep", "1000");
        String pod = kubelet.run(config);
        String id = kubelet.launch(pod, config, main);
        kubelet.launch(pod, config, side);
        Patience.await(() -> count(id) > 110, () -> "it does not count");

        Path folder = engine.home().resolve("pod-checkpoint");
        var written =
                CheckpointPodRequest.newBuilder()
                        .setPodSandboxId(pod)
                        .setOutputPath(folder.toString())
                        .build();
        kubelet.call("CheckpointPod", written, CheckpointPodResponse.getDefaultInstance());
        assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(folder.resolve("main.tar")).exists();
        assertThatThrownBy(() ->
                        kubelet.call(
                                "CheckpointPod",
                                written,
                                CheckpointPodResponse.getDefaultInstance()))
                .hasMessageContaining("output_path");
        int before = count(id);
        kubelet.end(pod);

        var latter = CriClient.pod("latter");
        var request =
                RestorePodRequest.newBuilder()
                        .setCheckpointPath(folder.toString())
                        .setConfig(latter)
                        .addContainerConfigs(main);
        assertThatThrownBy(() -> restore(request.build()))
                .hasMessageContaining("container_configs: none for container \"side\"");
        RestorePodResponse restored = restore(request.addContainerConfigs(side).build());
        String again = restored.getRestoredContainers(0).getContainerId();
        assertThat(kubelet.status(again).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        Patience.await(() -> count(again) > 0, () -> "it does not count");
        assertThat(kubelet.output(again, "ls", "/files")).contains("new").doesNotContain("link");
        Patience.await(() -> count(again) > before, () -> "it does not go on");
        kubelet.end(restored.getPodSandboxId());

        String other = kubelet.run(latter);
        main.setImage(ImageSpec.newBuilder().setImage(folder.resolve("main.tar").toString()));
        String single = kubelet.launch(other, latter, main);
        Patience.await(() -> count(single) > before, () -> "it does not go on");
        kubelet.end(other);

        shouldGoOnFromAnImage(folder.resolve("main.tar"), main, before);
    }

    private void shouldGoOnFromAnImage(Path archive, ContainerConfig.Builder main, int before) {
        restoreImages(true);
        String image =
                CheckpointImage.push(
                        engine.home().resolve("counter"),
                        "org.criu.checkpoint.container.name",
                        archive);
        kubelet.pull(image);
        var config = CriClient.pod("from-image");
        String pod = kubelet.run(config);
        main.setImage(ImageSpec.newBuilder().setImage(image));
        var rights = main.getLinux().getSecurityContext().toBuilder();
        rights.setCapabilities(Capability.newBuilder().addDropCapabilities("NET_RAW"));
        var less = main.clone().setLinux(main.getLinux().toBuilder().setSecurityContext(rights));
        assertThatThrownBy(() -> kubelet.create(pod, config, less))
                .hasMessageContaining("PERMISSION_DENIED")
                .hasMessageContaining("has CAP_NET_RAW, which this container is not to have");
        String id = kubelet.launch(pod, config, main);
        Patience.await(() -> count(id) > before, () -> "it does not go on");
        assertThat(kubelet.status(id).getImageRef())
                .isEqualTo(kubelet.imageStatus(Engine.IMAGE).getImage().getId());
        assertThat(kubelet.output(id, "ls", "/files")).contains("new").doesNotContain("link");
        kubelet.end(pod);
        kubelet.removeImage(image);
    }

    @Test
    void shouldTakeNoImageWithACheckpointForAnother() throws Exception {
        Path folder = engine.home().resolve("image-checkpoint");
        Path images = Files.createDirectories(folder.resolve("checkpoint"));
        Files.createSymbolicLink(images.resolve("core-1.img"), Path.of("/etc/shadow"));
        Files.writeString(images.resolve("inventory.img"), "nonsense");
        Files.writeString(
                folder.resolve("config.dump"), "{\"rootfsImageName\":\"" + Engine.IMAGE + "\"}");
        Path lower = folder.resolve("lower.tar");
        Path upper = folder.resolve("upper.tar");
        Command.of("tar", "-C", folder + "", "-cf", lower + "", "checkpoint").succeed();
        Command.of("tar", "-C", folder + "", "-cf", upper + "", "config.dump").succeed();
        String image =
                CheckpointImage.push(
                        folder.resolve("linked"),
                        "io.kubernetes.cri-o.annotations.checkpoint.name",
                        lower,
                        upper);
        restoreImages(false);
        kubelet.pull(image);
        assertThat(kubelet.imageStatus(image).getImage().getSize()).isPositive();
        var config = CriClient.pod("suspicious");
        String pod = kubelet.run(config);
        var main = CriClient.container("main", "sleep", "1000");
        main.setImage(ImageSpec.newBuilder().setImage(image));
        var before = kubelet.containers();

        assertThatThrownBy(() -> kubelet.create(pod, config, main))
                .hasMessageContaining("PERMISSION_DENIED")
                .hasMessageContaining("holds a checkpoint of container \"main\"")
                .hasMessageContaining("checkpoint-images = true in rung.toml");
        restoreImages(true);
        assertThatThrownBy(() -> kubelet.create(pod, config, main))
                .hasMessageContaining("INVALID_ARGUMENT")
                .hasMessageContaining("linked:1\": \"checkpoint/core-1.img\": want a file");
        assertThat(kubelet.containers()).isEqualTo(before);
        engine.rung("run", "--rm", image).run().failedSaying("no command specified");
        kubelet.end(pod);
        kubelet.removeImage(image);
    }

    @Test
    @NeedsProgram("criu")
    void shouldLeaveNothingOfARestoreThatFails() throws Exception {
        Path folder = engine.home().resolve("no-checkpoint");
        Path images = Files.createDirectories(folder.resolve("checkpoint"));
        Files.writeString(images.resolve("inventory.img"), "nonsense");
        Files.writeString(
                images.resolve("descriptors.json"), "[\"/dev/null\",\"/dev/null\",\"/dev/null\"]");
        Files.writeString(
                folder.resolve("config.dump"), "{\"rootfsImageName\":\"" + Engine.IMAGE + "\"}");
        Files.writeString(folder.resolve("pod.json"), "{\"format\":1,\"containers\":[\"main\"]}");
        Path archive = folder.resolve("main.tar");
        Command.of("tar", "-C", folder + "", "-cf", archive + "", "checkpoint", "config.dump")
                .succeed();
        var request =
                RestorePodRequest.newBuilder()
                        .setCheckpointPath(folder.toString())
                        .setConfig(CriClient.pod("hopeless"))
                        .addContainerConfigs(CriClient.container("main", "sleep", "1000"))
                        .build();

        assertThatThrownBy(() -> restore(request))
                .hasMessageContaining("inventory.img is no image of criu's");
        Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("rw-rw-r--"));
        assertThatThrownBy(() -> restore(request)).hasMessageContaining("nobody else writes");

        var pods =
                kubelet.call(
                        "ListPodSandbox",
                        ListPodSandboxRequest.getDefaultInstance(),
                        ListPodSandboxResponse.getDefaultInstance());
        assertThat(pods.getItemsList())
                .noneMatch(pod -> pod.getMetadata().getName().equals("hopeless"));
    }

    private int count(String container) {
        String text = kubelet.output(container, "cat", "/count").strip();
        return text.isEmpty() ? 0 : Integer.parseInt(text);
    }

    private RestorePodResponse restore(RestorePodRequest request) {
        return kubelet.call("RestorePod", request, RestorePodResponse.getDefaultInstance());
    }

    @Test
    @NeedsProgram("criu")
    void shouldNotWaitLongerForACheckpointThanIsAsked() throws Exception {
        var config = CriClient.pod("patient");
        String pod = kubelet.run(config);
        String id = kubelet.launch(pod, config, CriClient.container("main", "sleep", "1000"));
        Path hangs = Files.createFile(engine.home().resolve("criu-hangs"));
        Path archive = engine.home().resolve("late.tar");

        assertThatThrownBy(() -> checkpoint(id, archive.toString(), 1))
                .hasMessageStartingWith("DEADLINE_EXCEEDED")
                .hasMessageContaining("took longer than PT1S");

        Files.delete(hangs);
        assertThat(kubelet.output(id, "echo", "here")).isEqualTo("here\n");
        kubelet.end(pod);
        assertThat(archive).doesNotExist();
    }

    private void checkpoint(String container, String location) {
        checkpoint(container, location, 0);
    }

    private void checkpoint(String container, String location, long seconds) {
        kubelet.call(
                "CheckpointContainer",
                CheckpointContainerRequest.newBuilder()
                        .setContainerId(container)
                        .setLocation(location)
                        .setTimeout(seconds)
                        .build(),
                CheckpointContainerResponse.getDefaultInstance());
    }

    @AfterAll
    void end() {
        if (engine != null) {
            kubelet.close();
            engine.close();
        }
    }

    @Test
    void shouldTellTheMetricsThatItDescribes() {
        var config = CriClient.pod("measured");
        String pod = kubelet.run(config);
        String id = kubelet.launch(pod, config, CriClient.container("main", "sleep", "1000"));
        var labels = new HashMap<String, Integer>();
        for (MetricDescriptor each :
                kubelet.call(
                                "ListMetricDescriptors",
                                ListMetricDescriptorsRequest.getDefaultInstance(),
                                ListMetricDescriptorsResponse.getDefaultInstance())
                        .getDescriptorsList()) {
            assertThat(each.getHelp()).isNotEmpty();
            labels.put(each.getName(), each.getLabelKeysCount());
        }

        PodSandboxMetrics metrics = metrics(pod);
        var all = new ArrayList<>(metrics.getMetricsList());
        assertThat(metrics.getContainerMetrics(0).getContainerId()).isEqualTo(id);
        all.addAll(metrics.getContainerMetrics(0).getMetricsList());
        for (Metric metric : all) {
            assertThat(labels.get(metric.getName()))
                    .as(metric.getName())
                    .isEqualTo(metric.getLabelValuesCount());
        }
        assertThat(all)
                .extracting(Metric::getName)
                .contains("container_network_receive_bytes_total");
        assertThat(value(all, "container_processes")).isEqualTo(1);
        assertThat(value(all, "container_memory_usage_bytes")).isPositive();
        assertThat(value(all, "container_start_time_seconds")).isGreaterThan(1_600_000_000);
        assertThat(value(all, "container_fs_inodes_total")).isPositive();
        var streamed =
                kubelet.stream(
                        CriClient.RUNTIME,
                        "StreamPodSandboxMetrics",
                        StreamPodSandboxMetricsRequest.getDefaultInstance(),
                        StreamPodSandboxMetricsResponse.getDefaultInstance());
        assertThat(streamed.next().getPodSandboxMetricsList())
                .extracting(PodSandboxMetrics::getPodSandboxId)
                .contains(pod);
        streamed.forEachRemaining(_ -> {});
        kubelet.end(pod);
    }

    private PodSandboxMetrics metrics(String pod) {
        return kubelet
                .call(
                        "ListPodSandboxMetrics",
                        ListPodSandboxMetricsRequest.getDefaultInstance(),
                        ListPodSandboxMetricsResponse.getDefaultInstance())
                .getPodMetricsList()
                .stream()
                .filter(each -> each.getPodSandboxId().equals(pod))
                .findFirst()
                .orElseThrow();
    }

    private static long value(List<Metric> metrics, String name) {
        return metrics.stream()
                .filter(metric -> metric.getName().equals(name))
                .mapToLong(metric -> metric.getValue().getValue())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldGiveAPodAUserNamespaceThatOwnsItsOthers() {
        var config = CriClient.pod("mapped").setLinux(mapped(NamespaceMode.POD, range(0, 100_000)));
        String pod = kubelet.run(config);
        String id =
                kubelet.launch(
                        pod,
                        config,
                        CriClient.container("main", "sh", "-c", "hostname >/dev/null; sleep 1000")
                                .addMounts(
                                        Mount.newBuilder()
                                                .setHostPath(engine.home() + "/volume")
                                                .setContainerPath("/volume")));

        assertThat(kubelet.output(id, "cat", "/proc/self/uid_map").strip().split(" +"))
                .containsExactly("0", "100000", "65536");
        assertThat(kubelet.output(id, "cat", "/proc/self/gid_map").strip().split(" +"))
                .containsExactly("0", "100000", "65536");
        assertThat(kubelet.output(id, "stat", "-c", "%u:%g", "/bin/busybox")).isEqualTo("0:0\n");
        assertThat(kubelet.output(id, "sh", "-c", "touch /volume/made && stat -c %u /volume/made"))
                .isEqualTo("0\n");
        assertThat(kubelet.output(id, "ip", "link", "add", "type", "dummy")).isEmpty();
        assertThat(kubelet.exec(id, "ls", "/sys/class/net/lo").getExitCode()).isZero();
        String second = kubelet.launch(pod, config, CriClient.container("two", "sleep", "1000"));
        assertThat(kubelet.output(second, "readlink", "/proc/self/ns/user"))
                .isEqualTo(kubelet.output(id, "readlink", "/proc/self/ns/user"));
        assertThat(Path.of("/proc", engine.inspect(id, ".State.Pid")))
                .satisfies(process ->
                        assertThat(Files.getAttribute(process, "unix:uid")).isEqualTo(100_000));
        kubelet.end(pod);
        engine.leavesNothing();
    }

    private static IDMapping range(int inside, int outside) {
        return IDMapping.newBuilder()
                .setContainerId(inside)
                .setHostId(outside)
                .setLength(65_536)
                .build();
    }

    private static LinuxPodSandboxConfig.Builder mapped(NamespaceMode mode, IDMapping... ids) {
        var users =
                UserNamespace.newBuilder()
                        .setMode(mode)
                        .addAllUids(List.of(ids))
                        .addAllGids(List.of(ids));
        var options =
                NamespaceOption.newBuilder().setPid(NamespaceMode.POD).setUsernsOptions(users);
        return LinuxPodSandboxConfig.newBuilder()
                .setSecurityContext(
                        LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(options));
    }

    @Test
    void shouldRefuseUserNamespacesThatCannotBe() {
        for (var linux :
                List.of(
                        mapped(NamespaceMode.POD),
                        mapped(NamespaceMode.POD, range(1, 100_000)),
                        mapped(NamespaceMode.POD, range(0, 0)),
                        mapped(NamespaceMode.POD, range(0, -1000)),
                        mapped(NamespaceMode.POD, range(0, 100_000), range(0, 200_000)),
                        mapped(NamespaceMode.CONTAINER, range(0, 100_000)),
                        mapped(NamespaceMode.TARGET, range(0, 100_000)))) {
            assertThatThrownBy(() -> kubelet.run(CriClient.pod("unmapped").setLinux(linux)))
                    .hasMessageContaining("INVALID_ARGUMENT")
                    .hasMessageContaining("userns_options");
        }
        assertThat(engine.files("lib/pods")).isEmpty();
    }

    @Test
    void shouldMountAnImageAndTellWhichItIs() {
        var config = CriClient.pod("volume");
        String pod = kubelet.run(config);
        var image =
                Mount.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(Engine.IMAGE))
                        .setContainerPath("/mnt/image")
                        .setImageSubPath("files")
                        .setReadonly(true);
        String id =
                kubelet.launch(
                        pod, config, CriClient.container("main", "sleep", "1000").addMounts(image));

        assertThat(kubelet.output(id, "cat", "/mnt/image/plain")).isEqualTo("content\n");
        assertThat(kubelet.exec(id, "touch", "/mnt/image/new").getExitCode()).isNotZero();
        assertThat(kubelet.status(id).getMounts(0).getImage().getImageRef())
                .isEqualTo(kubelet.status(id).getImageRef());
        for (String path : List.of("nothing", "../../etc", "deep/../../..")) {
            assertThatThrownBy(() ->
                            kubelet.create(
                                    pod,
                                    config,
                                    CriClient.container("other", "true")
                                            .addMounts(image.clone().setImageSubPath(path))))
                    .as(path)
                    .hasMessageContaining("path");
        }
        Patience.await(
                () -> engine.files("lib/containers").size() == 1,
                () -> "containers: " + engine.files("lib/containers"));
        kubelet.end(pod);
    }

    @Test
    void shouldMountReadOnlyAllTheWayDownAndPassMountsOnAsAsked() {
        Path tree = engine.home().resolve("tree");
        String mounts = "mkdir -p %1$s/below && mount -t tmpfs below %1$s/below".formatted(tree);
        Command.of("sh", "-ec", mounts).succeed();
        var config = CriClient.pod("tree");
        String pod = kubelet.run(config);
        try {
            Mount.Builder plain =
                    Mount.newBuilder().setHostPath(tree.toString()).setContainerPath("/tree");
            String all =
                    touched(
                            pod,
                            config,
                            "all",
                            plain.clone().setReadonly(true).setRecursiveReadOnly(true));
            assertThat(all).isEqualTo("");
            String top = touched(pod, config, "top", plain.clone().setReadonly(true));
            assertThat(top).isEqualTo("below ");
            String shared =
                    touched(
                            pod,
                            config,
                            "shared",
                            plain.clone()
                                    .setPropagation(
                                            MountPropagation.PROPAGATION_HOST_TO_CONTAINER));
            assertThat(shared).isEqualTo("above below ");
        } finally {
            kubelet.end(pod);
            Command.of("umount", "-l", tree + "/below").run();
        }
    }

    /** Where something can be written. */
    private String touched(
            String pod, PodSandboxConfig.Builder config, String name, Mount.Builder mount) {
        String id =
                kubelet.launch(
                        pod, config, CriClient.container(name, "sleep", "1000").addMounts(mount));
        return kubelet.output(
                id,
                "sh",
                "-c",
                "touch /tree/x && printf 'above '; touch /tree/below/x && printf 'below '; true");
    }

    @Test
    void shouldHandOnWhatOnlyCgroupsOfVersion2KnowAndLimitPodsAnew() throws IOException {
        var config = CriClient.pod("limited");
        String pod = kubelet.run(config);
        var resources =
                LinuxContainerResources.newBuilder()
                        .putUnified("memory.oom.group", "1")
                        .addHugepageLimits(
                                HugepageLimit.newBuilder().setPageSize("2MB").setLimit(4 << 20));
        ContainerConfig.Builder container =
                CriClient.container("main", "sleep", "1000")
                        .setLinux(LinuxContainerConfig.newBuilder().setResources(resources));
        boolean unified = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
        String id = kubelet.create(pod, config, container);
        if (unified) {
            kubelet.start(id);
            assertThat(engine.read("run/containers/" + id + "/bundle/config.json"))
                    .contains("memory.oom.group");
        } else {
            assertThatThrownBy(() -> kubelet.start(id)).hasMessageContaining("unified");
        }
        assertThat(kubelet.status(id).getResources().getLinux().getHugepageLimits(0).getLimit())
                .isEqualTo(4 << 20);

        String other = kubelet.launch(pod, config, CriClient.container("two", "sleep", "1000"));
        kubelet.call(
                "UpdatePodSandboxResources",
                UpdatePodSandboxResourcesRequest.newBuilder()
                        .setPodSandboxId(pod)
                        .setResources(
                                LinuxContainerResources.newBuilder()
                                        .setMemoryLimitInBytes(64 << 20))
                        .build(),
                UpdatePodSandboxResourcesResponse.getDefaultInstance());
        String limits =
                "cat $(find /sys/fs/cgroup -path '*pod-POD/memory.limit_in_bytes' -o -path"
                        + " '*pod-POD/memory.max')";
        assertThat(Command.of("sh", "-c", limits.replace("POD", pod)).succeed().output())
                .isEqualTo((64 << 20) + "\n");
        assertThat(kubelet.status(other).getExitCode()).isZero();
        kubelet.end(pod);
        engine.leavesNothing();
    }

    @Test
    @Tag("long")
    @Timeout(1800)
    void shouldMakeAThousandPodsOneAfterAnother(TestReporter reporter) {
        var daemon = new Resident(Long.parseLong(engine.pid()));
        long memory = 0;
        int descriptors = 0;
        for (int i = 0; i < 10 * PODS; i++) {
            var config = CriClient.pod("one-" + i);
            String pod = kubelet.run(config);
            String container = kubelet.launch(pod, config, CriClient.container("main", "true"));
            assertThat(kubelet.ended(container).getExitCode()).isZero();
            kubelet.end(pod);
            if (i == 2 * PODS) {
                memory = daemon.pss();
                descriptors = daemon.descriptors().size();
            }
        }
        engine.leavesNothing();
        reporter.publishEntry(
                "engine after " + 2 * PODS + " and " + 10 * PODS + " pods",
                memory + " to " + daemon.pss() + " KiB");
        assertThat(daemon.descriptors()).hasSizeLessThanOrEqualTo(descriptors + 8);
        assertThat(daemon.pss()).isLessThan(memory + GROWTH_KIB);
    }

    private static String read(Path file) {
        return Command.of("cat", file.toString()).run().output().strip();
    }

    @Test
    void shouldKeepAForkBombWithinItsPodAndEndItWithAllThatItBegan() throws IOException {
        Path cgroup = Path.of("/sys/fs/cgroup/pids/bomb");
        assumeTrue(Files.exists(cgroup.getParent()), "no limit of processes in version 1");
        Files.createDirectory(cgroup);
        Files.writeString(cgroup.resolve("pids.max"), "40");
        var config = CriClient.pod("bomb");
        config.setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent("/bomb"));
        String pod = kubelet.run(config);
        String bomb =
                kubelet.launch(
                        pod,
                        config,
                        CriClient.container(
                                "main",
                                "sh",
                                "-c",
                                "(while :; do sleep 1000 & done); exec sleep 1000"));
        Patience.await(
                () -> Integer.parseInt(read(cgroup.resolve("pids.current"))) >= 39,
                () -> "it does not come to its limit");
        Files.writeString(cgroup.resolve("pids.max"), "20"); // one that gives up leaves no room

        assertThatThrownBy(() -> kubelet.exec(bomb, "true"))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("resource temporarily unavailable");
        var other = CriClient.pod("beside");
        kubelet.end(kubelet.run(other));
        kubelet.stop(bomb, 0);
        assertThat(kubelet.ended(bomb).getExitCode()).isEqualTo(137);
        kubelet.end(pod);
        engine.leavesNothing();
        assertThat(read(cgroup.resolve("pids.current"))).isEqualTo("0");
        Command.of("rmdir", cgroup.toString()).succeed();
        Command.of("sh", "-c", "find /sys/fs/cgroup -depth -name bomb -exec rmdir {} +").run();
    }

    @Test
    void shouldLetContainersRunWhoseLogHasNoRoom() throws IOException {
        Path logs = Files.createDirectories(engine.home().resolve("logs/small"));
        Command.of("mount", "-t", "tmpfs", "-o", "size=64k", "small", logs.toString()).succeed();
        try {
            var config = CriClient.pod("small").setLogDirectory(logs.toString());
            String pod = kubelet.run(config);
            String id =
                    kubelet.launch(
                            pod,
                            config,
                            CriClient.container(
                                            "main",
                                            "sh",
                                            "-c",
                                            "yes 0123456789 | head -n 20000; touch /full;"
                                                    + " while [ -e /full ]; do sleep 0.1; done;"
                                                    + " echo after; exit 3")
                                    .setLogPath("0.log"));
            Patience.await(
                    () -> kubelet.exec(id, "test", "-e", "/full").getExitCode() == 0,
                    () -> "it waits for its log");

            Files.move(logs.resolve("0.log"), logs.resolveSibling("rotated"));
            kubelet.call(
                    "ReopenContainerLog",
                    ReopenContainerLogRequest.newBuilder().setContainerId(id).build(),
                    ReopenContainerLogResponse.getDefaultInstance());
            kubelet.exec(id, "rm", "/full");

            assertThat(kubelet.ended(id).getExitCode()).isEqualTo(3);
            Patience.await(
                    () -> read(logs.resolve("0.log")).endsWith("stdout F after"),
                    () -> "the new log lacks what was written into it");
            kubelet.end(pod);
        } finally {
            Command.of("umount", "-l", logs.toString()).succeed();
        }
        engine.leavesNothing();
    }

    @Test
    void shouldServeTenClientsWithAHundredPods() {
        var clients = new ArrayList<CompletableFuture<Void>>();
        try (var threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (int client = 0; client < CLIENTS; client++) {
                int number = client;
                clients.add(CompletableFuture.runAsync(() -> makePods(number), threads));
            }
        }
        clients.forEach(CompletableFuture::join);
        engine.leavesNothing();
    }

    private void makePods(int client) {
        Map<String, String> pods = new HashMap<>();
        try (var own = new CriClient(engine.criSocket())) {
            for (int i = 0; i < PODS / CLIENTS; i++) {
                var config = CriClient.pod("many-" + client + "-" + i);
                String pod = own.run(config);
                pods.put(pod, own.create(pod, config, CriClient.container("main", "true")));
            }
            assertThat(pods).hasSize(PODS / CLIENTS);
            pods.forEach((pod, container) -> {
                if (pod.hashCode() % 4 == 0) {
                    own.start(container);
                    assertThat(own.ended(container).getExitCode()).isZero();
                }
                own.end(pod);
            });
        }
    }
}
