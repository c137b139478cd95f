package dev.rung.docker;

import dev.rung.engine.CgroupCounters;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.Engine;
import dev.rung.engine.InterfaceUse;
import dev.rung.engine.Observation;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import dev.rung.rpc.http.BodyOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /containers/{id}/stats}: each second what a container uses, beside the second before.
 */
final class ContainerStats {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final List<String> BLOCKS =
            List.of(
                    "io_service_bytes_recursive",
                    "io_serviced_recursive",
                    "io_queue_recursive",
                    "io_service_time_recursive",
                    "io_wait_time_recursive",
                    "io_merged_recursive",
                    "io_time_recursive",
                    "sectors_recursive");

    private final Containers containers;
    private final Observation observation;

    ContainerStats(Engine engine) {
        containers = engine.containers();
        observation = engine.observation();
    }

    /** What was read at one time; nothing counted where it does not run. */
    private record Sample(
            Instant time,
            @Nullable CgroupCounters counters,
            List<InterfaceUse> interfaces,
            long system) {
        static final Sample NONE = new Sample(Instant.EPOCH, null, List.of(), 0);
    }

    void answer(Call call) throws IOException, InterruptedException {
        ContainerView container = containers.get(call.name());
        String id = container.record().id().value();
        String name = "/" + container.record().name();
        boolean stream = call.flag("stream", true);
        Sample before = Sample.NONE;
        if (!stream && !call.flag("one-shot") && container.phase().runs()) {
            before = sample(id);
            Thread.sleep(SECOND);
        }
        if (!stream) {
            Sample now = sample(id);
            Sample last = before;
            call.json(200, json -> write(json, id, name, last, now));
            return;
        }
        var gone = new AtomicBoolean();
        call.exchange().whenGone(() -> gone.set(true));
        try (BodyOutput out = call.stream(Call.JSON)) {
            while (!gone.get()) {
                Sample now = sample(id);
                var json = JsonWriter.compact();
                write(json, id, name, before, now);
                out.write(json.bytes());
                out.write('\n');
                out.flush();
                before = now;
                Thread.sleep(SECOND);
            }
        }
    }

    private Sample sample(String id) {
        return new Sample(
                Instant.now(),
                observation.counters(id),
                observation.interfaces(id),
                SystemTime.nanos());
    }

    private static void write(JsonWriter json, String id, String name, Sample before, Sample now) {
        CgroupCounters counters = now.counters;
        json.beginObject().field("name", name).field("id", id);
        json.field("read", time(now)).field("preread", time(before));
        json.name("pids_stats").beginObject();
        if (counters != null) {
            json.field("current", counters.processes());
            if (counters.processLimit() > 0) {
                json.field("limit", counters.processLimit());
            }
        }
        json.endObject().name("blkio_stats").beginObject();
        blocks(json, counters);
        json.endObject().field("num_procs", 0);
        json.name("storage_stats").beginObject().endObject();
        cpu(json.name("cpu_stats"), now);
        cpu(json.name("precpu_stats"), before);
        json.name("memory_stats").beginObject();
        if (counters != null) {
            memory(json, counters);
        }
        json.endObject();
        if (!now.interfaces.isEmpty()) {
            json.name("networks").beginObject();
            now.interfaces.forEach(each -> network(json.name(each.name()), each));
            json.endObject();
        }
        json.endObject();
    }

    private static void memory(JsonWriter json, CgroupCounters counters) {
        json.field("usage", counters.memory());
        if (counters.memoryPeak() > 0) {
            json.field("max_usage", counters.memoryPeak());
        }
        json.name("stats").beginObject();
        counters.memoryStat().forEach(json::field);
        json.endObject();
        if (counters.memoryFailures() > 0) {
            json.field("failcnt", counters.memoryFailures());
        }
        json.field("limit", counters.memoryLimit());
    }

    private static void network(JsonWriter json, InterfaceUse use) {
        json.beginObject();
        json.field("rx_bytes", use.receivedBytes()).field("rx_packets", use.receivedPackets());
        json.field("rx_errors", use.receiveErrors()).field("rx_dropped", use.receiveDrops());
        json.field("tx_bytes", use.sentBytes()).field("tx_packets", use.sentPackets());
        json.field("tx_errors", use.sendErrors()).field("tx_dropped", use.sendDrops());
        json.endObject();
    }

    private static String time(Sample sample) {
        return sample.counters == null ? "0001-01-01T00:00:00Z" : sample.time.toString();
    }

    private static void blocks(JsonWriter json, @Nullable CgroupCounters counters) {
        for (String name : BLOCKS) {
            List<CgroupCounters.Block> counted =
                    counters == null ? null : counters.blocks().get(name);
            json.name(name);
            if (counted == null) {
                json.value(JsonNull.NULL);
                continue;
            }
            json.beginArray();
            for (CgroupCounters.Block block : counted) {
                json.beginObject().field("major", block.major()).field("minor", block.minor());
                json.field("op", block.operation()).field("value", block.value()).endObject();
            }
            json.endArray();
        }
    }

    private static void cpu(JsonWriter json, Sample sample) {
        CgroupCounters counters = sample.counters;
        json.beginObject().name("cpu_usage").beginObject();
        json.field("total_usage", counters == null ? 0 : counters.cpu());
        if (counters != null && !counters.perCpu().isEmpty()) {
            json.name("percpu_usage").beginArray();
            counters.perCpu().forEach(nanos -> json.value(nanos));
            json.endArray();
        }
        json.field("usage_in_kernelmode", counters == null ? 0 : counters.kernel());
        json.field("usage_in_usermode", counters == null ? 0 : counters.user()).endObject();
        if (counters != null) {
            json.field("system_cpu_usage", sample.system);
            json.field("online_cpus", Runtime.getRuntime().availableProcessors());
        }
        var throttling =
                counters == null ? new CgroupCounters.Throttling(0, 0, 0) : counters.periods();
        json.name("throttling_data").beginObject().field("periods", throttling.periods());
        json.field("throttled_periods", throttling.throttled());
        json.field("throttled_time", throttling.nanos()).endObject().endObject();
    }
}
