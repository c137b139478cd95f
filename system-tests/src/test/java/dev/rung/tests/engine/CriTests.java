package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.cri.v1.ContainerFilter;
import dev.rung.cri.v1.ContainerState;
import dev.rung.cri.v1.ExecSyncRequest;
import dev.rung.cri.v1.ExecSyncResponse;
import dev.rung.cri.v1.Image;
import dev.rung.cri.v1.ImageFilter;
import dev.rung.cri.v1.ImageSpec;
import dev.rung.cri.v1.ImageStatusRequest;
import dev.rung.cri.v1.ImageStatusResponse;
import dev.rung.cri.v1.LinuxContainerConfig;
import dev.rung.cri.v1.LinuxContainerResources;
import dev.rung.cri.v1.LinuxPodSandboxConfig;
import dev.rung.cri.v1.ListContainersRequest;
import dev.rung.cri.v1.ListContainersResponse;
import dev.rung.cri.v1.ListImagesRequest;
import dev.rung.cri.v1.ListImagesResponse;
import dev.rung.cri.v1.ListPodSandboxRequest;
import dev.rung.cri.v1.ListPodSandboxResponse;
import dev.rung.cri.v1.PodSandboxFilter;
import dev.rung.cri.v1.PodSandboxState;
import dev.rung.cri.v1.PodSandboxStatusRequest;
import dev.rung.cri.v1.PodSandboxStatusResponse;
import dev.rung.cri.v1.PullImageRequest;
import dev.rung.cri.v1.PullImageResponse;
import dev.rung.cri.v1.RemoveImageRequest;
import dev.rung.cri.v1.RemoveImageResponse;
import dev.rung.cri.v1.ReopenContainerLogRequest;
import dev.rung.cri.v1.ReopenContainerLogResponse;
import dev.rung.cri.v1.VersionRequest;
import dev.rung.cri.v1.VersionResponse;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** CRI as a kubelet calls it: pods, their containers, logs, commands in them, and images. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
class CriTests extends WithKubelet {
    @Test
    void shouldTellItsVersion() {
        VersionResponse version =
                kubelet.call(
                        "Version",
                        VersionRequest.getDefaultInstance(),
                        VersionResponse.getDefaultInstance());

        assertThat(version.getRuntimeName()).isEqualTo("rung");
        assertThat(version.getRuntimeApiVersion()).isEqualTo("v1");
    }

