package dev.rung.cli.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exit codes and messages are those that runc 1.1.5 gave for the same words. */
class CommandLineTests {
    @TempDir private Path root;

    private PlayedFront front = PlayedFront.of();

    @BeforeEach
    void call() {
        front = PlayedFront.of();
    }

    private int run(String... words) {
        var all = new String[words.length + 2];
        all[0] = "--root";
        all[1] = root.toString();
        System.arraycopy(words, 0, all, 2, words.length);
        front = PlayedFront.of(all);
        return front.exitCode();
    }

    private void refused(String message, String... words) {
        assertThat(run(words)).as(message).isEqualTo(1);
        assertThat(front.err()).isEqualTo("level=error msg=" + message + "\n");
    }

    /** A container whose first process is ours, or one that cannot be. */
    private void store(String id, boolean alive) throws IOException {
        Path folder = Files.createDirectory(root.resolve(id));
        String stat = Files.readString(Path.of("/proc/self/stat"));
        ProcessStatus own = ProcessStatus.of(stat);
        assertThat(own).isNotNull();
        long startTime = own == null ? 0 : own.startTime();
        Files.writeString(
                folder.resolve("state.json"),
                """
                {"format": 1, "id": "%s", "ociVersion": "1.0.2", "bundle": "/b", "rootfs": "/b/rootfs",
                 "created": "2026-11-23T17:01:13.5Z", "owner": "root", "pid":     %d,
                 "startTime": %d, "cgroups": {}, "annotations": {"k": "v"}}\
                """
                        .formatted(id, ProcessHandle.current().pid(), alive ? startTime : 1));
        Files.createFile(folder.resolve("init.lock"));
    }

    @Test
    void shouldHelp() {
        assertThat(front.exitCode()).isZero();
        assertThat(front.out()).startsWith("NAME:\n   rung-oci - ").contains("/run/rung-oci");
        assertThat(run("help", "create")).isZero();
        assertThat(front.out()).startsWith("NAME:\n   rung-oci create - ");
        assertThat(run("create", "--help")).isZero();
        assertThat(front.out()).startsWith("NAME:\n   rung-oci create - ");
        assertThat(run("-v")).isZero();
        assertThat(front.out()).startsWith("rung-oci version ");
    }

    @Test
    void shouldRefuseWrongUsageWithTheHelp() {
        refused("\"flag provided but not defined: -foo\"", "--foo");
        assertThat(front.out())
                .startsWith("Incorrect Usage. flag provided but not defined: -foo\n\nNAME:\n");
        refused("\"flag provided but not defined: -foo\"", "state", "--foo", "x");
        assertThat(front.out())
                .startsWith("Incorrect Usage: flag provided but not defined: -foo\n\nNAME:\n");
        refused("\"rung-oci: \\\"state\\\" requires exactly 1 argument(s)\"", "state");
        assertThat(front.out()).startsWith("Incorrect Usage.\n\nNAME:\n");
    }

    @Test
    void shouldNotKnowOtherCommands() {
        assertThat(run("nosuch")).isEqualTo(3);
        assertThat(front.err()).isEqualTo("level=error msg=\"No help topic for 'nosuch'\"\n");
        assertThat(front.out()).isEmpty();
        assertThat(run("help", "nosuch")).isEqualTo(3);
    }

    @Test
    void shouldRefuseWrongGlobalOptions() {
        refused("\"invalid log-format: x\"", "--log-format=x", "list");
        refused("\"open /nonexist/x: no such file or directory\"", "--log=/nonexist/x", "list");
        refused("\"open /: is a directory\"", "--log=/", "list");
        refused("\"Option --root argument should not be set to /\"", "--root", "..", "list");
        refused(
                "\"invalid --rootless: want true, false or auto, got \\\"x\\\"\"",
                "--rootless=x",
                "list");
    }

