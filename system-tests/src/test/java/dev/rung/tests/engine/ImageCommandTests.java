package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.SystemTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Images are made of containers, looked into, removed; what nothing needs goes with them. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class ImageCommandTests {
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

    private String run(String... words) {
        return engine.rung(words).succeed().output();
    }

    @Test
    void shouldShowWhatAContainerChanged() {
        engine.exited("changed", "sh", "-c", "echo new >/new; mkdir /added; rm /etc/passwd");

        assertThat(run("diff", "changed").lines())
                .containsExactly("A /added", "C /etc", "D /etc/passwd", "A /new");
        engine.start("same", "sleep", "100");
        assertThat(run("diff", "same")).isEmpty();
        run("rm", "-f", "changed", "same");
        engine.rung("diff", "nosuch").run().failedSaying("No such container: nosuch");
    }

    @Test
    void shouldCommitWhatRuns() {
        engine.start("source", "sh", "-c", "echo new >/new; exec sleep 100");

        String id =
                run(
                        "commit",
                        "-a",
                        "joe",
                        "-m",
                        "words",
                        "-c",
                        "CMD [\"cat\", \"/new\"]",
                        "source",
                        "made:1");
        assertThat(id).matches("sha256:[0-9a-f]{64}\n");
        assertThat(engine.inspect("source", ".State.Status")).isEqualTo("running");
        assertThat(run("run", "--rm", "--network", "none", "made:1")).isEqualTo("new\n");
        assertThat(run("inspect", "-f", "{{.Author}} {{json .Config.Env}}", "made:1"))
                .startsWith("joe [")
                .contains("ORIGIN=image");
        assertThat(run("history", "--format", "{{.CreatedBy}}|{{.Comment}}", "made:1").lines())
                .first()
                .isEqualTo("sh -c echo new >/new; exec sleep 100|words");
        assertThat(run("history", "-q", "--no-trunc", "made:1").lines().toList())
                .startsWith(id.strip(), "<missing>");
        run("rm", "-f", "source");
        assertThat(run("image", "rm", "made:1")).isEqualTo("Untagged: made:1\nDeleted: " + id);
    }

    @Test
    void shouldRemoveLayersWithTheirImages() {
        int layers = engine.files("lib/snapshots/layers").size();
        int blobs = engine.files("lib/content/blobs/sha256").size();
        engine.exited("grown", "sh", "-c", "echo new >/new");
        run("commit", "grown", "grown:1");
        run("run", "--rm", "--network", "none", "grown:1", "true");
        run("rm", "grown");
        assertThat(engine.files("lib/snapshots/layers")).hasSize(layers + 1);

        run("rmi", "grown:1");
        assertThat(engine.files("lib/snapshots/layers")).hasSize(layers);
        assertThat(engine.files("lib/content/blobs/sha256")).hasSize(blobs);
    }

    @Test
    void shouldKeepWhatContainersUse() {
        run("tag", Engine.IMAGE, "other:1");
        engine.exited("user", "true");
        assertThat(run("rmi", "other:1")).isEqualTo("Untagged: other:1\n");
        engine.rung("rmi", Engine.IMAGE)
                .run()
                .failedSaying("(must force) - container ")
                .failedSaying(" is using its referenced image ");

        assertThat(run("rmi", "-f", Engine.IMAGE)).isEqualTo("Untagged: " + Engine.IMAGE + "\n");
        assertThat(run("image", "prune", "-f")).isEqualTo("Total reclaimed space: 0B\n");
        run("commit", "user", "saved:1");
        assertThat(run("run", "--rm", "--network", "none", "saved:1", "echo", "runs"))
                .isEqualTo("runs\n");
        run("rm", "user");
        Outcome cancelled = engine.rung("image", "prune").reading("n\n").run();
        assertThat(cancelled.status()).isEqualTo(1);
        assertThat(run("images", "-q", "-f", "dangling=true").lines()).hasSize(1);
        assertThat(run("image", "prune", "-f")).startsWith("Deleted Images:\ndeleted: sha256:");
        assertThat(run("images", "--format", "{{.Repository}}:{{.Tag}}")).isEqualTo("saved:1\n");
        assertThat(run("image", "prune", "-a", "-f")).contains("untagged: saved:1\n");
        assertThat(run("images", "-q")).isEmpty();
        assertThat(engine.files("lib/snapshots/layers")).isEmpty();
        assertThat(engine.files("lib/content/blobs/sha256")).isEmpty();
        run("pull", "-q", Engine.IMAGE);
    }

    @Test
    void shouldKnowImagesByDigest() {
        String digest = run("images", "--format", "{{.Digest}}", Engine.IMAGE).strip();
        String name = Engine.IMAGE.replace(":latest", "@" + digest);

        assertThat(run("pull", name)).contains("Digest: " + digest + "\n");
        assertThat(run("images", "--digests", "--format", "{{.Tag}} {{.Digest}}").lines())
                .contains("<none> " + digest, "latest " + digest);
        assertThat(run("run", "--rm", "--network", "none", name, "echo", "runs"))
                .isEqualTo("runs\n");
        assertThat(run("rmi", name)).isEqualTo("Untagged: " + name + "\n");
    }

    @Test
    void shouldFilterImages() {
        run("tag", Engine.IMAGE, "some/thing:2");
        assertThat(run("images", "-f", "reference=some/*", "--format", "{{.Tag}}"))
                .isEqualTo("2\n");
        assertThat(run("images", "-f", "label=nosuch", "-q")).isEmpty();
        engine.rung("images", "-f", "nosuch=1").run().failedSaying("invalid filter 'nosuch=1'");
        run("rmi", "some/thing:2");
    }
}
