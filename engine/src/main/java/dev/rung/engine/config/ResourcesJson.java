package dev.rung.engine.config;

import dev.rung.domain.Failure;
import dev.rung.engine.spec.BlockRates;
import dev.rung.engine.spec.Limits;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a container may use, as fields of "resources" (runtime-spec config-linux.md). */
record ResourcesJson(JsonWriter json) {
    void write(Limits limits) {
        memory(limits);
        cpu(limits);
        if (limits.pids() != null && limits.pids() != 0) {
            json.name("pids").beginObject().field("limit", limits.pids()).endObject();
        }
        BlockRates rates = limits.blockRates();
        if (limits.blkioWeight() > 0 || !rates.equals(BlockRates.NONE)) {
            json.name("blockIO").beginObject();
            positive("weight", limits.blkioWeight());
            rates("weightDevice", "weight", rates.weights());
            rates("throttleReadBpsDevice", "rate", rates.readBytes());
            rates("throttleWriteBpsDevice", "rate", rates.writeBytes());
            rates("throttleReadIOPSDevice", "rate", rates.reads());
            rates("throttleWriteIOPSDevice", "rate", rates.writes());
            json.endObject();
        }
    }

    private void rates(String name, String value, List<BlockRates.Rate> rates) {
        if (rates.isEmpty()) {
            return;
        }
        json.name(name).beginArray();
        for (BlockRates.Rate rate : rates) {
            long device = device(rate.path());
            // makedev(3): twelve bits of the major number, twenty of the minor, interleaved
            json.beginObject()
                    .field("major", device >> 8 & 0xfff | device >> 32 & ~0xfffL)
                    .field("minor", device & 0xff | device >> 12 & ~0xffL & 0xffffffffL)
                    .field(value, rate.value())
                    .endObject();
        }
        json.endArray();
    }

    private static long device(String path) {
        try {
            return (Long) Files.getAttribute(Path.of(path), "unix:rdev");
        } catch (IOException _) {
            throw new Failure.Invalid("no such device: " + path);
        }
    }

    private void memory(Limits limits) {
        boolean any =
                limits.memory() > 0
                        || limits.memoryReservation() > 0
                        || limits.oomKillDisable()
                        || limits.memorySwappiness() != null;
        if (!any) {
            return;
        }
        json.name("memory").beginObject();
        positive("limit", limits.memory());
        positive("reservation", limits.memoryReservation());
        long swap = limits.effectiveMemorySwap();
        if (swap != 0) {
            json.field("swap", swap);
        }
        if (limits.memorySwappiness() != null && limits.memorySwappiness() >= 0) {
            json.field("swappiness", limits.memorySwappiness());
        }
        if (limits.oomKillDisable()) {
            json.field("disableOOMKiller", true);
        }
        json.endObject();
    }

    private void cpu(Limits limits) {
        boolean any =
                limits.cpuShares() > 0
                        || limits.effectivePeriod() > 0
                        || limits.effectiveQuota() != 0
                        || limits.cpuRealtimePeriod() > 0
                        || limits.cpuRealtimeRuntime() > 0
                        || !limits.cpusetCpus().isEmpty()
                        || !limits.cpusetMems().isEmpty();
        if (!any) {
            return;
        }
        json.name("cpu").beginObject();
        positive("shares", limits.cpuShares());
        if (limits.effectiveQuota() != 0) {
            json.field("quota", limits.effectiveQuota());
        }
        positive("period", limits.effectivePeriod());
        positive("realtimePeriod", limits.cpuRealtimePeriod());
        positive("realtimeRuntime", limits.cpuRealtimeRuntime());
        json.optional("cpus", limits.cpusetCpus());
        json.optional("mems", limits.cpusetMems()).endObject();
    }

    private void positive(String name, long value) {
        if (value > 0) {
            json.field(name, value);
        }
    }
}
