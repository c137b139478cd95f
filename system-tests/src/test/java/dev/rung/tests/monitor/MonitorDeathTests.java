package dev.rung.tests.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.monitor.ExitRecord;
import dev.rung.engine.monitor.ExitRecord.Exit;
import dev.rung.engine.monitor.LogSettings;
import dev.rung.engine.monitor.MonitorFinding;
import dev.rung.engine.monitor.MonitorOrder;
import dev.rung.engine.monitor.MonitorRuntime;
import dev.rung.engine.monitor.Output;
import dev.rung.engine.monitor.RunningRecord;
import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsController;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.monitor.MonitorRoom.Watched;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each party is killed with SIGKILL, and the others go on. */
@SystemTest
class MonitorDeathTests {
    private static final String COUNT =
            "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; exit 6";

    /** What processes are called that wait ahead of their order. */
    private static final String MONITOR = "rung-spawner";

    private static final String CREATOR = "rung-oci";

    @Test
    void shouldOutliveTheDaemon(Sandbox sandbox) throws Exception {
        Bundle bundle = sandbox.bundle().args("sh", "-c", "read go; " + COUNT).write();
        var folders =
                new ContainerFolders(
                        sandbox.folder().resolve("lib"), sandbox.folder().resolve("run"));
        String id = sandbox.newId();
        Running daemon = daemon(sandbox, id, bundle, folders);
        daemon.awaitOutput(output -> output.contains("created"));
        sandbox.runtime().command("start", id).succeed();
        daemon.signal("KILL");
        daemon.await(Duration.ofSeconds(10));
        // here comes the next daemon
        if (!(MonitorFinding.of(folders) instanceof MonitorFinding.Watched(var monitor))) {
            throw new AssertionError("there is no monitor");
        }
        sandbox.atTheEnd(monitor::close);
        var listener = new Listener(monitor);
        monitor.attach(EnumSet.allOf(Output.class), Duration.ofSeconds(10));
        listener.awaitAttached();
        monitor.input(ByteBuffer.wrap(new byte[] {'\n'}));
        assertThat(listener.ended().exit()).isEqualTo(new Exit.Exited(6));
        assertThat(Files.readAllLines(folders.durable().resolve("json.log"))).hasSize(20_000);
        assertThat(MonitorFinding.of(folders))
                .isEqualTo(new MonitorFinding.Ended(listener.ended()));
    }

    @Test
    void shouldWriteDownWhatNoDaemonSees(Sandbox sandbox) throws Exception {
        Bundle bundle = sandbox.bundle().args("sh", "-c", COUNT).write();
        var folders =
                new ContainerFolders(
                        sandbox.folder().resolve("lib"), sandbox.folder().resolve("run"));
        String id = sandbox.newId();
        Running daemon = daemon(sandbox, id, bundle, folders);
        daemon.awaitOutput(output -> output.contains("created"));
        daemon.signal("KILL");
        daemon.await(Duration.ofSeconds(10));
        sandbox.runtime().command("start", id).succeed();
        Patience.await(() -> ExitRecord.read(folders).isPresent(), () -> "no exit record");
        assertThat(ExitRecord.read(folders).orElseThrow().exit().code()).isEqualTo(6);
        Patience.await(() -> waiting().isEmpty(), () -> "a monitor waits for a daemon's order");
        assertThat(Files.readAllLines(folders.durable().resolve("json.log"))).hasSize(20_000);
        assertThat(MonitorFinding.of(folders)).isInstanceOf(MonitorFinding.Ended.class);
    }

    @Test
    void shouldSurviveTheDeathOfTheSpawner(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        Watched before = room.shell("busybox usleep 500000; exit 3");
        Listener listener = before.run();
        List<ProcessHandle> spawners =
                ProcessHandle.current()
                        .children()
                        .filter(child -> child.info().command().orElse("").contains("rung-spawner"))
                        .toList();
        assertThat(spawners).hasSize(1);
        spawners.forEach(ProcessHandle::destroyForcibly);
        Watched after = room.shell("exit 4");
        assertThat(after.run().ended().exit().code()).isEqualTo(4);
        assertThat(listener.ended().exit().code()).isEqualTo(3);
    }

    @Test
    void shouldDoWithoutAMonitorThatWasKilledAheadOfItsOrder(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        for (String name : List.of(MONITOR, CREATOR)) {
            Patience.await(() -> waiting(name).size() == 1, () -> "nobody waits");
            ProcessHandle ahead = waiting(name).getFirst();
            ahead.destroyForcibly();
            Patience.await(() -> !waiting(name).contains(ahead), () -> "it lives");
            assertThat(room.shell("exit 4").run().ended().exit().code()).isEqualTo(4);
        }
    }

    @Test
    void shouldFindTheContainerWhenItsMonitorWasKilled(Sandbox sandbox) throws Exception {
        Watched watched = new MonitorRoom(sandbox).shell("exec sleep 100");
        Listener listener = watched.run();
        kill(watched.monitorPid());
        listener.lost();
        var found = (MonitorFinding.Unwatched) MonitorFinding.of(watched.folders());
        RunningRecord running = found.running();
        assertThat(running).isEqualTo(watched.monitor().running());
        assertThat(running.process().isAlive()).isTrue();
        var end = Thread.ofPlatform().start(running.process()::awaitEnd);
        assertThat(end.join(Duration.ofMillis(200))).isFalse();
        watched.signal("KILL");
        assertThat(end.join(Duration.ofSeconds(10))).isTrue();
        Patience.await(() -> !running.process().isAlive(), () -> "it lives");
        assertThat(MonitorFinding.of(watched.folders()))
                .isEqualTo(new MonitorFinding.Vanished(running));
    }

