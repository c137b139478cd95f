package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.SystemTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Processes have the users and groups that they were given, and meet nobody of the host's. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class IdentityTests {
    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = new Engine();
    }

    @AfterAll
    void end() {
        if (engine != null) {
            engine.close();
        }
    }

    private Outcome run(List<String> options, String... command) {
        var words = new ArrayList<>(List.of("run", "--rm", "--network", "none"));
        words.addAll(options);
        words.add(Engine.IMAGE);
        words.addAll(List.of(command));
        return engine.rung(words.toArray(new String[0])).run();
    }

    private String groups(String... options) {
        return run(List.of(options), "grep", "Groups", "/proc/self/status")
                .output()
                .replace("Groups:", "")
                .strip();
    }

    /** CVE-2022-36109: who loses the main group can get around a file that forbids it. */
    @Test
    void shouldKeepTheMainGroupAmongTheOthers() {
        assertThat(groups()).isEqualTo("0");
        assertThat(groups("-u", "joe")).isEqualTo("55 1001");
        assertThat(groups("-u", "1000:2000")).isEqualTo("2000");
        String script =
                "mkdir /tmp/d && echo x >/tmp/d/f && chown 0:1001 /tmp/d/f && chmod 604 /tmp/d/f";
        engine.start("forbids", "sh", "-c", script + " && sleep 100");
        engine.rung("exec", "-u", "joe", "forbids", "cat", "/tmp/d/f")
                .run()
                .failedSaying("Permission denied");
        engine.rung("rm", "-f", "forbids").succeed();
    }

    /** CVE-2023-25173: groups that were added, or are the user's in the image, count. */
    @Test
    void shouldGiveAllGroupsThatBelongToTheUser() {
        assertThat(groups("--group-add", "more", "--group-add", "4000")).isEqualTo("0 55 4000");
        assertThat(groups("-u", "joe", "--group-add", "4000")).isEqualTo("55 1001 4000");
        assertThat(groups("-u", "1000:1001", "--group-add", "4000")).isEqualTo("1001 4000");
        engine.rung(
                        "run",
                        "-d",
                        "--name",
                        "grouped",
                        "--network",
                        "none",
                        "--group-add",
                        "4000",
                        Engine.IMAGE,
                        "sleep",
                        "100")
                .succeed();
        assertThat(engine.rung("exec", "grouped", "id", "-G").succeed().output())
                .isEqualTo("0 4000\n");
        assertThat(engine.rung("exec", "-u", "joe", "grouped", "id", "-G").succeed().output())
                .isEqualTo("1001 55\n");
        engine.rung("rm", "-f", "grouped").succeed();
    }

    /** CVE-2024-40635: a number that is too big becomes 0 when 32 bits of it are taken. */
    @Test
    void shouldRefuseNumbersThatAreNoUsers() {
        for (String user :
                List.of(
                        "2147483648",
                        "4294967295",
                        "4294967296",
                        "36893488147419103232",
                        "1000:4294967296")) {
            Outcome outcome = run(List.of("-u", user), "id");

            assertThat(outcome.status()).as(user).isEqualTo(125);
            assertThat(outcome.errors())
                    .as(user)
                    .contains("uids and gids must be in range 0-2147483647");
        }
        assertThat(run(List.of("--group-add", "4294967296"), "id").errors()).contains("in range");
        engine.start("ranges", "sleep", "100");
        engine.rung("exec", "-u", "4294967296", "ranges", "id").run().failedSaying("in range");
        engine.rung("rm", "-f", "ranges").succeed();
        assertThat(run(List.of("-u", "2147483647"), "id", "-u").output()).isEqualTo("2147483647\n");
    }

    /** CVE-2020-15257: a container with the host's network can connect to abstract sockets. */
    @Test
    void shouldHaveNoAbstractSocket() {
        Outcome seen =
                engine.rung(
                                "run",
                                "--rm",
                                "--network",
                                "host",
                                Engine.IMAGE,
                                "sh",
                                "-c",
                                "grep -c '@' /proc/net/unix; ls /run /var/run 2>/dev/null")
                        .run();

        assertThat(seen.output()).isEqualTo("0\n");
    }
}
