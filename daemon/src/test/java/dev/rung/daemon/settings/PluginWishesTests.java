package dev.rung.daemon.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.nri.PluginSettings;
import dev.rung.nri.ValidatorSettings;
import dev.rung.nri.ValidatorSettings.Restriction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginWishesTests {
    private static final Path TOP = Path.of("/");
    private static final String CONTAINERD =
            """
            version = 3
            [plugins.'io.containerd.nri.v1.nri']
              disable = false
              disable_connections = true
              plugin_config_path = '/c/conf.d'
              plugin_path = '/c/plugins'
              plugin_registration_timeout = '7s'
              plugin_request_timeout = '1h2m'
              socket_path = '/c/nri.sock'
              [plugins.'io.containerd.nri.v1.nri'.default_validator]
                enable = true
                reject_oci_hook_adjustment = true
                reject_runtime_default_seccomp_adjustment = false
                reject_sysctl_adjustment = true
                required_plugins = ['10-logger', 'topology']
                tolerate_missing_plugins_annotation = 'tolerate.example'
                something = 1
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private PluginSettings read(String toml) throws IOException {
        Files.writeString(folder.resolve("rung.toml"), toml);
        return ConfigurationFiles.read(folder).plugins().settled(TOP);
    }

    @Test
    void shouldBeContainerdsWhereNothingIsSaid() throws IOException {
        PluginSettings usual = read("");

        assertThat(usual.enabled()).isTrue();
        assertThat(usual.connections()).isTrue();
        assertThat(usual.socket()).isEqualTo(Path.of("/var/run/nri/nri.sock"));
        assertThat(usual.folder()).isEqualTo(Path.of("/opt/nri/plugins"));
        assertThat(usual.configurations()).isEqualTo(Path.of("/etc/nri/conf.d"));
        assertThat(usual.registration()).isEqualTo(Duration.ofSeconds(5));
        assertThat(usual.request()).isEqualTo(Duration.ofSeconds(2));
        assertThat(usual.validator().enabled()).isFalse();
        assertThat(PluginWishes.NONE.settled(Path.of("/home")).socket())
                .isEqualTo(Path.of("/home/run/nri.sock"));
    }

    @Test
    void shouldBeWhatIsSaid() throws IOException {
        PluginSettings said =
                read(
                        """
                        [nri]
                        enable = false
                        disable-connections = true
                        socket-path = "/s"
                        plugin-request-timeout = "300ms"
                        [nri.default-validator]
                        enable = true
                        reject-namespace-adjustment = true
                        """);

        assertThat(said.enabled()).isFalse();
        assertThat(said.connections()).isFalse();
        assertThat(said.socket()).isEqualTo(Path.of("/s"));
        assertThat(said.request()).isEqualTo(Duration.ofMillis(300));
        assertThat(said.validator())
                .isEqualTo(
                        new ValidatorSettings(true, Set.of(Restriction.NAMESPACE), List.of(), ""));
        assertThatThrownBy(() -> read("[nri.default-validator]\nreject = true"))
                .hasMessageContaining("nri.default-validator.reject: no such setting");
        assertThatThrownBy(() -> read("[nri]\nsocket = \"/s\""))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("nri.socket: no such setting");
        assertThatThrownBy(() -> read("[nri]\nplugin-request-timeout = \"soon\""))
                .hasMessageContaining("want a time such as 500ms or 5s");
        assertThatThrownBy(() -> read("[nri]\nsocket-path = \"s\""))
                .hasMessageContaining("want an absolute path");
    }

    @Test
    void shouldBeWhatContainerdIsToldWhereNothingElseIsSaid() throws IOException {
        Path config = folder.resolve("config.toml");
        Files.writeString(config, CONTAINERD);

        PluginSettings told =
                read("containerd-config = \"" + config + "\"\n[nri]\nplugin-path = \"/own\"");

        assertThat(told.connections()).isFalse();
        assertThat(told.socket()).isEqualTo(Path.of("/c/nri.sock"));
        assertThat(told.folder()).isEqualTo(Path.of("/own"));
        assertThat(told.registration()).isEqualTo(Duration.ofSeconds(7));
        assertThat(told.request()).isEqualTo(PluginSettings.REQUEST);
        assertThat(told.validator())
                .isEqualTo(
                        new ValidatorSettings(
                                true,
                                Set.of(Restriction.OCI_HOOK, Restriction.SYSCTL),
                                List.of("10-logger", "topology"),
                                "tolerate.example"));
        String printed = ForeignFiles.toml("containerd", Map.of("f", CONTAINERD));
        assertThat(printed)
                .contains("\"1h2m\" is no time such as 500ms or 5s")
                .contains("default_validator.something: Rung has no such setting");
        assertThat(read(printed)).isEqualTo(read("containerd-config = \"" + config + "\""));
    }

    @Test
    void shouldBeWhatCrioIsTold() throws IOException {
        Path config = folder.resolve("crio.conf");
        Files.writeString(
                config,
                """
                [crio.nri]
                enable_nri = true
                nri_listen = "/crio/nri.sock"
                nri_plugin_dir = "/crio/plugins"
                nri_plugin_config_dir = "/crio/conf.d"
                nri_plugin_request_timeout = "3s"
                nri_disable_connections = true
                [crio.nri.default_validator]
                nri_enable_default_validator = true
                nri_validator_reject_custom_seccomp_adjustment = true
                nri_validator_required_plugins = ["logger"]
                """);

        PluginSettings told = read("crio-config = \"" + config + "\"");

        assertThat(told.enabled()).isTrue();
        assertThat(told.connections()).isFalse();
        assertThat(told.socket()).isEqualTo(Path.of("/crio/nri.sock"));
        assertThat(told.configurations()).isEqualTo(Path.of("/crio/conf.d"));
        assertThat(told.validator())
                .isEqualTo(
                        new ValidatorSettings(
                                true, Set.of(Restriction.CUSTOM_SECCOMP), List.of("logger"), ""));
        assertThat(told.request()).isEqualTo(Duration.ofSeconds(3));
    }
}
