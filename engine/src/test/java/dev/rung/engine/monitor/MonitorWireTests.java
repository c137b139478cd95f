package dev.rung.engine.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MonitorWireTests {
    private static final Pattern NUMBER =
            Pattern.compile("#define (?:MONITOR|ORDER|LOG|ATTACH)_(\\w+) (\\d+)u\\b.*");
    private static final ContainerFolders FOLDERS =
            new ContainerFolders(Path.of("/lib/c1"), Path.of("/run/c1"));

    @Test
    void shouldUseTheNumbersOfTheMonitor() throws Exception {
        var numbers = new HashMap<String, Integer>();
        for (String line : Files.readAllLines(Path.of("../program/src/main/c/monitor.h"))) {
            var matcher = NUMBER.matcher(line);
            if (matcher.matches() && !line.startsWith("#define ATTACH")) {
                numbers.put(matcher.group(1), Integer.valueOf(matcher.group(2)));
            }
        }
        assertThat(numbers)
                .containsAllEntriesOf(
                        Map.of(
                                "VERSION", MonitorWire.VERSION,
                                "HEAD", MonitorWire.HEAD_BYTES,
                                "START", MonitorWire.START,
                                "ATTACH", MonitorWire.ATTACH,
                                "CLOSE_INPUT", MonitorWire.CLOSE_INPUT,
                                "WINDOW", MonitorWire.WINDOW,
                                "REOPEN_LOG", MonitorWire.REOPEN_LOG,
                                "RELEASE", MonitorWire.RELEASE,
                                "JSON", LogSettings.Format.JSON_FILE.number(),
                                "CRI", LogSettings.Format.CRI.number()))
                .containsAllEntriesOf(
                        Map.of(
                                "STATE", MonitorWire.STATE,
                                "CREATED", MonitorWire.CREATED,
                                "FAILED", MonitorWire.FAILED,
                                "OUTPUT", MonitorWire.OUTPUT,
                                "ERRORS", MonitorWire.ERRORS,
                                "ENDED", MonitorWire.ENDED,
                                "OOM", MonitorWire.OOM,
                                "NOTICE", MonitorWire.NOTICE,
                                "ATTACHED", MonitorWire.ATTACHED));
    }

    @Test
    void shouldSayWhoseCreatorIsMeant() {
        MonitorOrder order = order(new MonitorRuntime.Host(), new Streams.Pipes(false));
        assertThat(MonitorWire.start(order, false).getInt(8)).isEqualTo(4 | 8);
        assertThat(MonitorWire.start(order, true).getInt(8)).isEqualTo(32 | 8);
    }

    @Test
    void shouldWriteAnOrder() {
        ByteBuffer frame =
                MonitorWire.start(
                        order(new MonitorRuntime.Host(), new Streams.Terminal(24, 80)), false);
        assertThat(frame.getInt()).isEqualTo(1 | MonitorWire.START << 8);
        assertThat(frame.getInt()).isEqualTo(frame.remaining());
        assertThat(frame.getInt()).isEqualTo(1 | 2 | 4 | 8);
        assertThat(frame.getInt()).isEqualTo(1);
        assertThat(frame.getLong()).isEqualTo(1000);
        assertThat(List.of(frame.getInt(), frame.getInt(), frame.getInt()))
                .containsExactly(3, 24, 80);
        int words = frame.getInt();
        String[] all = StandardCharsets.UTF_8.decode(frame).toString().split("\0", -1);
        assertThat(all).hasSize(words + 1);
        assertThat(String.join(" ", all).strip())
                .isEqualTo(
                        "c1 log {} rung-oci --root /r create --bundle /b --pid-file /run/c1/pid"
                                + " --console-socket %console c1");
    }

    @Test
    void shouldCallAnotherRuntimeByItsPath() {
        MonitorOrder order =
                order(
                        new MonitorRuntime.External(Path.of("/usr/sbin/runc")),
                        new Streams.Pipes(false));
        assertThat(order.arguments()).startsWith("/usr/sbin/runc").doesNotContain("%console");
        assertThat(MonitorWire.start(order, false).getInt(8)).isEqualTo(8);
    }

    @Test
    void shouldNameTheProcessOfExecAfterTheContainer() {
        var create = order(new MonitorRuntime.Host(), new Streams.Pipes(false));
        var exec =
                new MonitorOrder(
                        create.id(),
                        FOLDERS,
                        create.runtime(),
                        create.globals(),
                        List.of("--process", "/p"),
                        create.streams(),
                        create.log(),
                        true,
                        new MonitorVerb.Exec(List.of("ls", "-l")),
                        Set.of());
        assertThat(String.join(" ", exec.arguments()))
                .isEqualTo(
                        "rung-oci --root /r exec --detach --process /p --pid-file /run/c1/pid c1 ls -l");
    }

    @Test
    void shouldRefuseWhatCannotBeSaid() {
        var order = order(new MonitorRuntime.Host(), new Streams.Pipes(true));
        var wrong =
                new MonitorOrder(
                        order.id(),
                        FOLDERS,
                        order.runtime(),
                        List.of("a\0b"),
                        List.of(),
                        order.streams(),
                        order.log(),
                        false);
        assertThatThrownBy(() -> MonitorWire.start(wrong, true))
                .isInstanceOf(Failure.Invalid.class);
        for (String name : List.of("", "a/b", "..")) {
            assertThatThrownBy(() -> LogSettings.json(name)).isInstanceOf(Failure.Invalid.class);
        }
    }

    private static MonitorOrder order(MonitorRuntime runtime, Streams streams) {
        return new MonitorOrder(
                new ContainerId("c1"),
                FOLDERS,
                runtime,
                List.of("--root", "/r"),
                List.of("--bundle", "/b"),
                streams,
                new LogSettings(LogSettings.Format.JSON_FILE, "log", 1000, 3, "{}"),
                true);
    }
}
