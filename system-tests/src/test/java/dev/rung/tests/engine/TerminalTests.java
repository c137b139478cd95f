package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.drivers.Terminal;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** rung as a person has it: on a terminal. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "script"})
@TestInstance(Lifecycle.PER_CLASS)
class TerminalTests {
    private static final Duration SOON = Duration.ofSeconds(20);

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

    @Test
    void shouldHaveTheSizeOfTheWindowAndTheKeysOfAShell() {
        try (Terminal person =
                engine.terminal("run", "-it", "--rm", "--network=none", Engine.IMAGE)) {
            person.await("# ").type("stty size\n").await("33 77");
            person.resize(100, 40).type("stty size\n").await("40 100");
            // a key that is typed before the shell has given the terminal away is no signal
            person.type("sh -c \"echo be''gun; exec sleep 4242\"\n").await("begun").type("\3");
            person.type("echo after $?\n").await("after 130").type("exit 5\n");

            assertThat(person.await(SOON).status()).isEqualTo(5);
        }
    }

    @Test
    void shouldDetachAndAttachAgain() {
        try (Terminal person =
                engine.terminal("run", "-it", "--name", "de", "--network=none", Engine.IMAGE)) {
            person.await("# ").type("kept=thing\n").await("kept=thing").type("\20\21");
            assertThat(person.await(SOON).status()).isZero();
        }
        assertThat(engine.inspect("de", ".State.Status")).isEqualTo("running");

        try (Terminal person = engine.terminal("attach", "--detach-keys", "ctrl-x,y", "de")) {
            person.type("echo some$kept\n").await("something").type("\30y");
            assertThat(person.await(SOON).status()).isZero();
        }
        try (Terminal person = engine.terminal("attach", "de")) {
            person.type("exit 9\n");
            assertThat(person.await(SOON).status()).isEqualTo(9);
        }
        engine.rung("rm", "de").succeed();
    }

    @Test
    void shouldLeaveWhatItExecutedWhenThePersonDetaches() {
        engine.start("ex", "sleep", "4242");
        try (Terminal person = engine.terminal("exec", "-it", "ex", "sh")) {
            person.await("# ").type("stty size; tty\n").await("33 77").await("/dev/pts/");
            person.resize(90, 20).type("stty size\n").await("20 90");
            person.type("i=0; while sleep 0.1; do i=$((i+1)); echo n$i | tee /tmp/n; done\n");
            person.await("\nn3").type("\20\21");
            assertThat(person.await(SOON).status()).isZero();
        }

        Patience.await(() -> Integer.parseInt(counted()) > 20, () -> "it counted to " + counted());
        engine.rung("rm", "-f", "ex").succeed();
    }

    private String counted() {
        String text = engine.rung("exec", "ex", "cat", "/tmp/n").succeed().output().strip();
        return text.isEmpty() ? "0" : text.substring(1); // empty while it is written anew
    }

    @Test
    void shouldAskBeforeItRemovesMuch() {
        try (Terminal person = engine.terminal("container", "prune")) {
            person.await("[y/N]").type("y\n").await("Total reclaimed space");
            assertThat(person.await(SOON).status()).isZero();
        }
    }

    @Test
    void shouldShowWhatIsTypedAgainWhenThePersonGivesUp() {
        String script =
                """
                trap : INT
                rung login 127.0.0.1:5999
                until stty -a | grep -q ' echo '; do sleep 0.2; done
                echo now; read line; echo "got $line"
                """;
        try (Terminal person = engine.otherTerminal("sh", "-c", script)) {
            person.await("Username:").type("bob\n").await("Password:").type("\3");
            person.await("now").type("next\n").await("got next");
            assertThat(person.await(SOON).status()).isZero();
        }
    }

    @Test
    void shouldNotShowAPassword() {
        try (Terminal person = engine.terminal("login", "127.0.0.1:5999")) {
            person.await("Username:").type("bob\n").await("Password:").type("hidden\n");
            assertThat(person.await(SOON).status()).isEqualTo(1);
            assertThat(person.output()).doesNotContain("hidden").contains("connection refused");
        }
    }
}
