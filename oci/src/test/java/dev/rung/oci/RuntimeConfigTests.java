package dev.rung.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.oci.ContainerProcess.RlimitType;
import dev.rung.oci.LinuxConfig.NamespaceType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuntimeConfigTests {
    private static RuntimeConfig read(String resource) {
        return RuntimeConfig.read("config.json", Configs.resource(resource));
    }

    @Test
    void shouldReadWhatRuncWrites() {
        RuntimeConfig config = read("runc-spec.json");
        assertThat(config.process().args()).containsExactly("sh");
        assertThat(config.process().rlimits())
                .containsExactly(new ContainerProcess.Rlimit(RlimitType.RLIMIT_NOFILE, 1024, 1024));
        assertThat(config.root()).isEqualTo(new RuntimeConfig.Root("rootfs", true));
        assertThat(config.mounts()).hasSize(7);
        assertThat(config.linux().creates(NamespaceType.PID)).isTrue();
        assertThat(config.linux().has(NamespaceType.USER)).isFalse();
        assertThat(config.linux().resources().devices())
                .containsExactly(
                        new Resources.DeviceRule(
                                false, Resources.DeviceRuleType.ALL, -1, -1, "rwm"));
        assertThat(config.linux().resources().pidsLimit()).isNull();
    }

    @Test
    void shouldReadWhatDockerWrites() {
        RuntimeConfig config = read("docker.json");
        assertThat(config.process().env()).contains("GREETING=grüße <b>&</b>");
        assertThat(config.process().oomScoreAdj()).isZero();
        assertThat(config.linux().resources().cpu().shares()).isZero();
        assertThat(config.linux().resources().memory().limit()).isEqualTo(536_870_912L);
        assertThat(config.linux().resources().memory().disableOomKiller()).isFalse();
        Seccomp seccomp = Objects.requireNonNull(config.linux().seccomp());
        assertThat(seccomp.flags()).isNull();
        assertThat(seccomp.syscalls().getLast().errnoRet()).isEqualTo(38);
        assertThat(config.hooks().prestart()).hasSize(1);
    }

    @Test
    void shouldReadEveryPartOfTheSpecification() {
        RuntimeConfig config = read("podman.json");
        assertThat(config.process().consoleSize())
                .isEqualTo(new ContainerProcess.ConsoleSize(40, 120));
        assertThat(config.process().user())
                .isEqualTo(new ContainerProcess.User(1000, 1000, 022, List.of(1000L)));
        assertThat(config.process().rlimits().getLast().hard()).isEqualTo(-1);
        assertThat(config.process().execCpuAffinity())
                .isEqualTo(new ContainerProcess.CpuAffinity(CpuList.of("0"), CpuList.of("0-1")));
        assertThat(config.hooks().createContainer())
                .containsExactly(
                        new Hooks.Hook(
                                "/usr/libexec/oci/hooks.d/trace",
                                List.of("trace", "-o", "/tmp/t"),
                                List.of("A=b"),
                                5L));
        assertThat(config.annotations()).containsEntry("io.container.manager", "libpod");
        assertThat(config.mounts().get(9).uidMappings()).containsExactly(new IdMapping(0, 1000, 1));
        LinuxConfig linux = config.linux();
        assertThat(linux.namespace(NamespaceType.NETWORK))
                .isEqualTo(
                        new LinuxConfig.Namespace(
                                NamespaceType.NETWORK, "/run/user/1000/netns/netns-1b2c"));
        assertThat(linux.netDevices()).isEqualTo(Map.of("veth7", "eth1", "dummy0", "dummy0"));
        assertThat(linux.timeOffsets())
                .containsEntry("boottime", new LinuxConfig.TimeOffset(-86400, 500));
        assertThat(linux.rootfsPropagation()).isEqualTo(LinuxConfig.Propagation.SLAVE);
        assertThat(linux.memoryPolicy())
                .isEqualTo(
                        new LinuxConfig.MemoryPolicy(
                                LinuxConfig.MemoryPolicyMode.MPOL_INTERLEAVE,
                                CpuList.of("0-1,3"),
                                List.of(LinuxConfig.MemoryPolicyFlag.MPOL_F_STATIC_NODES)));
        assertThat(linux.devices().getLast().type()).isEqualTo(LinuxConfig.DeviceType.FIFO);
        Resources resources = linux.resources();
        assertThat(resources.memory().limit()).isEqualTo(-1);
        assertThat(resources.blockIo().throttleReadBpsDevice().getFirst().rate()).isEqualTo(-1);
        assertThat(resources.rdma()).containsEntry("mlx4_0", new Resources.Rdma(null, 1000L));
        assertThat(resources.unified()).containsKey("io.max");
        assertThat(Objects.requireNonNull(linux.seccomp()).notifies()).isTrue();
        assertThat(Objects.requireNonNull(linux.intelRdt()).enableMonitoring()).isTrue();
    }

    @Test
    void shouldIgnoreUnknownFieldsAndTakeNullForAbsent() {
        RuntimeConfig config =
                Configs.config("\"solaris\":{\"x\":[1]},\"Hostname\":3,\"hooks\":null", "");
        assertThat(config.hostname()).isNull();
        assertThat(config.hooks().poststop()).isEmpty();
    }

    @Test
    void shouldReadProcessAndResourcesByThemselves() {
        byte[] process = "{\"cwd\":\"/\",\"args\":[\"true\"]}".getBytes(UTF_8);
        assertThat(ContainerProcess.read("p.json", process).args()).containsExactly("true");
        byte[] resources = "{\"pids\":{\"limit\":0}}".getBytes(UTF_8);
        assertThat(Resources.read("-", resources).pidsLimit()).isZero();
        assertThatThrownBy(() -> Resources.read("-", "[]".getBytes(UTF_8)))
                .hasMessage("-: want an object, got an array");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'hostname':1 | hostname: want a string, got a number",
                "'hostname':'a\\u0000b' | hostname: want a text without a NUL byte",
                "'mounts':{} | mounts: want an array, got an object",
                "'mounts':[{'destination':'/a'},{'destination':{}}]"
                        + " | mounts[1].destination: want a string, got an object",
                "'mounts':[null] | mounts[0]: want an object, got null",
                "'mounts':[{}] | mounts[0].destination: want a text, it is required",
                "'mounts':[{'destination':'/a','options':['ro',null]}]"
                        + " | mounts[0].options[1]: want a string, got null",
                "'annotations':{'a.b':1} | annotations['a.b']: want a string, got a number",
                "'hooks':{'poststop':[{'path':'/a','timeout':1.5}]}"
                        + " | hooks.poststop[0].timeout: want an integer from -2147483648 to"
                        + " 9223372036854775807, got 1.5",
            })
    void shouldNameTheKeyOfTheRoot(String field, String message) {
        assertThatThrownBy(() -> Configs.config(field, ""))
                .isExactlyInstanceOf(Failure.Invalid.class)
                .hasMessage("config.json: " + message.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'resources':{'memory':{'limit':'1g'}}"
                        + " | resources.memory.limit: want an integer, got a string",
                "'resources':{'memory':{'limit':9223372036854775808}}"
                        + " | resources.memory.limit: want an integer of 64 bits, got"
                        + " 9223372036854775808",
                "'resources':{'cpu':{'shares':-1}}"
                        + " | resources.cpu.shares: want an integer from 0 to"
                        + " 18446744073709551615, got -1",
                "'resources':{'blockIO':{'weight':65536}}"
                        + " | resources.blockIO.weight: want an integer from 0 to 65535, got 65536",
                "'resources':{'devices':[{'allow':'yes'}]}"
                        + " | resources.devices[0].access: device access cannot be empty",
                "'resources':{'devices':[{'allow':'yes','access':'r'}]}"
                        + " | resources.devices[0].allow: want true or false, got a string",
                "'resources':{'devices':[{'access':'rx'}]}"
                        + " | resources.devices[0].access: want letters out of 'rwm'",
                "'resources':{'rdma':{'a b':{'hcaHandles':true}}}"
                        + " | resources.rdma['a b'].hcaHandles: want an integer, got a boolean",
                "'namespaces':[{'type':'pid'},{'type':'net'}]"
                        + " | namespaces[1].type: want one of pid, network, mount, ipc, uts, user,"
                        + " cgroup, time, got 'net'",
                "'namespaces':[{}] | namespaces[0].type: want one of pid, network, mount, ipc, uts,"
                        + " user, cgroup, time, it is required",
                "'uidMappings':[{'containerID':0,'hostID':4294967296,'size':1}]"
                        + " | uidMappings[0].hostID: want an integer from 0 to 4294967295, got"
                        + " 4294967296",
                "'uidMappings':[{'containerID':0}]"
                        + " | uidMappings[0].hostID: want an integer, it is required",
                "'sysctl':{'net.a':1} | sysctl['net.a']: want a string, got a number",
                "'memoryPolicy':{'mode':'MPOL_BIND','nodes':'3-1'}"
                        + " | memoryPolicy.nodes: invalid range: 3-1",
                "'seccomp':{'syscalls':[{'names':['a'],'action':'SCMP_ACT_ALLOW','args':"
                        + "[{'index':6}]}],'defaultAction':'SCMP_ACT_LOG'}"
                        + " | seccomp.syscalls[0].args[0].index: want an integer from 0 to 5, got 6",
                "'timeOffsets':{'boottime':[]}"
                        + " | timeOffsets.boottime: want an object, got an array",
            })
    void shouldNameTheKeyBelowLinux(String field, String message) {
        assertThatThrownBy(() -> Configs.config("", field))
                .isExactlyInstanceOf(Failure.Invalid.class)
                .hasMessage("config.json: linux." + message.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource({
        "'', want a text it is required",
        "1, want a version such as 1.3.0",
        "1.0, want a version such as 1.3.0",
        "1.0.0.1, want a version such as 1.3.0",
        "1.x.0, want a version such as 1.3.0",
        "v1.0.0, want a version such as 1.3.0",
        "0.5.0, unknown version specified",
        "2.0.0, unknown version specified",
        "10.0.0, unknown version specified",
    })
    void shouldRefuseOtherVersions(String version, String message) {
        byte[] json = ("{\"ociVersion\":\"" + version + "\"}").getBytes(UTF_8);
        assertThatThrownBy(() -> RuntimeConfig.read("config.json", json))
                .hasMessageStartingWith(
                        "config.json: ociVersion: " + message.replace(" it", ", it"));
    }

    @ParameterizedTest
    @CsvSource({"1.0.0", "1.0.2-dev", "1.3.0+dev", "1.99.7-rc.1"})
    void shouldTakeEveryVersionOne(String version) {
        String json =
                "{\"ociVersion\":\"%s\",\"process\":{},\"root\":{\"path\":\"r\"}}"
                        .formatted(version);
        assertThat(RuntimeConfig.read("c", json.getBytes(UTF_8)).ociVersion()).isEqualTo(version);
    }

    @Test
    void shouldTakeAConfigWithoutAProcess() {
        String json = "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"}}";
        RuntimeConfig config = RuntimeConfig.read("c", json.getBytes(UTF_8));
        assertThat(config.startable()).isFalse();
        assertThat(config.process()).isEqualTo(ContainerProcess.NONE);
        assertThat(Validation.check("c", config)).isEmpty();
    }

    @Test
    void shouldWantARoot() {
        assertThatThrownBy(() ->
                        RuntimeConfig.read(
                                "c", "{\"ociVersion\":\"1.0.0\",\"process\":{}}".getBytes(UTF_8)))
                .hasMessage("c: root: root must be specified");
    }

    @Test
    void shouldReadMappingsInsideTheOption() {
        Mount mount =
                Configs.config(
                                "'mounts':[{'destination':'/a','options':["
                                        + "'bind','ridmap=uids=0-1-10#10-30-5;gids=7-8-9']}]",
                                "")
                        .mounts()
                        .getFirst();
        assertThat(mount.options()).containsExactly("bind", "ridmap");
        assertThat(mount.uidMappings())
                .containsExactly(new IdMapping(0, 1, 10), new IdMapping(10, 30, 5));
        assertThat(mount.gidMappings()).containsExactly(new IdMapping(7, 8, 9));
        for (String wrong :
                List.of(
                        "",
                        "uids=",
                        "uids=1-2",
                        "uids=@1-2-3",
                        "x=1-2-3",
                        "uids=1-2-4294967296",
                        "uids=1-2-3;")) {
            assertThatThrownBy(() ->
                            Configs.config(
                                    "'mounts':[{'destination':'/a','options':['idmap="
                                            + wrong
                                            + "']}]",
                                    ""))
                    .isExactlyInstanceOf(Failure.Invalid.class)
                    .hasMessageStartingWith("config.json: mounts[0].options[0]: want mappings");
        }
    }

    @Test
    void shouldRefuseTheIdThatMeansUnchanged() {
        byte[] json = "{\"user\":{\"uid\":4294967295}}".getBytes(UTF_8);
        assertThatThrownBy(() -> ContainerProcess.read("p", json))
                .hasMessage("p: user.uid: want an integer from 0 to 4294967294, got 4294967295");
    }
}
