package dev.rung.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints what was measured beside what was aimed at. */
final class Report {
    private final PrintStream out;
    private final String ours;

    /**
     * @param ours the contestant that the others are compared with
     */
    Report(PrintStream out, String ours) {
        this.out = out;
        this.ours = ours;
    }

    void missing(String peer) {
        out.printf("no %s here to compare with%n", peer);
    }

    /** Something that is not measured here. */
    void skipped(String what, String why) {
        out.printf("%n%s: not measured, %s%n", what, why);
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

    /**
     * Processor time of ours and of a peer, in nanoseconds a second, which ours is not to exceed.
     */
    void load(String own, double nanos, String peer, double theirs) {
        out.printf(Locale.ROOT, "  %-24s %8.2f ms a second%n", own, nanos / 1e6);
        if (theirs > 0) {
            String kept = nanos <= theirs ? "yes" : "NO";
            out.printf(
                    Locale.ROOT,
                    "  %-24s %8.2f ms a second, at most as much: %s%n",
                    peer,
                    theirs / 1e6,
                    kept);
        }
    }

    /** Ours as a part of a peer's, by the medians; a peer that did not run is left out. */
    void ratio(List<Timing> timings, String phase, String peer, double most) {
        Timing own = find(timings, ours, phase);
        Timing theirs = find(timings, peer, phase);
        if (own == null || theirs == null || theirs.failures() == theirs.rounds()) {
            return;
        }
        double ratio = own.median() / theirs.median();
        out.printf(
                Locale.ROOT,
                "  %-8s %5.2f x %-8s at most %.2f: %s   (least of each: %.2f)%n",
                phase,
                ratio,
                peer,
                most,
                ratio <= most ? "yes" : "NO",
                own.least() / theirs.least());
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

    /** The size of a peer's. */
    void size(String what, double kib) {
        out.printf(Locale.ROOT, "  %-44s %8.0f KiB%n", what, kib);
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
