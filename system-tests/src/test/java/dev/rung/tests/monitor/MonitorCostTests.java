package dev.rung.tests.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.engine.monitor.LogSettings;
import dev.rung.engine.monitor.Streams;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.monitor.MonitorRoom.Watched;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a monitor costs while its container runs, and what it could still do. */
@SystemTest
class MonitorCostTests {
    private static final long MOST_KIB = 128;

    /** A hundredth of a second. */
    @Test
    void shouldBeSmallBesideAnIdleContainer(Sandbox sandbox) throws Exception {
        Watched watched = new MonitorRoom(sandbox).shell("exec sleep 100");
        watched.run();
        // who made the container shares its memory, which is given back after a second
        Patience.await(() -> pss(watched) <= MOST_KIB, () -> pss(watched) + " KiB");
    }

    @Test
    void shouldGiveMemoryBackAfterMuchOutput(Sandbox sandbox) throws Exception {
        Watched watched =
                new MonitorRoom(sandbox)
                        .shell("busybox yes | busybox head -n 200000; echo end; exec sleep 100");
        Listener listener = watched.run();
        listener.awaitOutput(output -> output.endsWith("end\n"));
        Patience.await(() -> pss(watched) <= MOST_KIB, () -> pss(watched) + " KiB");
    }

    @Test
    void shouldDoNothingWhileItsContainerDoesNothing(Sandbox sandbox) throws Exception {
        Watched watched = new MonitorRoom(sandbox).shell("echo begun; exec sleep 100");
        watched.run().awaitOutput("begun\n"::equals);
        Thread.sleep(1500); // its buffers are given back by then
        String before = status(watched, "voluntary_ctxt_switches");
        Thread.sleep(1500);
        assertThat(status(watched, "voluntary_ctxt_switches")).isEqualTo(before);
    }

    /** With a creator that was there ahead of the order, and with one that was not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldHaveGivenUpItsRights(boolean input, Sandbox sandbox) throws Exception {
        var room = new MonitorRoom(sandbox);
        Watched watched =
                room.watch(
                        room.order(
                                sandbox.bundle().args("sh", "-c", "exec sleep 100"),
                                new Streams.Pipes(input),
                                LogSettings.json(MonitorRoom.LOG)));
        watched.run();
        for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
            assertThat(status(watched, set)).as(set).isEqualTo("0000000000000000");
        }
        assertThat(status(watched, "NoNewPrivs")).isEqualTo("1");
        assertThat(status(watched, "Seccomp")).isEqualTo("2");
        Path proc = Path.of("/proc/" + watched.monitorPid());
        assertThat(Files.readSymbolicLink(proc.resolve("exe")).toString())
                .startsWith("/memfd:rung-spawner");
        assertThat(Files.readSymbolicLink(proc.resolve("cwd"))).isEqualTo(Path.of("/"));
        for (String namespace : List.of("mnt", "pid", "net", "ipc", "uts", "user", "cgroup")) {
            assertThat(Files.readSymbolicLink(proc.resolve("ns/" + namespace)))
                    .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/" + namespace)));
        }
        for (int fd = 0; fd < 3; fd++) {
            assertThat(Files.readSymbolicLink(proc.resolve("fd/" + fd)))
                    .isEqualTo(Path.of("/dev/null"));
        }
        assertThat(read(proc.resolve("cmdline"))).startsWith("rung-monitor\0");
        // its parent is init, or who stands in for it
        assertThat(status(watched, "PPid"))
                .isNotEqualTo(Long.toString(ProcessHandle.current().pid()));
    }

    private static long pss(Watched watched) {
        String rollup = read(Path.of("/proc/" + watched.monitorPid() + "/smaps_rollup"));
        Matcher line = Pattern.compile("(?m)^Pss: +(\\d+) kB").matcher(rollup);
        return line.find() ? Long.parseLong(line.group(1)) : Long.MAX_VALUE;
    }

    private static String status(Watched watched, String key) {
        String status = read(Path.of("/proc/" + watched.monitorPid() + "/status"));
        Matcher line = Pattern.compile("(?m)^" + key + ":\\s+(.*)$").matcher(status);
        return line.find() ? line.group(1) : "";
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
