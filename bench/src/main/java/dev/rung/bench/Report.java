package dev.rung.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints what was measured beside what was aimed at. */
final class Report {
    private final PrintStream out;

    Report(PrintStream out) {
        this.out = out;
    }

    void missing(String peer) {
        out.printf("no %s here to compare with%n", peer);
    }

    void head(String title) {
        out.printf("%n%s%n", title);
    }

    void timings(List<Timing> timings) {
        out.printf("  %-10s %-8s %10s %10s %10s%n", "", "", "least ms", "median ms", "most ms");
        for (Timing timing : timings) {
            out.printf(
                    Locale.ROOT,
                    "  %-10s %-8s %10.2f %10.2f %10.2f%n",
                    timing.contestant(),
                    timing.phase(),
                    timing.least() / 1000,
                    timing.median() / 1000,
                    timing.most() / 1000);
        }
    }

    /** Ours as a part of a peer's, by the medians; a peer that did not run is left out. */
    void ratio(List<Timing> timings, String phase, String peer, double most) {
        Timing ours = find(timings, Contestant.RUNG, phase);
        Timing theirs = find(timings, peer, phase);
        if (ours == null || theirs == null || theirs.failures() == theirs.rounds()) {
            return;
        }
        double ratio = ours.median() / theirs.median();
        out.printf(
                Locale.ROOT,
                "  %-8s %5.2f x %-8s at most %.2f: %s   (least of each: %.2f)%n",
                phase,
                ratio,
                peer,
                most,
                ratio <= most ? "yes" : "NO",
                ours.least() / theirs.least());
    }

    void size(String what, double kib, double most) {
        out.printf(
                Locale.ROOT,
                "  %-44s %8.0f KiB, at most %.0f: %s%n",
                what,
                kib,
                most,
                kib <= most ? "yes" : "NO");
    }

    private static @Nullable Timing find(List<Timing> timings, String contestant, String phase) {
        for (Timing timing : timings) {
            if (timing.contestant().equals(contestant) && timing.phase().equals(phase)) {
                return timing;
            }
        }
        return null;
    }
}
