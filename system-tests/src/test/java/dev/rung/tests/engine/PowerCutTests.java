package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A machine whose power fails: what was written and not synced is lost, though the name is there,
 * which is the worst that file systems do. What the engine has answered is true all the same.
 */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
class PowerCutTests {
    private static final String PRELOADED = "/dev/rung/tests/attacks/synced.so";

    /** Records of the engine; what containers and monitors write is not its to sync. */
    private static final List<String> RECORDS =
            List.of("containers", "volumes", "networks", "pods", "secrets", "images", "content");

    @TempDir private Path folder;

    @Test
    @Timeout(120)
    void shouldKeepWhatItAnswered() throws IOException {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        Path preloaded = folder.resolve("synced.so");
        try (InputStream stream = PowerCutTests.class.getResourceAsStream(PRELOADED)) {
            if (stream == null) {
                throw new IOException("the tests were built without synced.c");
            }
            Files.copy(stream, preloaded);
        }
        Path synced = Files.createDirectory(folder.resolve("synced"));
        Map<String, String> keeping =
                Map.of("LD_PRELOAD", preloaded.toString(), "SYNCED_TO", synced.toString());
        try (Engine engine = Engine.mortal(keeping, "SYNCED_OF")) {
            prepare(engine);
            engine.cutOff();
            losePower(engine.home().resolve("lib"), synced);
            try {
                check(engine);
            } finally {
                engine.endReboot();
            }
        }
    }

    private static void prepare(Engine engine) {
        engine.rung("tag", Engine.IMAGE, "named:1").succeed();
        engine.rung("volume", "create", "vo").succeed();
        engine.rung("network", "create", "--label", "a=b", "ne").succeed();
        engine.rung("create", "--name", "made", "-v", "vo:/d", "--network", "ne", Engine.IMAGE)
                .succeed();
        engine.rung(
                        "run",
                        "-d",
                        "--name",
                        "runs",
                        "--restart",
                        "always",
                        "named:1",
                        "sleep",
                        "4242")
                .succeed();
        engine.rung("rename", "runs", "goes").succeed();
        engine.rung("run", "-d", "--name", "was", Engine.IMAGE, "sleep", "4242").succeed();
        engine.rung("run", "-d", "--rm", "--name", "passes", Engine.IMAGE, "sleep", "4242")
                .succeed();
        engine.rung("run", "-d", "--name", "ended", Engine.IMAGE, "sleep", "4242").succeed();
        engine.rung("stop", "-t", "0", "ended").succeed();
        engine.rung("pod", "create", "--name", "po", "-p", "127.0.0.1:18085:80").succeed();
        engine.shell("echo hush | rung secret create se -").succeed();
    }

    /** Files that were synced are as they were then, others are empty. */
    private static void losePower(Path lib, Path synced) throws IOException {
        for (String records : RECORDS) {
            try (Stream<Path> all = Files.walk(lib.resolve(records))) {
                for (Path file : all.toList()) {
                    boolean others = file.toString().contains("/_data") || file.endsWith("exit");
                    if (!others && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                        Path kept = synced.resolve(Files.getAttribute(file, "unix:ino").toString());
                        if (Files.exists(kept)) {
                            Files.copy(kept, file, StandardCopyOption.REPLACE_EXISTING);
                        } else {
                            Files.write(file, new byte[0]);
                        }
                    }
                }
            }
        }
    }

    private static void check(Engine engine) {
        Patience.await(
                () -> engine.inspect("goes", ".State.Status").equals("running"),
                () -> engine.inspect("goes", ".State.Error"));
        assertThat(engine.inspect("made", ".State.Status")).isEqualTo("created");
        assertThat(engine.inspect("was", ".State.Status")).isEqualTo("exited");
        assertThat(engine.inspect("ended", ".State.Status")).isEqualTo("exited");
        assertThat(engine.rung("ps", "-a", "--format", "{{.Names}}").succeed().output())
                .doesNotContain("passes");
        assertThat(engine.rung("volume", "ls", "-q").succeed().output()).isEqualTo("vo\n");
        assertThat(
                        engine.rung("network", "inspect", "-f", "{{.Labels.a}}", "ne")
                                .succeed()
                                .output())
                .isEqualTo("b\n");
        assertThat(engine.rung("pod", "ps", "--format", "{{.Name}}").succeed().output())
                .isEqualTo("po\n");
        assertThat(engine.rung("secret", "ls", "--format", "{{.Name}}").succeed().output())
                .isEqualTo("se\n");
        for (String name : List.of("made", "was", "ended")) {
            engine.rung("start", name).succeed();
        }
        engine.rung("exec", "was", "true").succeed();
        engine.rung(
                        "run",
                        "--rm",
                        "--network",
                        "none",
                        "--secret",
                        "se",
                        "named:1",
                        "grep",
                        "hush",
                        "/run/secrets/se")
                .succeed();
        engine.rung("pod", "rm", "-f", "po").succeed();
        engine.rung("rm", "-f", "goes", "made", "was", "ended").succeed();
        engine.rung("volume", "rm", "vo").succeed();
        engine.rung("network", "rm", "ne").succeed();
        engine.leavesNothing();
    }
}
