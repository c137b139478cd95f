package dev.rung.bench;

import static dev.rung.bench.CriRoom.CONTAINERD;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * What a kubelet waits for, by gRPC: each runtime in turn, in the first rounds after its start and
 * once it has run for a while. The client is warm before the first.
 */
final class CriBench {
    /** For the client alone, with daemons that end after it. */
    private static final int WARM_LIVES = 5;

    private static final int WARM_CALLS = 100;

    /**
     * What counts as the first of a daemon's rounds, of which the very first ones count for nobody.
     */
    private static final int FIRST_ROUNDS = 20;

    private static final int VERY_FIRST = 5;
    private static final int PODS = 30;
    private static final int MANY = 200;
    private static final int IN_A_POD = 20;

    /** They take a hundredth of a pod's life. */
    private static final int ROUNDS_OF_LISTS = 10;

    private final CriRoom room;
    private final Report report;
    private final int rounds;
    private final Map<String, List<Long>> times = new LinkedHashMap<>();
    private int names;

    CriBench(CriRoom room, Report report, int rounds) {
        this.room = room;
        this.report = report;
        this.rounds = rounds;
    }

    void all() throws InterruptedException, ExecutionException {
        warm();
        room.startAnew();
        for (int i = 0; i < FIRST_ROUNDS; i++) {
            if (i == VERY_FIRST) {
                times.clear();
            }
            room.runtimes().forEach(this::life);
        }
        lives("the first " + FIRST_ROUNDS + " after the daemon's start, without " + VERY_FIRST);
        together(); // each has served some ninety pods then
        for (int i = 0; i < rounds; i++) {
            room.runtimes().forEach(this::life);
        }
        lives("after some ninety others");
        lists();
    }

    private void warm() {
        for (int i = 0; i < WARM_LIVES; i++) {
            room.runtimes().forEach(this::life);
        }
        for (int i = 0; i < WARM_CALLS; i++) {
            room.runtimes().forEach(CriCalls::version);
        }
        times.clear();
    }

    private void lives(String which) {
        report.head("the life of a pod with one container, with a bridge of CNI: " + which);
        List<Timing> timings = timings();
        report.timings(timings);
        report.ratio(timings, "run pod", CONTAINERD, 0.15);
        report.ratio(timings, "create", CONTAINERD, 0.5);
        report.ratio(timings, "start", CONTAINERD, 0.1);
        report.ratio(timings, "exec", CONTAINERD, 0.2);
        report.ratio(timings, "stop pod", CONTAINERD, 0.1);
        report.ratio(timings, "rm pod", CONTAINERD, 0.3);
    }

    private <T> T timed(CriCalls runtime, String phase, Supplier<T> act) {
        long begun = System.nanoTime();
        T result = act.get();
        times.computeIfAbsent(runtime.name() + "\t" + phase, _ -> new ArrayList<>())
                .add(System.nanoTime() - begun);
        return result;
    }

    private void timed(CriCalls runtime, String phase, Runnable act) {
        timed(
                runtime,
                phase,
                () -> {
                    act.run();
                    return true;
                });
    }

    private void life(CriCalls runtime) {
        String name = "pod-" + names++;
        String pod = timed(runtime, "run pod", () -> runtime.run(name));
        String container = timed(runtime, "create", () -> runtime.create(pod, name, "container"));
        timed(runtime, "start", () -> runtime.start(container));
        timed(runtime, "exec", () -> runtime.exec(container));
        timed(runtime, "stop pod", () -> runtime.stop(pod));
        timed(runtime, "rm pod", () -> runtime.remove(pod));
    }

    /** What was measured since the last time. */
    private List<Timing> timings() {
        var all = new ArrayList<Timing>();
        times.forEach((key, nanos) -> {
            String[] words = key.split("\t");
            List<Long> sorted = nanos.stream().sorted().toList();
            all.add(
                    new Timing(
                            words[0],
                            words[1],
                            sorted.size(),
                            0,
                            sorted.getFirst() / 1000.0,
                            sorted.get(sorted.size() / 2) / 1000.0,
                            sorted.getLast() / 1000.0));
        });
        times.clear();
        return all;
    }

    private void together() throws InterruptedException, ExecutionException {
        for (CriCalls runtime : room.runtimes()) {
            for (int round = 0; round < Math.max(3, rounds / 20); round++) {
                var pods = new ArrayList<String>();
                long begun = System.nanoTime();
                try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                    var tasks = new ArrayList<Future<String>>();
                    for (int i = 0; i < PODS; i++) {
                        tasks.add(threads.submit(() -> pair(runtime)));
                    }
                    for (Future<String> task : tasks) {
                        pods.add(task.get());
                    }
                }
                times.computeIfAbsent(runtime.name() + "\tpods", _ -> new ArrayList<>())
                        .add(System.nanoTime() - begun);
                if (round == 0) {
                    memory(runtime);
                }
                for (String pod : pods) {
                    runtime.stop(pod);
                    runtime.remove(pod);
                }
            }
        }
        report.head(PODS + " pods of two containers at once, until all run");
        List<Timing> timings = timings();
        report.timings(timings);
        report.ratio(timings, "pods", CONTAINERD, 0.2);
    }

    private synchronized String next() {
        return "pod-" + names++;
    }

    private String pair(CriCalls runtime) {
        String name = next();
        String pod = runtime.run(name);
        for (String container : List.of("one", "two")) {
            runtime.start(runtime.create(pod, name, container));
        }
        return pod;
    }

    private void memory(CriCalls runtime) {
        double containers = 2.0 * PODS;
        if (runtime.name().equals(EngineRoom.RUNG)) {
            List<Long> monitors = EngineRoom.processes("rung-monitor");
            report.size("rung: monitors, a container", Workshop.pss(monitors) / containers, 128);
        } else {
            List<Long> shims = new ArrayList<>(EngineRoom.processes("/usr/bin/containerd-shim"));
            shims.addAll(EngineRoom.processes("/bin/sleep\000999999"));
            report.size(
                    "containerd: shims and pauses, a container", Workshop.pss(shims) / containers);
        }
    }

    /**
     * Until an answer is there, unread: reading it takes a client longer than a daemon to tell it.
     */
    private void lists() {
        var made = new LinkedHashMap<CriCalls, List<String>>();
        for (CriCalls runtime : room.runtimes()) {
            var pods = new ArrayList<String>();
            for (int i = 0; i < MANY / IN_A_POD; i++) {
                String name = "pod-" + names++;
                pods.add(runtime.run(name));
                for (int j = 0; j < IN_A_POD; j++) {
                    runtime.create(pods.getLast(), name, "container-" + j);
                }
            }
            made.put(runtime, pods);
        }
        for (int i = 0; i < WARM_CALLS + ROUNDS_OF_LISTS * rounds; i++) {
            if (i == WARM_CALLS) {
                times.clear();
            }
            for (CriCalls runtime : room.runtimes()) {
                timed(runtime, "version", () -> runtime.arrival("Version"));
                timed(runtime, "list", () -> runtime.arrival("ListContainers"));
                timed(runtime, "stats", () -> runtime.arrival("ListContainerStats"));
            }
        }
        made.forEach((runtime, pods) -> {
            for (String pod : pods) {
                runtime.stop(pod);
                runtime.remove(pod);
            }
        });
        report.head(
                "lists of "
                        + MANY
                        + " containers, and their stats, until they have come; and what any call takes");
        List<Timing> timings = timings();
        report.timings(timings);
        report.ratio(timings, "list", CONTAINERD, 0.5);
        report.ratio(timings, "stats", CONTAINERD, 0.5);
    }
}
