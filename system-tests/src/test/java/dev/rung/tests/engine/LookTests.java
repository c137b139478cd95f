package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
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

/** What containers use and do is seen, told and changed while they run. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "ps"})
@TestInstance(Lifecycle.PER_CLASS)
class LookTests {
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

    /** {@code run -d} with these options, under a name. */
    private void start(String name, List<String> options, String... command) {
        var words = new ArrayList<>(List.of("run", "-d", "--name", name, "--network", "none"));
        words.addAll(options);
        words.add(Engine.IMAGE);
        words.addAll(List.of(command));
        engine.rung(words.toArray(new String[0])).succeed();
    }

    private String out(String... words) {
        return engine.rung(words).succeed().output();
    }

    @Test
    void shouldShowWhatAContainerUsesAndChangeWhatItMay() {
        start("busy", List.of("--memory", "64m"), "sh", "-c", "while :; do :; done");

        String[] seen =
                out(
                                "stats",
                                "--no-stream",
                                "--format",
                                "{{.Name}};{{.CPUPerc}};{{.MemUsage}}",
                                "busy")
                        .strip()
                        .split(";");
        assertThat(seen[0]).isEqualTo("busy");
        assertThat(Double.parseDouble(seen[1].replace("%", ""))).isGreaterThan(1);
        assertThat(seen[2]).endsWith(" / 64MiB");
        assertThat(out("top", "busy", "-o", "pid,args")).contains("while :; do :; done");
        engine.rung("update", "--memory", "128m", "--cpus", "0.5", "--restart", "always", "busy")
                .succeed();
        assertThat(out("stats", "--no-stream", "--format", "{{.MemUsage}}", "busy"))
                .endsWith(" / 128MiB\n");
        assertThat(engine.inspect("busy", ".HostConfig.NanoCpus")).isEqualTo("500000000");
        assertThat(engine.inspect("busy", ".HostConfig.RestartPolicy.Name")).isEqualTo("always");
        engine.rung("update", "busy").run().failedSaying("you must provide one or more flags");
        engine.rung("rm", "-f", "busy").succeed();
    }

    @Test
    @NeedsProgram("curl")
    void shouldKeepArtifactsButNotRunThem() {
        String name = Engine.IMAGE.replace("busybox:latest", "note:1");
        String script =
                """
                set -e; cd "$(mktemp -d -p "$RUNG_HOME")"; r=http://%s
                put() {
                    l=$(curl -sfi -X POST "$r/blobs/uploads/" | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
                    d=sha256:$(sha256sum <"$1" | cut -c1-64)
                    curl -sf -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$1" "$l&digest=$d"
                    printf '"digest": "%%s", "size": %%s' "$d" "$(stat -c %%s "$1")" >"$1.at"
                }
                printf '{}' >empty; printf hello >text; put empty; put text
                cat >manifest <<END
                {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "artifactType": "text/note",
                 "config": {"mediaType": "application/vnd.oci.empty.v1+json", $(cat empty.at)},
                 "layers": [{"mediaType": "text/plain", $(cat text.at)}]}
                END
                curl -sf -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @manifest "$r/manifests/1"
                """
                        .formatted(Engine.IMAGE.replace("/busybox:latest", "/v2/note"));
        engine.shell(script).succeed();

        assertThat(out("pull", name)).contains("Status: Downloaded newer image for " + name);

        assertThat(out("images", "--format", "{{.Repository}}")).contains("/note\n");
        engine.rung("run", "--rm", name).run().failedSaying("an artifact of type \"text/note\"");
        engine.rung("rmi", name).succeed();
    }

    @Test
    void shouldTellWhatHappensToImages() {
        Path archive = engine.home().resolve("told.tar");
        engine.rung("tag", Engine.IMAGE, "told:1").succeed();
        engine.rung("save", "-o", archive.toString(), "told:1").succeed();
        engine.rung("rmi", "told:1").succeed();
        engine.rung("load", "-i", archive.toString()).succeed();
        engine.rung("rmi", "told:1").succeed();
        engine.rung("pull", Engine.IMAGE).succeed();

        String format = "{{.Action}} {{.Actor.Attributes.name}}";
        List<String> told =
                out(
                                "events",
                                "--since",
                                "10m",
                                "--until",
                                "0s",
                                "-f",
                                "type=image",
                                "--format",
                                format)
                        .lines()
                        .toList();
        String id = out("image", "inspect", "--format", "{{.Id}}", Engine.IMAGE).strip();
        String repository = Engine.IMAGE.substring(0, Engine.IMAGE.lastIndexOf(':'));
        assertThat(told)
                .containsSubsequence(
                        "tag told:1",
                        "save " + id,
                        "untag " + id,
                        "load " + id,
                        "untag " + id,
                        "pull " + repository);
        engine.rung("import", archive.toString(), "told:2").succeed();
        engine.rung("rmi", "told:2").succeed();
        assertThat(out("events", "--since", "10m", "--until", "0s", "-f", "event=delete").lines())
                .anyMatch(line -> line.contains(" image delete sha256:"));
    }

    @Test
    void shouldTellWhatHappens() {
        start("told", List.of("--label", "kind=told"), "sleep", "100");
        engine.rung("pause", "told").succeed();
        engine.rung("unpause", "told").succeed();
        engine.rung("rename", "told", "retold").succeed();
        engine.rung("kill", "retold").succeed();
        engine.rung("wait", "retold").succeed();
        engine.rung("rm", "retold").succeed();

        String format = "{{.Action}}";
        String all =
                out(
                        "events",
                        "--since",
                        "10m",
                        "--until",
                        "0s",
                        "-f",
                        "label=kind=told",
                        "--format",
                        format);
        assertThat(all.lines())
                .containsExactly(
                        "create", "start", "pause", "unpause", "rename", "kill", "die", "destroy");
        assertThat(
                        out(
                                "events",
                                "--since",
                                "10m",
                                "--until",
                                "0s",
                                "--filter",
                                "event=die",
                                "--filter",
                                "container=retold",
                                "--format",
                                "{{.Actor.Attributes.exitCode}}"))
                .isEqualTo("137\n");
    }

    @Test
    void shouldTestWhetherAContainerIsWell() {
        start(
                "well",
                List.of(
                        "--health-cmd",
                        "cat /ok",
                        "--health-interval",
                        "200ms",
                        "--health-retries",
                        "1000"),
                "sleep",
                "100");
        start(
                "slow",
                List.of(
                        "--health-cmd",
                        "sleep 9",
                        "--health-interval",
                        "200ms",
                        "--health-timeout",
                        "300ms"),
                "sleep",
                "100");

        assertThat(engine.inspect("well", ".State.Health.Status")).isEqualTo("starting");
        engine.rung("exec", "well", "touch", "/ok").succeed();
        Patience.await(
                () -> engine.inspect("well", ".State.Health.Status").equals("healthy"),
                () -> engine.inspect("well", "json .State.Health"));
        Patience.await(
                () -> engine.inspect("slow", ".State.Health.Status").equals("unhealthy"),
                () -> engine.inspect("slow", "json .State.Health"));
        assertThat(engine.inspect("slow", "json .State.Health.Log"))
                .contains("Health check exceeded timeout (300ms)");
        assertThat(out("ps", "--filter", "health=healthy", "--format", "{{.Names}}"))
                .isEqualTo("well\n");
        assertThat(out("ps", "--filter", "name=well", "--format", "{{.Status}}"))
                .contains("(healthy)");
        engine.rung("rm", "-f", "well", "slow").succeed();
    }

    @Test
    void shouldSumUpAndClearAway() {
        engine.rung("create", "--name", "old", "--network", "none", Engine.IMAGE, "true").succeed();

        assertThat(out("system", "df").lines().map(line -> line.split(" {2,}")[0]))
                .containsExactly("TYPE", "Images", "Containers", "Local Volumes");
        assertThat(out("info", "--format", "{{.Containers}} {{.ContainersRunning}}"))
                .isEqualTo("1 0\n");
        assertThat(engine.rung("container", "prune").reading("n\n").run().output())
                .startsWith("WARNING! This will remove all stopped containers.");
        assertThat(out("ps", "-aq")).isNotEmpty();
        assertThat(out("container", "prune", "-f")).startsWith("Deleted Containers:\n");
        assertThat(out("ps", "-aq")).isEmpty();
        assertThat(out("volume")).startsWith("Usage:  rung volume COMMAND");
    }

    @Test
    void shouldRemoveAllThatNothingNeeds() {
        engine.exited("over", "true");
        start("needed", List.of("-v", "kept:/kept"), "sleep", "100");
        engine.rung("network", "create", "idle").succeed();
        engine.rung("run", "--rm", "-v", "unused:/v", "--network", "none", Engine.IMAGE, "true")
                .succeed();
        engine.rung("tag", Engine.IMAGE, "another:1").succeed();

        Outcome cancelled = engine.rung("system", "prune", "--volumes").reading("n\n").run();
        assertThat(cancelled.status()).isEqualTo(1);
        assertThat(cancelled.output())
                .contains(
                        "  - all stopped containers\n",
                        "  - all anonymous volumes not used by at least one container\n",
                        "  - all dangling images\n");
        engine.rung("system", "prune", "-f", "--volumes", "--filter", "until=1h")
                .run()
                .failedSaying("the \"until\" filter is not supported with \"--volumes\"");
        assertThat(out("system", "prune", "-f", "--filter", "until=1h"))
                .isEqualTo("Total reclaimed space: 0B\n");

        assertThat(out("system", "prune", "--force", "--volumes"))
                .contains("Deleted Containers:\n", "Deleted Networks:\nidle\n")
                .doesNotContain("unused", "another:1")
                .containsPattern("Total reclaimed space: [0-9.]+k?B\n$");
        assertThat(out("ps", "--all", "--format", "{{.Names}}")).contains("needed");
        engine.rung("rm", "-f", "needed").succeed();
        engine.rung("volume", "rm", "kept", "unused").succeed();
        engine.rung("rmi", "another:1").succeed();
    }

    @Test
    void shouldShowHowLongEachPartOfAStartTook() throws IOException {
        start("traced", List.of(), "sleep", "100");

        String text = out("trace", "traced");
        assertThat(text).startsWith("traced · " + Engine.IMAGE + " · host · ");
        assertThat(text).contains("creation", "snapshot", "cgroup", "mounts", "exec", "slowest:");
        String json = out("trace", "--json", "traced");
        assertThat(json).containsPattern("\"Steps\": [1-9][0-9]{2}");
        assertThat(json).contains("\"Name\": \"compile\"", "\"Area\": \"runtime\"");
        Path picture = engine.home().resolve("picture.svg");
        engine.rung("trace", "--svg", picture.toString(), "traced").succeed();
        assertThat(Files.readString(picture)).startsWith("<svg ").contains(">namespaces<");
        Path stored =
                engine.home()
                        .resolve("lib/containers")
                        .resolve(engine.inspect("traced", ".Id"))
                        .resolve("trace.json");
        Patience.await(() -> Files.exists(stored), () -> "no trace on disk");
        engine.kill();
        assertThat(out("trace", "traced")).isEqualTo(text);
        engine.rung("create", "--name", "idle", Engine.IMAGE).succeed();
        engine.rung("trace", "idle").run().failedSaying("container idle was never started");
        engine.rung("rm", "-f", "traced", "idle").succeed();
    }

    @Test
    void shouldExplainWhatCreationDoes() throws IOException {
        engine.rung(
                        "create",
                        "--name",
                        "planned",
                        "-e",
                        "PASSWORD=hush",
                        "-v",
                        "planned:/data",
                        "--network",
                        "none",
                        Engine.IMAGE,
                        "sh")
                .succeed();
        String mounts = Files.readString(Path.of("/proc/self/mountinfo"));

        String planned = out("explain", "planned");

        assertThat(planned).contains("pivot_root", "seccomp", "\"/data\"").doesNotContain("hush");
        assertThat(out("explain", "--secrets", "planned")).contains("PASSWORD=hush");
        assertThat(out("explain", "--json", "planned")).startsWith("[").contains("\"key\": ");
        // it leaves nothing, and did nothing that start would have to do otherwise
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).isEqualTo(mounts);
        start("running", List.of(), "sleep", "100");
        assertThat(out("explain", "running")).contains("pivot_root");
        engine.rung("start", "planned").succeed();
        engine.rung("rm", "-f", "-v", "planned", "running").succeed();
        engine.rung("volume", "rm", "planned").succeed();
    }

    @Test
    void shouldNotExplainWhatAnotherRuntimeDoes() {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/runc")), "no runc here");
        engine.rung("create", "--name", "foreign", "--runtime", "runc", Engine.IMAGE).succeed();

        engine.rung("explain", "foreign").run().failedSaying("only the runtime host is explained");
        engine.rung("rm", "foreign").succeed();
    }

    @Test
    void shouldTraceWhatAnotherRuntimeStarts() {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/runc")), "no runc here");
        start("other", List.of("--runtime", "runc"), "sleep", "100");

        assertThat(out("trace", "other"))
                .contains(" · runc · ", "create", "exec")
                .doesNotContain("compile");
        engine.rung("rm", "-f", "other").succeed();
    }

    @Test
    void shouldTellHowMuchAContainerTakes() {
        engine.exited("sized", "sh", "-c", "head -c 3000000 /dev/zero >/zeros");

        assertThat(out("ps", "-a", "-s", "-f", "name=sized"))
                .contains("SIZE")
                .containsPattern("3[0-9.]*MB [(]virtual [0-9.]+MB[)]");
        assertThat(out("container", "inspect", "--size", "--format", "{{.SizeRw}}", "sized"))
                .startsWith("30");
        engine.rung("image", "inspect", "sized").run().failedSaying("No such image: sized");
        engine.rung("container", "inspect", Engine.IMAGE)
                .run()
                .failedSaying("No such container: " + Engine.IMAGE);
        engine.rung("rm", "sized").succeed();
    }

    @Test
    void shouldLinkContainersAsDockerOnceDid() {
        engine.rung(
                        "run",
                        "-d",
                        "--name",
                        "db",
                        "--expose",
                        "5432",
                        "-e",
                        "KIND=sql",
                        Engine.IMAGE,
                        "sleep",
                        "100")
                .succeed();
        String script = "ping -c1 -W2 data >/dev/null && env | grep ^DATA | sort";
        assertThat(out("run", "--rm", "--link", "db:data", Engine.IMAGE, "sh", "-c", script))
                .contains("DATA_ENV_KIND=sql\n", "DATA_PORT_5432_TCP_PORT=5432\n");
        engine.rung("run", "-d", "--name", "app", "--link", "db", Engine.IMAGE, "sleep", "100")
                .succeed();
        out("stop", "-t", "0", "db");
        engine.rung("run", "-d", "--name", "between", Engine.IMAGE, "sleep", "100").succeed();
        out("start", "db");
        String address = engine.inspect("db", ".NetworkSettings.IPAddress");
        assertThat(out("exec", "app", "cat", "/etc/hosts")).contains(address + "\tdb\n");
        out("stop", "-t", "0", "db");
        engine.rung("run", "--rm", "--link", "db", Engine.IMAGE, "true")
                .run()
                .failedSaying("Cannot link to a non running container: /db AS ");
        out("rm", "-f", "db", "app", "between");
    }

    @Test
    void shouldAttachToTheStreamsThatAreNamed() {
        String[] run = {"run", "--rm", "--network", "none"};
        String both = "echo to-out; echo to-err >&2";
        Outcome first =
                engine.rung(with(run, "-a", "stdout", Engine.IMAGE, "sh", "-c", both)).succeed();
        assertThat(first.output() + first.errors()).isEqualTo("to-out\n");
        Outcome second =
                engine.rung(with(run, "-a", "STDERR", Engine.IMAGE, "sh", "-c", both)).succeed();
        assertThat(second.output() + second.errors()).isEqualTo("to-err\n");
        engine.rung(with(run, "-d", "-a", "stdout", Engine.IMAGE))
                .run()
                .failedSaying("cannot specify both --attach and --detach");
    }

    @Test
    void shouldStartWhatIsToRunAlwaysWithTheEngine() {
        start("always", List.of("--restart", "always"), "sleep", "100");
        start("unless", List.of("--restart", "unless-stopped"), "sleep", "100");
        out("stop", "-t", "0", "always", "unless");

        engine.kill();
        Patience.await(
                () -> engine.inspect("always", ".State.Status").equals("running"),
                () -> "it does not run");
        assertThat(engine.inspect("unless", ".State.Status")).isEqualTo("exited");
        out("rm", "-f", "always", "unless");
    }

    @Test
    void shouldAddWhatAVendorDescribes() throws IOException {
        Path folder = Path.of("/var/run/cdi");
        boolean made = !Files.exists(folder);
        Files.createDirectories(folder);
        Path spec = folder.resolve("rung-test.json");
        Files.writeString(
                spec,
                """
                {"cdiVersion": "0.6.0", "kind": "rung.test/thing",
                 "containerEdits": {"env": ["ALL=1"]},
                 "devices": [{"name": "one", "containerEdits": {
                   "env": ["ONE=1"],
                   "deviceNodes": [{"path": "/dev/thing", "hostPath": "/dev/zero"}],
                   "mounts": [{"hostPath": "/etc/passwd", "containerPath": "/thing",
                               "options": ["ro", "bind"]}],
                   "additionalGids": [4321]}}]}
                """);
        try {
            String script = "echo $ALL $ONE; id -G; head -c 2 /dev/thing | wc -c; ls /thing";
            String device = "rung.test/thing=one";
            String[] run = {"run", "--rm", "--network", "none", "--device"};
            assertThat(out(with(run, device, Engine.IMAGE, "sh", "-c", script)))
                    .isEqualTo("1 1\n0 4321\n2\n/thing\n");
            engine.rung(with(run, "rung.test/thing=two", Engine.IMAGE, "true"))
                    .run()
                    .failedSaying("unresolvable CDI devices rung.test/thing=two");
            engine.rung("run", "--rm", "--gpus", "all", Engine.IMAGE)
                    .run()
                    .failedSaying("could not select device driver \"\" with capabilities: [[gpu]]");
        } finally {
            Files.delete(spec);
            if (made) {
                Files.delete(folder);
            }
        }
    }

    private static String[] with(String[] words, String... more) {
        var all = new ArrayList<>(List.of(words));
        all.addAll(List.of(more));
        return all.toArray(new String[0]);
    }
}
