package dev.rung.tests.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.Container;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.NeedsRoot;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Checkpoint and restore. Which kernels a criu works on is criu's to say: where Debian's does not,
 * RUNG_TEST_CRIU names one that does, with which containers are really taken there and back.
 */
@SystemTest
@NeedsRoot
class CheckpointTests {
    private static final String COUNT =
            "exec </dev/null >/tmp/log 2>&1; i=0; while :; do"
                    + " i=$((i+1)); echo $i >/tmp/new; cat /tmp/new >/tmp/count; sleep 0.02; done";

    @BeforeEach
    void judgeOurOwnOnly() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "whether runc's criu works is not for us to judge");
    }

    @Test
    @NeedsProgram("criu")
    void shouldLetTheContainerGoOnWhateverCriuSays(Sandbox sandbox) {
        Bundle bundle = counting(sandbox);
        Container container = sandbox.start(bundle);
        awaitMore(bundle, 0);
        Path images = sandbox.folder().resolve("images");

        Outcome outcome =
                container.call("checkpoint", "--leave-running", "--image-path", images.toString());

        if (outcome.status() != 0) {
            outcome.refused()
                    .failedSaying("criu failed: ")
                    .failedSaying("Error (criu/")
                    .failedSaying("(log file: " + images + "/dump.log)");
        }
        assertThat(container.status()).isEqualTo("running");
        awaitMore(bundle, count(bundle));
    }

    @Test
    void shouldGoOnWhereItWas(Sandbox sandbox) throws Exception {
        String criu = working();
        Path source = Files.createDirectory(sandbox.folder().resolve("source"));
        Files.writeString(source.resolve("file"), "from outside");
        Bundle bundle = counting(sandbox).bind(source, "/tmp/data", "ro");
        Container container = sandbox.start(bundle);
        awaitMore(bundle, 5);
        String images = sandbox.folder().resolve("images").toString();

        call(sandbox, criu, "checkpoint", "--leave-running", "--image-path", images, container.id())
                .succeeded();
        awaitMore(bundle, count(bundle));
        call(sandbox, criu, "checkpoint", "--image-path", images, container.id()).succeeded();

        container.call("state").failedSaying("container does not exist");
        int dumped = count(bundle);
        Path pidFile = sandbox.folder().resolve("pid");
        call(
                        sandbox,
                        criu,
                        "restore",
                        "--detach",
                        "--bundle=" + bundle.folder(),
                        "--image-path=" + images,
                        "--pid-file=" + pidFile,
                        container.id())
                .succeeded();
        awaitMore(bundle, dumped);
        assertThat(count(bundle)).as("goes on from %s", dumped).isBetween(dumped, dumped + 1000);
        assertThat(container.status()).isEqualTo("running");
        assertThat(Files.readString(pidFile)).isEqualTo(Long.toString(container.pid()));
        assertThat(container.exec("cat", "/tmp/data/file").output()).isEqualTo("from outside");
        assertThat(container.exec("cat", "/proc/timer_list").output()).isEmpty();
        container.exec("sh", "-c", "echo x >/tmp/data/file").failedSaying("Read-only");
        container.kill("KILL").await("stopped").delete();
    }

    @Test
    void shouldWaitForARestoredProcess(Sandbox sandbox) {
        String criu = working();
        Bundle bundle = sandbox.bundle().set("root.readonly", false);
        bundle.args(
                "/bin/sh",
                "-c",
                "exec </dev/null >/tmp/log 2>&1; echo 1 >/tmp/count;"
                        + " while [ ! -e /tmp/end ]; do sleep 0.02; done; exit 7");
        Container container = sandbox.start(bundle);
        awaitMore(bundle, 0);
        String images = sandbox.folder().resolve("images").toString();
        call(sandbox, criu, "checkpoint", "--image-path", images, container.id()).succeeded();
        write(bundle.rootfs().resolve("tmp/end"));

        call(
                        sandbox,
                        criu,
                        "restore",
                        "--bundle=" + bundle.folder(),
                        "--image-path=" + images,
                        container.id())
                .ended(7);
    }

    @Test
    void shouldRefuseImagesThatOthersCanWrite(Sandbox sandbox) throws Exception {
        Path images = Files.createDirectory(sandbox.folder().resolve("images"));
        Files.writeString(images.resolve("descriptors.json"), "[\"\",\"\",\"\"]");
        Files.setPosixFilePermissions(images, PosixFilePermissions.fromString("rwxrwxrwx"));

        sandbox.call("restore", counting(sandbox), sandbox.newId(), "--image-path=" + images)
                .run()
                .refused()
                .failedSaying("is not to be trusted: want images that only root or the caller can");
        sandbox.expectNothingLeft();
    }

    @Test
    void shouldSayThatThereIsNoCriu(Sandbox sandbox) {
        Bundle bundle = counting(sandbox);
        Container container = sandbox.start(bundle);
        String images = sandbox.folder().resolve("images").toString();

        call(sandbox, "no-criu", "checkpoint", "--image-path", images, container.id())
                .refused()
                .failedSaying("executable file not found in $PATH");
        assertThat(container.status()).isEqualTo("running");
    }

    private static Bundle counting(Sandbox sandbox) {
        return sandbox.bundle().set("root.readonly", false).args("/bin/sh", "-c", COUNT);
    }

    /** A criu that works here. */
    private static String working() {
        String criu = System.getenv().getOrDefault("RUNG_TEST_CRIU", "criu");
        boolean works = Command.of(criu, "check").run().status() == 0;
        assumeTrue(works, criu + " does not work on this kernel: RUNG_TEST_CRIU may name one");
        return criu;
    }

    private static Outcome call(Sandbox sandbox, String criu, String... words) {
        var all = new ArrayList<>(List.of("--criu", criu));
        all.addAll(List.of(words));
        return sandbox.runtime().command(all).run();
    }

    private static void awaitMore(Bundle bundle, int before) {
        Patience.await(() -> count(bundle) > before, () -> "the count stays at " + before);
    }

    private static int count(Bundle bundle) {
        Path file = bundle.rootfs().resolve("tmp/count");
        try {
            String text = Files.exists(file) ? Files.readString(file).strip() : "";
            return text.isEmpty() ? 0 : Integer.parseInt(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file) {
        try {
            Files.writeString(file, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
