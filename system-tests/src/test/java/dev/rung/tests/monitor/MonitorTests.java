package dev.rung.tests.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.engine.monitor.ExitRecord;
import dev.rung.engine.monitor.ExitRecord.Exit;
import dev.rung.engine.monitor.LogSettings;
import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.MonitorFinding;
import dev.rung.engine.monitor.MonitorOrder;
import dev.rung.engine.monitor.MonitorRuntime;
import dev.rung.engine.monitor.Output;
import dev.rung.engine.monitor.Streams;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.monitor.MonitorRoom.Watched;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A container's streams, and how it ended, as its monitor tells. */
@SystemTest
class MonitorTests {
    private static final LogSettings LOG = LogSettings.json(MonitorRoom.LOG);

    @Test
    void shouldTellOutputAndExitStatus(Sandbox sandbox) {
        Watched watched = new MonitorRoom(sandbox).shell("echo hello; echo trouble >&2; exit 7");
        Listener listener = watched.run();
        ExitRecord exit = listener.ended();
        assertThat(exit.exit()).isEqualTo(new Exit.Exited(7));
        assertThat(listener.output()).isEqualTo("hello\n");
        assertThat(listener.errors()).isEqualTo("trouble\n");
        assertThat(exit.running()).isEqualTo(watched.monitor().running());
        assertThat(exit.ended()).isAfter(exit.running().created());
        assertThat(ExitRecord.read(watched.folders())).contains(exit);
        assertThat(exit.oomKills()).isZero();
        assertThat(exit.logBytes()).isEqualTo("hello\ntrouble\n".length());
    }

    @Test
    void shouldTellWhichSignalEndedIt(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        Watched killed = room.shell("exec sleep 100");
        Listener listener = killed.run();
        killed.signal("KILL");
        assertThat(listener.ended().exit()).isEqualTo(new Exit.Killed(9, false));
        assertThat(listener.ended().exit().code()).isEqualTo(137);
        // process 1 of a pid namespace would not be ended by a signal that it does not handle
        Watched ended =
                room.watch(
                        room.order(sandbox.bundle().args("sleep", "100").withoutNamespace("pid")));
        listener = ended.run();
        ended.signal("TERM");
        assertThat(listener.ended().exit()).isEqualTo(new Exit.Killed(15, false));
    }

    @Test
    void shouldPassInputOnAndCloseIt(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        Watched watched =
                room.watch(
                        room.order(
                                sandbox.bundle().args("sh", "-c", "cat; echo and the end"),
                                MonitorRoom.INPUT,
                                LOG));
        Listener listener = watched.run();
        watched.monitor().input(bytes("first\n"));
        listener.awaitOutput("first\n"::equals);
        String much = "0123456789abcde\n".repeat(20_000);
        watched.monitor().input(bytes(much));
        watched.monitor().closeInput();
        assertThat(listener.ended().exit().code()).isZero();
        assertThat(listener.output()).isEqualTo("first\n" + much + "and the end\n");
    }

    @Test
    void shouldGiveNoInputUnlessAsked(Sandbox sandbox) {
        Listener listener = new MonitorRoom(sandbox).shell("cat; ls -l /proc/self/fd/0").run();
        assertThat(listener.ended().exit().code()).isZero();
        assertThat(listener.output()).contains("/dev/null");
    }

    @Test
    void shouldKeepATerminal(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        var bundle =
                sandbox.bundle()
                        .args(
                                "sh",
                                "-c",
                                "busybox stty size; read line; echo got $line; busybox stty size; read line")
                        .set("process.terminal", true);
        Watched watched = room.watch(room.order(bundle, new Streams.Terminal(33, 101), LOG));
        Listener listener = watched.run();
        listener.awaitOutput(output -> output.contains("33 101"));
        watched.monitor().window(44, 120);
        watched.monitor().input(bytes("words\n"));
        listener.awaitOutput(output -> output.contains("got words") && output.contains("44 120"));
        watched.monitor().input(bytes("\u0004"));
        assertThat(listener.ended().exit().code()).isEqualTo(1);
        assertThat(listener.errors()).isEmpty();
        assertThat(listener.output()).endsWith("44 120\r\n");
        assertThat(watched.monitor().running().terminal()).isTrue();
    }

