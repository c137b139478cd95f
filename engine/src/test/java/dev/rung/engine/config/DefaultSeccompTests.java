package dev.rung.engine.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.Seccomp;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

class DefaultSeccompTests {
    private static final Set<String> DEFAULT =
            Capabilities.of(false, List.of(), List.of(), List.of());

    @Test
    void shouldAllowWhatEveryProgramNeeds() {
        assertThat(allowed("x86_64", DEFAULT))
                .contains("read", "execve", "openat2", "futex", "chroot", "arch_prctl", "ptrace")
                .doesNotContain(
                        "mount", "bpf", "reboot", "io_uring_setup", "kexec_load", "unshare");
    }

    @Test
    void shouldAllowMoreWithACapability() {
        var capabilities = new HashSet<>(DEFAULT);
        capabilities.add("CAP_SYS_ADMIN");
        assertThat(allowed("x86_64", capabilities)).contains("mount", "unshare", "clone3");
        assertThat(allowed("x86_64", Set.of())).doesNotContain("chroot");
    }

    @Test
    void shouldKnowTheMachine() {
        assertThat(allowed("aarch64", DEFAULT))
                .contains("sync_file_range2")
                .doesNotContain("arch_prctl");
    }

    @Test
    void shouldAnswerClone3AsAKernelWithoutIt() {
        Seccomp profile = resolved(DefaultSeccomp.profile(), "x86_64", DEFAULT);
        assertThat(profile.syscalls())
                .anySatisfy(call -> {
                    assertThat(call.names()).containsExactly("clone3");
                    assertThat(call.errnoRet()).isEqualTo(38);
                });
    }

    /** With -Drung.docker.profile=FILE, the default.json that Docker publishes. */
    @Test
    @EnabledIfSystemProperty(
            named = "rung.docker.profile",
            matches = ".+",
            disabledReason =
                    "Docker's default.json is not ours to keep: name it by -Drung.docker.profile")
    void shouldDecideAsDockersPublishedProfile() throws Exception {
        String file = System.getProperty("rung.docker.profile", "");
        SeccompProfile docker =
                SeccompProfile.read("default.json", Files.readAllBytes(Path.of(file)));
        var sets = new ArrayList<Set<String>>();
        sets.add(Set.of());
        sets.add(DEFAULT);
        sets.add(new HashSet<>(Capabilities.names(-1)));
        for (String capability : Capabilities.names(-1)) {
            sets.add(Set.of(capability));
        }
        for (String machine : List.of("x86_64", "aarch64")) {
            for (Set<String> capabilities : sets) {
                assertThat(decisions(DefaultSeccomp.profile(), machine, capabilities))
                        .as(machine + " with " + capabilities)
                        .isEqualTo(decisions(docker, machine, capabilities));
            }
        }
    }

    /** What is decided for each call by name, with errno and arguments; order does not matter. */
    private static Set<String> decisions(
            SeccompProfile profile, String machine, Set<String> capabilities) {
        Seccomp resolved = resolved(profile, machine, capabilities);
        var decisions = new TreeSet<String>();
        decisions.add("default " + resolved.defaultAction() + " " + resolved.defaultErrnoRet());
        decisions.add("architectures " + resolved.architectures());
        for (Seccomp.Syscall call : resolved.syscalls()) {
            for (String name : call.names()) {
                decisions.add(
                        name + " " + call.action() + " " + call.errnoRet() + " " + call.args());
            }
        }
        return decisions;
    }

    private static Set<String> allowed(String machine, Set<String> capabilities) {
        var names = new HashSet<String>();
        for (Seccomp.Syscall call :
                resolved(DefaultSeccomp.profile(), machine, capabilities).syscalls()) {
            if (call.action() == Seccomp.Action.SCMP_ACT_ALLOW && call.args().isEmpty()) {
                names.addAll(call.names());
            }
        }
        return names;
    }

    private static Seccomp resolved(
            SeccompProfile profile, String machine, Set<String> capabilities) {
        var writer = JsonWriter.compact();
        writer.beginObject().name("seccomp");
        profile.write(writer, machine, capabilities);
        String json = new String(writer.endObject().bytes(), StandardCharsets.UTF_8);
        String config =
                "{\"ociVersion\":\"1.0.2\",\"process\":{\"cwd\":\"/\",\"args\":[\"a\"],\"user\":{}},"
                        + "\"root\":{\"path\":\"r\"},\"linux\":"
                        + json
                        + "}";
        Seccomp seccomp =
                RuntimeConfig.read("test", config.getBytes(StandardCharsets.UTF_8))
                        .linux()
                        .seccomp();
        return Objects.requireNonNull(seccomp);
    }
}
