package dev.rung.bench;

import java.nio.file.Path;

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
    Report report(String own) {
        return new Report(System.out, own);
    }

    Workshop workshop(Path folder) {
        return new Workshop(folder, prefix.resolve("bin/rung-oci"), source, System.err::println);
    }
}
