package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Volumes and other mounts do what they do in Docker, and no link leads them out of the image. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class VolumeTests {
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

    /** Options of run, then the command. */
    private Outcome with(List<String> options, String... command) {
        var words = new ArrayList<>(List.of("run", "--rm", "--network", "none"));
        words.addAll(options);
        words.add(Engine.IMAGE);
        words.addAll(List.of(command));
        return engine.rung(words.toArray(new String[0])).run();
    }

    private String volumes() {
        return engine.rung("volume", "ls", "-q").succeed().output();
    }

    private Path data(String volume) {
        return Path.of(
                engine.rung("volume", "inspect", "-f", "{{.Mountpoint}}", volume)
                        .succeed()
                        .output()
                        .strip());
    }

    @Test
    void shouldFillAnEmptyVolumeWithWhatTheImageHas() throws IOException {
        String all = "ls -la /files; cat /files/plain /files/deep/twin";
        Outcome first = with(List.of("-v", "filled:/files"), "sh", "-c", all);

        assertThat(first.output())
                .contains("drwxr-x---")
                .contains("link -> /etc/passwd")
                .contains("prw-rw-rw-")
                .endsWith("content\ncontent\n");
        assertThat(Files.getAttribute(data("filled"), "unix:uid")).isEqualTo(1000);
        with(List.of("-v", "filled:/files"), "rm", "/files/plain").ended(0);
        assertThat(with(List.of("-v", "filled:/files"), "ls", "/files").output())
                .doesNotContain("plain");
        assertThat(with(List.of("-v", "bare:/files:nocopy"), "ls", "/files").output()).isEmpty();
        engine.rung("volume", "rm", "filled", "bare").succeed();
        assertThat(volumes()).isEmpty();
    }

    /** CVE-2022-23648. */
    @Test
    void shouldFollowNoLinkOutOfTheImage() {
        for (String trap : List.of("/trap", "/dots", "/../../files")) {
            Outcome outcome = with(List.of("-v", "trapped:" + trap), "ls", "-a", trap);

            assertThat(outcome.status()).as(trap).isZero();
            assertThat(outcome.output()).as(trap).doesNotContain("shadow");
            assertThat(data("trapped").resolve("shadow")).doesNotExist();
            engine.rung("volume", "rm", "trapped").succeed();
        }
    }

    @Test
    void shouldMountWhatTheDriversOptionsName() {
        engine.rung(
                        "volume",
                        "create",
                        "--label",
                        "kind=fast",
                        "-o",
                        "type=tmpfs",
                        "-o",
                        "device=tmpfs",
                        "-o",
                        "o=size=1m,mode=700",
                        "fast")
                .succeed();

        Outcome seen = with(List.of("-v", "fast:/fast"), "sh", "-c", "grep ' /fast ' /proc/mounts");
        assertThat(seen.output()).startsWith("tmpfs /fast tmpfs").contains("size=1024k,mode=700");
        assertThat(engine.mounts()).isEmpty();
        assertThat(
                        engine.rung(
                                        "volume",
                                        "ls",
                                        "-f",
                                        "label=kind=fast",
                                        "--format",
                                        "{{.Name}}")
                                .succeed()
                                .output())
                .isEqualTo("fast\n");
        engine.rung("volume", "create", "-o", "type=nfs", "wrong")
                .run()
                .failedSaying("missing device in volume options");
        engine.rung("volume", "rm", "fast").succeed();
    }

    @Test
    void shouldRemoveAnonymousVolumesWithTheirContainer() {
        with(List.of("-v", "/once"), "true").ended(0);
        assertThat(volumes()).isEmpty();
        engine.rung("create", "--name", "holder", "-v", "/once", "-v", "kept:/kept", Engine.IMAGE)
                .succeed();
        engine.rung("volume", "rm", "kept").run().failedSaying("volume is in use");
        engine.rung("volume", "prune", "--all", "--force").succeed();
        assertThat(volumes().lines()).hasSize(2);
        assertThat(
                        with(
                                        List.of("--volumes-from", "holder:ro"),
                                        "sh",
                                        "-c",
                                        "ls -d /once /kept; touch /kept/new")
                                .errors())
                .contains("Read-only file system");
        engine.rung("rm", "-v", "holder").succeed();
        assertThat(volumes()).isEqualTo("kept\n");
        assertThat(engine.rung("volume", "prune", "-af").succeed().output())
                .startsWith("Deleted Volumes:\nkept\n\nTotal reclaimed space: ");
        engine.rung("volume", "inspect", "kept").run().failedSaying("get kept: no such volume");
    }

    @Test
    void shouldMountPartsOfVolumesAndImages() {
        with(List.of("-v", "parts:/files"), "true").ended(0);

        String part = "type=volume,src=parts,dst=/part,volume-subpath=";
        assertThat(with(List.of("--mount", part + "deep"), "ls", "/part").output())
                .isEqualTo("twin\n");
        assertThat(with(List.of("--mount", part + "plain"), "cat", "/part").output())
                .isEqualTo("content\n");
        assertThat(with(List.of("--mount", part + "link"), "cat", "/part").errors())
                .contains("cannot access path");
        assertThat(with(List.of("--mount", part + "../x"), "true").errors())
                .contains("must be a relative path");
        String image = "type=image,dst=/other,src=" + Engine.IMAGE;
        Outcome seen =
                with(
                        List.of("--mount", image + ",image-subpath=files"),
                        "sh",
                        "-c",
                        "cat /other/plain; touch /other/new");
        assertThat(seen.output()).isEqualTo("content\n");
        assertThat(seen.errors()).contains("Read-only file system");
        engine.rung("volume", "rm", "parts").succeed();
        assertThat(engine.mounts()).isEmpty();
    }

    @Test
    void shouldMakeTheSourceOfAVolumeButNotOfAMount() throws IOException {
        Path folder = Files.createTempDirectory("rung-binds");
        Path missing = folder.resolve("a/b");

        with(List.of("--mount", "type=bind,src=" + missing + ",dst=/b"), "true")
                .failedSaying("bind source path does not exist");
        with(List.of("-v", missing + ":/b"), "touch", "/b/new").ended(0);
        assertThat(missing.resolve("new")).exists();
        assertThat(with(List.of("-v", missing + ":/b:ro"), "touch", "/b/x").errors())
                .contains("Read-only file system");
        Files.delete(missing.resolve("new"));
        Files.delete(missing);
        Files.delete(missing.resolveSibling(""));
        Files.delete(folder);
    }
}
