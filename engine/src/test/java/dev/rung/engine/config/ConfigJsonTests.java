package dev.rung.engine.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.engine.config.Blueprint.DeviceNode;
import dev.rung.engine.config.Blueprint.Machine;
import dev.rung.engine.config.Blueprint.ResolvedMount;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.HostOptions;
import dev.rung.oci.Hooks;
import dev.rung.oci.LinuxConfig;
import dev.rung.oci.LinuxConfig.DeviceType;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.Mount;
import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.json.JsonFields;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Beside what dockerd 20.10 wrote for the same options of docker run. */
class ConfigJsonTests {
    private static final List<String> ALL =
            Capabilities.names((1L << 41) - 1 - (1L << 24)); // without CAP_SYS_RESOURCE

    @Test
    void shouldAskForWhatDockerdAsks() throws Exception {
        compare("plain", new Case());
    }

    @Test
    void shouldGiveATerminal() throws Exception {
        compare("tty", new Case().config("{\"Tty\":true,\"Env\":[\"A=1\"]}"));
    }

    @Test
    void shouldRunAsUser() throws Exception {
        Case given = new Case();
        given.config("{\"WorkingDir\":\"/tmp\",\"Env\":[\"B=2\",\"A=1\"],\"User\":\"joe\"}");
        given.hostname = "myhost";
        given.user =
                ProcessUser.find(
                        "joe",
                        "root:x:0:0:root:/root:/bin/sh\njoe:x:1000:1001::/home/joe:/bin/sh\n",
                        "root:x:0:\nmore:x:55:joe\njoe:x:1001:\n",
                        List.of());
        compare("user", given);
    }

    @Test
    void shouldAddAndDropCapabilities() throws Exception {
        compare(
                "caps",
                new Case().host("{\"CapAdd\":[\"NET_ADMIN\"],\"CapDrop\":[\"MKNOD\",\"chown\"]}"));
    }

    @Test
    void shouldLimit() throws Exception {
        compare(
                "res",
                new Case()
                        .host(
                                """
                                {"Memory":67108864,"MemorySwap":134217728,
                                 "MemoryReservation":33554432,"NanoCpus":1500000000,
                                 "CpuShares":512,"CpusetCpus":"0","PidsLimit":50,
                                 "OomScoreAdj":100,
                                 "Ulimits":[{"Name":"nofile","Soft":100,"Hard":200}]}
                                """));
    }

    @Test
    void shouldMount() throws Exception {
        Case given = new Case().host("{\"ShmSize\":33554432}");
        given.mounts.add(ResolvedMount.bind("/tmp", "/hosttmp", "rbind", "ro", "rprivate"));
        given.mounts.add(ResolvedMount.bind("/volume", "/vol", "rbind"));
        given.mounts.add(ResolvedMount.bind("/volume", "/anon", "rbind"));
        given.mounts.add(ResolvedMount.bind("/var", "/v2", "rbind", "ro", "rslave"));
        given.mounts.add(
                new ResolvedMount(
                        "tmpfs",
                        "tmpfs",
                        "/t",
                        List.of("nosuid", "nodev", "rprivate", "size=10m", "exec")));
        compare("mnt", given);
    }

    @Test
    void shouldMakeTheRootReadOnly() throws Exception {
        Case given = new Case().host("{\"ReadonlyRootfs\":true}");
        given.fileOptions = new String[] {"rbind", "ro", "rprivate"};
        compare("ro", given);
    }

    @Test
    void shouldGiveDevices() throws Exception {
        Case given =
                new Case()
                        .host(
                                """
                                {"DeviceCgroupRules":["c 42:* rmw"],
                                 "Sysctls":{"kernel.msgmax":"65000"}}
                                """);
        given.user = new ProcessUser(0, 0, List.of(0L, 77L, 55L));
        given.devices =
                List.of(
                        new DeviceNode(
                                "/dev/fuse", DeviceType.CHARACTER, 10, 229, 0666, 0, 0, "rw"));
        compare("dev", given);
    }

    @Test
    void shouldShareTheHostsNamespaces() throws Exception {
        Case given = new Case();
        given.shared =
                Set.of(NamespaceType.PID, NamespaceType.IPC, NamespaceType.UTS, NamespaceType.USER);
        given.hostname = "";
        given.config("{\"Hostname\":\"HOST\",\"Env\":[\"A=1\"]}");
        compare("pidhost", given);
    }

