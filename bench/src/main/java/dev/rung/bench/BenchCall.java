package dev.rung.bench;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * What a benchmark is called with.
 *
 * @param prefix where rung is installed
 * @param source of the program that races, or sends
 * @param rest for how many seconds daemons rest before their sizes are taken
 */
record BenchCall(Path prefix, Path source, int rounds, int rest) {
    static BenchCall of(String[] args) {
        return new BenchCall(
                Path.of(args[0]).toAbsolutePath(),
                Path.of(args[1]),
                Integer.parseInt(args[2]),
                Integer.parseInt(args[3]));
    }

    /** Beside whom others are measured. */
    Report report(PrintStream out, String own) {
        return new Report(out, own);
    }

    Workshop workshop(Path folder, Consumer<String> errors) {
        return new Workshop(folder, prefix.resolve("bin/rung-oci"), source, errors);
    }
}
