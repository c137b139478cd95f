package dev.rung.docker;

import dev.rung.engine.ContainerUsage;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import dev.rung.rpc.http.BodyOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /containers/{id}/stats}: each second what a container uses, beside the second before.
 */
final class ContainerStats {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Containers containers;

    ContainerStats(Containers containers) {
        this.containers = containers;
    }

    /** What was read at one time; no usage where it does not run. */
    private record Sample(Instant time, @Nullable ContainerUsage usage, long system) {
        static final Sample NONE = new Sample(Instant.EPOCH, null, 0);
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
        return new Sample(Instant.now(), containers.observation().usage(id), SystemTime.nanos());
    }

    private static void write(JsonWriter json, String id, String name, Sample before, Sample now) {
        ContainerUsage usage = now.usage;
        json.beginObject().field("name", name).field("id", id);
        json.field("read", now.time.toString());
        json.field("preread", time(before));
        json.name("pids_stats").beginObject();
        if (usage != null) {
            json.field("current", usage.processes());
        }
        json.endObject().name("blkio_stats").beginObject();
        blocks(json, usage);
        json.endObject().field("num_procs", 0);
        json.name("storage_stats").beginObject().endObject();
        cpu(json.name("cpu_stats"), now);
        cpu(json.name("precpu_stats"), before);
        json.name("memory_stats").beginObject();
        if (usage != null) {
            json.field("usage", usage.memory());
            json.name("stats").beginObject().field("inactive_file", 0).endObject();
            json.field("limit", usage.memoryLimit());
        }
        json.endObject();
        if (usage != null) {
            json.name("networks").beginObject().name("eth0").beginObject();
            json.field("rx_bytes", usage.received()).field("rx_packets", 0);
            json.field("rx_errors", 0).field("rx_dropped", 0);
            json.field("tx_bytes", usage.sent()).field("tx_packets", 0);
            json.field("tx_errors", 0).field("tx_dropped", 0).endObject().endObject();
        }
        json.endObject();
    }

    private static String time(Sample sample) {
        return sample.usage == null ? "0001-01-01T00:00:00Z" : sample.time.toString();
    }

    private static void blocks(JsonWriter json, @Nullable ContainerUsage usage) {
        json.name("io_service_bytes_recursive");
        if (usage == null) {
            json.value(JsonNull.NULL);
        } else {
            json.beginArray();
            block(json, "read", usage.blocksRead());
            block(json, "write", usage.blocksWritten());
            json.endArray();
        }
        for (String other :
                new String[] {
                    "io_serviced_recursive",
                    "io_queue_recursive",
                    "io_service_time_recursive",
                    "io_wait_time_recursive",
                    "io_merged_recursive",
                    "io_time_recursive",
                    "sectors_recursive"
                }) {
            json.name(other).value(JsonNull.NULL);
        }
    }

    private static void block(JsonWriter json, String op, long bytes) {
        json.beginObject().field("major", 0).field("minor", 0).field("op", op);
        json.field("value", bytes).endObject();
    }

    private static void cpu(JsonWriter json, Sample sample) {
        ContainerUsage usage = sample.usage;
        json.beginObject().name("cpu_usage").beginObject();
        json.field("total_usage", usage == null ? 0 : usage.cpuNanos());
        json.field("usage_in_kernelmode", 0).field("usage_in_usermode", 0).endObject();
        if (usage != null) {
            json.field("system_cpu_usage", sample.system);
            json.field("online_cpus", Runtime.getRuntime().availableProcessors());
        }
        json.name("throttling_data").beginObject().field("periods", 0);
        json.field("throttled_periods", 0).field("throttled_time", 0).endObject().endObject();
    }
}
