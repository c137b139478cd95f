package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.ArrayList;
import java.util.List;

/** The log that criu leaves, which alone says why it failed. */
final class CriuLog {
    private static final int MOST_LINES = 3;
    private static final int LONGEST = 64 << 20;

    private CriuLog() {}

    /** The failure with criu's own words, the last errors of its log, and where that is. */
    static Failure explained(Call call, Failure failure, String folder, String name) {
        if (!String.valueOf(failure.getMessage()).startsWith("criu failed")) {
            return failure; // it did not come to it
        }
        String path = folder + "/" + name;
        Files.Content log = call.files().read(path, LONGEST);
        if (!log.there()) {
            return failure;
        }
        List<String> errors = errors(log.text());
        return new Failure.HostRefused(
                failure.getMessage()
                        + (errors.isEmpty() ? "" : ": " + String.join("; ", errors))
                        + " (log file: "
                        + path
                        + ")",
                failure);
    }

    /** Each without the time before it. */
    private static List<String> errors(String log) {
        var errors = new ArrayList<String>();
        for (String line : log.lines().toList()) {
            int at = line.indexOf("Error (");
            if (at >= 0) {
                errors.add(Printable.of(line.substring(at)));
            }
        }
        return errors.subList(Math.max(0, errors.size() - MOST_LINES), errors.size());
    }
}
