package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.SystemTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Where images come from is a matter of files and of the person's environment. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class RegistrySettingsTests {
    private static final String HERE = "127.0.0.1:5017";

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

    private void pulls(String name) {
        engine.rung("pull", name).succeed();
        assertThat(
                        engine.rung("run", "--rm", "--network", "none", name, "echo", "runs")
                                .succeed()
                                .output())
                .isEqualTo("runs\n");
        engine.rung("rmi", name).succeed();
    }

    @Test
    void shouldFollowRegistriesConf() {
        engine.configure(
                "registries.conf",
                """
                [aliases]
                "tool" = "moved.test/place/busybox"
                [[registry]]
                prefix = "moved.test/place"
                location = "%1$s"
                [[registry]]
                prefix = "docker.io/library"
                [[registry.mirror]]
                location = "127.0.0.1:5021"
                [[registry.mirror]]
                location = "%1$s"
                [[registry]]
                prefix = "evil.test"
                blocked = true
                """
                        .formatted(HERE));
        pulls("moved.test/place/busybox");
        pulls("tool");
        pulls("busybox");
        engine.rung("pull", "evil.test/x")
                .run()
                .refused()
                .failedSaying("registry evil.test is blocked in registries.conf");
        engine.configure("registries.conf", "[[registry]");
        engine.rung("pull", "busybox").run().refused().failedSaying("registries.conf");
        engine.configure("registries.conf", "");
    }

    @Test
    void shouldFollowHostsToml() {
        engine.configure(
                "certs.d/hosted.test/hosts.toml",
                "server = \"https://127.0.0.1:5021\"\n[host.\"http://" + HERE + "\"]\n");
        pulls("hosted.test/busybox");
    }

    @Test
    void shouldGoThroughThePersonsProxy() {
        engine.rung("pull", "nowhere.test/x")
                .with("HTTPS_PROXY", "http://127.0.0.1:5021")
                .run()
                .refused()
                .failedSaying("connection refused");
        engine.rung("pull", "nowhere.test/x")
                .with("HTTPS_PROXY", "http://127.0.0.1:5021")
                .with("NO_PROXY", "nowhere.test")
                .run()
                .refused()
                .failedSaying("no such host");
    }
}
