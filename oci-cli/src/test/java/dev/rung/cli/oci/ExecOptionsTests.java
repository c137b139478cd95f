package dev.rung.cli.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.oci.ContainerProcess;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ExecOptionsTests {
    private static final ContainerProcess OWN =
            ContainerProcess.read(
                    "process.json",
                    """
                    {"terminal": true, "args": ["sh"], "env": ["A=1"], "cwd": "/home",
                     "user": {"uid": 1, "gid": 2, "additionalGids": [3]},
                     "capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_KILL"],
                                      "permitted": ["CAP_KILL"]},
                     "noNewPrivileges": true, "apparmorProfile": "p"}\
                    """
                            .getBytes(StandardCharsets.UTF_8));

    private static ContainerProcess process(String... argv) {
        Syntax exec = Objects.requireNonNull(Syntaxes.of("exec"));
        return ExecOptions.process(OWN, Arguments.parse(exec, List.of(argv), 0));
    }

    @Test
    void shouldKeepWhatIsNotGiven() {
        ContainerProcess process = process("id", "ls", "-l");
        assertThat(process.args()).containsExactly("ls", "-l");
        assertThat(process.terminal()).isFalse();
        assertThat(process.env()).containsExactly("A=1");
        assertThat(process.cwd()).isEqualTo("/home");
        assertThat(process.user()).isEqualTo(OWN.user());
        assertThat(process.noNewPrivileges()).isTrue();
        assertThat(process.apparmorProfile()).isEqualTo("p");
    }

    @Test
    void shouldTakeWhatIsGiven() {
        ContainerProcess process =
                process(
                        "-t",
                        "-u",
                        "5:6",
                        "-g",
                        "7",
                        "-e",
                        "B=2",
                        "--cwd",
                        "/",
                        "--apparmor",
                        "q",
                        "--no-new-privs=false",
                        "--cap",
                        "CAP_CHOWN",
                        "id",
                        "ls");
        assertThat(process.terminal()).isTrue();
        assertThat(process.user().uid()).isEqualTo(5);
        assertThat(process.user().gid()).isEqualTo(6);
        assertThat(process.user().additionalGids()).containsExactly(3L, 7L);
        assertThat(process.env()).containsExactly("A=1", "B=2");
        assertThat(process.cwd()).isEqualTo("/");
        assertThat(process.apparmorProfile()).isEqualTo("q");
        assertThat(process.noNewPrivileges()).isFalse();
        ContainerProcess.Capabilities capabilities = process.capabilities();
        assertThat(capabilities).isNotNull();
        assertThat(Objects.requireNonNull(capabilities).bounding())
                .containsExactly("CAP_KILL", "CAP_CHOWN");
        assertThat(capabilities.ambient()).isEmpty();
        assertThat(process("-u", "8", "id", "ls").user().gid()).isEqualTo(2);
    }

    @Test
    void shouldRefuseInTheWordsOfRunc() {
        assertThatThrownBy(() -> process("id")).hasMessage("exec args cannot be empty");
        assertThatThrownBy(() -> process("-u", "x", "id", "ls"))
                .hasMessage("bad uid: parsing \"x\": invalid syntax");
        assertThatThrownBy(() -> process("-u", "1:y", "id", "ls"))
                .hasMessage("bad gid: parsing \"y\": invalid syntax");
        assertThatThrownBy(() -> process("-g", "-1", "id", "ls"))
                .hasMessage("additional-gids must be a positive number -1");
    }

    @Test
    void shouldReadSubCgroups() {
        assertThat(ExecOptions.subCgroups(List.of())).isEmpty();
        assertThat(ExecOptions.subCgroups(List.of("/foo"))).isEqualTo(Map.of("", "/foo"));
        assertThat(ExecOptions.subCgroups(List.of("cpu,memory:a", "pids:b")))
                .isEqualTo(Map.of("cpu", "a", "memory", "a", "pids", "b"));
        assertThatThrownBy(() -> ExecOptions.subCgroups(List.of("a", "cpu:b")))
                .hasMessage("invalid --cgroup argument: a (missing <controller>: prefix)");
        assertThatThrownBy(() -> ExecOptions.subCgroups(List.of("cpu,:b")))
                .hasMessage("invalid --cgroup argument: cpu,:b (empty <controller> prefix)");
        assertThatThrownBy(() -> ExecOptions.subCgroups(List.of("cpu:a", "cpu:b")))
                .hasMessage(
                        "invalid --cgroup argument(s): controller cpu specified multiple times");
    }
}
