package dev.rung.tests.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.engine.monitor.ExitRecord;
import dev.rung.engine.monitor.LogSettings;
import dev.rung.engine.monitor.LogSettings.Format;
import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.MonitorOrder;
import dev.rung.engine.monitor.Output;
import dev.rung.testkit.Command;
import dev.rung.testkit.Json;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.monitor.MonitorRoom.Watched;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The log that a monitor keeps: what readers of Docker's and of Kubernetes' logs expect. */
@SystemTest
class MonitorLogTests {
    private static final int LONGEST_LINE = 16 * 1024;

    @Test
    void shouldWriteLinesAsDockerDoes(Sandbox sandbox) {
        Watched watched =
                new MonitorRoom(sandbox)
                        .shell(
                                "printf 'a\\tb \"q\" \\\\ <&> \\177\\r\\n\\n'; echo oops >&2; printf open");
        watched.run().ended();
        assertThat(watched.log().lines().map(MonitorLogTests::withoutTime))
                .containsExactlyInAnyOrder(
                        "{\"log\":\"a\\u0009b \\\"q\\\" \\\\ \\u003c\\u0026\\u003e \u007f\\r\\n\",\"stream\":\"stdout\",\"time\":\"\"}",
                        "{\"log\":\"\\n\",\"stream\":\"stdout\",\"time\":\"\"}",
                        "{\"log\":\"oops\\n\",\"stream\":\"stderr\",\"time\":\"\"}",
                        "{\"log\":\"open\",\"stream\":\"stdout\",\"time\":\"\"}");
        for (String line : watched.log().lines().toList()) {
            String time = String.valueOf(Json.readObject(line).get("time"));
            assertThat(Instant.parse(time))
                    .isBetween(Instant.now().minusSeconds(60), Instant.now());
            assertThat(time).doesNotContain("0Z").endsWith("Z");
        }
    }

    @Test
    void shouldWriteBytesThatAreNoTextAsDockerDoes(Sandbox sandbox) {
        String bytes =
                "\\377\\300\\200\\355\\240\\200\\364\\220\\200\\200\\303\\251\\342\\202\\254\\360\\237\\230\\200\\342\\200\\250\\001\\302\\n";
        Watched watched = new MonitorRoom(sandbox).shell("printf '" + bytes + "'");
        Listener listener = watched.run();
        listener.ended();
        String lost = "\\ufffd";
        assertThat(withoutTime(watched.log().strip()))
                .isEqualTo(
                        "{\"log\":\""
                                + lost.repeat(10)
                                + "\u00e9\u20ac\ud83d\ude00\\u2028\\u0001"
                                + lost
                                + "\\n\",\"stream\":\"stdout\",\"time\":\"\"}");
        // who is attached gets the bytes themselves
        assertThat(listener.bytes(Output.STDOUT)).startsWith(0xff, 0xc0, 0x80).endsWith(0xc2, '\n');
    }

    @Test
    void shouldCutLongLinesWhereDockerDoes(Sandbox sandbox) {
        Watched watched =
                new MonitorRoom(sandbox)
                        .shell(
                                "busybox yes x | busybox tr -d '\\n' | busybox head -c 40000; echo;"
                                        + " busybox yes y | busybox tr -d '\\n' | busybox head -c 16384; echo");
        watched.run().ended();
        var lengths = new ArrayList<Integer>();
        var times = new ArrayList<@Nullable Object>();
        for (String line : watched.log().lines().toList()) {
            Map<String, @Nullable Object> entry = Json.readObject(line);
            lengths.add(String.valueOf(entry.get("log")).length());
            times.add(entry.get("time"));
        }
        int rest = 40_000 - 2 * LONGEST_LINE + 1;
        assertThat(lengths).containsExactly(LONGEST_LINE, LONGEST_LINE, rest, LONGEST_LINE, 1);
        assertThat(times.subList(0, 3)).containsOnly(times.getFirst());
        assertThat(times.get(3)).isNotEqualTo(times.getFirst());
    }

    @Test
    void shouldWriteLinesOfTheCri(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        String script =
                "printf 'one\\377\\n'; echo two >&2;"
                        + " busybox yes x | busybox tr -d '\\n' | busybox head -c 20000; printf '\\nopen'";
        Watched watched = room.watch(order(room, sandbox, script, log(Format.CRI, 0, 1)));
        watched.run().ended();
        List<String> lines = lines(watched, MonitorRoom.LOG);
        assertThat(lines.stream().map(line -> line.substring(line.indexOf(' ') + 1)))
                .containsExactlyInAnyOrder(
                        "stdout F one\u00ff",
                        "stderr F two",
                        "stdout P " + "x".repeat(LONGEST_LINE),
                        "stdout F " + "x".repeat(20_000 - LONGEST_LINE),
                        "stdout P open");
        for (String line : lines) {
            assertThat(Instant.parse(line.substring(0, line.indexOf(' ')))).isBefore(Instant.now());
        }
    }

