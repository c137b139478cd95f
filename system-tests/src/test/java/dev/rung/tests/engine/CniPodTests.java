package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.cri.v1.DNSConfig;
import dev.rung.cri.v1.LinuxPodSandboxConfig;
import dev.rung.cri.v1.LinuxSandboxSecurityContext;
import dev.rung.cri.v1.ListPodSandboxRequest;
import dev.rung.cri.v1.ListPodSandboxResponse;
import dev.rung.cri.v1.NamespaceMode;
import dev.rung.cri.v1.NamespaceOption;
import dev.rung.cri.v1.PodIP;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.cri.v1.PodSandboxNetworkStatus;
import dev.rung.cri.v1.PodSandboxState;
import dev.rung.cri.v1.PodSandboxStats;
import dev.rung.cri.v1.PodSandboxStatsRequest;
import dev.rung.cri.v1.PodSandboxStatsResponse;
import dev.rung.cri.v1.PodSandboxStatusRequest;
import dev.rung.cri.v1.PodSandboxStatusResponse;
import dev.rung.cri.v1.PortMapping;
import dev.rung.cri.v1.RuntimeCondition;
import dev.rung.cri.v1.StatusRequest;
import dev.rung.cri.v1.StatusResponse;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pods of a kubelet in CNI networks. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "ip", "python3"})
@TestInstance(Lifecycle.PER_CLASS)
class CniPodTests {
    private static final String NETWORK =
            """
            {"cniVersion": "1.1.0", "name": "pods", "plugins": [
              {"type": "bridge", "bridge": "cnipods0", "isGateway": true, "ipMasq": true,
               "ipam": {"type": "host-local", "dataDir": "DATA",
                        "ranges": [[{"subnet": "10.79.0.0/24"}], [{"subnet": "fd79::/64"}]],
                        "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}},
              {"type": "portmap", "capabilities": {"portMappings": true}},
              {"type": "witness", "capabilities":
                  {"portMappings": true, "bandwidth": true, "dns": true,
                   "io.kubernetes.cri.pod-annotations": true}}]}
            """;

    /** Writes down how it is called; slow for a pod of that name, and unwilling for another. */
    private static final String WITNESS =
            """
            #!/usr/bin/python3
            import json, os, sys, time
            command, args = os.environ["CNI_COMMAND"], os.environ.get("CNI_ARGS", "")
            conf = json.load(sys.stdin)
            with open(HOME + "/calls", "a") as calls:
                calls.write(command + " " + args + " " + json.dumps(conf.get("runtimeConfig", {})) + "\\n")
            if command == "STATUS" and os.path.exists(HOME + "/unwell"):
                print(json.dumps({"cniVersion": "1.1.0", "code": 50, "msg": "the wire is cut"}))
                sys.exit(1)
            if command == "ADD":
                if "K8S_POD_NAME=slow;" in args:
                    time.sleep(600)
                if "K8S_POD_NAME=unwanted;" in args:
                    print(json.dumps({"cniVersion": "1.1.0", "code": 100, "msg": "not this one"}))
                    sys.exit(1)
                print(json.dumps(conf["prevResult"]))
            """;

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @SuppressWarnings("NullAway.Init")
    private CriClient kubelet;

