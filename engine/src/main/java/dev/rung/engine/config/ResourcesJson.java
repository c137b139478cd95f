package dev.rung.engine.config;

import dev.rung.engine.spec.Limits;
import dev.rung.oci.json.JsonWriter;

/** What a container may use, as fields of "resources" (runtime-spec config-linux.md). */
record ResourcesJson(JsonWriter json) {
    void write(Limits limits) {
        memory(limits);
        cpu(limits);
        if (limits.pids() != null && limits.pids() != 0) {
            json.name("pids").beginObject().field("limit", limits.pids()).endObject();
        }
        if (limits.blkioWeight() > 0) {
            json.name("blockIO").beginObject();
            json.field("weight", limits.blkioWeight()).endObject();
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
        json.optional("cpus", limits.cpusetCpus());
        json.optional("mems", limits.cpusetMems()).endObject();
    }

    private void positive(String name, long value) {
        if (value > 0) {
            json.field(name, value);
        }
    }
}
