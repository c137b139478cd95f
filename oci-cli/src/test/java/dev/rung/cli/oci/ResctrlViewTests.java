package dev.rung.cli.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.host.cgroup.CgroupFiles;
import dev.rung.host.compile.ResctrlGroup;
import dev.rung.oci.json.JsonWriter;
import dev.rung.resident.FailureRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ResctrlViewTests {
    private static final String ROOT = "/sys/fs/resctrl";

    /** A resctrl file system of a machine with two caches. */
    private static final Map<String, String> MACHINE =
            Map.ofEntries(
                    Map.entry(ROOT + "/info/L3/cbm_mask", "fffff\n"),
                    Map.entry(ROOT + "/info/L3/min_cbm_bits", "1\n"),
                    Map.entry(ROOT + "/info/L3/num_closids", "16\n"),
                    Map.entry(ROOT + "/info/MB/bandwidth_gran", "10\n"),
                    Map.entry(ROOT + "/info/MB/delay_linear", "1\n"),
                    Map.entry(ROOT + "/info/MB/min_bandwidth", "0\n"),
                    Map.entry(ROOT + "/info/MB/num_closids", "8\n"),
                    Map.entry(
                            ROOT + "/info/L3_MON/mon_features",
                            "llc_occupancy\nmbm_total_bytes\nmbm_local_bytes\n"),
                    Map.entry(ROOT + "/schemata", "    MB:0=100;1=100\n    L3:0=fffff;1=fffff\n"),
                    Map.entry(ROOT + "/c1/schemata", "    MB:0=20;1=70\n    L3:0=ff;1=c0\n"),
                    Map.entry(ROOT + "/c1/mon_data/mon_L3_00/llc_occupancy", "1024\n"),
                    Map.entry(ROOT + "/c1/mon_data/mon_L3_00/mbm_total_bytes", "7\n"),
                    Map.entry(ROOT + "/c1/mon_data/mon_L3_00/mbm_local_bytes", "3\n"),
                    Map.entry(ROOT + "/c1/mon_data/mon_L3_01/llc_occupancy", "Unavailable\n"),
                    Map.entry(ROOT + "/c1/mon_groups/x/mon_data/mon_L3_00/llc_occupancy", "9\n"));

    private record Fake(Map<String, String> files) implements CgroupFiles {
        @Override
        public @Nullable String read(String path) {
            return files.get(path);
        }

        @Override
        public List<String> folders(String path) {
            var names = new TreeSet<String>();
            for (String file : files.keySet()) {
                int end = file.indexOf('/', path.length() + 1);
                if (file.startsWith(path + "/") && end > 0) {
                    names.add(file.substring(path.length() + 1, end));
                }
            }
            return List.copyOf(names);
        }
    }

    private static String written(ResctrlGroup group, Map<String, String> files) {
        var writer = JsonWriter.compact().beginObject();
        ResctrlView.around(group, new Fake(files)).write(writer, group);
        return new String(writer.endObject().bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldWriteWhatRuncWrites() {
        assertThat(written(new ResctrlGroup(ROOT + "/c1", true, null), MACHINE))
                .isEqualTo(
                        "{\"l3_cache_info\":{\"cbm_mask\":\"fffff\",\"min_cbm_bits\":1,"
                                + "\"num_closids\":16},"
                                + "\"l3_cache_schema_root\":\"L3:0=fffff;1=fffff\","
                                + "\"l3_cache_schema\":\"L3:0=ff;1=c0\","
                                + "\"mem_bw_info\":{\"bandwidth_gran\":10,\"delay_linear\":1,"
                                + "\"num_closids\":8},"
                                + "\"mem_bw_schema_root\":\"MB:0=100;1=100\","
                                + "\"mem_bw_schema\":\"MB:0=20;1=70\","
                                + "\"schemata\":[\"MB:0=20;1=70\",\"    L3:0=ff;1=c0\"],"
                                + "\"mbm_stats\":[{\"mbm_total_bytes\":7,\"mbm_local_bytes\":3},"
                                + "{\"mbm_total_bytes\":0,\"mbm_local_bytes\":0}],"
                                + "\"cmt_stats\":[{\"llc_occupancy\":1024},{\"llc_occupancy\":0}]}");
    }

    @Test
    void shouldReadTheMonitoringGroupOfTheContainer() {
        var group = new ResctrlGroup(ROOT + "/c1", false, ROOT + "/c1/mon_groups/x");
        assertThat(written(group, MACHINE)).contains("\"cmt_stats\":[{\"llc_occupancy\":9}]");
    }

    @Test
    void shouldFindTheRootAsAGroup() {
        assertThat(written(new ResctrlGroup(ROOT, false, null), MACHINE))
                .contains("\"l3_cache_schema\":\"L3:0=fffff;1=fffff\"");
    }

    @Test
    void shouldLeaveOutWhatTheMachineLacks() {
        var bandwidthOnly = Map.of(ROOT + "/info/MB/num_closids", "8", ROOT + "/c1/tasks", "");
        assertThat(written(new ResctrlGroup(ROOT + "/c1", true, null), bandwidthOnly))
                .isEqualTo("{\"mem_bw_info\":{\"num_closids\":8}}");
        assertThat(written(new ResctrlGroup(ROOT + "/c1", true, null), Map.of())).isEqualTo("{}");
    }

    @Test
    void shouldTellWhyTheKernelRefused() {
        String file = ROOT + "/info/last_cmd_status";
        String words = "Mask f0f has non-consecutive 1-bits\n";
        assertThat(new ResctrlView(new Fake(Map.of(file, words)), ROOT).reason())
                .isEqualTo(", last_cmd_status: Mask f0f has non-consecutive 1-bits");
        assertThat(new ResctrlView(new Fake(Map.of(file, "ok\n")), ROOT).reason()).isEmpty();
        assertThat(new ResctrlView(new Fake(Map.of()), ROOT).reason()).isEmpty();
    }

    @Test
    void shouldPutTheReasonBehindTheWordsOfTheStep() {
        var failure =
                new FailureRecord(
                        0,
                        7,
                        22,
                        0,
                        "linux.intelRdt",
                        "intelrdt: unable to write \"L3:0=f0f\"",
                        "");
        var failed = new StepFailed("", failure, ", last_cmd_status: Mask", "write");
        assertThat(Objects.requireNonNull(failed.getMessage()))
                .isEqualTo(
                        "intelrdt: unable to write \"L3:0=f0f\": invalid argument,"
                                + " last_cmd_status: Mask");
    }
}