    @Test
    void shouldServeSeveralWhoComeAndGo(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        Watched watched =
                room.watch(room.order(sandbox.bundle().args("cat"), MonitorRoom.INPUT, LOG));
        Listener first = watched.run();
        watched.monitor().input(bytes("one\n"));
        first.awaitOutput("one\n"::equals);
        Listener third;
        try (Monitor second = Monitor.connect(watched.folders())) {
            var other = new Listener(second);
            second.attach(EnumSet.of(Output.STDOUT), Duration.ofSeconds(5));
            other.awaitAttached();
            second.input(bytes("two\n"));
            other.awaitOutput("two\n"::equals);
            first.awaitOutput("one\ntwo\n"::equals);
        }
        Monitor again = Monitor.connect(watched.folders());
        sandbox.atTheEnd(again::close);
        assertThat(again.running()).isEqualTo(watched.monitor().running());
        third = new Listener(again);
        again.attach(EnumSet.of(Output.STDOUT), Duration.ofSeconds(5));
        third.awaitAttached();
        again.input(bytes("three\n"));
        again.closeInput();
        assertThat(first.ended()).isEqualTo(third.ended());
        assertThat(first.output()).isEqualTo("one\ntwo\nthree\n");
        assertThat(third.output()).isEqualTo("three\n");
    }

    @Test
    void shouldCutWhoTakesNothing(Sandbox sandbox) {
        Watched watched =
                new MonitorRoom(sandbox).shell("busybox yes 0123456789 | busybox head -n 200000");
        try (Monitor slow = Monitor.connect(watched.folders())) {
            slow.attach(EnumSet.of(Output.STDOUT), Duration.ofMillis(300));
            Listener listener = watched.run();
            assertThat(listener.ended().exit().code()).isZero();
            assertThat(listener.output()).hasSize(200_000 * 11);
            var late = new Listener(slow);
            late.ended(); // found on the disk, because the connection broke off
            assertThat(late.output().length()).isLessThan(200_000 * 11);
        }
    }

    @Test
    void shouldGoOnWithoutAnybodyAndLeaveWithItsContainer(Sandbox sandbox) {
        Watched watched =
                new MonitorRoom(sandbox).shell("busybox usleep 300000; echo late; exit 3");
        watched.start();
        watched.monitor().close();
        Patience.await(() -> ExitRecord.read(watched.folders()).isPresent(), () -> "no record");
        assertThat(ExitRecord.read(watched.folders()).orElseThrow().exit().code()).isEqualTo(3);
        assertThat(watched.log()).contains("{\"log\":\"late\\n\"");
        Patience.await(
                () -> !Files.exists(Path.of("/proc/" + watched.monitorPid())),
                () -> "the monitor stays");
        assertThatThrownBy(() -> Monitor.connect(watched.folders()))
                .isInstanceOf(Failure.NotFound.class);
    }

    @Test
    void shouldTellWhyNothingWasCreated(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        var bundle = sandbox.bundle().args("/no/such/program");
        assertThatThrownBy(() -> room.create(room.order(bundle)))
                .isInstanceOf(Failure.HostRefused.class)
                .hasMessageContaining("/no/such/program")
                .hasMessageNotContaining("\n");
        var external = new MonitorRuntime.External(Path.of("/no/such/runtime"));
        assertThatThrownBy(() -> room.create(room.order(bundle, external, MonitorRoom.PIPES, LOG)))
                .isInstanceOf(Failure.HostRefused.class)
                .hasMessageContaining("/no/such/runtime");
    }

    @Test
    @NeedsProgram("runc")
    void shouldHaveAnotherRuntimeCreate(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        var runc = new MonitorRuntime.External(program("runc"));
        var bundle = sandbox.bundle().args("sh", "-c", "busybox stty size; exit 5");
        var terminal = new Streams.Terminal(20, 70);
        Watched watched =
                room.watch(room.order(bundle.set("process.terminal", true), runc, terminal, LOG));
        Listener listener = watched.listen();
        var inRunc = new ForeignRuntime(program("runc"), sandbox.runtime().root());
        String id = watched.monitor().running().id().value();
        inRunc.call("start", id);
        assertThat(listener.ended().exit()).isEqualTo(new Exit.Exited(5));
        assertThat(listener.output()).isEqualTo("20 70\r\n");
        inRunc.call("delete", id);
        bundle.args("/no/such/program").set("process.terminal", false);
        assertThatThrownBy(() -> room.create(room.order(bundle, runc, MonitorRoom.PIPES, LOG)))
                .isInstanceOf(Failure.HostRefused.class)
                .hasMessageContaining("exec: \"/no/such/program\"")
                .hasMessageNotContaining("level=");
    }

