package dev.rung.cri;

import dev.rung.cri.v1.HugepageLimit;
import dev.rung.cri.v1.LinuxContainerResources;
import dev.rung.engine.spec.Limits;
import dev.rung.oci.json.JsonWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** Limits in Docker's words, and back. */
final class ResourceWords {
    private final LinuxContainerResources asked;

    ResourceWords(LinuxContainerResources asked) {
        this.asked = asked;
    }

    /** The fields of limits; what is 0 is no limit. */
    void write(JsonWriter to) {
        long memory = Math.max(0, asked.getMemoryLimitInBytes());
        to.field("Memory", memory).field("MemorySwap", swap(memory));
        to.field("CpuShares", Math.max(0, asked.getCpuShares()));
        to.field("CpuPeriod", Math.max(0, asked.getCpuPeriod()));
        to.field("CpuQuota", Math.max(-1, asked.getCpuQuota()));
        to.field("CpusetCpus", asked.getCpusetCpus());
        to.field("CpusetMems", asked.getCpusetMems());
    }

    /** As containerd: memory alone, unless more was asked for; swap is no way around a limit. */
    private long swap(long memory) {
        if (memory == 0) {
            return 0;
        }
        long swap = asked.getMemorySwapLimitInBytes();
        return swap == 0 ? memory : swap;
    }

    /** Size, such as 2MB, to bytes. */
    static Map<String, String> hugePages(LinuxContainerResources asked) {
        var all = new LinkedHashMap<String, String>();
        for (HugepageLimit limit : asked.getHugepageLimitsList()) {
            all.put(limit.getPageSize(), Long.toUnsignedString(limit.getLimit()));
        }
        return all;
    }

    /** Limits after an update, in which 0 and empty leave things as they are. */
    Limits over(Limits now) {
        long memory =
                asked.getMemoryLimitInBytes() > 0 ? asked.getMemoryLimitInBytes() : now.memory();
        boolean bounded =
                asked.getMemoryLimitInBytes() > 0 || asked.getMemorySwapLimitInBytes() != 0;
        return new Limits(
                memory,
                bounded ? swap(memory) : now.memorySwap(),
                now.memoryReservation(),
                now.memorySwappiness(),
                now.oomKillDisable(),
                now.nanoCpus(),
                asked.getCpuShares() > 0 ? asked.getCpuShares() : now.cpuShares(),
                asked.getCpuPeriod() > 0 ? asked.getCpuPeriod() : now.cpuPeriod(),
                asked.getCpuQuota() != 0 ? asked.getCpuQuota() : now.cpuQuota(),
                asked.getCpusetCpus().isEmpty() ? now.cpusetCpus() : asked.getCpusetCpus(),
                asked.getCpusetMems().isEmpty() ? now.cpusetMems() : asked.getCpusetMems(),
                now.pids(),
                now.blkioWeight(),
                now.blockRates(),
                now.cpuRealtimePeriod(),
                now.cpuRealtimeRuntime());
    }

    /** What a container has, as its status tells it. */
    static LinuxContainerResources of(Limits limits, int oomScore, Map<String, String> hugePages) {
        var all =
                LinuxContainerResources.newBuilder()
                        .setCpuPeriod(limits.cpuPeriod())
                        .setCpuQuota(limits.cpuQuota())
                        .setCpuShares(limits.cpuShares())
                        .setMemoryLimitInBytes(limits.memory())
                        .setMemorySwapLimitInBytes(limits.memorySwap())
                        .setOomScoreAdj(oomScore)
                        .setCpusetCpus(limits.cpusetCpus())
                        .setCpusetMems(limits.cpusetMems());
        hugePages.forEach((size, bytes) ->
                all.addHugepageLimits(
                        HugepageLimit.newBuilder()
                                .setPageSize(size)
                                .setLimit(Long.parseUnsignedLong(bytes))));
        return all.build();
    }
}
