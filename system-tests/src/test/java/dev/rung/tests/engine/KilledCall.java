package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.cri.v1.CheckpointContainerRequest;
import dev.rung.cri.v1.CheckpointContainerResponse;
import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.ContainerState;
import dev.rung.cri.v1.ContainerStatus;
import dev.rung.cri.v1.LinuxContainerResources;
import dev.rung.cri.v1.NetworkConfig;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.cri.v1.PodSandboxState;
import dev.rung.cri.v1.PortMapping;
import dev.rung.cri.v1.RemoveContainerRequest;
import dev.rung.cri.v1.RemoveContainerResponse;
import dev.rung.cri.v1.RemovePodSandboxRequest;
import dev.rung.cri.v1.RemovePodSandboxResponse;
import dev.rung.cri.v1.ReopenContainerLogRequest;
import dev.rung.cri.v1.ReopenContainerLogResponse;
import dev.rung.cri.v1.RuntimeConfig;
import dev.rung.cri.v1.StopPodSandboxRequest;
import dev.rung.cri.v1.StopPodSandboxResponse;
import dev.rung.cri.v1.UpdateContainerResourcesRequest;
import dev.rung.cri.v1.UpdateContainerResourcesResponse;
import dev.rung.cri.v1.UpdatePodSandboxResourcesRequest;
import dev.rung.cri.v1.UpdatePodSandboxResourcesResponse;
import dev.rung.cri.v1.UpdateRuntimeConfigRequest;
import dev.rung.cri.v1.UpdateRuntimeConfigResponse;
import dev.rung.testkit.Command;
import dev.rung.testkit.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A call of CRI in which the engine is killed, and what has to hold for a kubelet afterwards. */
enum KilledCall {
    RUN_POD_SANDBOX {
        @Override
        Found prepare(Engine engine, CriClient kubelet) {
            return new Found("", "");
        }

        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            kubelet.run(config(engine));
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered) {
            Map<String, PodSandboxState> pods = kubelet.pods();
            assertThat(pods.size()).isLessThanOrEqualTo(1);
            if (answered) {
                assertThat(pods).containsValue(PodSandboxState.SANDBOX_READY);
            }
            PodSandboxConfig.Builder config = config(engine);
            if (!pods.isEmpty()) { // a kubelet takes it, or stops it before it makes the next
                String pod = pods.keySet().iterator().next();
                if (pods.containsValue(PodSandboxState.SANDBOX_READY)) {
                    works(engine, kubelet, pod, config);
                }
                stop(kubelet, pod);
                assertThat(kubelet.pods()).containsValue(PodSandboxState.SANDBOX_NOTREADY);
                config.setMetadata(config.getMetadata().toBuilder().setAttempt(1));
            }
            works(engine, kubelet, kubelet.run(config), config);
            return pods.values().toString();
        }
    },

    STOP_POD_SANDBOX {
        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            stop(kubelet, before.pod());
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered) {
            PodSandboxState state = kubelet.pods().get(before.pod());
            ContainerState container = kubelet.status(before.container()).getState();
            if (answered) {
                assertThat(state).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
            }
            if (state == PodSandboxState.SANDBOX_NOTREADY) {
                assertThat(container).isEqualTo(ContainerState.CONTAINER_EXITED);
            }
            stop(kubelet, before.pod());
            assertThat(kubelet.pods())
                    .containsEntry(before.pod(), PodSandboxState.SANDBOX_NOTREADY);
            assertThat(kubelet.status(before.container()).getExitCode()).isIn(5, 137);
            assertThat(kubelet.status(before.container()).getFinishedAt()).isPositive();
            return state.name() + " " + container.name();
        }
    },

    REMOVE_POD_SANDBOX {
        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            kubelet.call(
                    "RemovePodSandbox",
                    RemovePodSandboxRequest.newBuilder().setPodSandboxId(before.pod()).build(),
                    RemovePodSandboxResponse.getDefaultInstance());
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered) {
            String found = kubelet.pods().values() + " " + kubelet.containers().values();
            if (answered) {
                assertThat(kubelet.pods()).isEmpty();
            }
            if (kubelet.pods().isEmpty()) {
                assertThat(kubelet.containers()).isEmpty();
            }
            make(engine, kubelet, before);
            assertThat(kubelet.pods()).isEmpty();
            assertThat(kubelet.containers()).isEmpty();
            return found;
        }
    },

    CREATE_CONTAINER {
        @Override
        Found prepare(Engine engine, CriClient kubelet) {
            return new Found(kubelet.run(config(engine)), "");
        }

        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            kubelet.create(before.pod(), config(engine), main());
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered) {
            Map<String, ContainerState> containers = kubelet.containers();
            assertThat(containers.size()).isLessThanOrEqualTo(1);
            if (answered) {
                assertThat(containers).hasSize(1);
            }
            assertThat(containers.values())
                    .allMatch(state -> state == ContainerState.CONTAINER_CREATED);
            for (String id : containers.keySet()) {
                kubelet.start(id);
                assertThat(kubelet.output(id, "echo", "here")).isEqualTo("here\n");
            }
            ContainerConfig.Builder next = main();
            next.setMetadata(next.getMetadata().toBuilder().setAttempt(containers.size()));
            String id = kubelet.create(before.pod(), config(engine), next);
            kubelet.start(id);
            assertThat(kubelet.output(id, "echo", "here")).isEqualTo("here\n");
            return containers.values().toString();
        }
    },

    START_CONTAINER {
        @Override
        Found prepare(Engine engine, CriClient kubelet) {
            String pod = kubelet.run(config(engine));
            return new Found(pod, kubelet.create(pod, config(engine), main()));
        }

        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            kubelet.start(before.container());
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered) {
            String id = before.container();
            ContainerStatus status = kubelet.status(id);
            if (answered) {
                assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
            }
            switch (status.getState()) {
                case CONTAINER_CREATED -> kubelet.start(id);
                case CONTAINER_RUNNING ->
                        assertThatThrownBy(() -> kubelet.start(id)).hasMessageContaining("RUNNING");
                default -> {
                    assertThat(status.getFinishedAt()).isPositive();
                    assertThat(status.getExitCode()).isNotZero();
                    return status.getState().name()
                            + " "
                            + status.getReason()
                            + status.getMessage();
                }
            }
            assertThat(kubelet.status(id).getStartedAt()).isPositive();
            assertThat(kubelet.output(id, "echo", "here")).isEqualTo("here\n");
            Patience.await(
                    () -> log(engine).stream().filter(line -> line.endsWith("begun")).count() == 1,
                    () -> "its log: " + log(engine));
            return status.getState().name();
        }
    },

    STOP_CONTAINER {
        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            kubelet.stop(before.container(), 10);
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered) {
            ContainerState state = kubelet.status(before.container()).getState();
            if (answered) {
                assertThat(state).isEqualTo(ContainerState.CONTAINER_EXITED);
            }
            kubelet.stop(before.container(), 10);
            kubelet.stop(before.container(), 10);
            ContainerStatus status = kubelet.status(before.container());
            assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
            assertThat(status.getExitCode()).isEqualTo(5); // it did hear SIGTERM
            assertThat(status.getFinishedAt()).isGreaterThan(status.getStartedAt());
            assertThat(log(engine)).last().asString().endsWith("stdout F asked");
            return state.name();
        }
    },

    REMOVE_CONTAINER {
        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            kubelet.call(
                    "RemoveContainer",
                    RemoveContainerRequest.newBuilder().setContainerId(before.container()).build(),
                    RemoveContainerResponse.getDefaultInstance());
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered) {
            String found = kubelet.containers().values().toString();
            if (answered) {
                assertThat(kubelet.containers()).isEmpty();
            }
            make(engine, kubelet, before);
            make(engine, kubelet, before);
            assertThat(kubelet.containers()).isEmpty();
            kubelet.launch(before.pod(), config(engine), main());
            return found;
        }
    },

    UPDATE_CONTAINER_RESOURCES {
        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            kubelet.call(
                    "UpdateContainerResources",
                    UpdateContainerResourcesRequest.newBuilder()
                            .setContainerId(before.container())
                            .setLinux(
                                    LinuxContainerResources.newBuilder()
                                            .setMemoryLimitInBytes(LIMIT))
                            .build(),
                    UpdateContainerResourcesResponse.getDefaultInstance());
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered) {
            long told = told(kubelet, before);
            long is = limit(before.container());
            if (answered) {
                assertThat(told).isEqualTo(LIMIT);
                assertThat(is).isEqualTo(LIMIT);
            }
            assertThat(is == LIMIT ? LIMIT : 0).as("limit that is").isEqualTo(told);
            make(engine, kubelet, before);
            assertThat(told(kubelet, before)).isEqualTo(LIMIT);
            assertThat(limit(before.container())).isEqualTo(LIMIT);
            return told + " " + is;
        }

        private long told(CriClient kubelet, Found before) {
            return kubelet.status(before.container())
                    .getResources()
                    .getLinux()
                    .getMemoryLimitInBytes();
        }
    },

    UPDATE_POD_SANDBOX_RESOURCES {
        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            kubelet.call(
                    "UpdatePodSandboxResources",
                    UpdatePodSandboxResourcesRequest.newBuilder()
                            .setPodSandboxId(before.pod())
                            .setResources(
                                    LinuxContainerResources.newBuilder()
                                            .setMemoryLimitInBytes(LIMIT))
                            .build(),
                    UpdatePodSandboxResourcesResponse.getDefaultInstance());
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered) {
            long is = limit("pod-" + before.pod());
            if (answered) {
                assertThat(is).isEqualTo(LIMIT);
            }
            make(engine, kubelet, before);
            assertThat(limit("pod-" + before.pod())).isEqualTo(LIMIT);
            return Long.toString(is);
        }
    },

    EXEC_SYNC {
        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            String script = "echo a; touch /tmp/done; echo b >&2; exit 7";
            assertThat(kubelet.exec(before.container(), "sh", "-c", script).getExitCode())
                    .isEqualTo(7);
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered) {
            String id = before.container();
            assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
            make(engine, kubelet, before);
            Patience.await(
                    () -> kubelet.output(id, "ps").lines().noneMatch(at -> at.contains("touch")),
                    () -> kubelet.output(id, "ps"));
            return "running";
        }
    },

    REOPEN_CONTAINER_LOG {
        @Override
        ContainerConfig.Builder main() {
            String count = "i=0; while :; do i=$((i+1)); echo $i; usleep 2000; done";
            return CriClient.container("main", "sh", "-c", count).setLogPath("0.log");
        }

        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            try {
                Files.move(logs(engine).resolve("0.log"), logs(engine).resolve("rotated"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            reopen(kubelet, before);
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered)
                throws IOException {
            boolean there = Files.exists(logs(engine).resolve("0.log"));
            assertThat(there || !answered).isTrue();
            reopen(kubelet, before);
            Patience.await(() -> log(engine).size() > 3, () -> "nothing is logged any more");
            kubelet.stop(before.container(), 0);
            var numbers = new ArrayList<Integer>();
            if (Files.exists(logs(engine).resolve("rotated"))) {
                Files.readAllLines(logs(engine).resolve("rotated"))
                        .forEach(line -> numbers.add(number(line)));
            }
            log(engine).forEach(line -> numbers.add(number(line)));
            for (int i = 0; i < numbers.size(); i++) {
                assertThat(numbers.get(i)).isEqualTo(i + 1);
            }
            return there + " " + numbers.size();
        }

        private static int number(String line) {
            return Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
        }

        private static void reopen(CriClient kubelet, Found before) {
            kubelet.call(
                    "ReopenContainerLog",
                    ReopenContainerLogRequest.newBuilder()
                            .setContainerId(before.container())
                            .build(),
                    ReopenContainerLogResponse.getDefaultInstance());
        }
    },

    PULL_IMAGE {
        @Override
        Found prepare(Engine engine, CriClient kubelet) {
            kubelet.removeImage(Engine.IMAGE);
            return new Found("", "");
        }

        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            kubelet.pull(Engine.IMAGE);
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered) {
            boolean there = kubelet.hasImage(Engine.IMAGE);
            assertThat(there || !answered).isTrue();
            if (there) {
                worksOnce(engine, kubelet);
            }
            kubelet.pull(Engine.IMAGE);
            works(engine, kubelet, kubelet.run(config(engine)), config(engine));
            return Boolean.toString(there);
        }
    },

    REMOVE_IMAGE {
        @Override
        Found prepare(Engine engine, CriClient kubelet) {
            kubelet.pull(Engine.IMAGE);
            return new Found("", "");
        }

        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            kubelet.removeImage(Engine.IMAGE);
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered) {
            boolean there = kubelet.hasImage(Engine.IMAGE);
            assertThat(there && answered).isFalse();
            if (there) {
                worksOnce(engine, kubelet);
            }
            kubelet.removeImage(Engine.IMAGE);
            assertThat(kubelet.hasImage(Engine.IMAGE)).isFalse();
            kubelet.pull(Engine.IMAGE);
            works(engine, kubelet, kubelet.run(config(engine)), config(engine));
            return Boolean.toString(there);
        }
    },

    CHECKPOINT_CONTAINER {
        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            if (System.getenv("RUNG_TEST_CRIU") == null) {
                return; // Debian's does not work on every kernel
            }
            kubelet.call(
                    "CheckpointContainer",
                    CheckpointContainerRequest.newBuilder()
                            .setContainerId(before.container())
                            .setLocation(archive(engine))
                            .build(),
                    CheckpointContainerResponse.getDefaultInstance());
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered)
                throws IOException {
            String id = before.container();
            assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
            assertThat(kubelet.output(id, "echo", "here")).isEqualTo("here\n");
            boolean there = Files.exists(Path.of(archive(engine)));
            if (there) {
                Command.of("tar", "-tf", archive(engine)).succeed();
                Files.delete(Path.of(archive(engine)));
            }
            assertThat(engine.files("checkpoints")).as("what lies beside the archive").isEmpty();
            make(engine, kubelet, before);
            Files.deleteIfExists(Path.of(archive(engine)));
            return Boolean.toString(there);
        }

        @Override
        Found prepare(Engine engine, CriClient kubelet) {
            engine.write("checkpoints/a.tar", "");
            try {
                Files.delete(Path.of(archive(engine)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return super.prepare(engine, kubelet);
        }

        private static String archive(Engine engine) {
            return engine.home() + "/checkpoints/a.tar";
        }
    },

    UPDATE_RUNTIME_CONFIG {
        @Override
        void make(Engine engine, CriClient kubelet, Found before) {
            kubelet.call(
                    "UpdateRuntimeConfig",
                    UpdateRuntimeConfigRequest.newBuilder()
                            .setRuntimeConfig(
                                    RuntimeConfig.newBuilder()
                                            .setNetworkConfig(
                                                    NetworkConfig.newBuilder()
                                                            .setPodCidr("10.77.0.0/24")))
                            .build(),
                    UpdateRuntimeConfigResponse.getDefaultInstance());
        }

        @Override
        String judge(Engine engine, CriClient kubelet, Found before, boolean answered) {
            make(engine, kubelet, before);
            works(engine, kubelet, before.pod(), config(engine));
            return "";
        }
    };

    /** What a call is made about. */
    record Found(String pod, String container) {}

    static final long LIMIT = 48 << 20;

    /** What is there before; a pod with a container that runs where nothing else is said. */
    Found prepare(Engine engine, CriClient kubelet) {
        String pod = kubelet.run(config(engine));
        return new Found(pod, ready(engine, kubelet, pod));
    }

    /** What calls before have left there is removed. */
    static void clear(Engine engine) {
        Command.of("rm", "-rf", logs(engine).toString()).succeed();
    }

    private String ready(Engine engine, CriClient kubelet, String pod) {
        String id = kubelet.launch(pod, config(engine), main());
        Patience.await(() -> !log(engine).isEmpty(), () -> "it does not begin");
        return id;
    }

    abstract void make(Engine engine, CriClient kubelet, Found before);

    /** Looks, makes the call once more, and looks again. */
    abstract String judge(Engine engine, CriClient kubelet, Found before, boolean answered)
            throws IOException;

    private static Path logs(Engine engine) {
        return engine.home().resolve("logs/kills");
    }

    private static List<String> log(Engine engine) {
        try {
            Path log = logs(engine).resolve("0.log");
            return Files.exists(log) ? Files.readAllLines(log) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PodSandboxConfig.Builder config(Engine engine) {
        return CriClient.pod("killed")
                .setLogDirectory(logs(engine).toString())
                .addPortMappings(PortMapping.newBuilder().setHostPort(8077).setContainerPort(80));
    }

    /** Tells that it has begun and that it is asked to end. */
    ContainerConfig.Builder main() {
        String script = "trap 'echo asked; exit 5' TERM; echo begun; while :; do sleep 0.05; done";
        return CriClient.container("main", "sh", "-c", script).setLogPath("0.log");
    }

    private static void stop(CriClient kubelet, String pod) {
        kubelet.call(
                "StopPodSandbox",
                StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build(),
                StopPodSandboxResponse.getDefaultInstance());
    }

    private static long limit(String cgroup) {
        String find =
                "cat $(find /sys/fs/cgroup -path '*/%1$s/memory.limit_in_bytes' -o -path '*/%1$s/memory.max')"
                        .formatted(cgroup);
        String told = Command.of("sh", "-c", find).succeed().output().strip();
        return told.equals("max") ? Long.MAX_VALUE : Long.parseLong(told);
    }

    /** A pod of the image does all that, and goes again. */
    private static void worksOnce(Engine engine, CriClient kubelet) {
        String pod = kubelet.run(config(engine));
        works(engine, kubelet, pod, config(engine));
        kubelet.end(pod);
    }

    /** It has an address, and a container in it runs and is heard. */
    private static void works(
            Engine engine, CriClient kubelet, String pod, PodSandboxConfig.Builder config) {
        String address = kubelet.address(pod);
        assertThat(address).startsWith("10.77.0.");
        assertThat(engine.files("ipam/kills")).contains(address);
        ContainerConfig.Builder probe = CriClient.container("probe", "sleep", "1000");
        String id = kubelet.launch(pod, config, probe);
        assertThat(kubelet.output(id, "ip", "addr", "show", "eth0")).contains(address);
        assertThat(Set.copyOf(kubelet.containers().values()))
                .contains(ContainerState.CONTAINER_RUNNING);
    }
}