    @Test
    void shouldStayWithAProcessOfExec(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        Watched container = room.shell("exec sleep 100");
        container.start();
        Watched pipes =
                room.watch(
                        room.exec(
                                container,
                                MonitorRoom.INPUT,
                                List.of(),
                                "sh",
                                "-c",
                                "cat; exit 9"));
        Listener listener = pipes.listen();
        pipes.monitor().input(bytes("words\n"));
        pipes.monitor().closeInput();
        assertThat(listener.ended().exit()).isEqualTo(new Exit.Exited(9));
        assertThat(listener.output()).isEqualTo("words\n");
        var terminal = new Streams.Terminal(30, 90);
        Watched tty =
                room.watch(
                        room.exec(
                                container,
                                terminal,
                                List.of("--tty"),
                                "sh",
                                "-c",
                                "read a; busybox stty size"));
        listener = tty.listen();
        tty.monitor().input(bytes("\n"));
        assertThat(listener.ended().exit().code()).isZero();
        assertThat(listener.output()).endsWith("30 90\r\n");
        assertThatThrownBy(() ->
                        room.create(room.exec(container, terminal, List.of("--tty"), "/no/such")))
                .isInstanceOf(Failure.HostRefused.class)
                .hasMessageContaining("/no/such");
        assertThat(MonitorFinding.of(container.folders()))
                .isInstanceOf(MonitorFinding.Watched.class);
    }

    @Test
    void shouldGiveProcessesNothingOfItsOwn(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        String script = "ls /proc/self/fd; cat /proc/self/environ | tr '\\0' '\\n'";
        for (Streams streams : List.of(MonitorRoom.PIPES, MonitorRoom.INPUT)) {
            Watched container =
                    room.watch(
                            room.order(
                                    sandbox.bundle().args("sh", "-c", script + "; exec sleep 100"),
                                    streams,
                                    LOG));
            Listener listener = container.listen();
            container.start();
            // the fourth is the folder that is read
            listener.awaitOutput(
                    output -> output.startsWith("0\n1\n2\n3\n") && output.contains("PATH"));
            MonitorOrder exec = room.exec(container, streams, List.of(), "sh", "-c", script);
            var other = new Listener(room.create(heard(exec)));
            other.ended();
            assertThat(other.output()).isEqualTo(listener.output());
            container.signal("KILL");
        }
    }

    @Test
    void shouldMakeManyProcessesAtOnce(Sandbox sandbox) throws Exception {
        var room = new MonitorRoom(sandbox);
        Watched container = room.shell("exec sleep 100");
        container.start();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var codes = new ArrayList<Future<Integer>>();
            for (int i = 0; i < 40; i++) {
                String exit = "exit " + i;
                Streams streams = i % 2 == 0 ? MonitorRoom.PIPES : MonitorRoom.INPUT;
                MonitorOrder order = room.exec(container, streams, List.of(), "sh", "-c", exit);
                codes.add(
                        threads.submit(
                                () -> new Listener(room.create(order)).ended().exit().code()));
            }
            for (int i = 0; i < codes.size(); i++) {
                assertThat(codes.get(i).get()).isEqualTo(i);
            }
        }
    }

    /** The same, whose output is told from the first byte on. */
    private static MonitorOrder heard(MonitorOrder order) {
        return new MonitorOrder(
                order.id(),
                order.folders(),
                order.runtime(),
                order.globals(),
                order.options(),
                order.streams(),
                order.log(),
                order.ephemeral(),
                order.verb(),
                EnumSet.allOf(Output.class));
    }

    private static Path program(String name) {
        return Files.isExecutable(Path.of("/usr/sbin", name))
                ? Path.of("/usr/sbin", name)
                : Path.of("/usr/bin", name);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
