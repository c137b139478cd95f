package dev.rung.bench;

import java.io.IOException;
import java.nio.file.Files;

/** What {@code ./dev bench} calls. */
public final class BenchMain {
    private BenchMain() {}

    /** Arguments: see {@link BenchCall}. */
    public static void main(String[] args) throws IOException, InterruptedException {
        var call = BenchCall.of(args, System.out, System.err);
        Report report = call.report(Contestant.RUNG);
        try (Workshop workshop = call.workshop(Files.createTempDirectory("rung-bench"))) {
            new Bench(workshop, report, call.prefix(), call.rounds()).all(call.rest());
        }
    }
}