    @Test
    void shouldRefuseNames() {
        refused("\"container id cannot be empty\"", "state", "");
        refused(
                "\"invalid container ID format: invalid character in container ID \\\"../x\\\", want"
                        + " letters, digits and _+-.\"",
                "state",
                "../x");
        refused("\"container does not exist\"", "state", "nox");
    }

    @Test
    void shouldWriteErrorsToTheLogAndPlainlyToStandardError() {
        String file = root.resolve("log.json").toString();
        assertThat(run("--log", file, "--log-format", "json", "state", "nox")).isEqualTo(1);
        assertThat(front.err()).isEqualTo("container does not exist\n");
        assertThat(front.log())
                .startsWith("{\"level\":\"error\",\"msg\":\"container does not exist\",\"time\":\"")
                .hasLineCount(1);
    }

    @Test
    void shouldListNothing() {
        assertThat(run("list")).isZero();
        assertThat(front.out())
                .isEqualTo("ID          PID         STATUS      BUNDLE      CREATED     OWNER\n");
        assertThat(run("list", "-f", "json")).isZero();
        assertThat(front.out()).isEqualTo("null\n");
        refused("\"invalid format option\"", "list", "-f", "foo");
        refused(
                "\"open /nonexist/root: no such file or directory\"",
                "--root=/nonexist/root",
                "list");
    }

    @Test
    void shouldTellTheStateFromTheProcess() throws IOException {
        store("a", true);
        store("b", false);
        assertThat(run("state", "a")).isZero();
        assertThat(front.out())
                .contains("\"status\": \"running\"")
                .contains("\"pid\": " + ProcessHandle.current().pid())
                .contains("\"k\": \"v\"");
        assertThat(run("state", "b")).isZero();
        assertThat(front.out()).contains("\"status\": \"stopped\"").contains("\"pid\": 0");
        assertThat(run("list", "-q")).isZero();
        assertThat(front.out()).isEqualTo("a\nb\n");
    }

    @Test
    void shouldSayWhichRecordIsDamaged() throws IOException {
        store("a", true);
        Files.writeString(root.resolve("a/state.json"), "{\"format\": 2}");
        assertThat(run("state", "a")).isEqualTo(1);
        assertThat(front.err())
                .contains("a/state.json: format: want an integer from 1 to 1, got 2");
        assertThat(run("list", "-q")).isZero();
        assertThat(front.err()).startsWith("load container a: ");
    }

    @Test
    void shouldNotSeeAContainerThatIsBeingMade() throws IOException {
        Files.createDirectory(root.resolve("a"));
        Files.writeString(
                root.resolve("a/state.json"),
                """
                {"format": 1, "id": "a", "ociVersion": "1.0.2", "bundle": "/b", "rootfs": "/b",
                 "created": "x", "pid": 0, "startTime": 0}\
                """);
        refused("\"container does not exist\"", "state", "a");
        assertThat(run("list", "-q")).isZero();
        assertThat(front.out()).isEmpty();
        assertThat(front.err()).isEmpty();
    }

    @Test
    void shouldTakeALockedContainerForCreated() throws Exception {
        store("a", true);
        var lock = root.resolve("a/init.lock");
        Process holder =
                new ProcessBuilder("flock", lock.toString(), "sh", "-c", "echo; cat").start();
        try {
            holder.getInputStream().read();
            assertThat(run("state", "a")).isZero();
            assertThat(front.out()).contains("\"status\": \"created\"");
        } finally {
            holder.getOutputStream().close();
            holder.waitFor();
        }
    }

    @Test
    void shouldPrintStatisticsOfRunningContainersOnly() throws IOException {
        store("a", true);
        store("b", false);
        assertThat(run("events", "--stats", "a")).isZero();
        assertThat(front.out())
                .startsWith("{\"type\":\"stats\",\"id\":\"a\",\"data\":{")
                .hasLineCount(1);
        refused("\"container with id b is not running\"", "events", "--stats", "b");
        refused("\"duration interval must be greater than 0\"", "events", "--interval=0", "a");
    }
}
