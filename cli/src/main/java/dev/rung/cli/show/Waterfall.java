package dev.rung.cli.show;

import dev.rung.domain.Printable;
import dev.rung.engine.StartTrace;
import dev.rung.engine.StartTrace.Area;
import dev.rung.engine.StartTrace.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A trace as rows of bars: the creation and the start, each with its parts below it. */
public final class Waterfall {
    private static final int MOST_TICKS = 6;
    private static final int SLOWEST = 3;
    private static final double MILLISECOND = 1e6;

    private final String title;
    private final StartTrace trace;
    private final List<Row> rows = new ArrayList<>();

    /**
     * A bar with what it stands for.
     *
     * @param depth how far it is indented
     * @param whole whether its parts have rows of their own
     */
    record Row(
            Area area,
            int depth,
            boolean whole,
            String name,
            String detail,
            long fromNanos,
            long toNanos) {
        long nanos() {
            return toNanos - fromNanos;
        }
    }

    /** The title says of what container. */
    public Waterfall(String title, StartTrace trace) {
        this.title = title;
        this.trace = trace;
        group("creation", Area.CREATION);
        group("start", Area.START);
    }

    private void group(String name, Area area) {
        long from = Long.MAX_VALUE;
        long to = 0;
        for (Part part : trace.parts()) {
            if (part.area() == area) {
                from = Math.min(from, part.fromNanos());
                to = Math.max(to, part.toNanos());
            }
        }
        if (to == 0) {
            return;
        }
        rows.add(new Row(area, 0, true, name, "", from, to));
        boolean inside = area == Area.START && has(Area.RUNTIME);
        for (Part part : trace.parts()) {
            if (part.area() != area) {
                continue;
            }
            boolean whole = inside && part.name().equals("create");
            rows.add(row(1, whole, part));
            if (whole) {
                for (Part inner : trace.parts()) {
                    if (inner.area() == Area.RUNTIME) {
                        rows.add(row(2, false, inner));
                    }
                }
            }
        }
    }

    private boolean has(Area area) {
        return trace.parts().stream().anyMatch(part -> part.area() == area);
    }

    private static Row row(int depth, boolean whole, Part part) {
        return new Row(
                part.area(),
                depth,
                whole,
                part.name(),
                Printable.of(part.detail()),
                part.fromNanos(),
                part.toNanos());
    }

    String title() {
        return title;
    }

    List<Row> rows() {
        return rows;
    }

    long nanos() {
        return Math.max(1, trace.nanos());
    }

    /** Between two lines of the scale: 1, 2 or 5 of some power of ten. */
    long tickNanos() {
        long step = 1000;
        while (true) {
            for (int factor : new int[] {1, 2, 5}) {
                if (nanos() / (step * factor) <= MOST_TICKS) {
                    return step * factor;
                }
            }
            step *= 10;
        }
    }

    /** What is to be known besides: lines. */
    List<String> notes() {
        var notes = new ArrayList<String>();
        List<Row> parts =
                rows.stream()
                        .filter(row -> !row.whole)
                        .sorted(Comparator.comparingLong(Row::nanos).reversed())
                        .limit(SLOWEST)
                        .toList();
        var slowest = new StringBuilder("slowest:");
        for (Row row : parts) {
            slowest.append(slowest.charAt(slowest.length() - 1) == ':' ? " " : ", ");
            slowest.append(row.name).append(' ').append(milliseconds(row.nanos()));
        }
        notes.add(slowest.toString());
        if (trace.waitedNanos() > 0) {
            notes.add(
                    "started "
                            + Human.duration(Duration.ofNanos(trace.waitedNanos()))
                                    .toLowerCase(Locale.ROOT)
                            + " after it was created, which is left out here");
        }
        return notes;
    }

    static String milliseconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f ms", nanos / MILLISECOND);
    }

    /** A mark of the scale, which is a round number. */
    static String mark(long nanos) {
        String text = String.format(Locale.ROOT, "%.3f", nanos / MILLISECOND);
        return text.replaceAll("0+$", "").replaceAll("[.]$", "");
    }
}
