package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.ContainerState;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.cri.v1.PodSandboxState;
import dev.rung.cri.v1.RemoveContainerRequest;
import dev.rung.cri.v1.RemoveContainerResponse;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A kubelet whose engine has no room for its state any more, and how it gets room again. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
class FullDiskTests extends WithKubelet {
    private static final List<ContainerState> NOT_STARTED =
            List.of(ContainerState.CONTAINER_CREATED, ContainerState.CONTAINER_EXITED);

    @BeforeAll
    void putOnASmallDisk() {
        kubelet.pull(Engine.IMAGE);
        engine.rung("system", "shutdown").succeed();
        inHome("mv lib big && mkdir -m 700 lib");
        inHome("mount -t tmpfs -o mode=700,size=24m,nr_inodes=3k small lib && cp -a big/. lib");
        engine.rung("version").succeed();
    }

    @AfterAll
    void takeDiskAway() {
        if (engine != null) {
            inHome("umount -l lib");
        }
    }

    private void inHome(String script) {
        Command.of("sh", "-c", "cd " + engine.home() + " && " + script).succeed();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cat /dev/zero >lib/filler/all",
                "i=0; while :>lib/filler/$i; do i=$((i+1)); done"
            })
    void shouldRefuseWhatHasNoRoomAndMakeRoomAsAsked(String fill) {
        PodSandboxConfig.Builder config = config("full");
        String pod = kubelet.run(config);
        String main = kubelet.launch(pod, config, CriClient.container("main", "sleep", "1000"));
        String talks = kubelet.launch(pod, config, talking());
        String waits = kubelet.create(pod, config, CriClient.container("waits", "sleep", "1000"));
        Map<String, ContainerState> before = kubelet.containers();
        List<String> folders = folders();
        inHome("mkdir lib/filler; (" + fill + ") 2>/dev/null || true");
        try {
            refused(() -> kubelet.run(config("more")));
            refused(() -> kubelet.create(pod, config, CriClient.container("more", "true")));
            refused(() -> kubelet.create(pod, config, CriClient.container("more", "true")));
            assertThat(kubelet.containers()).isEqualTo(before);
            assertThat(kubelet.pods()).containsOnlyKeys(pod);
            assertThat(folders()).isEqualTo(folders);
            before.put(waits, started(waits));
            assertThat(kubelet.containers()).isEqualTo(before);
            assertThat(kubelet.output(talks, "echo", "here")).isEqualTo("here\n");

            engine.kill();
            engine.rung("version").succeed();
            Map<String, ContainerState> after = kubelet.containers();
            if (before.get(waits) != ContainerState.CONTAINER_RUNNING) {
                // that a start failed could not be written down
                assertThat(after.get(waits)).isIn(NOT_STARTED);
                before.put(waits, Objects.requireNonNull(after.get(waits)));
            }
            assertThat(after).isEqualTo(before);
            assertThat(kubelet.pods()).containsEntry(pod, PodSandboxState.SANDBOX_READY);

            kubelet.stop(main, 0);
            assertThat(kubelet.ended(main).getExitCode()).isEqualTo(137);
            remove(main);
            remove(waits);
            assertThat(kubelet.containers()).containsOnlyKeys(talks);
            kubelet.end(pod);
            assertThat(kubelet.containers()).isEmpty();
            assertThat(kubelet.pods()).isEmpty();
        } finally {
            inHome("rm -r lib/filler");
            kubelet.endAll();
        }
        kubelet.launch(kubelet.run(config), config, talking());
        kubelet.endAll();
        Patience.await(() -> left().isEmpty(), () -> "left: " + left());
    }

    private List<String> left() {
        return engine.left().stream().filter(each -> !each.contains("tmpfs small")).toList();
    }

    private PodSandboxConfig.Builder config(String name) {
        return CriClient.pod(name).setLogDirectory(engine.home() + "/lib/logs");
    }

    /** Into its log, on the same disk. */
    private static ContainerConfig.Builder talking() {
        return CriClient.container("talks", "sh", "-c", "while :; do echo x; usleep 1000; done")
                .setLogPath("talks.log");
    }

    /** Of what there is; their files come and go. */
    private List<String> folders() {
        return Command.of("sh", "-c", "cd " + engine.home() + "/lib && ls -d */* snapshots/*/*")
                .succeed()
                .output()
                .lines()
                .filter(folder -> !folder.startsWith("filler"))
                .toList();
    }

    private static void refused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(type(StatusRuntimeException.class))
                .satisfies(refusal ->
                        assertThat(refusal.getStatus().getCode())
                                .as(refusal.getMessage())
                                .isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    }

    /** For want of bytes alone it need not fail: a log that has no room has gaps. */
    private ContainerState started(String container) {
        try {
            kubelet.start(container);
            return ContainerState.CONTAINER_RUNNING;
        } catch (StatusRuntimeException e) {
            refused(() -> {
                throw e;
            });
            ContainerState told = Objects.requireNonNull(kubelet.containers().get(container));
            assertThat(told).isIn(NOT_STARTED);
            return told;
        }
    }

    private void remove(String container) {
        kubelet.call(
                "RemoveContainer",
                RemoveContainerRequest.newBuilder().setContainerId(container).build(),
                RemoveContainerResponse.getDefaultInstance());
    }
}
