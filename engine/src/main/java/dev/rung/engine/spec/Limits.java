package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import org.jspecify.annotations.Nullable;

/**
 * What a container may use at most; 0 or null: no limit of its own.
 *
 * @param memory bytes
 * @param memorySwap memory and swap together in bytes, -1: as much swap as there is
 * @param memoryReservation bytes
 * @param nanoCpus billionths of a processor; excludes the next two
 * @param cpuPeriod µs
 * @param cpuQuota µs in each period
 * @param pids how many processes and threads; -1: any number
 */
public record Limits(
        long memory,
        long memorySwap,
        long memoryReservation,
        @Nullable Long memorySwappiness,
        boolean oomKillDisable,
        long nanoCpus,
        long cpuShares,
        long cpuPeriod,
        long cpuQuota,
        String cpusetCpus,
        String cpusetMems,
        @Nullable Long pids,
        int blkioWeight,
        BlockRates blockRates,
        long cpuRealtimePeriod,
        long cpuRealtimeRuntime) {
    public static final Limits NONE =
            new Limits(0, 0, 0, null, false, 0, 0, 0, 0, "", "", null, 0, BlockRates.NONE, 0, 0);

    /** Docker's least: less would not hold a process. */
    private static final long LEAST_MEMORY = 6 << 20;

    private static final long CPU_PERIOD = 100_000;

    public Limits {
        if (memory != 0 && memory < LEAST_MEMORY) {
            throw new Failure.Invalid("Minimum memory limit allowed is 6MB");
        }
        if (memory > 0 && memorySwap > 0 && memorySwap < memory) {
            throw new Failure.Invalid(
                    "Minimum memoryswap limit should be larger than memory limit, see usage");
        }
        if (memory == 0 && memorySwap > 0) {
            throw new Failure.Invalid(
                    "You should always set the Memory limit when using Memoryswap limit, see"
                            + " usage");
        }
        if (memory > 0 && memoryReservation > memory) {
            throw new Failure.Invalid(
                    "Minimum memory limit can not be less than memory reservation limit, see"
                            + " usage");
        }
        if (nanoCpus > 0 && (cpuPeriod > 0 || cpuQuota > 0)) {
            throw new Failure.Invalid(
                    "Conflicting options: Nano CPUs and CPU Period or Quota cannot both be set");
        }
        if (memorySwappiness != null && (memorySwappiness < -1 || memorySwappiness > 100)) {
            throw new Failure.Invalid(
                    "Invalid value: "
                            + memorySwappiness
                            + ", valid memory swappiness range is 0-100");
        }
        if (blkioWeight != 0 && (blkioWeight < 10 || blkioWeight > 1000)) {
            throw new Failure.Invalid("Range of blkio weight is from 10 to 1000");
        }
    }

    public static Limits read(JsonFields fields) {
        return new Limits(
                fields.integerOr("Memory", 0, Long.MAX_VALUE, 0),
                fields.integerOr("MemorySwap", -1, Long.MAX_VALUE, 0),
                fields.integerOr("MemoryReservation", 0, Long.MAX_VALUE, 0),
                fields.optionalInteger("MemorySwappiness", -1, 100),
                fields.flag("OomKillDisable"),
                fields.integerOr("NanoCpus", 0, Long.MAX_VALUE, 0),
                fields.integerOr("CpuShares", 0, Long.MAX_VALUE, 0),
                fields.integerOr("CpuPeriod", 0, Long.MAX_VALUE, 0),
                fields.integerOr("CpuQuota", -1, Long.MAX_VALUE, 0),
                Texts.orEmpty(fields, "CpusetCpus"),
                Texts.orEmpty(fields, "CpusetMems"),
                fields.optionalInteger("PidsLimit", -1, Long.MAX_VALUE),
                (int) fields.integerOr("BlkioWeight", 0, 1000, 0),
                BlockRates.read(fields),
                fields.integerOr("CpuRealtimePeriod", 0, Long.MAX_VALUE, 0),
                fields.integerOr("CpuRealtimeRuntime", 0, Long.MAX_VALUE, 0));
    }

    /** The same with what these fields say; 0, empty or absent leaves it as it is. */
    Limits changedBy(JsonFields fields) {
        Limits asked = read(fields);
        return new Limits(
                other(asked.memory, memory),
                other(asked.memorySwap, memorySwap),
                other(asked.memoryReservation, memoryReservation),
                asked.memorySwappiness == null ? memorySwappiness : asked.memorySwappiness,
                asked.oomKillDisable || oomKillDisable,
                other(asked.nanoCpus, nanoCpus),
                other(asked.cpuShares, cpuShares),
                other(asked.cpuPeriod, cpuPeriod),
                other(asked.cpuQuota, cpuQuota),
                asked.cpusetCpus.isEmpty() ? cpusetCpus : asked.cpusetCpus,
                asked.cpusetMems.isEmpty() ? cpusetMems : asked.cpusetMems,
                asked.pids == null ? pids : asked.pids,
                (int) other(asked.blkioWeight, blkioWeight),
                asked.blockRates.equals(BlockRates.NONE) ? blockRates : asked.blockRates,
                other(asked.cpuRealtimePeriod, cpuRealtimePeriod),
                other(asked.cpuRealtimeRuntime, cpuRealtimeRuntime));
    }

    private static long other(long asked, long own) {
        return asked == 0 ? own : asked;
    }

    void write(JsonWriter to) {
        to.field("Memory", memory)
                .field("MemorySwap", memorySwap)
                .field("MemoryReservation", memoryReservation);
        Texts.number(to, "MemorySwappiness", memorySwappiness);
        to.field("OomKillDisable", oomKillDisable)
                .field("NanoCpus", nanoCpus)
                .field("CpuShares", cpuShares)
                .field("CpuPeriod", cpuPeriod)
                .field("CpuQuota", cpuQuota)
                .field("CpusetCpus", cpusetCpus)
                .field("CpusetMems", cpusetMems);
        Texts.number(to, "PidsLimit", pids);
        to.field("BlkioWeight", blkioWeight);
        blockRates.write(to);
        to.field("CpuRealtimePeriod", cpuRealtimePeriod)
                .field("CpuRealtimeRuntime", cpuRealtimeRuntime);
    }

    /** Memory and swap together in bytes: twice the memory when only that is limited. */
    public long effectiveMemorySwap() {
        return memory > 0 && memorySwap == 0 ? memory * 2 : memorySwap;
    }

    public long effectivePeriod() {
        return nanoCpus > 0 ? CPU_PERIOD : cpuPeriod;
    }

    public long effectiveQuota() {
        return nanoCpus > 0 ? nanoCpus * CPU_PERIOD / 1_000_000_000L : cpuQuota;
    }
}