    @BeforeAll
    void begin() throws IOException {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = Engine.withCni();
        String hooks = "hooks-dirs = [\"" + engine.home() + "/hooks\"]\n";
        engine.configure("rung.toml", hooks + engine.configuration("rung.toml"));
        engine.rung("system", "shutdown").succeed();
        engine.rung("version").succeed();
        kubelet = new CriClient(engine.criSocket());
        engine.write("plugins/witness", WITNESS.replace("HOME", "'" + engine.home() + "'"));
        Path witness = engine.home().resolve("plugins/witness");
        Files.setPosixFilePermissions(witness, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @BeforeEach
    void makeNetwork() {
        engine.write("net.d/10-pods.conflist", NETWORK.replace("DATA", addresses().toString()));
        engine.write("calls", "");
    }

    private Path addresses() {
        return engine.home().resolve("ipam");
    }

    @AfterEach
    void shouldLeaveNothing() throws IOException {
        endPlugins(); // a pod waits for one when a test has failed
        for (String pod : states().keySet()) {
            kubelet.end(pod);
        }
        engine.leavesNothing();
        assertThat(leases()).isEmpty();
        assertThat(engine.files("lib/cni/results")).isEmpty();
    }

    private void endPlugins() {
        Command.of("pkill", "-9", "-f", engine.home() + "/plugins/witness").run();
    }

    private Set<String> leases() throws IOException {
        if (!Files.isDirectory(addresses().resolve("pods"))) {
            return Set.of();
        }
        return engine.files("ipam/pods").stream()
                .filter(name -> name.contains("10.79") || name.contains("fd79"))
                .collect(Collectors.toSet());
    }

    @AfterAll
    void end() {
        if (engine != null) {
            kubelet.close();
            engine.close();
            Command.of("ip", "link", "delete", "cnipods0").run();
        }
    }

    private RuntimeCondition network() {
        StatusResponse status =
                kubelet.call(
                        "Status",
                        StatusRequest.getDefaultInstance(),
                        StatusResponse.getDefaultInstance());
        return status.getStatus().getConditionsList().stream()
                .filter(condition -> condition.getType().equals("NetworkReady"))
                .findFirst()
                .orElseThrow();
    }

    private Map<String, PodSandboxState> states() {
        return kubelet
                .call(
                        "ListPodSandbox",
                        ListPodSandboxRequest.getDefaultInstance(),
                        ListPodSandboxResponse.getDefaultInstance())
                .getItemsList()
                .stream()
                .collect(Collectors.toMap(pod -> pod.getId(), pod -> pod.getState()));
    }

    private PodSandboxNetworkStatus network(String pod) {
        return kubelet.call(
                        "PodSandboxStatus",
                        PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build(),
                        PodSandboxStatusResponse.getDefaultInstance())
                .getStatus()
                .getNetwork();
    }

    @Test
    void shouldTellTruthfullyWhetherPodsCanHaveANetwork() throws IOException {
        Patience.await(() -> network().getStatus(), () -> network().getMessage());
        engine.write("unwell", "");
        assertThat(network().getStatus()).isFalse();
        assertThat(network().getReason()).isEqualTo("NetworkPluginNotReady");
        assertThat(network().getMessage()).contains("the wire is cut");
        Files.delete(engine.home().resolve("unwell"));

        Files.delete(engine.home().resolve("net.d/10-pods.conflist"));
        assertThat(network().getStatus()).isFalse();
        assertThat(network().getMessage()).contains("no CNI network found");
        assertThatThrownBy(() -> kubelet.run(CriClient.pod("early")))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("UNAVAILABLE")
                .hasMessageContaining("no CNI network found");
        assertThat(states()).isEmpty();
        kubelet.end(kubelet.run(ofHost("host")));

        engine.write("net.d/00-bad.conflist", "{");
        assertThat(network().getMessage()).contains("00-bad.conflist");
        makeNetwork();
        assertThat(network().getStatus()).isTrue();
        Files.delete(engine.home().resolve("net.d/00-bad.conflist"));
    }

    private PodSandboxStats stats(String pod) {
        return kubelet.call(
                        "PodSandboxStats",
                        PodSandboxStatsRequest.newBuilder().setPodSandboxId(pod).build(),
                        PodSandboxStatsResponse.getDefaultInstance())
                .getStats();
    }

    /** A kubelet ends with a fault where it is told of a network without an interface. */
    @Test
    void shouldCountWhatGoesOverAPodsOwnLinksOnly() {
        String own = kubelet.run(CriClient.pod("own"));
        String host = kubelet.run(ofHost("host"));

        assertThat(stats(own).getLinux().getNetwork().getDefaultInterface().getName())
                .isEqualTo("eth0");
        assertThat(stats(host).getLinux().hasNetwork()).isFalse();
    }

    private static PodSandboxConfig.Builder ofHost(String name) {
        var namespaces = NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE);
        return CriClient.pod(name)
                .setLinux(
                        LinuxPodSandboxConfig.newBuilder()
                                .setSecurityContext(
                                        LinuxSandboxSecurityContext.newBuilder()
                                                .setNamespaceOptions(namespaces)));
    }

    @Test
    void shouldGiveAPodAddressesPortsAndWhatItsAnnotationsAskFor() throws IOException {
        var config =
                CriClient.pod("web")
                        .setDnsConfig(DNSConfig.newBuilder().addServers("10.79.0.53"))
                        .putAnnotations("kubernetes.io/ingress-bandwidth", "1.5M")
                        .addPortMappings(
                                PortMapping.newBuilder().setHostPort(8079).setContainerPort(80))
                        .addPortMappings(PortMapping.newBuilder().setContainerPort(81));
        String pod = kubelet.run(config);
        assertThat(network(pod).getIp()).startsWith("10.79.0.");
        assertThat(network(pod).getAdditionalIpsList())
                .extracting(PodIP::getIp)
                .singleElement()
                .asString()
                .startsWith("fd79:");
        assertThat(leases()).hasSize(2);
        String id =
                kubelet.launch(
                        pod, config, CriClient.container("main", "httpd", "-f", "-h", "/files"));
        assertThat(kubelet.output(id, "ip", "addr", "show", "eth0"))
                .contains(network(pod).getIp())
                .contains(network(pod).getAdditionalIps(0).getIp().replaceAll("(:0)+:", "::"));
        assertThat(kubelet.output(id, "cat", "/etc/hosts")).contains(network(pod).getIp());
        assertThat(kubelet.output(id, "cat", "/etc/resolv.conf")).contains("10.79.0.53");
        String fetched = "busybox wget -qO- http://10.79.0.1:8079/plain";
        Patience.await(
                () -> Command.of("sh", "-c", fetched).run().output().equals("content\n"),
                () -> "nobody answers at the host's port");

        String call = Files.readString(engine.home().resolve("calls"));
        assertThat(call)
                .contains("ADD ")
                .contains("IgnoreUnknown=1")
                .contains("K8S_POD_NAMESPACE=tests")
                .contains("K8S_POD_INFRA_CONTAINER_ID=" + pod)
                .contains("\"ingressRate\": 1500000")
                .contains("\"hostPort\": 8079")
                .doesNotContain("\"containerPort\": 81")
                .contains("\"servers\": [\"10.79.0.53\"]");
        engine.kill();
        engine.rung("version").succeed();
        assertThat(network(pod).getIp()).startsWith("10.79.0."); // it has kept them
        kubelet.end(pod);
        assertThat(Files.readString(engine.home().resolve("calls"))).contains("DEL ");
    }

    @Test
    void shouldTakeBackWhatAPodGotThatAPluginRefuses() throws IOException {
        assertThatThrownBy(() -> kubelet.run(CriClient.pod("unwanted")))
                .hasMessageContaining("not this one")
                .hasMessageContaining("witness");
        assertThat(states()).isEmpty();
        assertThat(leases()).isEmpty();
        assertThatThrownBy(() ->
                        kubelet.run(
                                CriClient.pod("fast")
                                        .putAnnotations("kubernetes.io/egress-bandwidth", "1")))
                .hasMessageContaining("INVALID_ARGUMENT")
                .hasMessageContaining("kubernetes.io/egress-bandwidth");
    }

    @Test
    void shouldServeOthersBesideAHungPluginAndTakeItsPodBackAfterASuddenEnd() throws IOException {
        var slow = CompletableFuture.runAsync(() -> kubelet.run(CriClient.pod("slow")));
        Path calls = engine.home().resolve("calls");
        Patience.await(() -> has(calls, "K8S_POD_NAME=slow"), () -> "the plugin is not called");

        String other = kubelet.run(CriClient.pod("other"));
        assertThat(states()).containsEntry(other, PodSandboxState.SANDBOX_READY);
        assertThat(leases()).hasSize(4);

        engine.kill();
        engine.rung("version").succeed();
        assertThatThrownBy(slow::join).hasMessageContaining("UNAVAILABLE");
        endPlugins();
        Patience.await(() -> network().getStatus(), () -> network().getMessage());

        assertThat(leases()).hasSize(2);
        assertThat(states()).containsEntry(other, PodSandboxState.SANDBOX_READY);
        List<PodSandboxState> others =
                states().entrySet().stream()
                        .filter(pod -> !pod.getKey().equals(other))
                        .map(pod -> pod.getValue())
                        .toList();
        assertThat(others).containsExactly(PodSandboxState.SANDBOX_NOTREADY);
        String again = kubelet.run(CriClient.pod("third"));
        assertThat(network(again).getIp()).isNotEqualTo(network(other).getIp());
    }

    @Test
    void shouldRemoveAPodWhoseNetworkAPluginKeepsItFrom() {
        var slow = CompletableFuture.runAsync(() -> kubelet.run(CriClient.pod("slow")));
        Path calls = engine.home().resolve("calls");
        Patience.await(() -> has(calls, "K8S_POD_NAME=slow"), () -> "the plugin is not called");
        String pod = states().keySet().iterator().next();

        engine.rung("pod", "rm", "--force", pod).succeed();

        assertThatThrownBy(slow::join).hasMessageContaining("witness");
        assertThat(states()).isEmpty();
        assertThat(Command.of("pgrep", "-f", engine.home() + "/plugins/witness").run().output())
                .isEmpty();
    }

    @Test
    void shouldJoinAsManyNetworksAndTellTheAddressFirstThatIsWanted() {
        engine.write(
                "net.d/20-more.conflist",
                """
                {"cniVersion": "1.0.0", "name": "more", "plugins": [
                  {"type": "bridge", "bridge": "cnipods0",
                   "ipam": {"type": "host-local", "dataDir": "%s", "subnet": "10.80.0.0/24"}}]}
                """
                        .formatted(addresses()));
        String settings = engine.configuration("rung.toml");
        engine.configure(
                "rung.toml", "cni-max-networks = 0\ncni-ip-preference = \"ipv6\"\n" + settings);
        engine.kill();
        engine.rung("version").succeed();
        try {
            var config = CriClient.pod("twice");
            String pod = kubelet.run(config);
            String id = kubelet.launch(pod, config, CriClient.container("main", "sleep", "100"));

            assertThat(network(pod).getIp()).startsWith("fd79:");
            assertThat(network(pod).getAdditionalIpsList())
                    .singleElement()
                    .satisfies(more -> assertThat(more.getIp()).startsWith("10.79."));
            assertThat(kubelet.output(id, "ip", "addr", "show", "eth1")).contains("10.80.0.");
            kubelet.end(pod);
            assertThat(engine.files("ipam/more")).noneMatch(name -> name.startsWith("10.80"));
        } finally {
            Command.of("rm", engine.home().resolve("net.d/20-more.conflist").toString()).run();
            engine.configure("rung.toml", settings);
            engine.kill();
            engine.rung("version").succeed();
        }
    }

    @Test
    void shouldRunHooksForWhatTheyAreMeantForOnly() throws IOException {
        Path said = engine.home().resolve("hooks/said");
        String say = "echo %s >>" + said;
        hook(
                "20-always",
                "{\"always\": true, \"commands\": [\"sleep$\"]}",
                say.formatted("always"));
        hook(
                "10-noted",
                "{\"annotations\": {\"^example.hook$\": \"^yes\"}}",
                say.formatted("noted"));
        hook(
                "10-other",
                "{\"annotations\": {\"^example.hook$\": \"^no$\"}}",
                say.formatted("other"));
        hook("10-bound", "{\"hasBindMounts\": true}", say.formatted("bound"));
        try {
            var config = CriClient.pod("hooked").putAnnotations("example.hook", "yes, please");
            String pod = kubelet.run(config);
            kubelet.launch(pod, config, CriClient.container("main", "sleep", "100"));
            kubelet.end(pod);

            assertThat(Files.readAllLines(said)).containsExactly("noted", "always");
        } finally {
            removeHooks();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "prestart",
                "createRuntime",
                "createContainer",
                "startContainer",
                "poststart",
                "poststop"
            })
    void shouldRemoveAPodWithAHookThatNeverReturns(String stage) {
        boolean ends = stage.equals("poststop"); // what clears up has its time, whoever waits
        String script = ends ? "exec sleep 86397" : "sleep 86397 & wait";
        hook("10-hangs", "{\"always\": true}", script, stage, ends ? 1 : 100);
        var config = CriClient.pod("hanging");
        String pod = kubelet.run(config);
        String id = kubelet.create(pod, config, CriClient.container("main", "sleep", "100"));
        try {
            var starting = CompletableFuture.runAsync(() -> kubelet.start(id));
            if (ends) {
                starting.join();
            } else {
                Patience.await(() -> !hanging().isEmpty(), () -> "the hook does not begin");
            }

            kubelet.stop(id, 0);
            kubelet.end(pod);

            if (!ends) {
                assertThatThrownBy(starting::join)
                        .hasMessageContaining("given up")
                        .hasMessageContaining(stage + " hook");
            }
            assertThat(states()).isEmpty();
            assertThat(hanging()).isEmpty();
        } finally {
            removeHooks();
        }
    }

    @Test
    void shouldRemoveByForceWhatHangsInAHook() {
        hook("10-hangs", "{\"always\": true}", "sleep 86397 & wait", "createRuntime", 100);
        try {
            engine.rung("create", "--name", "hangs", Engine.IMAGE, "true").succeed();
            try (Running start = engine.rung("start", "hangs").start()) {
                Patience.await(() -> !hanging().isEmpty(), () -> "the hook does not begin");

                engine.rung("rm", "--force", "hangs").succeed();

                start.await(Duration.ofSeconds(20)).failedSaying("given up");
            }
            assertThat(hanging()).isEmpty();
        } finally {
            removeHooks();
        }
    }

    private static String hanging() {
        return Command.of("pgrep", "-f", "sleep 86397").run().output();
    }

    private void hook(String name, String when, String script) {
        hook(name, when, script, "createRuntime", 10);
    }

    private void hook(String name, String when, String script, String stage, int seconds) {
        engine.write(
                "hooks/" + name + ".json",
                """
                {"version": "1.0.0", "when": %s, "stages": ["%s"],
                 "hook": {"path": "/bin/sh", "args": ["sh", "-c", "%s"], "timeout": %d}}
                """
                        .formatted(when, stage, script, seconds));
    }

    private void removeHooks() {
        Command.of("rm", "-r", engine.home() + "/hooks").succeed();
    }

    private static boolean has(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (IOException _) {
            return false;
        }
    }
}