    @Test
    void shouldLoseNoLineAndRotate(Sandbox sandbox) throws Exception {
        var room = new MonitorRoom(sandbox);
        String script = "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done";
        int limit = 500_000;
        Watched watched = room.watch(order(room, sandbox, script, log(Format.JSON_FILE, limit, 9)));
        watched.run().ended();
        var all = new ArrayList<String>();
        for (String name : List.of(".3", ".2", ".1", "")) {
            Path file = watched.folders().durable().resolve(MonitorRoom.LOG + name);
            all.addAll(lines(watched, MonitorRoom.LOG + name));
            assertThat(Files.size(file)).isLessThan(limit + 200);
        }
        assertThat(all).hasSize(20_000);
        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i)).startsWith("{\"log\":\"line " + i + "\\n\"");
        }
        assertThat(files(watched)).hasSize(5);
    }

    @Test
    void shouldKeepNoMoreFilesThanAllowed(Sandbox sandbox) throws Exception {
        var room = new MonitorRoom(sandbox);
        String script = "i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done";
        Watched three = room.watch(order(room, sandbox, script, log(Format.JSON_FILE, 20_000, 3)));
        three.run().ended();
        assertThat(files(three)).containsExactly("exit", "json.log", "json.log.1", "json.log.2");
        assertThat(lines(three, "json.log").getLast()).contains("line 1999");
        Watched one = room.watch(order(room, sandbox, script, log(Format.JSON_FILE, 20_000, 1)));
        one.run().ended();
        assertThat(files(one)).containsExactly("exit", "json.log");
        assertThat(Files.size(one.folders().durable().resolve("json.log"))).isLessThan(20_200);
        assertThat(lines(one, "json.log").getLast()).contains("line 1999");
    }

    @Test
    void shouldCarryAttributesInEachLine(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        var log = new LogSettings(Format.JSON_FILE, "json.log", 0, 1, "{\"tag\":\"t\"}");
        Watched watched = room.watch(order(room, sandbox, "echo a", log));
        watched.run().ended();
        assertThat(withoutTime(watched.log().strip()))
                .isEqualTo(
                        "{\"log\":\"a\\n\",\"stream\":\"stdout\",\"attrs\":{\"tag\":\"t\"},\"time\":\"\"}");
    }

    @Test
    void shouldCarryLongAttributesInLongestLines(Sandbox sandbox) {
        var room = new MonitorRoom(sandbox);
        String attributes = "{\"tag\":\"" + "t".repeat(32_500) + "\"}";
        var log = new LogSettings(Format.JSON_FILE, "json.log", 0, 1, attributes);
        String script = "head -c 16384 /dev/zero";
        Watched watched = room.watch(order(room, sandbox, script, log));
        watched.run().ended();
        assertThat(withoutTime(watched.log().strip()))
                .isEqualTo(
                        "{\"log\":\""
                                + "\\u0000".repeat(16_384)
                                + "\",\"stream\":\"stdout\",\"attrs\":"
                                + attributes
                                + ",\"time\":\"\"}");
        String more = attributes + " ".repeat(3);
        assertThatThrownBy(() -> new LogSettings(Format.JSON_FILE, "json.log", 0, 1, more))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("take 32513 bytes: expected at most 32512");
    }

    @Test
    void shouldKeepNoLogUnlessAsked(Sandbox sandbox) throws Exception {
        var room = new MonitorRoom(sandbox);
        Watched watched = room.watch(order(room, sandbox, "echo a", log(Format.NONE, 0, 1)));
        Listener listener = watched.run();
        assertThat(listener.ended().logBytes()).isEqualTo(2);
        assertThat(listener.output()).isEqualTo("a\n");
        assertThat(files(watched)).containsExactly("exit");
    }

    private static void reopen(Watched watched) {
        try (Monitor monitor = Monitor.connect(watched.folders())) {
            monitor.reopenLog();
        }
    }

    @Test
    void shouldAppendWhenTheContainerRunsAgainAndReopenWhenAsked(Sandbox sandbox) throws Exception {
        var room = new MonitorRoom(sandbox);
        MonitorOrder order =
                room.order(
                        sandbox.bundle().args("sh", "-c", "read a; echo $a; read b; echo $b"),
                        MonitorRoom.INPUT,
                        LogSettings.json(MonitorRoom.LOG));
        Watched first = room.watch(order);
        Listener listener = first.run();
        first.monitor().input(StandardCharsets.UTF_8.encode("one\n"));
        listener.awaitOutput("one\n"::equals);
        Path log = first.folders().durable().resolve(MonitorRoom.LOG);
        Path kept = log.resolveSibling("kept");
        Files.move(log, kept);
        reopen(first);
        first.monitor().input(StandardCharsets.UTF_8.encode("two\n"));
        listener.ended();
        first.call("delete", order.id().value());
        assertThat(Files.readString(kept)).contains("one").doesNotContain("two");
        assertThat(first.log()).contains("two").doesNotContain("one");
        Watched second = room.watch(order);
        listener = second.run();
        assertThat(ExitRecord.read(order.folders())).isEmpty();
        second.monitor().closeInput();
        listener.ended();
        assertThat(first.log().lines()).hasSize(3);
    }

    @Test
    void shouldFollowNoLinkInPlaceOfTheLog(Sandbox sandbox) throws Exception {
        var room = new MonitorRoom(sandbox);
        MonitorOrder order = room.order(sandbox.bundle().args("true"));
        Path durable = Files.createDirectories(order.folders().durable());
        Path victim = Files.writeString(sandbox.folder().resolve("victim"), "as it was");
        Files.createSymbolicLink(durable.resolve(MonitorRoom.LOG), victim);
        assertThatThrownBy(() -> room.create(order))
                .isInstanceOf(Failure.HostRefused.class)
                .hasMessageContaining("opening the log");
        Files.delete(durable.resolve(MonitorRoom.LOG));
        Files.createLink(durable.resolve(MonitorRoom.LOG), victim);
        assertThatThrownBy(() -> room.create(order)).isInstanceOf(Failure.HostRefused.class);
        assertThat(Files.readString(victim)).isEqualTo("as it was");
    }

    @Test
    void shouldKeepTheContainerRunningWhenTheDiskIsFull(Sandbox sandbox) throws Exception {
        var room = new MonitorRoom(sandbox);
        MonitorOrder order =
                room.order(
                        sandbox.bundle()
                                .args(
                                        "sh",
                                        "-c",
                                        "busybox yes 0123456789 | busybox head -n 100000; read again; echo after; exit 4"),
                        MonitorRoom.INPUT,
                        LogSettings.json(MonitorRoom.LOG));
        Path disk = Files.createDirectories(order.folders().durable());
        Command.of("mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", disk.toString())
                .succeed();
        sandbox.atTheEnd(() -> Command.of("umount", "-l", disk.toString()).run());
        Watched watched = room.watch(order);
        Listener listener = watched.run();
        listener.awaitOutput(output -> output.length() == 1_100_000);
        List<String> before = lines(watched, MonitorRoom.LOG);
        assertThat(before).hasSizeGreaterThan(1000).hasSizeLessThan(100_000);
        assertThat(before)
                .allMatch(line ->
                        line.startsWith("{\"log\":\"0123456789\\n\"") && line.endsWith("Z\"}"));
        Files.write(disk.resolve(MonitorRoom.LOG), new byte[0]);
        reopen(watched);
        watched.monitor().input(StandardCharsets.UTF_8.encode("\n"));
        ExitRecord exit = listener.ended();
        assertThat(exit.exit().code()).isEqualTo(4);
        assertThat(exit.droppedLines()).isEqualTo(100_000 - before.size());
        assertThat(listener.notices())
                .containsExactly("the log cannot be written; lines are dropped");
        assertThat(lines(watched, MonitorRoom.LOG)).hasSize(1).first().asString().contains("after");
        assertThat(ExitRecord.read(order.folders())).contains(exit);
    }

    private static MonitorOrder order(
            MonitorRoom room, Sandbox sandbox, String script, LogSettings log) {
        return room.order(sandbox.bundle().args("sh", "-c", script), MonitorRoom.PIPES, log);
    }

    private static LogSettings log(Format format, long maxBytes, int files) {
        return new LogSettings(format, MonitorRoom.LOG, maxBytes, files, "");
    }

    private static String withoutTime(String line) {
        return line.replaceFirst("\"time\":\"[^\"]*\"", "\"time\":\"\"");
    }

    private static List<String> lines(Watched watched, String name) {
        try {
            return Files.readAllLines(
                    watched.folders().durable().resolve(name), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> files(Watched watched) throws IOException {
        try (var files = Files.list(watched.folders().durable())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
