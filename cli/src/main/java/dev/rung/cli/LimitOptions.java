package dev.rung.cli;

import dev.rung.domain.Printable;
import dev.rung.engine.spec.BlockRates;
import dev.rung.engine.spec.BlockRates.Rate;
import dev.rung.engine.spec.ByteSize;
import dev.rung.engine.spec.Limits;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** The options of run, create and update that say what a container may use. */
final class LimitOptions {
    private LimitOptions() {}

    /** Those of update. */
    static List<OptionSpec> all() {
        return List.of(
                Switch.text("--blkio-weight", "uint16", "Block IO weight, 10 to 1000"),
                Switch.text("--cpu-period", "int", "CPU CFS period in microseconds"),
                Switch.text("--cpu-rt-period", "int", "CPU real-time period in microseconds"),
                Switch.text("--cpu-rt-runtime", "int", "CPU real-time runtime in microseconds"),
                Switch.text("--cpu-quota", "int", "CPU CFS quota in microseconds"),
                Switch.text("-c --cpu-shares", "int", "CPU shares (relative weight)"),
                Switch.text("--cpus", "decimal", "Number of CPUs"),
                Switch.text("--cpuset-cpus", "string", "CPUs to run on (0-3, 0,1)"),
                Switch.text("--cpuset-mems", "string", "Memory nodes to use (0-3, 0,1)"),
                Switch.text("-m --memory", "bytes", "Memory limit"),
                Switch.text("--memory-reservation", "bytes", "Memory soft limit"),
                Switch.text("--memory-swap", "bytes", "Memory and swap; -1: unlimited swap"),
                Switch.text("--pids-limit", "int", "Tune container pids limit (-1: unlimited)"));
    }

    static List<OptionSpec> withRestart() {
        var options = new ArrayList<>(all());
        options.add(Switch.text("--restart", "string", "Restart policy when a container exits"));
        return options;
    }

    static boolean anyGiven(Invocation call) {
        for (OptionSpec option : withRestart()) {
            if (call.has(option.longestName())) {
                return true;
            }
        }
        return false;
    }

    /** Those that were given, in the place of others. */
    static Limits over(Limits before, Invocation call) {
        boolean cpus = call.has("--cpus");
        boolean quota = call.has("--cpu-quota") || call.has("--cpu-period");
        return new Limits(
                size(call, "--memory", before.memory()),
                call.text("--memory-swap").equals("-1")
                        ? -1
                        : size(call, "--memory-swap", before.memorySwap()),
                size(call, "--memory-reservation", before.memoryReservation()),
                optional(call, "--memory-swappiness", before.memorySwappiness()),
                before.oomKillDisable() || call.flag("--oom-kill-disable"),
                cpus ? nanoCpus(call) : quota ? 0 : before.nanoCpus(),
                call.number("--cpu-shares", before.cpuShares()),
                call.number("--cpu-period", cpus ? 0 : before.cpuPeriod()),
                call.number("--cpu-quota", cpus ? 0 : before.cpuQuota()),
                text(call, "--cpuset-cpus", before.cpusetCpus()),
                text(call, "--cpuset-mems", before.cpusetMems()),
                optional(call, "--pids-limit", before.pids()),
                (int) call.number("--blkio-weight", before.blkioWeight()),
                rates(before.blockRates(), call),
                call.number("--cpu-rt-period", before.cpuRealtimePeriod()),
                call.number("--cpu-rt-runtime", before.cpuRealtimeRuntime()));
    }

    private static BlockRates rates(BlockRates before, Invocation call) {
        return new BlockRates(
                rates(before.weights(), call, "--blkio-weight-device", Rate::weight),
                rates(before.readBytes(), call, "--device-read-bps", Rate::bytes),
                rates(before.writeBytes(), call, "--device-write-bps", Rate::bytes),
                rates(before.reads(), call, "--device-read-iops", Rate::count),
                rates(before.writes(), call, "--device-write-iops", Rate::count));
    }

    private static List<Rate> rates(
            List<Rate> before, Invocation call, String name, Function<String, Rate> parser) {
        return call.has(name) ? call.texts(name).stream().map(parser).toList() : before;
    }

    /** Those that only a new container can have. */
    static List<OptionSpec> ofDevices() {
        return List.of(
                Switch.texts("--blkio-weight-device", "list", "Block IO weight of a device"),
                Switch.texts("--device-read-bps", "list", "Limit read rate from a device (bytes)"),
                Switch.texts("--device-read-iops", "list", "Limit read rate from a device (reads)"),
                Switch.texts("--device-write-bps", "list", "Limit write rate to a device (bytes)"),
                Switch.texts(
                        "--device-write-iops", "list", "Limit write rate to a device (writes)"));
    }

    private static String text(Invocation call, String name, String before) {
        return call.has(name) ? call.text(name) : before;
    }

    private static @Nullable Long optional(Invocation call, String name, @Nullable Long before) {
        return call.has(name) ? Long.valueOf(call.number(name, 0)) : before;
    }

    private static long size(Invocation call, String name, long before) {
        return call.has(name) ? ByteSize.parse(call.text(name)) : before;
    }

    private static long nanoCpus(Invocation call) {
        String text = call.text("--cpus");
        try {
            return text.isEmpty() ? 0 : new BigDecimal(text).movePointRight(9).longValueExact();
        } catch (ArithmeticException | NumberFormatException _) {
            throw new UsageError(
                    "invalid argument \"" + Printable.of(text) + "\" for \"--cpus\" flag");
        }
    }
}