    @Test
    void shouldGiveAPrivilegedContainerEverything() {
        RuntimeConfig config = new Case().host("{\"Privileged\":true}").read();
        assertThat(config.linux().seccomp()).isNull();
        assertThat(config.linux().maskedPaths()).isEmpty();
        assertThat(config.linux().readonlyPaths()).isEmpty();
        var capabilities = Objects.requireNonNull(config.process().capabilities());
        assertThat(capabilities.bounding()).containsAll(ALL).doesNotContain("CAP_SYS_RESOURCE");
        assertThat(mount(config, "/sys").options()).doesNotContain("ro");
    }

    @Test
    void shouldFilterSystemCallsUnlessUnconfined() {
        assertThat(new Case().read().linux().seccomp()).isNotNull();
        RuntimeConfig config = new Case().host("{\"SecurityOpt\":[\"seccomp=unconfined\"]}").read();
        assertThat(config.linux().seccomp()).isNull();
    }

    @Test
    void shouldLeaveOutWhatIsMountedOtherwise() {
        Case given = new Case();
        given.mounts.add(ResolvedMount.bind("/dev", "/dev", "rbind"));
        RuntimeConfig config = given.read();
        assertThat(config.mounts()).filteredOn(m -> m.destination().startsWith("/dev")).hasSize(1);
    }

    @Test
    void shouldRunAnInitProgramFirst() {
        Case given = new Case();
        given.init = "/usr/bin/tini-static";
        RuntimeConfig config = given.read();
        assertThat(config.process().args())
                .containsExactly("/sbin/docker-init", "--", "/bin/sleep", "1000");
        assertThat(mount(config, "/sbin/docker-init").source()).isEqualTo("/usr/bin/tini-static");
    }

    private static Mount mount(RuntimeConfig config, String destination) {
        return config.mounts().stream()
                .filter(mount -> mount.destination().equals(destination))
                .findFirst()
                .orElseThrow();
    }

    private static void compare(String name, Case given) throws IOException {
        RuntimeConfig ours = given.read();
        RuntimeConfig dockers;
        try (var in = ConfigJsonTests.class.getResourceAsStream("dockerd-" + name + ".json")) {
            dockers = RuntimeConfig.read(name, Objects.requireNonNull(in).readAllBytes());
        }
        assertThat(ours.process().args()).isEqualTo(dockers.process().args());
        assertThat(ours.process().env())
                .containsExactlyInAnyOrderElementsOf(dockers.process().env());
        assertThat(ours.process().user()).isEqualTo(dockers.process().user());
        assertThat(ours.process().cwd()).isEqualTo(dockers.process().cwd());
        assertThat(ours.process().terminal()).isEqualTo(dockers.process().terminal());
        assertThat(ours.process().rlimits()).isEqualTo(dockers.process().rlimits());
        assertThat(ours.process().oomScoreAdj()).isEqualTo(dockers.process().oomScoreAdj());
        var our = Objects.requireNonNull(ours.process().capabilities());
        var docker = Objects.requireNonNull(dockers.process().capabilities());
        assertThat(our.bounding()).hasSameElementsAs(docker.bounding());
        assertThat(our.effective()).hasSameElementsAs(docker.effective());
        assertThat(our.permitted()).hasSameElementsAs(docker.permitted());
        assertThat(our.inheritable()).isEqualTo(docker.inheritable());
        assertThat(our.ambient()).isEqualTo(docker.ambient());
        assertThat(ours.root()).isEqualTo(dockers.root());
        assertThat(ours.hostname()).isEqualTo(dockers.hostname());
        assertThat(new HashSet<>(ours.mounts())).isEqualTo(new HashSet<>(dockers.mounts()));
        compare(ours.linux(), dockers.linux());
    }

    private static void compare(LinuxConfig ours, LinuxConfig dockers) {
        assertThat(ours.sysctl()).isEqualTo(dockers.sysctl());
        assertThat(ours.namespaces()).hasSameElementsAs(dockers.namespaces());
        assertThat(ours.devices()).isEqualTo(dockers.devices());
        assertThat(ours.resources().devices()).isEqualTo(dockers.resources().devices());
        assertThat(ours.resources().pidsLimit()).isEqualTo(dockers.resources().pidsLimit());
        assertThat(ours.maskedPaths()).containsAll(dockers.maskedPaths());
        assertThat(ours.readonlyPaths()).hasSameElementsAs(dockers.readonlyPaths());
        assertThat(ours.rootfsPropagation()).isEqualTo(dockers.rootfsPropagation());
    }

