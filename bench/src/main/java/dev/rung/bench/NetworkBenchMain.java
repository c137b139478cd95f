package dev.rung.bench;

import java.io.IOException;
import java.nio.file.Files;

/** What {@code ./dev bench network} calls, in namespaces that vanish with it. */
public final class NetworkBenchMain {
    private NetworkBenchMain() {}

    /** Arguments: see {@link BenchCall}. */
    public static void main(String[] args) throws IOException {
        var call = BenchCall.of(args, System.out, System.err);
        Report report = call.report(EngineRoom.RUNG);
        try (Workshop workshop = call.workshop(Files.createTempDirectory("rung-bench"));
                var street = new Street(workshop, call.prefix().resolve("bin/rung"))) {
            street.open();
            new NetworkBench(workshop, street, report, call.rounds()).all();
        }
    }
}
