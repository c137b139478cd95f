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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Images and files of containers go out of the engine as archives, and come in again. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class ArchiveTests {
    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @TempDir
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

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    /** A line of bash, with rung in its PATH. */
    private Command shell(String line) {
        return engine.shell(line).in(folder);
    }

    @Test
    void shouldTakeInWhatItSaved() throws IOException {
        engine.rung("save", "--output", file("one.tar"), Engine.IMAGE).succeed();
        engine.rung("tag", Engine.IMAGE, "kept:1").succeed();
        shell("rung save kept:1 >two.tar; gzip -k two.tar; rung rmi kept:1").succeed();

        assertThat(shell("rung load -i one.tar").succeed().output())
                .isEqualTo("Loaded image: " + Engine.IMAGE + "\n");
        assertThat(shell("rung load <two.tar.gz").succeed().output())
                .isEqualTo("Loaded image: kept:1\n");
        assertThat(shell("cat two.tar | rung load").succeed().output())
                .isEqualTo("Loaded image: kept:1\n");
        assertThat(Files.getPosixFilePermissions(folder.resolve("one.tar"))).hasSize(2);
        assertThat(
                        engine.rung("run", "--rm", "--network", "none", "kept:1", "echo", "runs")
                                .succeed()
                                .output())
                .isEqualTo("runs\n");
        engine.rung("rmi", "kept:1").succeed();
    }

    @Test
    void shouldLoadTheFolderOfALayout() {
        engine.rung("tag", Engine.IMAGE, "laid:1").succeed();
        shell("rung save laid:1 >laid.tar; mkdir laid; tar -xf laid.tar -C laid; rung rmi laid:1")
                .succeed();

        assertThat(engine.rung("load", "-i", file("laid")).succeed().output())
                .isEqualTo("Loaded image: laid:1\n");
        engine.rung("run", "--rm", "--network", "none", "laid:1", "true").succeed();
        engine.rung("rmi", "laid:1").succeed();

        shell("mv laid/index.json elsewhere; ln -s ../elsewhere laid/index.json").succeed();
        engine.rung("load", "-i", file("laid"))
                .run()
                .failedSaying("open " + file("laid/index.json") + ": invalid cross-device link");
        shell("rm laid/index.json").succeed();
        engine.rung("load", "-i", file("laid"))
                .run()
                .failedSaying("invalid image layout: it lacks index.json");
    }

    @Test
    void shouldExchangeImagesWithSkopeo() {
        engine.rung("save", "-o", file("image.tar"), Engine.IMAGE).succeed();

        Command.of(
                        "skopeo",
                        "copy",
                        "docker-archive:" + file("image.tar"),
                        "oci:" + file("oci") + ":1")
                .succeed();
        Command.of("skopeo", "copy", "oci:" + file("oci") + ":1", "oci-archive:" + file("oci.tar"))
                .succeed();
        Outcome loaded = engine.rung("load", "-i", file("oci.tar")).succeed();
        assertThat(loaded.output()).startsWith("Loaded image ID: sha256:");
        engine.rung("rmi", loaded.output().strip().substring("Loaded image ID: ".length()))
                .succeed();
    }

    @Test
    void shouldWriteAFileInFullOrNotAtAll() throws IOException {
        Files.writeString(folder.resolve("kept"), "before");

        engine.rung("save", "-o", file("kept"), "nosuch")
                .run()
                .failedSaying("No such image: nosuch:latest");
        assertThat(folder.resolve("kept")).hasContent("before");
        engine.rung("save", "-o", file("none/file"), Engine.IMAGE)
                .run()
                .failedSaying("open " + file("none/file") + ": no such file or directory");
        engine.rung("save", "-o", folder.toString(), Engine.IMAGE)
                .run()
                .failedSaying("is a directory");
        shell("rung save " + Engine.IMAGE + " >/dev/full")
                .run()
                .failedSaying("write to standard output: no space left on device");
        shell("mkdir small && mount -t tmpfs -o size=64k none small").succeed();
        try {
            engine.rung("save", "-o", file("small/file"), Engine.IMAGE)
                    .run()
                    .failedSaying("no space left on device");
            assertThat(folder.resolve("small")).isEmptyDirectory();
        } finally {
            shell("umount small").succeed();
        }
    }

    @Test
    void shouldRefuseNonsense() {
        engine.rung("load").run().failedSaying("want index.json or manifest.json with an image");
        engine.rung("load").reading("nonsense").run().failedSaying("invalid tar archive");
        engine.rung("load", "-i", "/nosuch")
                .run()
                .failedSaying("open /nosuch: no such file or directory");
        engine.rung("import", "-").reading("nonsense").run().failedSaying("invalid tar archive");
        engine.rung("import", "-c", "RUN true", "-")
                .run()
                .failedSaying("RUN is not a valid change command");
        engine.rung("export", "nosuch").run().failedSaying("No such container: nosuch");
    }

    @Test
    void shouldExportWhatRunsAndWhatEnded() {
        engine.start("busy", "sh", "-c", "echo new >/new; rm /etc/group; exec sleep 100");
        engine.exited("done", "sh", "-c", "echo new >/new; rm /etc/group");

        for (String name : new String[] {"busy", "done"}) {
            Outcome listed = shell("rung export " + name + " | tar -t").succeed();
            assertThat(listed.output().lines())
                    .contains("new", "etc/passwd", "bin/busybox")
                    .doesNotContain("etc/group");
        }
        engine.rung("rm", "-f", "busy", "done").succeed();
    }

    @Test
    void shouldMakeAnImageOfAFileSystem() {
        engine.exited("flat", "sh", "-c", "echo new >/new");

        Outcome made =
                shell(
                                "rung export flat | rung import -c 'CMD [\"cat\", \"/new\"]' -c"
                                        + " 'ENV A=b' -m words - flat:1")
                        .succeed();
        assertThat(made.output()).matches("sha256:[0-9a-f]{64}\n");
        assertThat(engine.rung("run", "--rm", "--network", "none", "flat:1").succeed().output())
                .isEqualTo("new\n");
        assertThat(engine.inspect("flat:1", "json .Config.Env")).isEqualTo("[\"A=b\"]");
        engine.rung("rm", "flat").succeed();
        engine.rung("rmi", "flat:1").succeed();
    }
}
