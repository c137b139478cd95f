package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.oci.ContainerStatus;
import dev.rung.resident.Ending;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

final class EventsCommand implements Verb {
    /** How often to look whether memory ran out. */
    private static final long LOOK_NANOSECONDS = 200_000_000;

    @Override
    public Ending run(Call call) {
        Arguments arguments = call.arguments();
        arguments.exactly(1);
        Containers.Found found = call.containers().get(call.id());
        long interval = arguments.nanoseconds("interval");
        if (interval <= 0) {
            throw new Failure.Invalid("duration interval must be greater than 0");
        }
        StoredContainer stored = found.stored();
        if (found.status() == ContainerStatus.STOPPED) {
            throw new Failure.WrongState("container with id " + stored.id() + " is not running");
        }
        var cgroups = new CallerCgroups(call.front(), call.files(), stored.cgroups());
        if (arguments.flag("stats")) {
            print(call, statistics(stored, cgroups));
            return DONE;
        }
        watch(call, stored, cgroups, interval);
        return DONE;
    }

    /** Until the container has ended. */
    private static void watch(
            Call call, StoredContainer stored, CallerCgroups cgroups, long interval) {
        BigInteger kills = kills(cgroups);
        long last = System.nanoTime();
        while (alive(call, stored)) {
            sleep(Math.min(interval, LOOK_NANOSECONDS));
            BigInteger now = kills(cgroups);
            if (kills != null && now != null && now.compareTo(kills) > 0) {
                print(call, Statistics.event("oom", stored.id()));
            }
            kills = now;
            if (now != null && System.nanoTime() - last >= interval) {
                last += interval;
                print(call, statistics(stored, cgroups));
            }
        }
    }

    private static byte[] statistics(StoredContainer stored, CallerCgroups cgroups) {
        return Statistics.event(stored.id(), cgroups, stored.resctrl(), cgroups.byPath());
    }

    private static boolean alive(Call call, StoredContainer stored) {
        String stat = call.files().read("/proc/" + stored.pid() + "/stat", Files.SMALL).text();
        ProcessStatus process = ProcessStatus.of(stat);
        return process != null && !process.dead() && process.startTime() == stored.startTime();
    }

    /** How many processes were killed because memory ran out; null when the cgroup is gone. */
    private static @Nullable BigInteger kills(CallerCgroups cgroups) {
        String file = cgroups.unified() ? "memory.events" : "memory.oom_control";
        String text = cgroups.read("memory", file);
        if (text == null) {
            return null;
        }
        for (String line : text.lines().toList()) {
            if (line.startsWith("oom_kill ")) {
                return new BigInteger(line.substring("oom_kill ".length()).strip());
            }
        }
        return BigInteger.ZERO;
    }

    private static void sleep(long nanoseconds) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanoseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    private static void print(Call call, byte[] line) {
        call.front().out(new String(line, StandardCharsets.UTF_8));
    }
}
