package dev.rung.tests.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.Container;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attacks on our own parts: the front end, the resident, its socket and its folder. */
@SystemTest
class ResidentAttackTests {
    private static final String SOMEBODY = "1000";

    private Path home = Path.of("/");

    @BeforeEach
    void makeAHomeOfItsOwn(Sandbox sandbox) throws IOException {
        assumeTrue(sandbox.runtime().isRung(), "only rung-oci has a resident");
        home = Files.createDirectory(sandbox.folder().resolve("home"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
        Files.createDirectory(sandbox.runtime().root());
        sandbox.atTheEnd(() -> Resident.endAll(home));
    }

    private Command call(Sandbox sandbox, String... arguments) {
        return sandbox.runtime().command(arguments).with("RUNG_HOME", home.toString());
    }

    /** A run of the bundle. */
    private Command call(Sandbox sandbox, Bundle bundle) {
        return sandbox.call("run", bundle, sandbox.newId()).with("RUNG_HOME", home.toString());
    }

    @Test
    void shouldNotTalkToASocketOfAnotherUser(Sandbox sandbox) throws Exception {
        call(sandbox, "list").succeed();
        Path socket = Resident.socket(home);
        Resident.in(home).kill();
        Files.deleteIfExists(socket);
        Attacker attacker = Attacker.in(sandbox.folder());

        try (Running squatter =
                attacker.command("squat", socket.toString(), SOMEBODY, "30").start()) {
            squatter.awaitOutput(output -> output.contains("squatting"));

            call(sandbox, "list").run().refused().failedSaying("belongs to another user");

            assertThat(squatter.output()).doesNotContainPattern("called [1-9]");
        }
    }

    @Test
    void shouldReplaceASocketThatNobodyListensOn(Sandbox sandbox) {
        call(sandbox, "list").succeed();
        Resident first = Resident.in(home);
        first.kill();

        call(sandbox, "list").succeed();

        assertThat(Resident.in(home)).isNotEqualTo(first);
    }

    @Test
    void shouldServeNoOtherUser(Sandbox sandbox) throws Exception {
        call(sandbox, "list").succeed();
        Resident resident = Resident.in(home);
        Path socket = Resident.socket(home);
        letEverybodyIn(sandbox, socket);
        Attacker attacker = Attacker.in(sandbox.folder());

        for (String message : List.of("0100000000000000", "00", "ffffffffffffffff")) {
            Outcome outcome = attacker.command("knock", socket.toString(), SOMEBODY, message).run();

            assertThat(outcome.output())
                    .doesNotContain("heard")
                    .matches("(ended|(error )?E[A-Z]+)\n");
        }
        Files.setPosixFilePermissions(
                home.resolve("run"), PosixFilePermissions.fromString("rwx------"));
        call(sandbox, "list").succeed();
        assertThat(Resident.in(home)).isEqualTo(resident);
    }

    /** Undoes what keeps others off, so that only the check of the peer is left. */
    private void letEverybodyIn(Sandbox sandbox, Path socket) throws IOException {
        for (Path folder : new Path[] {sandbox.folder(), home, home.resolve("run")}) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        }
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    @Test
    void shouldSurviveMessagesThatMakeNoSense(Sandbox sandbox) {
        call(sandbox, "list").succeed();
        Resident resident = Resident.in(home);
        Path socket = Resident.socket(home);
        Attacker attacker = Attacker.in(sandbox.folder());
        var random = new Random(20261101);
        var messages =
                new ArrayList<>(
                        List.of(
                                "",
                                "00",
                                "01000000",
                                "0100000000000000",
                                "010000000400000001000000"));
        messages.add("010000ffffffffff");
        messages.add("01000080ffffff7f");
        for (int i = 0; i < 40; i++) {
            var message = new StringBuilder("01000000");
            int length = random.nextInt(300);
            message.append("%02x%02x0000".formatted(length & 255, length >> 8));
            for (int at = 0; at < length; at++) {
                message.append("%02x".formatted(random.nextInt(random.nextBoolean() ? 256 : 3)));
            }
            messages.add(message.toString());
        }

        for (String message : messages) {
            Outcome outcome = attacker.command("knock", socket.toString(), "0", message).run();
            assertThat(outcome.output()).as(message).contains("ended");
        }

        call(sandbox, "list").succeed();
        assertThat(Resident.in(home)).isEqualTo(resident);
        assertThat(resident.descriptors()).hasSizeLessThan(64);
    }

    @Test
    void shouldTakeNothingFromTheCallersEnvironment(Sandbox sandbox) throws IOException {
        Path marker = sandbox.folder().resolve("marker");
        Bundle bundle = sandbox.bundle().act("see", "environ");
        Command command =
                call(sandbox, bundle)
                        .with("JAVA_TOOL_OPTIONS", "-javaagent:/nonexistent.jar")
                        .with("JDK_JAVA_OPTIONS", "-XX:+NoSuchOption")
                        .with("_JAVA_OPTIONS", "-Xlog:gc:file=" + marker)
                        .with("CLASSPATH", "/nonexistent")
                        .with("LD_PRELOAD", "/nonexistent/preloaded.so")
                        .with("LD_LIBRARY_PATH", "/nonexistent")
                        .with("LD_DEBUG", "all")
                        .with("LD_DEBUG_OUTPUT", marker.toString())
                        .with("MALLOC_TRACE", marker.toString())
                        .with("TMPDIR", "/nonexistent")
                        .with("BASH_ENV", "/nonexistent");

        Outcome outcome = command.succeed();

        assertThat(outcome.errors()).isEmpty();
        assertThat(outcome.observed().list("environ"))
                .containsExactly("PATH=/bin:/sbin:/usr/bin:/usr/sbin", "TERM=xterm", "HOME=/root");
        assertThat(Resident.in(home).environment())
                .containsExactlyInAnyOrder("LC_ALL=C.UTF-8", "MALLOC_ARENA_MAX=1");
        assertThat(marker).doesNotExist();
        Path log = home.resolve("run/resident.log");
        if (Files.exists(log)) {
            assertThat(log).content().doesNotContain("Picked up", "ld.so", "nonexistent");
        }
    }

    @Test
    void shouldTakeNothingFromTheCallersEnvironmentWithoutAResident(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle().act("see", "environ");

        Outcome outcome =
                call(sandbox, bundle)
                        .with("RUNG_RESIDENT", "off")
                        .with("JAVA_TOOL_OPTIONS", "-javaagent:/nonexistent.jar")
                        .with("LD_PRELOAD", "/nonexistent/preloaded.so")
                        .succeed();

        assertThat(outcome.errors()).isEmpty();
        assertThat(outcome.observed().list("environ"))
                .containsExactly("PATH=/bin:/sbin:/usr/bin:/usr/sbin", "TERM=xterm", "HOME=/root");
        assertThat(Resident.all(home)).isEmpty();
    }

    /** The variable by which the front end finds itself again after it has sealed itself. */
    @Test
    void shouldNotTakeACallersWordForBeingSealed(Sandbox sandbox) {
        for (String value : List.of("", "0:", "3:/", "7:/tmp", "999999999999:/tmp", "x", "-1:/")) {
            Outcome outcome = call(sandbox, "list").with("RUNG_FRONT", value).run();

            if (outcome.status() != 0) {
                outcome.refused();
            }
        }
    }

    @Test
    void shouldNotUseAHomeOfAnotherUser(Sandbox sandbox) {
        Command.of("chown", SOMEBODY + ":" + SOMEBODY, home.toString()).succeed();

        call(sandbox, "list").run().refused().failedSaying("belongs to another user");

        assertThat(home.resolve("run")).doesNotExist();
    }

    @Test
    void shouldNotUseAFolderThatOthersCanEnter(Sandbox sandbox) throws IOException {
        Path folder = Files.createDirectory(home.resolve("run"));
        for (String mode : List.of("rwxrwxrwx", "rwxr-xr-x", "rwx--x---", "rwx----w-")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));

            call(sandbox, "list").run().refused().failedSaying("mode 0700");
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        Command.of("chown", SOMEBODY + ":" + SOMEBODY, folder.toString()).succeed();
        call(sandbox, "list").run().refused();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldNotFollowALinkToItsFolder(Sandbox sandbox) throws IOException {
        Canary canary = Canary.in(sandbox.folder());
        Files.createSymbolicLink(home.resolve("run"), canary.folder());

        call(sandbox, "list").run().refused();

        canary.assertUntouched();
    }

    @Test
    void shouldNotFollowALinkToItsLogOrLock(Sandbox sandbox) throws IOException {
        Canary canary = Canary.in(sandbox.folder());
        Path folder = Files.createDirectory(home.resolve("run"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        Files.createSymbolicLink(folder.resolve("resident.log"), canary.folder().resolve("secret"));
        call(sandbox, "list").run();
        canary.assertUntouched();

        Resident.endAll(home);
        Files.delete(folder.resolve("resident.lock"));
        Files.createSymbolicLink(folder.resolve("resident.lock"), canary.folder().resolve("lock"));
        call(sandbox, "list").run().refused();
        canary.assertUntouched();
    }

    @Test
    void shouldPassNoDescriptorOfTheCallerOn(Sandbox sandbox) throws IOException {
        Path file = Files.writeString(sandbox.folder().resolve("held"), "of the caller\n");
        Attacker attacker = Attacker.in(sandbox.folder());
        Bundle bundle = sandbox.bundle().act("see", "fd").write();
        String id = sandbox.newId();

        Outcome run =
                crowded(sandbox, attacker, file, "run", "--bundle", bundle.folder().toString(), id);
        assertThat(run.succeeded().observed().map("fd")).containsOnlyKeys("0", "1", "2");
        assertThat(Resident.in(home).descriptors()).doesNotContain(file.toString());

        Bundle waiting = sandbox.bundle().act("see", "fd", ",", "signals").write();
        String created = sandbox.newId();
        Path pidFile = sandbox.folder().resolve("pid");
        crowded(
                        sandbox,
                        attacker,
                        file,
                        "create",
                        "--bundle",
                        waiting.folder().toString(),
                        "--pid-file",
                        pidFile.toString(),
                        created)
                .succeeded();
        long pid = Long.parseLong(Files.readString(pidFile).strip());
        assertThat(new Resident(pid).descriptors()).doesNotContain(file.toString());
        crowded(sandbox, attacker, file, "start", created).succeeded();

        Outcome exec = crowded(sandbox, attacker, file, "exec", created, "/observer", "see", "fd");
        assertThat(exec.succeeded().observed().map("fd")).containsOnlyKeys("0", "1", "2");
        call(sandbox, "delete", "--force", created).succeed();
    }

    /** Calls the runtime as a caller that has some hundred descriptors of the file open. */
    private Outcome crowded(Sandbox sandbox, Attacker attacker, Path file, String... arguments) {
        var words = new ArrayList<>(List.of("crowd", "500", file.toString()));
        words.add(sandbox.runtime().binary().toString());
        words.addAll(List.of("--root", sandbox.runtime().root().toString()));
        words.addAll(List.of(arguments));
        return attacker.command(words.toArray(new String[0]))
                .with("RUNG_HOME", home.toString())
                .run();
    }

    @Test
    void shouldLetACallerSeeTheEndOfItsStreams(Sandbox sandbox) throws Exception {
        var builder =
                new ProcessBuilder(
                        sandbox.runtime().binary().toString(),
                        "--root",
                        sandbox.runtime().root().toString(),
                        "list",
                        "--quiet");
        builder.environment().clear();
        builder.environment().put("RUNG_HOME", home.toString());
        Process process = builder.start();
        process.getOutputStream().close();

        CompletableFuture<String> errors = readAll(process.getErrorStream());
        CompletableFuture<String> output = readAll(process.getInputStream());

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(errors.get(2, TimeUnit.SECONDS)).isEmpty();
        assertThat(output.get(2, TimeUnit.SECONDS)).isEmpty();
        assertThat(Resident.in(home).isAlive()).isTrue();
    }

    private static CompletableFuture<String> readAll(InputStream stream) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Test
    void shouldLeaveTheCgroupOfTheCallerThatStartedIt(Sandbox sandbox) throws Exception {
        List<Path> cgroups = cgroupsOfItsOwn(sandbox);

        inCgroups(sandbox, cgroups, "list").succeed();

        Resident resident = Resident.in(home);
        Patience.await(
                () -> processesIn(cgroups).isEmpty(), () -> "stays in " + processesIn(cgroups));
        for (Path cgroup : cgroups) {
            Files.delete(cgroup);
        }
        call(sandbox, "list").succeed();
        assertThat(Resident.in(home)).isEqualTo(resident);
    }

    @Test
    void shouldStandTheDeathOfTheCallerThatStartsIt(Sandbox sandbox) throws Exception {
        List<Path> cgroups = cgroupsOfItsOwn(sandbox);
        for (int delay : new int[] {1, 5, 20, 60, 150, 400}) {
            try (Running caller = inCgroups(sandbox, cgroups, "list").start()) {
                Thread.sleep(delay);
                killAll(cgroups);
                caller.await(Duration.ofSeconds(10));
            }
            killAll(cgroups);

            call(sandbox, "list").succeed();

            Patience.await(
                    () -> processesIn(cgroups).isEmpty(), () -> "in " + processesIn(cgroups));
            Resident.endAll(home);
        }
    }

    private static List<Path> cgroupsOfItsOwn(Sandbox sandbox) throws IOException {
        var cgroups = new ArrayList<Path>();
        try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
            for (Path hierarchy : hierarchies.filter(Files::isDirectory).toList()) {
                boolean usable = Files.exists(hierarchy.resolve("cgroup.procs"));
                if (usable && !Files.isSymbolicLink(hierarchy) && !hierarchy.endsWith("cpuset")) {
                    cgroups.add(
                            Files.createDirectory(
                                    hierarchy.resolve(sandbox.folder().getFileName())));
                }
            }
        }
        sandbox.atTheEnd(() -> {
            killAll(cgroups);
            Patience.await(
                    () -> processesIn(cgroups).isEmpty(), () -> "in " + processesIn(cgroups));
            cgroups.forEach(cgroup -> Command.of("rmdir", cgroup.toString()).run());
        });
        assumeTrue(!cgroups.isEmpty(), "no cgroup hierarchy to work in");
        return cgroups;
    }

    private Command inCgroups(Sandbox sandbox, List<Path> cgroups, String verb) {
        var script = new StringBuilder();
        for (Path cgroup : cgroups) {
            script.append("echo $$ >").append(cgroup).append("/cgroup.procs; ");
        }
        script.append("exec \"$@\"");
        return Command.of(
                        "sh",
                        "-c",
                        script.toString(),
                        "-",
                        sandbox.runtime().binary().toString(),
                        "--root",
                        sandbox.runtime().root().toString(),
                        verb)
                .with("RUNG_HOME", home.toString());
    }

    private static List<String> processesIn(List<Path> cgroups) {
        var pids = new ArrayList<String>();
        for (Path cgroup : cgroups) {
            try {
                pids.addAll(Files.readAllLines(cgroup.resolve("cgroup.procs")));
            } catch (IOException _) {
                // it is gone
            }
        }
        return pids;
    }

    private static void killAll(List<Path> cgroups) {
        for (String pid : processesIn(cgroups)) {
            ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void shouldStartOneResidentForManyCallersAtOnce(Sandbox sandbox) {
        var callers = new ArrayList<Running>();
        try {
            for (int i = 0; i < 20; i++) {
                callers.add(call(sandbox, "list").start());
            }
            for (Running caller : callers) {
                caller.await(Duration.ofSeconds(40)).succeeded();
            }
        } finally {
            callers.forEach(Running::close);
        }
        assertThat(Resident.all(home)).hasSize(1);
    }

    /**
     * CVE-2019-5736 from the host's side: what may be seen of us runs from memory that nobody can
     * write.
     */
    @Test
    void shouldRunFromASealedCopy(Sandbox sandbox) throws Exception {
        Bundle bundle = sandbox.bundle().act("signals");
        Container created = sandbox.create(sandbox.bundle().act("signals"));
        try (Running run = call(sandbox, bundle).start()) {
            run.awaitOutput(output -> output.contains("ready"));

            for (long pid : new long[] {run.pid(), created.pid()}) {
                Path exe = Path.of("/proc", "" + pid, "exe");
                assertThat(Files.readSymbolicLink(exe).toString()).startsWith("/memfd:");
                Outcome write = Command.of("sh", "-c", "echo overwritten >>" + exe).run();
                assertThat(write.status()).isNotZero();
            }
            run.signal("TERM");
            run.await(Duration.ofSeconds(10));
        }
        created.delete();
    }
}
