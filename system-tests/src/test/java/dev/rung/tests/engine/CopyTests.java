package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Files are copied as docker cp does, and whatever a container does, none of the host's. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "gcc", "tar"})
@TestInstance(Lifecycle.PER_CLASS)
class CopyTests {
    private static final int ROUNDS = 60;

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @SuppressWarnings("NullAway.Init")
    private Path folder;

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

    @BeforeEach
    void make() throws IOException {
        folder = Files.createTempDirectory("rung-copies");
    }

    @AfterEach
    void remove() {
        Command.of("rm", "-rf", folder.toString()).succeed();
    }

    private Outcome copy(String... words) {
        var all = new ArrayList<>(List.of("cp"));
        all.addAll(List.of(words));
        return engine.rung(all.toArray(new String[0])).run();
    }

    private String local(String name) {
        return folder.resolve(name).toString();
    }

    private String shell(String container, String script) {
        return engine.rung("exec", container, "sh", "-c", script).succeed().output();
    }

    @Test
    void shouldCopyBothWaysWhetherItRunsOrNot() throws IOException {
        engine.rung(
                        "run",
                        "-d",
                        "--name",
                        "both",
                        "--network",
                        "none",
                        "-v",
                        "box:/box",
                        Engine.IMAGE,
                        "sleep",
                        "100")
                .succeed();
        shell("both", "mkdir -p /d/s; echo x >/d/f; chown 5:6 /d/f; chmod 4755 /d/f; ln -s f /d/l");

        copy("both:/d", local("out")).ended(0);
        assertThat(folder.resolve("out/f")).hasContent("x");
        assertThat(Files.getAttribute(folder.resolve("out/f"), "unix:uid")).isEqualTo(0);
        assertThat((Integer) Files.getAttribute(folder.resolve("out/f"), "unix:mode") & 07777)
                .isEqualTo(0755);
        assertThat(folder.resolve("out/l")).isSymbolicLink();
        copy("-a", "both:/d/f", local("kept")).ended(0);
        assertThat(Files.getAttribute(folder.resolve("kept"), "unix:gid")).isEqualTo(6);
        copy("both:/d/l", local("link")).ended(0);
        assertThat(folder.resolve("link")).isSymbolicLink();
        copy("-L", "both:/d/l", local("followed")).ended(0);
        assertThat(folder.resolve("followed")).isRegularFile();
        copy(local("out"), "both:/box/").ended(0);
        copy(local("out") + "/.", "both:/box/merged").ended(0);
        assertThat(shell("both", "cat /box/out/f; ls /box/merged")).isEqualTo("x\nf\nl\ns\n");

        engine.rung("stop", "-t", "0", "both").succeed();
        copy("both:/box/out/f", local("stopped")).ended(0);
        assertThat(folder.resolve("stopped")).hasContent("x");
        copy(local("stopped"), "both:/box/in").ended(0);
        copy(local("stopped"), "both:/in").ended(0);
        assertThat(engine.mounts()).isEmpty();
        engine.rung("start", "both").succeed();
        assertThat(shell("both", "cat /box/in /in")).isEqualTo("x\nx\n");
        engine.rung("rm", "-f", "both").succeed();
        engine.rung("volume", "rm", "box").succeed();
    }

    @Test
    void shouldCopyStreams() throws IOException {
        engine.start("streams", "sleep", "100");

        String tar = engine.rung("cp", "streams:/files", "-").succeed().output();
        assertThat(tar).contains("files/plain");
        Command.of(
                        "sh",
                        "-c",
                        "mkdir t && echo tarred >t/f && tar -c t | \"$0\" cp - streams:/tmp",
                        OciRuntime.binaryUnderTest().resolveSibling("rung").toString())
                .in(folder)
                .with("RUNG_HOME", engine.homeFolder().toString())
                .succeed();
        assertThat(shell("streams", "cat /tmp/t/f")).isEqualTo("tarred\n");
        engine.rung("rm", "-f", "streams").succeed();
    }

    @Test
    void shouldSayWhatCannotBeCopied() throws IOException {
        engine.start("refuses", "sleep", "100");
        Files.writeString(folder.resolve("file"), "x");

        copy("refuses:/nope", local("x"))
                .failedSaying("Could not find the file /nope in container refuses");
        copy(local("nope"), "refuses:/").failedSaying("no such file or directory");
        copy(local("file"), "refuses:/nodir/").failedSaying("no such directory: /nodir");
        copy(folder.toString(), "refuses:/etc/passwd").failedSaying("cannot copy directory");
        copy("a:/x", "b:/y").failedSaying("copying between containers is not supported");
        copy("a", "b").failedSaying("must specify at least one container source");
        engine.rung("rm", "-f", "refuses").succeed();
        engine.rung("create", "--name", "fixed", "--read-only", Engine.IMAGE).succeed();
        copy(local("file"), "fixed:/x").failedSaying("read-only file system");
        engine.rung("rm", "fixed").succeed();
    }

    /** CVE-2018-15664: the container swaps a folder for a link to the host's. */
    @Test
    void shouldNeverReachTheHostsFilesThroughARace() throws IOException {
        Path secret = folder.resolve("secret");
        Files.writeString(secret, "host's");
        String path = folder.toString();
        engine.start(
                "racer",
                "sh",
                "-c",
                "mkdir -p /own /p"
                        + path
                        + "; echo container >/own/secret;"
                        + " while :; do mv /own /swap; mv /swap /own;"
                        + " mv /own /aside; ln -s "
                        + path
                        + " /own; rm /own; mv /aside /own; done");

        for (int i = 0; i < ROUNDS; i++) {
            copy("racer:/own/secret", local("got"));
            if (Files.exists(folder.resolve("got"))) {
                assertThat(folder.resolve("got")).hasContent("container");
                Files.delete(folder.resolve("got"));
            }
            Files.writeString(folder.resolve("new"), "container");
            copy(local("new"), "racer:/own/secret");
            assertThat(secret).hasContent("host's");
        }
        engine.rung("rm", "-f", "racer").succeed();
    }

    /** CVE-2019-14271: a library of the container's that is loaded by who copies. */
    @Test
    void shouldLoadNothingOfTheContainers() throws IOException {
        Path marker = folder.resolve("loaded");
        Files.writeString(
                folder.resolve("evil.c"),
                "#include <fcntl.h>\n__attribute__((constructor)) static void go(void) { creat(\""
                        + marker
                        + "\", 0600); }\n");
        Command.of("gcc", "-shared", "-fPIC", "-o", local("evil.so"), local("evil.c")).succeed();
        engine.start("loader", "sleep", "100");
        shell("loader", "mkdir -p /lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu");
        for (String library : List.of("libnss_files.so.2", "libc.so.6", "libnss_dns.so.2")) {
            copy(local("evil.so"), "loader:/lib/x86_64-linux-gnu/" + library).ended(0);
            copy(local("evil.so"), "loader:/usr/lib/x86_64-linux-gnu/" + library).ended(0);
        }

        copy("-a", "loader:/etc", local("etc")).ended(0);
        copy("-a", local("etc"), "loader:/tmp").ended(0);
        engine.rung("cp", "loader:/etc", "-").succeed();
        assertThat(marker).doesNotExist();
        engine.rung("rm", "-f", "loader").succeed();
    }
}
