package dev.rung.bench;

import static dev.rung.bench.EngineRoom.BUSYBOX;
import static dev.rung.bench.EngineRoom.DOCKER;
import static dev.rung.bench.EngineRoom.LARGE;
import static dev.rung.bench.EngineRoom.PODMAN;

import java.util.ArrayList;
import java.util.List;

/** All benchmarks of the engine, one after another. */
final class EngineBench {
    private static final int WARM = 200;
    private static final int IDLE = 100;
    private static final int MIB = 1024;

    /** Lines of a log: 100 characters each. */
    private static final int LINES = 1_000_000;

    private final Workshop workshop;
    private final EngineRoom room;
    private final Report report;
    private final int rounds;

    EngineBench(Workshop workshop, EngineRoom room, Report report, int rounds) {
        this.workshop = workshop;
        this.room = room;
        this.report = report;
        this.rounds = rounds;
    }

    /**
     * @param rest how many seconds the daemons rest before their sizes are taken
     */
    void all(int rest) throws InterruptedException {
        workshop.race(1, WARM, List.of(room.rung().line("run", "run", "--rm", BUSYBOX, "true")));
        run();
        beside();
        logs();
        build();
        Thread.sleep(1000L * rest);
        report.head("memory, proportional share, after " + rest + " s of rest");
        double docker = (double) Workshop.pss(room.dockerDaemons());
        if (docker > 0) {
            report.size("dockerd and containerd", docker);
        }
        report.size("rungd", (double) Workshop.pss(room.rungDaemons()), 110 * MIB);
        idle(rest);
        pull();
    }

    private void run() {
        var lines = new ArrayList<String>();
        for (Contestant engine : room.engines()) {
            lines.add(engine.line("run", "run", "--rm", BUSYBOX, "true"));
            lines.add(engine.line("no net", "run", "--rm", "--network=none", BUSYBOX, "true"));
        }
        report.head("run --rm of busybox true");
        List<Timing> timings = workshop.race(rounds, 2, lines);
        report.timings(timings);
        report.ratio(timings, "run", DOCKER, 0.1);
        report.ratio(timings, "run", PODMAN, 0.15);
    }

    private void beside() {
        var lines = new ArrayList<String>();
        for (Contestant engine : room.engines()) {
            lines.add(
                    engine.line(
                            "-run", "run", "--detach", "--name", "{id}", BUSYBOX, "sleep", "99"));
            lines.add(engine.line("exec", "exec", "{id}", "true"));
            lines.add(engine.line("ps", "ps"));
            lines.add(
                    engine.plain(
                            "-rm",
                            EngineRoom.shell(
                                    engine, "$ENGINE kill {id}; $ENGINE rm --force {id}")));
        }
        report.head("exec of true, and ps, of one container");
        List<Timing> timings = workshop.race(rounds, 2, lines);
        report.timings(timings);
        report.ratio(timings, "exec", DOCKER, 0.1);
        report.ratio(timings, "ps", DOCKER, 0.3);
    }

    private void logs() {
        String write = "yes " + "0123456789".repeat(10).substring(1) + " | head -n " + LINES;
        var lines = new ArrayList<String>();
        for (Contestant engine : room.engines()) {
            String all =
                    "$ENGINE run --detach --network=none --name {id} %s sh -c '%s' && $ENGINE wait {id}"
                            .formatted(BUSYBOX, write);
            lines.add(engine.plain("log", EngineRoom.shell(engine, all)));
            String count = "test $($ENGINE logs {id} | wc -l) = " + LINES;
            lines.add(engine.plain("complete", EngineRoom.shell(engine, count)));
            lines.add(
                    engine.plain(
                            "-rm",
                            EngineRoom.shell(
                                    engine, "$ENGINE kill {id}; $ENGINE rm --force {id}")));
        }
        report.head(
                "a log of " + LINES + " lines of 100 characters: written, and read to the last");
        List<Timing> timings = workshop.race(Math.max(3, rounds / 10), 0, lines);
        report.timings(timings);
        report.ratio(timings, "log", DOCKER, 0.5);
    }

