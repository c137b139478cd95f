package dev.rung.bench;

import java.io.PrintStream;
import java.nio.file.Path;

/**
 * What a benchmark is called with.
 *
 * @param prefix where rung is installed
 * @param source of the program that races, or sends
 * @param rest for how many seconds daemons rest before their sizes are taken
 * @param out where results are told
 * @param errors where it is told what went wrong
 */
record BenchCall(
        Path prefix, Path source, int rounds, int rest, PrintStream out, PrintStream errors) {
    static BenchCall of(String[] args, PrintStream out, PrintStream errors) {
        return new BenchCall(
                Path.of(args[0]).toAbsolutePath(),
                Path.of(args[1]),
                Integer.parseInt(args[2]),
                Integer.parseInt(args[3]),
                out,
                errors);
    }

    /** Beside whom others are measured. */
    Report report(String own) {
        return new Report(out, own);
    }

    Workshop workshop(Path folder) {
        return new Workshop(folder, prefix.resolve("bin/rung-oci"), source, errors::println);
    }
}