    @Test
    void shouldLeaveNothingUnknownWhenTheDaemonDiesWhileItCreates(Sandbox sandbox)
            throws Exception {
        Bundle bundle = sandbox.bundle().args("true").write();
        for (int delay = 0; delay < 300; delay += 50) {
            String id = sandbox.newId();
            var folders =
                    new ContainerFolders(
                            sandbox.folder().resolve("lib" + delay),
                            sandbox.folder().resolve("run" + delay));
            Running daemon = daemon(sandbox, id, bundle, folders);
            daemon.awaitOutput(output -> output.contains("begins"));
            Thread.sleep(delay);
            daemon.signal("KILL");
            daemon.await(Duration.ofSeconds(10));
            // created whole, or not at all
            switch (MonitorFinding.of(folders)) {
                case MonitorFinding.Watched(var monitor) -> {
                    var listener = new Listener(monitor);
                    sandbox.runtime().command("delete", "--force", id).succeed();
                    assertThat(listener.ended().exit()).isEqualTo(new Exit.Killed(9, false));
                    monitor.close();
                }
                case MonitorFinding.Nothing() ->
                        sandbox.runtime().command("delete", "--force", id).run();
                case MonitorFinding other -> throw new AssertionError("found " + other);
            }
            sandbox.expectNothingLeft();
        }
    }

    @Test
    void shouldSeeTheEndOfWhatIsNotItsChild(Sandbox sandbox) throws Exception {
        var room = new MonitorRoom(sandbox);
        Running stranger = Command.of("sleep", "100").start();
        sandbox.atTheEnd(stranger::close);
        // such as a runtime whose sandboxes belong to a daemon of its own
        Path runtime = sandbox.folder().resolve("runtime");
        Files.writeString(
                runtime,
                """
                #!/bin/sh
                while [ "$1" != --pid-file ]; do shift; done
                echo %d >"$2"
                """
                        .formatted(stranger.pid()));
        Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
        Watched watched =
                room.watch(
                        room.order(
                                sandbox.bundle(),
                                new MonitorRuntime.External(runtime),
                                MonitorRoom.PIPES,
                                LogSettings.json(MonitorRoom.LOG)));
        Listener listener = watched.listen();
        assertThat(watched.pid()).isEqualTo(stranger.pid());
        stranger.signal("KILL");
        assertThat(listener.ended().exit()).isEqualTo(new Exit.Unknown());
        assertThat(listener.ended().exit().code()).isEqualTo(255);
    }

    @Test
    void shouldFindNothingWhereNothingWas(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        assertThat(MonitorFinding.of(room.folders("none"))).isEqualTo(new MonitorFinding.Nothing());
    }

    @Test
    @NeedsController("memory")
    void shouldTellOfOomKills(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        MonitorOrder order =
                room.order(
                        sandbox.bundle()
                                .args(
                                        "sh",
                                        "-c",
                                        "busybox tail -c 100m /dev/zero; echo survived; exec busybox tail -c 100m /dev/zero")
                                .set("linux.resources.memory.limit", 16L << 20));
        Watched watched = room.watch(order);
        Listener listener = watched.run();
        ExitRecord exit = listener.ended();
        assertThat(listener.output()).isEqualTo("survived\n");
        assertThat(exit.exit()).isEqualTo(new Exit.Killed(9, false));
        assertThat(exit.oomKills()).isEqualTo(2);
        assertThat(listener.oomKills()).isEqualTo(2);
    }

    private static Running daemon(
            Sandbox sandbox, String id, Bundle bundle, ContainerFolders folders) {
        Running daemon =
                Command.of(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        DaemonMain.class.getName(),
                                        id,
                                        sandbox.runtime().root().toString(),
                                        bundle.folder().toString(),
                                        folders.durable().toString(),
                                        folders.running().toString()))
                        .in(Path.of("").toAbsolutePath())
                        .start();
        sandbox.atTheEnd(daemon::close);
        return daemon;
    }

    /** What waits for the order of a daemon in our cgroup, such as ours. */
    private static List<ProcessHandle> waiting() {
        return Stream.of(MONITOR, CREATOR).flatMap(name -> waiting(name).stream()).toList();
    }

    private static List<ProcessHandle> waiting(String name) {
        String ours = read(ProcessHandle.current(), "cgroup");
        return ProcessHandle.allProcesses()
                .filter(each -> read(each, "cmdline").startsWith(MONITOR + "\0"))
                .filter(each -> read(each, "comm").equals(name + "\n"))
                .filter(each -> !each.parent().equals(Optional.of(ProcessHandle.current())))
                .filter(each -> read(each, "cgroup").equals(ours))
                .toList();
    }

    /** Empty for a process that has gone. */
    private static String read(ProcessHandle process, String file) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid(), file));
        } catch (IOException _) {
            return "";
        }
    }

    private static void kill(long pid) {
        Command.of("kill", "-9", Long.toString(pid)).succeed();
    }
}
