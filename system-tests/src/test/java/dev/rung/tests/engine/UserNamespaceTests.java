package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Root of a container is nobody outside, and nothing on the disk shows it. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "tar"})
@TestInstance(Lifecycle.PER_CLASS)
class UserNamespaceTests {
    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = new Engine();
        start("probe", List.of());
        String reason = engine.inspect("probe", ".UserNamespace.Reason");
        engine.rung("rm", "-f", "probe").succeed();
        assumeTrue(reason.isEmpty(), reason);
    }

    @AfterAll
    void end() {
        if (engine != null) {
            engine.close();
        }
    }

    private void start(String name, List<String> options) {
        var words = new ArrayList<>(List.of("run", "-d", "--name", name));
        if (!options.contains("--network")) {
            words.addAll(List.of("--network", "none"));
        }
        words.addAll(options);
        words.addAll(List.of(Engine.IMAGE, "sleep", "100"));
        engine.rung(words.toArray(new String[0])).succeed();
    }

    private String shell(String container, String script) {
        return engine.rung("exec", container, "sh", "-c", script).succeed().output();
    }

    @Test
    void shouldMakeRootNobodyOutsideAndChangeNoOwner() throws IOException {
        Path bound = Files.createTempDirectory("rung-bound");
        start("inside", List.of("-v", "inner:/files", "-v", bound + ":/bound"));

        assertThat(shell("inside", "id -u; cat /proc/self/uid_map | tr -s ' '"))
                .isEqualTo("0\n 0 1073741824 1073676288\n");
        Path process = Path.of("/proc", engine.inspect("inside", ".State.Pid"));
        assertThat(Files.getAttribute(process, "unix:uid")).isEqualTo(1073741824);
        shell("inside", "touch /made /bound/made; chown 7:8 /bound/made; echo x >>/etc/hosts");
        assertThat(shell("inside", "ls -land /files")).contains("1000");
        assertThat(Files.getAttribute(bound.resolve("made"), "unix:uid")).isEqualTo(7);

        Files.writeString(bound.resolve("copied"), "x");
        engine.rung("cp", bound.resolve("copied").toString(), "inside:/in").succeed();
        assertThat(shell("inside", "ls -lan /in")).containsPattern("-r.* 0 +0 ");
        engine.rung("cp", "-a", "inside:/bound/made", bound.resolve("out").toString()).succeed();
        assertThat(Files.getAttribute(bound.resolve("out"), "unix:gid")).isEqualTo(8);

        engine.rung("restart", "-t", "0", "inside").succeed();
        assertThat(shell("inside", "ls -lan /made")).containsPattern("-r.* 0 +0 ");
        engine.kill();
        assertThat(engine.inspect("inside", ".UserNamespace.Own")).isEqualTo("true");
        engine.rung("rm", "-f", "inside").succeed();
        engine.rung("volume", "rm", "inner").succeed();
        Command.of("rm", "-rf", bound.toString()).succeed();
    }

    @Test
    void shouldSayWhatSpeaksAgainstIt() {
        String[][] reasons = {
            {"--userns=host", "--userns=host"},
            {"--privileged", "--privileged"},
            {"--pid=host", "a namespace of the host's or another container's"},
            {"--device=/dev/zero", "devices of the host"},
            {"--cap-add=SYS_ADMIN", "--cap-add SYS_ADMIN"},
            {"--volume=/proc:/p", "/proc cannot be id-mapped"},
            {"--user=2000000000", "user or group 2000000000"}
        };
        for (String[] each : reasons) {
            start("outside", List.of(each[0]));

            assertThat(engine.inspect("outside", ".UserNamespace.Reason")).isEqualTo(each[1]);
            assertThat(shell("outside", "cat /proc/self/uid_map | tr -s ' '"))
                    .as(each[0])
                    .isEqualTo(" 0 0 4294967295\n");
            engine.rung("rm", "-f", "outside").succeed();
        }
    }

    @Test
    void shouldKeepWhatWasWrittenWithAndWithout() {
        start("both", List.of());
        shell("both", "echo x >/mine; chown 1000:1001 /mine");
        assertThat(engine.rung("export", "both").succeed().output()).contains("mine");
        engine.rung("stop", "-t", "0", "both").succeed();
        engine.rung("start", "both").succeed();
        assertThat(
                        engine.rung("exec", "-u", "joe", "both", "ls", "-lan", "/mine")
                                .succeed()
                                .output())
                .contains("1000");
        engine.rung("rm", "-f", "both").succeed();
    }
}
