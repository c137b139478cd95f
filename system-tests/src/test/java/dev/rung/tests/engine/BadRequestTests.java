package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.rung.cri.v1.Capability;
import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.ContainerFilter;
import dev.rung.cri.v1.ContainerMetadata;
import dev.rung.cri.v1.ContainerStatusRequest;
import dev.rung.cri.v1.ContainerStatusResponse;
import dev.rung.cri.v1.DNSConfig;
import dev.rung.cri.v1.Device;
import dev.rung.cri.v1.ExecSyncRequest;
import dev.rung.cri.v1.ExecSyncResponse;
import dev.rung.cri.v1.Int64Value;
import dev.rung.cri.v1.KeyValue;
import dev.rung.cri.v1.LinuxContainerConfig;
import dev.rung.cri.v1.LinuxContainerSecurityContext;
import dev.rung.cri.v1.LinuxPodSandboxConfig;
import dev.rung.cri.v1.ListContainersRequest;
import dev.rung.cri.v1.ListContainersResponse;
import dev.rung.cri.v1.Mount;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.cri.v1.PodSandboxMetadata;
import dev.rung.cri.v1.PodSandboxStatusRequest;
import dev.rung.cri.v1.PodSandboxStatusResponse;
import dev.rung.cri.v1.PortMapping;
import dev.rung.cri.v1.SecurityProfile;
import dev.rung.cri.v1.VersionRequest;
import dev.rung.cri.v1.VersionResponse;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.SystemTest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Requests of CRI that are wrong, or hostile: refused by the field, and nothing is made. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
class BadRequestTests extends WithKubelet {
    private static final long SEED = 20261129;
    private static final int MANY = 10_001;
    private static final List<String> METHODS =
            List.of(
                    "RunPodSandbox",
                    "StopPodSandbox",
                    "RemovePodSandbox",
                    "PodSandboxStatus",
                    "ListPodSandbox",
                    "CreateContainer",
                    "StartContainer",
                    "ListContainers",
                    "ContainerStatus",
                    "UpdateContainerResources",
                    "ExecSync",
                    "Exec",
                    "Attach",
                    "PortForward",
                    "ListContainerStats",
                    "ListPodSandboxStats",
                    "UpdatePodSandboxResources",
                    "Status");

    private static PodSandboxConfig.Builder named(String name, String namespace, String uid) {
        var metadata =
                PodSandboxMetadata.newBuilder().setName(name).setNamespace(namespace).setUid(uid);
        return CriClient.pod("bad").setMetadata(metadata);
    }

    private static PodSandboxConfig.Builder sysctl(String name, String value) {
        return CriClient.pod("bad")
                .setLinux(LinuxPodSandboxConfig.newBuilder().putSysctls(name, value));
    }