    /** What is asked for; by default what {@code docker run --network none} asks. */
    @Test
    void shouldAskForNothingThatTakesRoot() {
        RuntimeConfig config = new Case().withoutRoot(65_537).read();
        LinuxConfig linux = Objects.requireNonNull(config.linux());

        assertThat(config.process().oomScoreAdj()).isNull();
        assertThat(linux.sysctl()).containsEntry("net.ipv4.ping_group_range", "0 65536");
        assertThat(optionsOf(config, "/dev/pts")).contains("gid=5");
    }

    @Test
    void shouldKnowOfNoGroupsWhereThereIsButOne() {
        RuntimeConfig config = new Case().withoutRoot(1).read();
        LinuxConfig linux = Objects.requireNonNull(config.linux());

        assertThat(linux.sysctl()).containsEntry("net.ipv4.ping_group_range", "0 0");
        assertThat(optionsOf(config, "/dev/pts")).doesNotContain("gid=5");
    }

    @Test
    void shouldShowTheHostsProcessesByABindWithoutRoot() {
        Case given = new Case().withoutRoot(65_537);
        given.shared =
                Set.of(
                        NamespaceType.USER,
                        NamespaceType.CGROUP,
                        NamespaceType.PID,
                        NamespaceType.IPC);
        RuntimeConfig config = given.read();

        assertThat(optionsOf(config, "/proc")).contains("rbind");
        assertThat(config.mounts()).noneMatch(mount -> mount.destination().equals("/dev/mqueue"));
    }

    @Test
    void shouldLimitHooks() {
        var given = new Case();
        given.hooks =
                List.of(
                        new Blueprint.Hook("poststop", "/bin/a", List.of(), List.of(), 5L),
                        new Blueprint.Hook("poststop", "/bin/b", List.of(), List.of(), null));

        assertThat(given.read().hooks().poststop())
                .extracting(Hooks.Hook::timeout)
                .containsExactly(5L, 120L);
    }

    private static List<String> optionsOf(RuntimeConfig config, String destination) {
        return config.mounts().stream()
                .filter(mount -> mount.destination().equals(destination))
                .findFirst()
                .orElseThrow()
                .options();
    }

    private static final class Case {
        private ContainerConfig config = config0("{\"Env\":[\"A=1\"]}");
        private HostOptions host = HostOptions.DEFAULT;
        private ProcessUser user = new ProcessUser(0, 0, List.of(0L));
        private String hostname = "HOST";
        private Set<NamespaceType> shared = Set.of(NamespaceType.USER, NamespaceType.CGROUP);
        private List<DeviceNode> devices = List.of();
        private String[] fileOptions = {"rbind", "rprivate"};
        private final List<ResolvedMount> mounts = new ArrayList<>();
        private @Nullable String init;
        private List<Blueprint.Hook> hooks = List.of();
        private Machine machine = new Machine("x86_64", ALL, false, false);

        private static ContainerConfig config0(String json) {
            String whole = "{\"Cmd\":[\"/bin/sleep\",\"1000\"]," + json.substring(1);
            return ContainerConfig.read(fields(whole));
        }

        private static JsonFields fields(String json) {
            return JsonFields.read("test", json.getBytes(StandardCharsets.UTF_8));
        }

        Case config(String json) {
            config = config0(json);
            return this;
        }

        /** Of an engine without root that has so many ids, and no cgroups. */
        Case withoutRoot(long ids) {
            machine = new Machine("x86_64", ALL, true, ids, null, false);
            return this;
        }

        Case host(String json) {
            host = HostOptions.read(fields(json));
            return this;
        }

        RuntimeConfig read() {
            for (String name : List.of("resolv.conf", "hostname", "hosts")) {
                mounts.add(ResolvedMount.bind("/c/" + name, "/etc/" + name, fileOptions));
            }
            byte[] json =
                    ConfigJson.of(
                            new Blueprint(
                                    config,
                                    host,
                                    user,
                                    hostname,
                                    "rootfs",
                                    mounts,
                                    Map.of(),
                                    shared,
                                    devices,
                                    "/rung/ID",
                                    init,
                                    null,
                                    hooks,
                                    null,
                                    machine));
            return RuntimeConfig.read("config.json", json);
        }
    }
}