    /** A Dockerfile of ten steps, four of which run something. */
    private void build() {
        String make =
                """
                mkdir -p /tmp/{id} && cd /tmp/{id} && echo one >one && echo two >two && printf '%s\\n' \
                    'FROM BASE' 'ENV A=b' 'WORKDIR /app' 'COPY one /app/' 'RUN echo 1 >1' 'RUN echo 2 >2' \
                    'COPY two /app/' 'RUN echo 3 >3' 'RUN echo 4 >4' 'CMD sh' >Dockerfile
                """;
        String build = "DOCKER_BUILDKIT=0 $ENGINE build --network=none --tag {id} %s /tmp/{id}";
        var lines = new ArrayList<String>();
        for (Contestant engine : room.engines()) {
            lines.add(
                    engine.plain(
                            "-context", EngineRoom.shell(engine, make.replace("BASE", BUSYBOX))));
            lines.add(
                    engine.plain("build", EngineRoom.shell(engine, build.formatted("--no-cache"))));
            lines.add(engine.plain("cached", EngineRoom.shell(engine, build.formatted(""))));
            lines.add(
                    engine.plain(
                            "-rm", EngineRoom.shell(engine, "$ENGINE rmi {id}; rm -r /tmp/{id}")));
        }
        report.head("build of ten steps, and again from the cache");
        List<Timing> timings = workshop.race(Math.max(3, rounds / 5), 1, lines);
        report.timings(timings);
        report.ratio(timings, "build", DOCKER, 0.4);
        report.ratio(timings, "cached", DOCKER, 0.3);
    }

    /** Those with daemons only: podman would but take time. */
    private void idle(int rest) throws InterruptedException {
        List<Contestant> engines =
                room.engines().stream().filter(one -> !one.name().equals(PODMAN)).toList();
        for (int i = 0; i < IDLE; i++) {
            for (Contestant engine : engines) {
                String[] run = {"run", "-d", "--name", "idle-" + i, BUSYBOX, "sleep", "9999"};
                workshop.discard(EngineRoom.words(engine, run));
            }
        }
        report.size(
                "a monitor",
                (double) Workshop.pss(EngineRoom.processes("rung-monitor")) / IDLE,
                128);
        double shims =
                (double) Workshop.pss(EngineRoom.processes("/usr/bin/containerd-shim")) / IDLE;
        if (shims > 0) {
            report.size("a shim of containerd", shims);
        }
        Thread.sleep(1000L * rest);
        report.head("processor time with " + IDLE + " idle containers, in " + rest + " s");
        double rung = Workshop.processorNanos(room.rungDaemons());
        double docker = Workshop.processorNanos(room.dockerDaemons());
        Thread.sleep(1000L * rest);
        rung = Workshop.processorNanos(room.rungDaemons()) - rung;
        docker = Workshop.processorNanos(room.dockerDaemons()) - docker;
        report.load("rungd", rung / rest, "dockerd and containerd", docker / rest);
        for (Contestant engine : engines) {
            String remove =
                    "seq -f idle-%.0f 0 " + (IDLE - 1) + " | xargs $ENGINE rm --force >/dev/null";
            workshop.discard(EngineRoom.shell(engine, remove));
        }
    }

    private void pull() {
        var lines = new ArrayList<String>();
        for (Contestant engine : room.engines()) {
            String before = "$ENGINE rmi --force " + LARGE + "; sync";
            lines.add(engine.plain("-before", EngineRoom.shell(engine, before)));
            String pull = "$ENGINE pull --quiet " + LARGE + " && sync";
            lines.add(engine.plain("pull", EngineRoom.shell(engine, pull)));
        }
        report.head("pull of 200 MB in five layers, nothing of them there, synced");
        List<Timing> timings = workshop.race(Math.max(3, rounds / 10), 1, lines);
        report.timings(timings);
        report.ratio(timings, "pull", DOCKER, 0.6);
    }
}
