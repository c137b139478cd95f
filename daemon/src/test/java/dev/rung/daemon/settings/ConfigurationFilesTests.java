package dev.rung.daemon.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.engine.CniOptions;
import dev.rung.engine.EngineOptions.NamedRuntime;
import dev.rung.engine.spec.HostDefaults;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.LogOptions;
import dev.rung.engine.spec.Ulimit;
import dev.rung.image.registry.TransferLimits;
import dev.rung.network.NetworkDefaults;
import dev.rung.network.NetworkSpec;
import dev.rung.network.Prefix;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationFilesTests {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void shouldBeTheUsualWithoutFiles() {
        Configuration written = ConfigurationFiles.read(folder);

        assertThat(written.dataRoot()).isNull();
        assertThat(written.engine().runtimes()).isEmpty();
        assertThat(written.engine().defaults()).isEqualTo(HostDefaults.USUAL);
    }

    @Test
    void shouldReadWhatDockerdIsToldOfNetworks() throws IOException {
        write(
                "daemon.json",
                """
                {"bip": "10.50.0.9/24", "fixed-cidr": "10.50.0.128/25", "ipv6": true,
                 "fixed-cidr-v6": "fd50::/64", "mtu": 1400, "icc": false, "ip": "127.0.0.1",
                 "ip-masq": false, "ip-forward": false, "iptables": false, "ip6tables": false,
                 "userland-proxy": false, "default-gateway": "10.50.0.1",
                 "default-gateway-v6": "fd50::9",
                 "default-address-pools": [{"base": "10.60.0.0/16", "size": 24}],
                 "default-network-opts": {"bridge": {"com.docker.network.driver.mtu": "1300"}}}
                """);

        Configuration written = ConfigurationFiles.read(folder);
        NetworkDefaults networks = written.networks();

        assertThat(networks.bridge().subnets())
                .containsExactly(
                        new NetworkSpec.Subnet(
                                Prefix.parse("10.50.0.0/24"),
                                Prefix.parse("10.50.0.128/25"),
                                Prefix.parseAddress("10.50.0.9")),
                        NetworkSpec.Subnet.of("fd50::/64"));
        assertThat(networks.bridge().ipv6()).isTrue();
        assertThat(networks.bridge().mtu()).isEqualTo(1400);
        assertThat(networks.bridge().talkative()).isFalse();
        assertThat(networks.bridge().masquerade()).isFalse();
        assertThat(networks.bridge().options())
                .containsEntry("com.docker.network.bridge.host_binding_ipv4", "127.0.0.1");
        assertThat(networks.pools())
                .containsExactly(new NetworkDefaults.Pool(Prefix.parse("10.60.0.0/16"), 24));
        assertThat(networks.options()).containsEntry("com.docker.network.driver.mtu", "1300");
        assertThat(networks.forwarding()).isFalse();
        assertThat(networks.ipv6Rules()).isFalse();
        assertThat(networks.proxy()).isFalse();
        assertThat(networks.routers())
                .containsExactly(Prefix.parseAddress("10.50.0.1"), Prefix.parseAddress("fd50::9"));
        assertThat(written.packetRules()).isFalse();
        write("daemon.json", "{\"bip\": \"10.50.0.0/24\"}");
        assertThatThrownBy(() -> ConfigurationFiles.read(folder))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("bip: want an IPv4 address of a host");
        write("daemon.json", "{\"default-gateway\": \"fd50::9\"}");
        assertThatThrownBy(() -> ConfigurationFiles.read(folder))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("default-gateway: want an IPv4 address");
    }

    @Test
    void shouldReadHowMuchIsAskedOfRegistries() throws IOException {
        write(
                "daemon.json",
                """
                {"max-concurrent-downloads": 2, "max-concurrent-uploads": 0, "max-download-attempts": 9}
                """);

        assertThat(ConfigurationFiles.read(folder).registries().limits())
                .isEqualTo(new TransferLimits(2, TransferLimits.USUAL.uploads(), 9));
    }

    @Test
    void shouldReadWhatIsWritten() throws IOException {
        write(
                "rung.toml",
                """
                default-runtime = "secure"
                data-root = "/srv/rung"
                log-driver = "json-file"
                log-opts = {max-size = "10m", max-file = "3"}
                default-shm-size = "128M"
                init = true
                insecure-registries = ["10.0.0.0/8"]
                registry-mirrors = ["https://mirror.example"]
                [runtimes.secure]
                path = "/usr/bin/runsc"
                args = ["--debug"]
                options = {platform = "ptrace"}
                [default-ulimits.nofile]
                Hard = 2048
                """);

        Configuration written = ConfigurationFiles.read(folder);

        assertThat(written.engine().defaultRuntime()).isEqualTo("secure");
        assertThat(written.engine().runtimes())
                .containsExactly(
                        new NamedRuntime(
                                "secure",
                                Path.of("/usr/bin/runsc"),
                                List.of("--debug", "--platform=ptrace")));
        assertThat(written.dataRoot()).isEqualTo(Path.of("/srv/rung"));
        HostDefaults defaults = written.engine().defaults();
        assertThat(defaults.log())
                .isEqualTo(new LogOptions("json-file", Map.of("max-size", "10m", "max-file", "3")));
        assertThat(defaults.shmSize()).isEqualTo(128 << 20);
        assertThat(defaults.ulimits()).containsExactly(new Ulimit("nofile", 2048, 2048));
        assertThat(written.registries().mirrors())
                .containsExactly(URI.create("https://mirror.example"));
        HostOptions host = defaults.complete(HostOptions.DEFAULT, "secure");
        assertThat(host.init()).isTrue();
        assertThat(host.runtime()).isEqualTo("secure");
    }

    @Test
    void shouldReadHowPodsGetTheirNetwork() throws IOException {
        write(
                "rung.toml",
                """
                cri-socket = "/run/cri.sock"
                cni-network = "pods"
                cni-max-networks = 3
                cni-ip-preference = "ipv6"
                cni-timeout = 7
                pinned-images = ["pause:3.10", "*tools*"]
                checkpoint-images = true
                """);

        Configuration written = ConfigurationFiles.read(folder);

        assertThat(written.engine().cni())
                .isEqualTo(
                        new CniOptions(
                                true,
                                CniOptions.USUAL.networks(),
                                CniOptions.USUAL.programs(),
                                "pods",
                                3,
                                CniOptions.First.IPV6,
                                Duration.ofSeconds(7)));
        assertThat(written.engine().pinned().patterns()).containsExactly("pause:3.10", "*tools*");
        assertThat(written.engine().checkpointImages()).isTrue();
        Path asked = Path.of("/elsewhere");
        assertThat(ConfigurationFiles.read(folder, asked).criSocket()).isEqualTo(asked);
        write("rung.toml", "");
        assertThat(ConfigurationFiles.read(folder).engine().cni().used()).isFalse();
        assertThat(ConfigurationFiles.read(folder).engine().checkpointImages()).isFalse();
        assertThat(ConfigurationFiles.read(folder, asked).engine().cni().used()).isTrue();
    }

    @Test
    void shouldReadDockersFileToo() throws IOException {
        write("rung.toml", "init = false\n[runtimes.a]\npath = \"/a\"");
        write(
                "daemon.json",
                """
                {"init": true, "hosts": ["fd://"], "cgroup-parent": "/docker",
                 "runtimes": {"a": {"path": "/b"}, "c": {"path": "/c", "runtimeArgs": ["-x"]}}}
                """);

        Configuration written = ConfigurationFiles.read(folder);

        assertThat(written.engine().defaults().init()).isFalse();
        assertThat(written.engine().defaults().cgroupParent()).isEqualTo("/docker");
        assertThat(written.engine().runtimes())
                .containsExactly(
                        new NamedRuntime("a", Path.of("/a"), List.of()),
                        new NamedRuntime("c", Path.of("/c"), List.of("-x")));
        assertThat(written.ignored()).isEmpty();
    }

    @Test
    void shouldReadWhereDockersApiIsServed() throws IOException {
        write(
                "daemon.json",
                """
                {"hosts": ["unix:///run/d.sock", "tcp://[::1]:99", "tcp://127.0.0.1", "fd://"],
                 "group": "people", "tlsverify": true, "labels": ["a=b"],
                 "tlscacert": "/ca", "tlscert": "/cert", "tlskey": "/key"}
                """);

        Configuration written = ConfigurationFiles.read(folder);

        assertThat(written.labels()).containsExactly("a=b");
        assertThat(written.docker().group()).isEqualTo("people");
        assertThat(written.docker().doors())
                .containsExactly(
                        new DockerDoors.Door.AtPath(Path.of("/run/d.sock")),
                        new DockerDoors.Door.AtPort("::1", 99, true),
                        new DockerDoors.Door.AtPort("127.0.0.1", 2376, true),
                        new DockerDoors.Door.Given());
    }

    @Test
    void shouldServeNobodyWithoutACertificateUnlessItIsSaid() throws IOException {
        write("daemon.json", "{\"hosts\": [\"tcp://127.0.0.1\"]}");
        assertThat(ConfigurationFiles.read(folder).docker().doors())
                .containsExactly(new DockerDoors.Door.AtPort("127.0.0.1", 2375, false));
        write("rung.toml", "allow-plain-tcp = true");
        assertThat(ConfigurationFiles.read(folder).docker().doors())
                .containsExactly(new DockerDoors.Door.AtPort("127.0.0.1", 2375, true));
    }

    @Test
    void shouldRefuseWhatNobodyKnows() throws IOException {
        refused("defualt-runtime = \"x\"", "rung.toml: defualt-runtime: no such setting");
        refused("hosts = [\"http://x\"]", "want unix:///PATH, tcp://ADDRESS:PORT or fd://");
        refused("labels = [\"x\"]", "want KEY=VALUE");
        refused(
                "tlsverify = true\ntlscert = \"/a\"",
                "want the files tlscacert, tlscert and tlskey");
        refused("[runtimes.a]\npaht = \"/a\"", "rung.toml: runtimes.a.paht: no such setting");
        refused("[runtimes.a]\npath = \"a\"", "runtimes.a.path: want an absolute path");
        refused("[runtimes.host]\npath = \"/a\"", "that name is the built-in runtime's");
        refused("init = \"yes\"", "rung.toml: init: want");
        refused("log-driver = \"fluentd\"", "no log driver named 'fluentd'");
        refused("log-opts = {mode = \"x\"}", "logging mode not supported: x");
        refused("registry-mirrors = [\"mirror\"]", "want http://HOST or https://HOST");
        refused("pinned-images = [\"a*b\"]", "pinned-images: \"a*b\": want a name");
        refused("cni-ip-preference = \"ipv5\"", "want ipv4, ipv6 or cni");
        refused("cni-conf-dir = \"net.d\"", "cni-conf-dir: \"net.d\": want an absolute path");
        refused("cni-timeout = 0", "cni-timeout");
        refused("daemon-json = \"/nowhere.json\"", "want the absolute path of a file");
    }

    private void refused(String toml, String words) throws IOException {
        write("rung.toml", toml);
        assertThatThrownBy(() -> ConfigurationFiles.read(folder))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
