package dev.rung.daemon.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.engine.CniOptions;
import dev.rung.engine.EngineOptions.NamedRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as containerd and CRI-O have them. */
class ForeignFilesTests {
    @TempDir Path folder;
    private Path bin;

    @BeforeEach
    void makeBinaries() throws IOException {
        bin = Files.createDirectory(folder.resolve("bin"));
        var executable =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String name : List.of("runc", "crun", "runsc", "youki")) {
            Files.createFile(bin.resolve(name), executable);
        }
    }

    private ForeignSettings containerd(String text) {
        return ContainerdConfiguration.read("config.toml", text, List.of(bin));
    }

    private NamedRuntime runtime(String name, String binary) {
        return new NamedRuntime(name, bin.resolve(binary), List.of());
    }

    private static Map<String, String> remarks(ForeignSettings settings) {
        var remarks = new LinkedHashMap<String, String>();
        settings.remarks().forEach(remark -> remarks.put(remark.key(), remark.why()));
        return remarks;
    }

    @Test
    void shouldReadTheRuntimesOfContainerdsVersion2() {
        ForeignSettings settings =
                containerd(
                        """
                        version = 2
                        root = "/var/lib/containerd"
                        [grpc]
                          address = "/run/containerd/containerd.sock"
                        [plugins."io.containerd.gc.v1.scheduler"]
                          pause_threshold = 0.02
                        [plugins."io.containerd.grpc.v1.cri"]
                          sandbox_image = "pause:3.9"
                          enable_selinux = false
                          enable_tls_streaming = true
                          [plugins."io.containerd.grpc.v1.cri".cni]
                            conf_dir = "/srv/net.d"
                            bin_dir = "/srv/cni/"
                            max_conf_num = 2
                            ip_pref = "ipv6"
                            setup_serially = true
                          [plugins."io.containerd.grpc.v1.cri".registry]
                            config_path = "/etc/containerd/certs.d"
                          [plugins."io.containerd.grpc.v1.cri".containerd]
                            default_runtime_name = "crun"
                            snapshotter = "overlayfs"
                            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
                              runtime_type = "io.containerd.runc.v2"
                              base_runtime_spec = ""
                              [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
                                SystemdCgroup = true
                            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun]
                              runtime_type = "io.containerd.runc.v2"
                              pod_annotations = ["run.oci.*"]
                              privileged_without_host_devices = true
                              [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun.options]
                                BinaryName = "crun"
                                ShimCgroup = "/x"
                            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.gvisor]
                              runtime_type = "io.containerd.runsc.v1"
                            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata]
                              runtime_type = "io.containerd.kata.v2"
                            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.gone]
                              runtime_type = "io.containerd.runc.v2"
                              [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.gone.options]
                                BinaryName = "/no/such"
                        """);

        assertThat(settings.runtimes())
                .containsExactly(
                        runtime("runc", "runc"),
                        runtime("crun", "crun"),
                        runtime("gvisor", "runsc"));
        assertThat(settings.defaultRuntime()).isEqualTo("crun");
        assertThat(settings.pinnedImages()).containsExactly("pause:3.9");
        assertThat(settings.networks())
                .isEqualTo(
                        new ForeignNetworks(
                                Path.of("/srv/net.d"),
                                List.of(Path.of("/srv/cni")),
                                "",
                                2,
                                CniOptions.First.IPV6));
        String cri = "plugins.\"io.containerd.grpc.v1.cri\"";
        String runtimes = cri + ".containerd.runtimes.";
        assertThat(remarks(settings))
                .containsOnlyKeys(
                        "root",
                        "grpc",
                        "plugins.\"io.containerd.gc.v1.scheduler\"",
                        cri + ".enable_tls_streaming",
                        cri + ".cni.setup_serially",
                        cri + ".containerd.snapshotter",
                        runtimes + "runc.options.SystemdCgroup",
                        runtimes + "crun.pod_annotations",
                        runtimes + "crun.privileged_without_host_devices",
                        runtimes + "crun.options.ShimCgroup",
                        runtimes + "kata",
                        runtimes + "gone")
                .containsEntry(
                        runtimes + "gone", "there is no program \"/no/such\" on this machine");
    }

    @Test
    void shouldReadTheRuntimesOfContainerdsVersion3() {
        ForeignSettings settings =
                containerd(
                        """
                        version = 3
                        [plugins.'io.containerd.cri.v1.images']
                          snapshotter = 'overlayfs'
                          [plugins.'io.containerd.cri.v1.images'.pinned_images]
                            sandbox = 'registry.example/pause:3.10'
                          [plugins.'io.containerd.cri.v1.images'.registry]
                            config_path = '/elsewhere'
                        [plugins.'io.containerd.cri.v1.runtime'.containerd]
                          default_runtime_name = 'kata'
                          [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.'my crun']
                            runtime_type = 'io.containerd.runc.v2'
                            sandboxer = 'podsandbox'
                            [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.'my crun'.options]
                              BinaryName = 'crun'
                        """);

        assertThat(settings.runtimes()).containsExactly(runtime("my crun", "crun"));
        assertThat(settings.pinnedImages()).containsExactly("registry.example/pause:3.10");
        assertThat(settings.defaultRuntime()).isEmpty();
        assertThat(remarks(settings))
                .containsEntry(
                        "plugins.\"io.containerd.cri.v1.runtime\".containerd.default_runtime_name",
                        "\"kata\" is not among the runtimes, so the built-in one is the default")
                .containsKey("plugins.\"io.containerd.cri.v1.images\".registry.config_path");
    }

    @Test
    void shouldSayWhatIsWrongWithAFile() {
        assertThatThrownBy(() -> containerd("root = \"/x\""))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("config.toml: version: want 2 or 3, got none, which is 1");
        assertThatThrownBy(() -> containerd("version = 2\nplugins = 3"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("plugins: want a table");
    }

    @Test
    void shouldReadCriosFileAndWhatIsDroppedIn() {
        var texts = new LinkedHashMap<String, String>();
        texts.put(
                "crio.conf",
                """
                [crio]
                root = "/var/lib/containers/storage"
                storage_option = ["overlay.additionalimagestores=/srv/images"]
                [crio.runtime]
                default_runtime = "runc"
                conmon = "/usr/bin/conmon"
                cgroup_manager = "systemd"
                pids_limit = 1024
                default_mounts_file = "/srv/mounts.conf"
                hooks_dir = ["/srv/hooks.d"]
                [crio.runtime.runtimes.runc]
                [crio.runtime.runtimes.kata]
                runtime_path = "/usr/bin/containerd-shim-kata-v2"
                runtime_type = "vm"
                [crio.image]
                signature_policy = "/srv/policy.json"
                signature_policy_dir = "/srv/policies"
                insecure_registries = ["registry.example:5000"]
                pause_image = "pause:3.9"
                pinned_images = ["registry.example/base*", "*tools*", "a*b"]
                [crio.network]
                network_dir = "/srv/net.d/"
                plugin_dirs = ["/srv/cni", "there"]
                cni_default_network = "pods"
                """);
        texts.put(
                "crio.conf.d/10-crun.conf",
                """
                [crio.runtime]
                default_runtime = "crun"
                [crio.runtime.runtimes.crun]
                runtime_path = "%s"
                runtime_root = "/run/crun"
                allowed_annotations = ["io.containers.trace-syscall"]
                """
                        .formatted(bin.resolve("youki")));

        ForeignSettings settings = CrioConfiguration.read(texts, List.of(bin));

        assertThat(settings.runtimes())
                .containsExactly(runtime("runc", "runc"), runtime("crun", "youki"));
        assertThat(settings.defaultRuntime()).isEqualTo("crun");
        assertThat(settings.insecureRegistries()).containsExactly("registry.example:5000");
        assertThat(settings.policy())
                .isEqualTo(new ForeignPolicy(Path.of("/srv/policy.json"), true));
        assertThat(settings.toml(Path.of("crio.conf")))
                .contains("signature-policy = \"/srv/policy.json\"\n");
        assertThat(settings.hookFolders()).containsExactly(Path.of("/srv/hooks.d"));
        assertThat(settings.mountsFiles()).containsExactly(Path.of("/srv/mounts.conf"));
        assertThat(settings.toml(bin))
                .contains("mounts-files = [\"/srv/mounts.conf\"]")
                .contains("crio.storage_option: images and containers lie in Rung's own store");
        assertThat(CrioConfiguration.read(Map.of(), List.of()).mountsFiles())
                .contains(Path.of("/etc/containers/mounts.conf"));
        assertThat(settings.pinnedImages())
                .containsExactly("registry.example/base*", "*tools*", "pause:3.9");
        assertThat(settings.networks())
                .isEqualTo(
                        new ForeignNetworks(
                                Path.of("/srv/net.d"),
                                List.of(Path.of("/srv/cni")),
                                "pods",
                                null,
                                null));
        assertThat(remarks(settings))
                .containsOnlyKeys(
                        "crio.root",
                        "crio.storage_option",
                        "crio.runtime.conmon",
                        "crio.runtime.cgroup_manager",
                        "crio.runtime.pids_limit",
                        "crio.runtime.runtimes.kata",
                        "crio.image.pinned_images",
                        "crio.image.signature_policy_dir",
                        "crio.network.plugin_dirs",
                        "crio.runtime.runtimes.crun.runtime_root",
                        "crio.runtime.runtimes.crun.allowed_annotations");
    }

    @Test
    void shouldPrintATomlThatIsReadHere() throws IOException {
        Path file = folder.resolve("config.toml");
        Files.writeString(
                file,
                """
                version = 2
                [plugins."io.containerd.grpc.v1.cri"]
                sandbox_image = "pause:3.9"
                [plugins."io.containerd.grpc.v1.cri".cni]
                conf_dir = "/srv/net.d"
                bin_dirs = ["/srv/cni"]
                max_conf_num = 0
                ip_pref = "cni"
                [plugins."io.containerd.grpc.v1.cri".containerd]
                default_runtime_name = "a b"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes."a b"]
                runtime_type = "io.containerd.runc.v2"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes."a b".options]
                BinaryName = "%s"
                """
                        .formatted(bin.resolve("crun")));
        Path own = Files.createDirectory(folder.resolve("etc"));
        String printed = ForeignFiles.toml("containerd", Map.of("f", Files.readString(file)));
        Files.writeString(own.resolve("rung.toml"), printed);

        Configuration pasted = ConfigurationFiles.read(own);
        Files.writeString(
                own.resolve("rung.toml"),
                "containerd-config = \"" + file + "\"\n[runtimes.mine]\npath = \"/bin/true\"\n");
        Configuration named = ConfigurationFiles.read(own);

        assertThat(pasted.engine().runtimes()).containsExactly(runtime("a b", "crun"));
        assertThat(pasted.engine().defaultRuntime()).isEqualTo("a b");
        assertThat(pasted.engine().pinned().patterns()).containsExactly("pause:3.9");
        assertThat(pasted.engine().cni())
                .isEqualTo(
                        new CniOptions(
                                false,
                                Path.of("/srv/net.d"),
                                List.of(Path.of("/srv/cni")),
                                "",
                                0,
                                CniOptions.First.PLUGIN,
                                CniOptions.USUAL.patience()));
        assertThat(named.engine().cni()).isEqualTo(pasted.engine().cni());
        assertThat(named.engine().pinned()).isEqualTo(pasted.engine().pinned());
        assertThat(named.engine().runtimes())
                .containsExactly(
                        new NamedRuntime("mine", Path.of("/bin/true"), List.of()),
                        runtime("a b", "crun"));
        assertThat(named.engine().defaultRuntime()).isEqualTo("a b");
        assertThatThrownBy(() -> ForeignFiles.toml("docker", Map.of("f", "")))
                .hasMessageContaining("want containerd or crio");
    }
}
