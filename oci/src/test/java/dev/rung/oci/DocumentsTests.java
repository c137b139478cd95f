package dev.rung.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.oci.json.JsonWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DocumentsTests {
    @Test
    void shouldWriteTheExampleAsRuncDoes() {
        assertThat(ExampleConfig.json(false)).isEqualTo(Configs.resource("runc-spec.json"));
        assertThat(ExampleConfig.rootlessJson(false, 0, 0))
                .isEqualTo(Configs.resource("runc-spec-rootless.json"));
    }

    @Test
    void shouldAskForACgroupNamespaceWhereToldTo() {
        RuntimeConfig config = RuntimeConfig.read("c", ExampleConfig.json(true));
        assertThat(config.linux().has(LinuxConfig.NamespaceType.CGROUP)).isTrue();
        assertThat(Validation.check("c", config)).isEmpty();
        RuntimeConfig rootless =
                RuntimeConfig.read("c", ExampleConfig.rootlessJson(true, 1000, 100));
        assertThat(rootless.linux().gidMappings()).containsExactly(new IdMapping(0, 100, 1));
        assertThat(Validation.check("c", rootless)).isEmpty();
        Validation.checkRootless("c", rootless);
    }

    @Test
    void shouldWriteTheStateOfHooks() {
        var state =
                new ContainerState(
                        "1.3.0", "c1", ContainerStatus.CREATED, 42, "/b", Map.of("k", "v"));
        assertThat(new String(state.json(), UTF_8))
                .isEqualTo(
                        "{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"status\":\"created\",\"pid\":42,"
                                + "\"bundle\":\"/b\",\"annotations\":{\"k\":\"v\"}}");
        var stopped = new ContainerState("1.3.0", "c1", ContainerStatus.STOPPED, 0, "/b", Map.of());
        assertThat(new String(stopped.json(), UTF_8))
                .isEqualTo(
                        "{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"status\":\"stopped\","
                                + "\"bundle\":\"/b\"}");
    }

    @Test
    void shouldLeaveRoomForAPidThatIsNotKnownYet() {
        var state = new ContainerState("1.3.0", "c1", ContainerStatus.CREATING, 0, "/b", Map.of());
        var forAgent =
                new ContainerProcessState(
                        "1.3.0", List.of(ContainerProcessState.SECCOMP_FD), "m", state);
        var writer = JsonWriter.compact();
        ContainerProcessState.PidPlaces places = forAgent.writeWithoutPid(writer, 3);
        byte[] json = writer.bytes();
        System.arraycopy("567".getBytes(UTF_8), 0, json, places.pid(), 3);
        System.arraycopy("567".getBytes(UTF_8), 0, json, places.statePid(), 3);
        assertThat(new String(json, UTF_8))
                .isEqualTo(
                        "{\"ociVersion\":\"1.3.0\",\"fds\":[\"seccompFd\"],\"pid\":567,"
                                + "\"metadata\":\"m\",\"state\":{\"ociVersion\":\"1.3.0\","
                                + "\"id\":\"c1\",\"status\":\"creating\",\"pid\":567,"
                                + "\"bundle\":\"/b\"}}");
    }

    @Test
    void shouldWriteFeatures() {
        var features =
                new Features(
                        "1.0.0",
                        "1.3.0",
                        List.of("prestart"),
                        List.of(),
                        new Features.Linux(
                                List.of("pid"),
                                List.of(),
                                new Features.Cgroup(true, true, false, null, true),
                                null,
                                true,
                                null,
                                new Features.Rdt(true, true, null),
                                new Features.MemoryPolicies(List.of("MPOL_BIND"), List.of()),
                                true,
                                true),
                        Map.of(),
                        List.of());
        assertThat(new String(features.json(), UTF_8))
                .isEqualTo(
                        """
                        {
                            "ociVersionMin": "1.0.0",
                            "ociVersionMax": "1.3.0",
                            "hooks": [
                                "prestart"
                            ],
                            "linux": {
                                "namespaces": [
                                    "pid"
                                ],
                                "cgroup": {
                                    "v1": true,
                                    "v2": true,
                                    "systemd": false,
                                    "rdma": true
                                },
                                "apparmor": {
                                    "enabled": true
                                },
                                "intelRdt": {
                                    "enabled": true,
                                    "schemata": true
                                },
                                "memoryPolicy": {
                                    "modes": [
                                        "MPOL_BIND"
                                    ]
                                },
                                "mountExtensions": {
                                    "idmap": {
                                        "enabled": true
                                    }
                                },
                                "netDevices": {
                                    "enabled": true
                                }
                            }
                        }
                        """);
    }
}