    private static PodSandboxConfig.Builder in(String cgroup) {
        return CriClient.pod("bad")
                .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(cgroup));
    }

    private static PodSandboxConfig.Builder port(PortMapping.Builder mapping) {
        return CriClient.pod("bad").addPortMappings(mapping);
    }

    private static PodSandboxConfig.Builder dns(DNSConfig.Builder dns) {
        return CriClient.pod("bad").setDnsConfig(dns);
    }

    @Test
    void shouldRefusePodsByTheField() {
        Map<PodSandboxConfig.Builder, String> bad = new LinkedHashMap<>();
        bad.put(CriClient.pod("bad").clearMetadata(), "config.metadata");
        for (String word : List.of("", "../x", "a/b", "a\nb", "x".repeat(5000))) {
            bad.put(named(word, "tests", "uid"), "config.metadata.name");
            bad.put(named("bad", word, "uid"), "config.metadata.namespace");
            bad.put(named("bad", "tests", word), "config.metadata.uid");
        }
        bad.put(CriClient.pod("bad").setHostname("x".repeat(65)), "config.hostname");
        bad.put(CriClient.pod("bad").setHostname("a\nb"), "config.hostname");
        bad.put(CriClient.pod("bad").setHostname("a/../b"), "config.hostname");
        bad.put(CriClient.pod("bad").setLogDirectory("var/log"), "config.log_directory");
        bad.put(sysctl("kernel.shm_rmid_forced+kernel.core_pattern", "1"), "config.linux.sysctls");
        bad.put(sysctl("kernel.shm_rmid_forced", "1+kernel.core_pattern=|/x\n"), "sysctls");
        bad.put(sysctl("net/../kernel/core_pattern", "|/x"), "config.linux.sysctls");
        bad.put(sysctl("net.ipv4.ip_forward", "1\0"), "config.linux.sysctls");
        bad.put(sysctl("vm.overcommit_memory", "1"), "config.linux.sysctls");
        bad.put(dns(DNSConfig.newBuilder().addServers("1.1.1.1\nnameserver 6.6.6.6")), "servers");
        bad.put(dns(DNSConfig.newBuilder().addServers("name")), "config.dns_config.servers");
        bad.put(dns(DNSConfig.newBuilder().addSearches("a\nnameserver 6.6.6.6")), "searches");
        bad.put(dns(DNSConfig.newBuilder().addOptions("ndots:5\nnameserver 6.6.6.6")), "options");
        bad.put(
                port(PortMapping.newBuilder().setHostPort(70_000).setContainerPort(80)),
                "config.port_mappings");
        bad.put(
                port(PortMapping.newBuilder().setHostPort(8080).setContainerPort(-1)),
                "config.port_mappings");
        bad.put(
                port(
                        PortMapping.newBuilder()
                                .setHostPort(8080)
                                .setContainerPort(80)
                                .setHostIp("a")),
                "config.port_mappings");
        bad.put(
                port(PortMapping.newBuilder().setContainerPort(80).setProtocolValue(77)),
                "config.port_mappings");
        bad.put(in("../../x"), "config.linux.cgroup_parent");
        bad.put(in("/a/../../b"), "config.linux.cgroup_parent");
        bad.put(in("/a\0b"), "config.linux.cgroup_parent");
        bad.put(in("/" + "x".repeat(5000)), "config.linux.cgroup_parent");
        bad.put(
                CriClient.pod("bad").setLogDirectory("/" + "x".repeat(5000)),
                "config.log_directory");
        bad.put(
                CriClient.pod("bad").putAnnotations("note", "x".repeat(2_000_000)),
                "config.annotations");
        bad.put(CriClient.pod("bad").putLabels("note", "x".repeat(2_000_000)), "config.labels");
        bad.put(CriClient.pod("bad").putAllLabels(many()), "config.labels");
        bad.put(
                dns(DNSConfig.newBuilder().addAllServers(Collections.nCopies(MANY, "1.1.1.1"))),
                "config.dns_config.servers");
        bad.put(
                CriClient.pod("bad")
                        .addAllPortMappings(
                                Collections.nCopies(
                                        MANY,
                                        PortMapping.newBuilder().setContainerPort(80).build())),
                "config.port_mappings");
        var softly = new SoftAssertions();
        bad.forEach((pod, field) -> refused(softly, field, () -> kubelet.run(pod)));
        softly.assertAll();
        assertThat(engine.files("lib/pods")).isEmpty();
    }

    private static void refused(SoftAssertions softly, String field, Runnable call) {
        try {
            call.run();
            softly.fail(field + " is not refused");
        } catch (StatusRuntimeException e) {
            softly.assertThat(e.getStatus().getCode())
                    .as(e.getMessage())
                    .isEqualTo(Status.Code.INVALID_ARGUMENT);
            softly.assertThat(e.getStatus().getDescription()).contains(field);
        }
    }

    private static Map<String, String> many() {
        var many = new HashMap<String, String>();
        for (int i = 0; i < MANY; i++) {
            many.put("label" + i, "");
        }
        return many;
    }

    private static ContainerConfig.Builder plain() {
        return CriClient.container("bad", "true");
    }

    private static ContainerConfig.Builder with(LinuxContainerSecurityContext.Builder context) {
        return plain().setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(context));
    }

    private static ContainerConfig.Builder with(Mount.Builder mount) {
        return plain().addMounts(mount);
    }

    private static Mount.Builder mount(String from, String to) {
        return Mount.newBuilder().setHostPath(from).setContainerPath(to);
    }

    @Test
    void shouldRefuseContainersByTheField() {
        var config = CriClient.pod("good").setLogDirectory(engine.home() + "/logs/good");
        String pod = kubelet.run(config);
        Map<ContainerConfig.Builder, String> bad = new LinkedHashMap<>();
        bad.put(plain().clearMetadata(), "config.metadata");
        for (String word : List.of("", "../x", "a/b", "a\nb", "x".repeat(5000))) {
            bad.put(
                    plain().setMetadata(ContainerMetadata.newBuilder().setName(word)),
                    "config.metadata.name");
        }
        bad.put(plain().clearImage(), "config.image.image");
        for (String path : List.of("../../../x", "/../x", "..", ".", "a/../..", "a\0b")) {
            bad.put(plain().setLogPath(path), "config.log_path");
        }
        bad.put(with(mount("", "/mnt")), "config.mounts.host_path");
        bad.put(with(mount("etc", "/mnt")), "config.mounts.host_path");
        bad.put(with(mount("/etc\0x", "/mnt")), "config.mounts.host_path");
        bad.put(with(mount("/etc", "")), "config.mounts.container_path");
        bad.put(with(mount("/etc", "/mnt").setPropagationValue(9)), "config.mounts.propagation");
        bad.put(with(mount("/etc", "/mnt").setRecursiveReadOnly(true)), "recursive_read_only");
        bad.put(
                plain().addDevices(Device.newBuilder().setContainerPath("/dev/x")),
                "config.devices.host_path");
        bad.put(
                plain().addDevices(
                                Device.newBuilder()
                                        .setHostPath("/dev/null")
                                        .setContainerPath("/dev/x")
                                        .setPermissions("rwx")),
                "config.devices.permissions");
        bad.put(plain().addEnvs(KeyValue.newBuilder().setKey("")), "config.envs");
        bad.put(plain().addEnvs(KeyValue.newBuilder().setKey("A=B")), "config.envs");
        bad.put(plain().addEnvs(KeyValue.newBuilder().setKey("A\0B")), "config.envs");
        String string = "x".repeat(131_072); // with its end it is longer than execve(2) takes one
        bad.put(plain().addArgs(string), "config.args");
        bad.put(plain().addCommand(string), "config.command");
        bad.put(
                plain().addEnvs(
                                KeyValue.newBuilder()
                                        .setKey("A")
                                        .setValue(ByteString.copyFromUtf8(string))),
                "config.envs");
        bad.put(plain().addAllArgs(Collections.nCopies(MANY, "a")), "config.args");
        bad.put(plain().addAllArgs(Collections.nCopies(40, "x".repeat(100_000))), "config: ");
        bad.put(plain().putAnnotations("note", "x".repeat(2_000_000)), "config.annotations");
        bad.put(plain().setLogPath("x".repeat(5000)), "config.log_path");
        bad.put(with(mount("/etc", "/" + "x".repeat(5000))), "config.mounts.container_path");
        bad.put(
                plain().addAllMounts(Collections.nCopies(MANY, mount("/etc", "/mnt").build())),
                "config.mounts");
        bad.put(
                plain().addAllDevices(Collections.nCopies(MANY, Device.getDefaultInstance())),
                "config.devices");
        bad.put(
                with(
                        LinuxContainerSecurityContext.newBuilder()
                                .setRunAsUser(Int64Value.newBuilder().setValue(-1))),
                "config.linux.security_context.run_as_user");
        bad.put(
                with(LinuxContainerSecurityContext.newBuilder().addSupplementalGroups(-1)),
                "config.linux.security_context.supplemental_groups");
        bad.put(
                with(
                        LinuxContainerSecurityContext.newBuilder()
                                .setCapabilities(
                                        Capability.newBuilder().addAddCapabilities("NONSENSE"))),
                "config.linux.security_context.capabilities");
        bad.put(
                with(
                        LinuxContainerSecurityContext.newBuilder()
                                .setSeccomp(
                                        SecurityProfile.newBuilder()
                                                .setProfileTypeValue(2)
                                                .setLocalhostRef("../etc/passwd"))),
                "config.linux.security_context.seccomp");
        var softly = new SoftAssertions();
        bad.forEach((container, field) ->
                refused(softly, field, () -> kubelet.create(pod, config, container)));
        softly.assertAll();
        assertThat(engine.files("lib/containers")).isEmpty();
        kubelet.end(pod);
    }

    @Test
    void shouldTellWhichIdIsMissing() {
        var softly = new SoftAssertions();
        refused(
                softly,
                "pod_sandbox_id",
                () ->
                        kubelet.call(
                                "PodSandboxStatus",
                                PodSandboxStatusRequest.getDefaultInstance(),
                                PodSandboxStatusResponse.getDefaultInstance()));
        refused(
                softly,
                "container_id",
                () ->
                        kubelet.call(
                                "ContainerStatus",
                                ContainerStatusRequest.getDefaultInstance(),
                                ContainerStatusResponse.getDefaultInstance()));
        refused(
                softly,
                "cmd",
                () ->
                        kubelet.call(
                                "ExecSync",
                                ExecSyncRequest.newBuilder().setContainerId("a").build(),
                                ExecSyncResponse.getDefaultInstance()));
        softly.assertAll();
    }

    @Test
    void shouldTakeManyFiltersAndAllTheAnnotationsThatKubernetesAllows() {
        var filter = ContainerFilter.newBuilder().putAllLabelSelector(many());
        assertThat(
                        kubelet.call(
                                        "ListContainers",
                                        ListContainersRequest.newBuilder()
                                                .setFilter(filter)
                                                .build(),
                                        ListContainersResponse.getDefaultInstance())
                                .getContainersList())
                .isEmpty();
        String note = "x".repeat(256 << 10);
        var config = CriClient.pod("huge").putAnnotations("note", note);
        String pod = kubelet.run(config);
        kubelet.create(pod, config, plain().putAnnotations("note", note));
        kubelet.end(pod);
    }

    @Test
    void shouldOutliveNonsense() {
        var random = new Random(SEED);
        byte[] sensible = CriClient.pod("nonsense").setLogDirectory("/tmp").build().toByteArray();
        for (String method : METHODS) {
            for (int i = 0; i < 20; i++) {
                byte[] bytes = i % 2 == 0 ? new byte[random.nextInt(200)] : sensible.clone();
                if (i % 2 == 0) {
                    random.nextBytes(bytes);
                } else {
                    for (int j = 0; j < 3; j++) {
                        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                    }
                }
                try {
                    kubelet.raw(method, bytes);
                } catch (StatusRuntimeException e) {
                    assertThat(e.getStatus().getCode())
                            .as(method + ": " + e.getMessage())
                            .isNotIn(Status.Code.INTERNAL, Status.Code.UNKNOWN);
                }
            }
        }
        kubelet.call(
                "Version",
                VersionRequest.getDefaultInstance(),
                VersionResponse.getDefaultInstance());
    }
}