    @Test
    void shouldRunAPodFromItsSandboxToItsContainersLog() throws IOException {
        Path logs = engine.home().resolve("logs/pod");
        var config = CriClient.pod("web").setLogDirectory(logs.toString());
        String pod = kubelet.run(config);
        String id =
                kubelet.create(
                        pod,
                        config,
                        CriClient.container("main", "sh", "-c", "echo out; echo err >&2; exit 3")
                                .setLogPath("main/0.log"));
        assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
        kubelet.start(id);

        var status = kubelet.ended(id);
        assertThat(status.getExitCode()).isEqualTo(3);
        assertThat(status.getReason()).isEqualTo("Error");
        assertThat(status.getLogPath()).isEqualTo(logs + "/main/0.log");
        assertThat(status.getStartedAt()).isBetween(status.getCreatedAt(), status.getFinishedAt());
        String line = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z std%s F %s";
        assertThat(Files.readAllLines(logs.resolve("main/0.log")))
                .anySatisfy(each -> assertThat(each).matches(line.formatted("out", "out")))
                .anySatisfy(each -> assertThat(each).matches(line.formatted("err", "err")));
        assertThat(sandbox(pod).getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(sandbox(pod).getStatus().getNetwork().getIp()).contains(".");
        assertThat(sandbox(pod).getTimestamp()).isGreaterThan(status.getFinishedAt());
        var again = CriClient.container("main", "true");
        again.setMetadata(again.getMetadata().toBuilder().setAttempt(1));
        String second = kubelet.create(pod, config, again);
        assertThat(sandbox(pod).getContainersStatusesList())
                .containsExactly(kubelet.status(second), status);
        assertThat(engine.rung("ps", "--all").succeed().output())
                .contains("k8s_main_web_tests_uid-web_0");

        kubelet.end(pod);
        kubelet.end(pod); // a kubelet may ask as often as it likes
        assertThatThrownBy(() -> sandbox(pod))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
        engine.leavesNothing();
    }

    private PodSandboxStatusResponse sandbox(String pod) {
        return kubelet.call(
                "PodSandboxStatus",
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build(),
                PodSandboxStatusResponse.getDefaultInstance());
    }

    private Image image() {
        return kubelet.call(
                        CriClient.IMAGES,
                        "ImageStatus",
                        ImageStatusRequest.newBuilder()
                                .setImage(ImageSpec.newBuilder().setImage(Engine.IMAGE))
                                .build(),
                        ImageStatusResponse.getDefaultInstance())
                .getImage();
    }

    /** A kubelet looks for the reason at the begin of the message, where the code is UNKNOWN. */
    @Test
    void shouldTellAKubeletThatThePolicyRefusesAnImage() throws IOException {
        engine.configure("policy.json", "{\"default\": [{\"type\": \"reject\"}]}");
        try {
            var image = ImageSpec.newBuilder().setImage(Engine.IMAGE);
            assertThatThrownBy(() ->
                            kubelet.call(
                                    CriClient.IMAGES,
                                    "PullImage",
                                    PullImageRequest.newBuilder().setImage(image).build(),
                                    PullImageResponse.getDefaultInstance()))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessageStartingWith(
                            "UNKNOWN: SignatureValidationFailed: Source image rejected: Running"
                                    + " image docker://"
                                    + Engine.IMAGE);
        } finally {
            Files.delete(engine.home().resolve("etc/policy.json"));
        }
    }

    @Test
    void shouldTellOfImagesThatGoAndCome() {
        var image = ImageSpec.newBuilder().setImage(Engine.IMAGE);
        kubelet.call(
                CriClient.IMAGES,
                "RemoveImage",
                RemoveImageRequest.newBuilder().setImage(image).build(),
                RemoveImageResponse.getDefaultInstance());
        kubelet.call(
                CriClient.IMAGES,
                "PullImage",
                PullImageRequest.newBuilder().setImage(image).build(),
                PullImageResponse.getDefaultInstance());

        String told = "events --since 10m --until 0s --filter type=image --format {{.Action}}";
        assertThat(engine.rung(told.split(" ")).succeed().output().lines().toList())
                .endsWith("untag", "delete", "pull");
    }

    @Test
    void shouldKeepAPinnedImageThatNothingUses() {
        assertThat(image().getPinned()).isFalse();
        String settings = engine.configuration("rung.toml");
        engine.configure("rung.toml", "pinned-images = [\"127.0.0.1:5017/busy*\"]\n" + settings);
        Command.of("kill", "-HUP", engine.pid()).succeed();
        Patience.await(() -> image().getPinned(), () -> "the image is not pinned");

        engine.rung("image", "prune", "--all", "--force").succeed();
        assertThat(image().getId()).isNotEmpty();

        engine.configure("rung.toml", settings);
        Command.of("kill", "-HUP", engine.pid()).succeed();
        Patience.await(() -> !image().getPinned(), () -> "the image is pinned still");
    }

    @Test
    void shouldListWhatFitsTheFilterOnly() {
        var config = CriClient.pod("listed");
        String pod = kubelet.run(config);
        String id = kubelet.launch(pod, config, CriClient.container("one", "sleep", "100"));

        assertThat(pods("listed")).containsExactly(pod);
        assertThat(pods("other")).isEmpty();
        ListContainersResponse containers =
                kubelet.call(
                        "ListContainers",
                        ListContainersRequest.newBuilder()
                                .setFilter(ContainerFilter.newBuilder().setPodSandboxId(pod))
                                .build(),
                        ListContainersResponse.getDefaultInstance());
        assertThat(containers.getContainersList())
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.getId()).isEqualTo(id);
                    assertThat(one.getMetadata().getName()).isEqualTo("one");
                    assertThat(one.getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
                });
        kubelet.end(pod);
    }

    private List<String> pods(String name) {
        return kubelet
                .call(
                        "ListPodSandbox",
                        ListPodSandboxRequest.newBuilder()
                                .setFilter(
                                        PodSandboxFilter.newBuilder()
                                                .putLabelSelector("io.kubernetes.pod.name", name))
                                .build(),
                        ListPodSandboxResponse.getDefaultInstance())
                .getItemsList()
                .stream()
                .map(item -> item.getId())
                .toList();
    }

    @Test
    void shouldRunCommandsAndEndAllOfThoseThatTakeTooLong() {
        var config = CriClient.pod("commands");
        String pod = kubelet.run(config);
        String id = kubelet.launch(pod, config, CriClient.container("main", "sleep", "1000"));

        ExecSyncResponse answer = kubelet.exec(id, "sh", "-c", "echo a; echo b >&2; exit 7");
        assertThat(answer.getStdout().toStringUtf8()).isEqualTo("a\n");
        assertThat(answer.getStderr().toStringUtf8()).isEqualTo("b\n");
        assertThat(answer.getExitCode()).isEqualTo(7);
        assertThat(kubelet.output(id, "sh", "-c", "yes | head -c 20000000 | tr -d '\\n'"))
                .hasSize(10_000_000);
        assertThat(kubelet.output(id, "head", "-c", "20000000", "/dev/zero")).hasSize(16 << 20);
        assertThatThrownBy(() ->
                        kubelet.call(
                                "ExecSync",
                                ExecSyncRequest.newBuilder()
                                        .setContainerId(id)
                                        .addAllCmd(
                                                List.of(
                                                        "sh",
                                                        "-c",
                                                        "sleep 500 & (sleep 501 &) ; wait"))
                                        .setTimeout(1)
                                        .build(),
                                ExecSyncResponse.getDefaultInstance()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e ->
                                assertThat(e.getStatus().getCode())
                                        .isEqualTo(Status.Code.DEADLINE_EXCEEDED));
        Patience.await(
                () -> !kubelet.output(id, "ps").contains("sleep 50"),
                () -> kubelet.output(id, "ps"));
        kubelet.end(pod);
    }

    @Test
    void shouldWriteOnInANewFileAfterTheLogWasRotated() throws IOException {
        Path logs = engine.home().resolve("logs/rotated");
        var config = CriClient.pod("rotated").setLogDirectory(logs.toString());
        String pod = kubelet.run(config);
        String id =
                kubelet.launch(
                        pod,
                        config,
                        CriClient.container(
                                        "main", "sh", "-c", "while sleep 0.1; do echo tick; done")
                                .setLogPath("0.log"));
        Path log = logs.resolve("0.log");
        Patience.await(() -> length(log) > 0, () -> "nothing is logged");

        Files.move(log, logs.resolve("0.log.1"));
        kubelet.call(
                "ReopenContainerLog",
                ReopenContainerLogRequest.newBuilder().setContainerId(id).build(),
                ReopenContainerLogResponse.getDefaultInstance());

        assertThat(log).exists(); // a kubelet looks at once
        Patience.await(() -> length(log) > 0, () -> "nothing is logged any more");
        kubelet.end(pod);
    }

    private static long length(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException _) {
            return 0;
        }
    }

    @Test
    void shouldTellHowContainersEndThatDoNotDoSoByThemselves() {
        var config = CriClient.pod("ends");
        String pod = kubelet.run(config);
        var limit =
                LinuxContainerResources.newBuilder()
                        .setMemoryLimitInBytes(16 << 20)
                        .setMemorySwapLimitInBytes(16 << 20);
        String greedy =
                kubelet.launch(
                        pod,
                        config,
                        CriClient.container("greedy", "tail", "/dev/zero")
                                .setLinux(LinuxContainerConfig.newBuilder().setResources(limit)));
        String script = "trap '' TERM; touch /deaf; while :; do sleep 0.1; done";
        String deaf = kubelet.launch(pod, config, CriClient.container("deaf", "sh", "-c", script));
        Patience.await(
                () -> kubelet.exec(deaf, "test", "-e", "/deaf").getExitCode() == 0,
                () -> "it does not begin");
        kubelet.stop(deaf, 1);

        assertThat(kubelet.ended(greedy).getReason()).isEqualTo("OOMKilled");
        assertThat(kubelet.ended(greedy).getExitCode()).isEqualTo(137);
        assertThat(kubelet.ended(deaf).getReason()).isEqualTo("Error");
        assertThat(kubelet.ended(deaf).getExitCode()).isEqualTo(137);
        kubelet.end(pod);
    }

    @Test
    void shouldTellNoRuntimeOfAnnotationsThatAreUnitsProperties() {
        String property = "org.systemd.property.ExecStopPost";
        var config = CriClient.pod("noted").putAnnotations(property, "['/evil']");
        String pod = kubelet.run(config);
        kubelet.launch(
                pod,
                config,
                CriClient.container("main", "sleep", "100").putAnnotations(property, "['/evil']"));

        assertThat(Command.of("grep", "-rlFI", "/evil", engine.home() + "/run").run().output())
                .isEmpty();
        kubelet.end(pod);
    }

    @Test
    void shouldRefuseWhatLeavesThePodsFolderOrIsTheHosts() {
        var config = CriClient.pod("bad").setLogDirectory("/var/log/pods/bad");
        String pod = kubelet.run(config);
        assertRefused(
                () ->
                        kubelet.create(
                                pod,
                                config,
                                CriClient.container("main", "true").setLogPath("../../../x")),
                "config.log_path");
        var sysctl =
                CriClient.pod("sysctl")
                        .setLinux(
                                LinuxPodSandboxConfig.newBuilder()
                                        .putSysctls("kernel.core_pattern", "|/evil"));
        assertRefused(() -> kubelet.run(sysctl), "config.linux.sysctls");
        assertRefused(() -> kubelet.run(CriClient.pod("").clearMetadata()), "config.metadata");
        assertRefused(() -> kubelet.run(CriClient.pod("handler"), "nonsense"), "nonsense");
        kubelet.end(pod);
    }

    private static void assertRefused(ThrowingCallable call, String why) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e ->
                                assertThat(e.getStatus().getCode())
                                        .isEqualTo(Status.Code.INVALID_ARGUMENT))
                .hasMessageContaining(why);
    }

    @Test
    void shouldTellOfImagesByAllOfTheirNames() {
        ListImagesResponse listed =
                kubelet.call(
                        CriClient.IMAGES,
                        "ListImages",
                        ListImagesRequest.newBuilder()
                                .setFilter(
                                        ImageFilter.newBuilder()
                                                .setImage(
                                                        ImageSpec.newBuilder()
                                                                .setImage(Engine.IMAGE)))
                                .build(),
                        ListImagesResponse.getDefaultInstance());
        assertThat(listed.getImagesList()).hasSize(1);
        Image image = listed.getImages(0);
        assertThat(image.getRepoTagsList()).contains(Engine.IMAGE);
        assertThat(image.getRepoDigestsList())
                .allSatisfy(digest -> assertThat(digest).contains("@sha256:"));
        assertThat(image.getSize()).isPositive();
        ImageStatusResponse status =
                kubelet.call(
                        CriClient.IMAGES,
                        "ImageStatus",
                        ImageStatusRequest.newBuilder()
                                .setImage(ImageSpec.newBuilder().setImage(image.getId()))
                                .build(),
                        ImageStatusResponse.getDefaultInstance());
        assertThat(status.getImage()).isEqualTo(image);
        ImageStatusResponse none =
                kubelet.call(
                        CriClient.IMAGES,
                        "ImageStatus",
                        ImageStatusRequest.newBuilder()
                                .setImage(ImageSpec.newBuilder().setImage("nothing:here"))
                                .build(),
                        ImageStatusResponse.getDefaultInstance());
        assertThat(none.hasImage()).isFalse();
    }
}
