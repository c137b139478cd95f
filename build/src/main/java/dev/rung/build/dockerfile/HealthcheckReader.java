package dev.rung.build.dockerfile;

import dev.rung.build.dockerfile.Instruction.CommandLine;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.image.ContainerDefaults.Healthcheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads HEALTHCHECK, and durations as Go writes them. */
final class HealthcheckReader {
    private static final Pattern PART = Pattern.compile("(\\d*\\.?\\d*)(ns|us|µs|ms|s|m|h)");
    private static final long LEAST_NS = 1_000_000;

    private HealthcheckReader() {}

    static Healthcheck read(Flags flags, String rest, Function<String, CommandLine> command) {
        if (rest.isEmpty()) {
            throw new Failure.Invalid("HEALTHCHECK requires at least one argument");
        }
        String[] parts = rest.split("\\s+", 2);
        String type = parts[0].toUpperCase(Locale.ROOT);
        String line = parts.length == 2 ? parts[1] : "";
        if (type.equals("NONE")) {
            if (!line.isEmpty()) {
                throw new Failure.Invalid("HEALTHCHECK NONE takes no arguments");
            }
            return new Healthcheck(List.of("NONE"), 0, 0, 0, 0, 0);
        } else if (!type.equals("CMD")) {
            throw new Failure.Invalid(
                    "Unknown type \"" + Printable.of(type) + "\" in HEALTHCHECK (try CMD)");
        }
        CommandLine read = command.apply(line);
        if (read.words().isEmpty()) {
            throw new Failure.Invalid("Missing command after HEALTHCHECK CMD");
        }
        var test = new ArrayList<String>();
        test.add(read.shell() ? "CMD-SHELL" : "CMD");
        test.addAll(read.words());
        return new Healthcheck(
                List.copyOf(test),
                interval(flags, "interval"),
                interval(flags, "timeout"),
                interval(flags, "start-period"),
                interval(flags, "start-interval"),
                retries(flags.text("retries")));
    }

    private static long retries(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        int retries;
        try {
            retries = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new Failure.Invalid(
                    "--retries=" + Printable.of(text) + ": want a number of attempts");
        }
        if (retries < 0) {
            throw new Failure.Invalid("--retries cannot be negative (" + retries + ")");
        }
        return retries;
    }

    private static long interval(Flags flags, String name) {
        String text = flags.text(name);
        long nanos = text.isEmpty() ? 0 : duration(text);
        if (nanos != 0 && nanos < LEAST_NS) {
            throw new Failure.Invalid("Interval \"" + name + "\" cannot be less than 1ms");
        }
        return nanos;
    }

    /** Such as 1m30s or 0.5h, in nanoseconds. */
    private static long duration(String text) {
        Matcher part = PART.matcher(text);
        double nanos = 0;
        int end = 0;
        while (end < text.length() && part.find(end) && part.start() == end) {
            if (part.group(1).isEmpty() || part.group(1).equals(".")) {
                break;
            }
            nanos += Double.parseDouble(part.group(1)) * unit(part.group(2));
            end = part.end();
        }
        if (text.equals("0")) {
            return 0;
        } else if (end == 0 || end < text.length() || nanos > Long.MAX_VALUE) {
            throw new Failure.Invalid("time: invalid duration \"" + Printable.of(text) + "\"");
        }
        return (long) nanos;
    }

    private static double unit(String unit) {
        return switch (unit) {
            case "ns" -> 1;
            case "us", "µs" -> 1e3;
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            default -> 3600e9;
        };
    }
}
