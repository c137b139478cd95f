package dev.rung.cli.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.host.cgroup.CgroupFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StatisticsTests {
    /** Files of a paused container's cgroups of version 1. */
    private record Recorded() implements ControllerFiles {
        @Override
        public boolean unified() {
            return false;
        }

        @Override
        public @Nullable String read(String controller, String file) {
            return resource("cgroup-v1/" + file);
        }

        @Override
        public List<String> hugePageSizes() {
            return List.of("2MB");
        }
    }

    private record Version2(Map<String, String> files) implements ControllerFiles {
        @Override
        public boolean unified() {
            return true;
        }

        @Override
        public @Nullable String read(String controller, String file) {
            return files.get(file);
        }

        @Override
        public List<String> hugePageSizes() {
            return List.of("2MB", "1GB");
        }
    }

    private static byte[] event(String id, ControllerFiles files) {
        var nothing =
                new CgroupFiles() {
                    @Override
                    public @Nullable String read(String path) {
                        return null;
                    }

                    @Override
                    public List<String> folders(String path) {
                        return List.of();
                    }
                };
        return Statistics.event(id, files, null, nothing);
    }

    private static @Nullable String resource(String name) {
        try (InputStream file = StatisticsTests.class.getResourceAsStream(name)) {
            return file == null ? null : new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldPrintWhatRuncPrintedForTheSameCgroups() {
        assertThat(new String(event("rungcli1", new Recorded()), StandardCharsets.UTF_8))
                .isEqualTo(resource("cgroup-v1/events.json"));
    }

    @Test
    void shouldReadVersion2() {
        var files =
                new Version2(
                        Map.ofEntries(
                                Map.entry(
                                        "cpu.stat",
                                        "usage_usec 30\nuser_usec 10\nsystem_usec 20\nnr_periods"
                                                + " 2\nnr_throttled 1\nthrottled_usec 5\n"),
                                Map.entry(
                                        "cpu.pressure",
                                        "some avg10=0.00 avg60=1.50 avg300=0.00 total=7\n"),
                                Map.entry("memory.stat", "anon 5\nfile 4096\n"),
                                Map.entry("memory.current", "8192\n"),
                                Map.entry("memory.max", "max\n"),
                                Map.entry("memory.swap.current", "1\n"),
                                Map.entry("memory.swap.max", "max\n"),
                                Map.entry("pids.current", "3\n"),
                                Map.entry("pids.max", "max\n"),
                                Map.entry(
                                        "io.stat",
                                        "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n"),
                                Map.entry("hugetlb.2MB.current", "2097152\n"),
                                Map.entry("hugetlb.2MB.events", "max 4\n")));
        assertThat(new String(event("a", files), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"type\":\"stats\",\"id\":\"a\",\"data\":{\"cpu\":{\"usage\":{\"total\":30000,\"kernel\":20000,\"user\":10000},\"throttling\":{\"periods\":2,\"throttledPeriods\":1,\"throttledTime\":5000},\"psi\":{\"some\":{\"avg10\":0,\"avg60\":1.5,\"avg300\":0,\"total\":7}}},\"cpuset\":{\"cpu_exclusive\":0,\"mem_hardwall\":0,\"mem_exclusive\":0,\"memory_migrate\":0,\"memory_spread_page\":0,\"memory_spread_slab\":0,\"memory_pressure\":0,\"sched_load_balance\":0,\"sched_relax_domain_level\":0},\"memory\":{\"cache\":4096,\"usage\":{\"limit\":18446744073709551615,\"usage\":8192,\"failcnt\":0},\"swap\":{\"limit\":18446744073709551615,\"usage\":8193,\"failcnt\":0},\"kernel\":{\"limit\":0,\"failcnt\":0},\"kernelTCP\":{\"limit\":0,\"failcnt\":0},\"raw\":{\"anon\":5,\"file\":4096}},\"pids\":{\"current\":3},\"blkio\":{\"ioServiceBytesRecursive\":[{\"major\":8,\"op\":\"Read\",\"value\":1},{\"major\":8,\"op\":\"Write\",\"value\":2}],\"ioServicedRecursive\":[{\"major\":8,\"op\":\"Read\",\"value\":3},{\"major\":8,\"op\":\"Write\",\"value\":4}]},\"hugetlb\":{\"2MB\":{\"usage\":2097152,\"failcnt\":4}},\"intel_rdt\":{},\"network_interfaces\":null}}\n");
    }

    @Test
    void shouldPrintEventsWithoutData() {
        assertThat(new String(Statistics.event("oom", "a"), StandardCharsets.UTF_8))
                .isEqualTo("{\"type\":\"oom\",\"id\":\"a\"}\n");
    }
}
