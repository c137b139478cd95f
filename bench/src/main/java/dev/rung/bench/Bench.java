package dev.rung.bench;

import static dev.rung.bench.Contestant.CRUN;
import static dev.rung.bench.Contestant.REPLAY;
import static dev.rung.bench.Contestant.RUNC;
import static dev.rung.bench.Contestant.RUNG;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All benchmarks of the OCI runtime, one after another. */
final class Bench {
    private static final int JOBS = 8;
    private static final int WARM = 300;

    private final Workshop workshop;
    private final Report report;
    private final Path prefix;
    private final int rounds;
    private final List<Contestant> runtimes = new ArrayList<>();
    private final Contestant rung;

    /**
     * @param prefix where rung-oci is installed
     */
    Bench(Workshop workshop, Report report, Path prefix, int rounds) {
        this.report = report;
        this.workshop = workshop;
        this.prefix = prefix;
        this.rounds = rounds;
        rung = new Contestant(RUNG, "-", command(prefix.resolve("bin/rung-oci"), RUNG));
        runtimes.add(rung);
        for (String peer : List.of(RUNC, CRUN)) {
            Path program = Path.of("/usr/sbin").resolve(peer);
            if (!Files.isExecutable(program)) {
                program = Path.of("/usr/bin").resolve(peer);
            }
            if (Files.isExecutable(program)) {
                // crun before 1.9 refuses the hybrid layout of cgroups
                String namespace = peer.equals(CRUN) ? "-unified" : "-";
                runtimes.add(new Contestant(peer, namespace, command(program, peer)));
            } else {
                report.missing(peer);
            }
        }
    }

    private List<String> command(Path program, String name) {
        return List.of(program.toString(), "--root", workshop.path("state-" + name).toString());
    }

    /**
     * @param rest how many seconds the resident rests before its size is taken
     */
    void all(int rest) throws InterruptedException {
        String ends = workshop.bundle("ends", "true");
        String stays = workshop.bundle("stays", "sleep", "1000");
        workshop.race(1, WARM, List.of(rung.line("run", "run", "--bundle", ends, "{id}")));
        run(ends);
        lifecycle(ends);
        exec(stays);
        firstCall(ends);
        many(ends);
        waiting(stays);
        resident(ends, rest);
    }

    private Contestant replay(String bundle, String file, String id) {
        var words = new ArrayList<String>(rung.command());
        words.addAll(List.of("explain", "--store", file, "--id", id, bundle));
        workshop.run(words);
        return new Contestant(REPLAY, "-", List.of(prefix.resolve("lib/rung-exec").toString()));
    }

    private void run(String bundle) {
        String file = workshop.path("program").toString();
        var lines = new ArrayList<String>();
        for (Contestant runtime : runtimes) {
            lines.add(runtime.line("run", "run", "--bundle", bundle, "{id}"));
        }
        lines.add(replay(bundle, file, "replayed").line("run", file, file + ".cleanup"));
        report.head("run of busybox true, resident warm");
        List<Timing> timings = workshop.race(rounds, 5, lines);
        report.timings(timings);
        report.ratio(timings, "run", CRUN, 0.5);
        report.ratio(timings, "run", RUNC, 0.2);
        report.ratio(timings, "run", REPLAY, 1.4);
    }

    private void lifecycle(String bundle) {
        var lines = new ArrayList<String>();
        for (Contestant runtime : runtimes) {
            lines.add(runtime.line("create", "create", "--bundle", bundle, "{id}"));
            lines.add(runtime.line("start", "start", "{id}"));
            lines.add(runtime.plain("-rest", List.of("sleep", "0.03")));
            lines.add(runtime.line("delete", "delete", "{id}"));
        }
        report.head("create, start, delete");
        List<Timing> timings = workshop.race(rounds, 3, lines);
        report.timings(timings);
        for (String phase : List.of("create", "start", "delete")) {
            report.ratio(timings, phase, CRUN, 0.6);
        }
    }

    private void exec(String bundle) {
        var lines = new ArrayList<String>();
        for (Contestant runtime : runtimes) {
            lines.add(runtime.line("-run", "run", "--detach", "--bundle", bundle, "{id}"));
            lines.add(runtime.line("exec", "exec", "{id}", "true"));
            lines.add(runtime.line("-delete", "delete", "--force", "{id}"));
        }
        report.head("exec of true");
        List<Timing> timings = workshop.race(rounds, 3, lines);
        report.timings(timings);
        report.ratio(timings, "exec", CRUN, 0.5);
    }

    private void firstCall(String bundle) {
        var lines = new ArrayList<String>();
        for (Contestant runtime : runtimes) {
            var words = new ArrayList<>(List.of("env", "RUNG_RESIDENT=off"));
            words.addAll(runtime.command());
            words.addAll(List.of("run", "--bundle", bundle, "{id}"));
            lines.add(runtime.plain("first", words));
        }
        report.head("run without a resident: what the first call of all takes");
        List<Timing> timings = workshop.race(Math.max(5, rounds / 3), 1, lines);
        report.timings(timings);
        report.ratio(timings, "first", RUNC, 5);
    }

    private void many(String bundle) {
        var lines = new ArrayList<String>();
        for (Contestant runtime : runtimes) {
            lines.add(runtime.line("many", "run", "--bundle", bundle, "{id}"));
        }
        Contestant replay = null;
        for (int job = 0; job < JOBS; job++) {
            replay = replay(bundle, workshop.path("program-" + job).toString(), "replayed-" + job);
        }
        String file = workshop.path("program-{job}").toString();
        if (replay != null) {
            lines.add(replay.line("many", file, file + ".cleanup"));
        }
        report.head("100 runs, " + JOBS + " at a time: one's share of the time");
        List<Timing> timings = workshop.jobs(JOBS, 100, lines);
        report.timings(timings);
        report.ratio(timings, "many", CRUN, 0.5);
        report.ratio(timings, "many", REPLAY, 1.25);
    }

    private void waiting(String bundle) {
        int count = 20;
        var pids = new ArrayList<Long>();
        for (int i = 0; i < count; i++) {
            workshop.discard(words("create", "--bundle", bundle, "waiting-" + i));
            pids.add(pid(verb("state", "waiting-" + i)));
        }
        report.head("sizes, proportional share of memory");
        report.size("a container that waits for start", (double) Workshop.pss(pids) / count, 100);
        for (int i = 0; i < count; i++) {
            verb("delete", "--force", "waiting-" + i);
        }
    }

    private void resident(String bundle, int rest) throws InterruptedException {
        workshop.race(1, 999, List.of(rung.line("run", "run", "--bundle", bundle, "{id}")));
        Thread.sleep(1000L * rest);
        report.size(
                "the resident after 1000 more runs and " + rest + " s of rest",
                (double) Workshop.pss(workshop.residents()),
                80 * 1024);
    }

    private String verb(String... words) {
        return workshop.run(words(words));
    }

    private List<String> words(String... words) {
        var all = new ArrayList<String>(rung.command());
        all.addAll(List.of(words));
        return all;
    }

    /** The field of that name in what "state" prints. */
    private static long pid(String state) {
        int from = state.indexOf("\"pid\":") + 6;
        int to = from;
        while (state.charAt(to) != ',') {
            to++;
        }
        return Long.parseLong(state.substring(from, to).strip());
    }
}
