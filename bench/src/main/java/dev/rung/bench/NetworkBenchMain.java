package dev.rung.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** What {@code ./dev bench network} calls, in namespaces that vanish with it. */
public final class NetworkBenchMain {
    private NetworkBenchMain() {}

    /** Arguments: where rung is installed, the source of the traffic, rounds. */
    public static void main(String[] args) throws IOException {
        Path prefix = Path.of(args[0]).toAbsolutePath();
        Path folder = Files.createTempDirectory("rung-bench");
        var report = new Report(System.out, EngineRoom.RUNG);
        Consumer<String> errors = System.err::println;
        try (var workshop =
                        new Workshop(
                                folder, prefix.resolve("bin/rung-oci"), Path.of(args[1]), errors);
                var street = new Street(workshop, prefix.resolve("bin/rung"))) {
            street.open();
            new NetworkBench(workshop, street, report, Integer.parseInt(args[2])).all();
        }
    }
}
