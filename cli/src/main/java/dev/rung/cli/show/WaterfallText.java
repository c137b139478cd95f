package dev.rung.cli.show;

import dev.rung.cli.show.Waterfall.Row;
import java.util.List;

/** A waterfall for terminals: a line for each bar, in eighths of a character. */
public final class WaterfallText {
    private static final int LEAST_BAR = 16;
    private static final int MOST_DETAIL = 22;
    private static final int TIME = 11;
    private static final String EIGHTHS = "▏▎▍▌▋▊▉█";
    private static final String PLAIN = "\033[0m";
    private static final String BOLD = "\033[1m";
    private static final String DIM = "\033[2m";

    private final Waterfall waterfall;
    private final boolean colours;
    private final int names;
    private final int details;
    private final int bar;
    private final StringBuilder text = new StringBuilder();

    private WaterfallText(Waterfall waterfall, int width, boolean colours) {
        this.waterfall = waterfall;
        this.colours = colours;
        int longestName = 0;
        int longestDetail = 0;
        for (Row row : waterfall.rows()) {
            longestName = Math.max(longestName, 2 * row.depth() + row.name().length());
            longestDetail = Math.max(longestDetail, row.detail().length());
        }
        names = longestName + 2;
        int room = width - names - TIME - LEAST_BAR - 2;
        details = Math.clamp(longestDetail, 0, Math.clamp(room, 0, MOST_DETAIL));
        bar = Math.max(LEAST_BAR, width - names - details - 2 - TIME);
    }

    /** Lines of at most that width, unless it is far too small. */
    public static String of(Waterfall waterfall, int width, boolean colours) {
        return new WaterfallText(waterfall, width, colours).draw();
    }

    private String draw() {
        styled(BOLD, waterfall.title()).append('\n');
        scale();
        for (Row row : waterfall.rows()) {
            line(row);
        }
        List<String> notes = waterfall.notes();
        for (String note : notes) {
            styled(DIM, note).append('\n');
        }
        return text.toString();
    }

    private StringBuilder styled(String style, String what) {
        return colours ? text.append(style).append(what).append(PLAIN) : text.append(what);
    }

    private void scale() {
        var scale = new StringBuilder();
        long tick = waterfall.tickNanos();
        for (long at = 0; at <= waterfall.nanos(); at += tick) {
            int place = place(at);
            String mark = Waterfall.mark(at);
            if (place >= scale.length() && place + mark.length() <= bar) {
                scale.repeat(' ', place - scale.length()).append(mark);
            }
        }
        scale.repeat(' ', Math.max(0, bar - scale.length()));
        String end = Waterfall.milliseconds(waterfall.nanos());
        text.repeat(' ', names + details + 2);
        styled(DIM, scale.toString()).repeat(' ', Math.max(1, TIME - end.length()));
        styled(BOLD, end).append('\n');
    }

    private int place(long nanos) {
        return (int) (nanos * bar / waterfall.nanos());
    }

    private void line(Row row) {
        text.repeat(' ', 2 * row.depth());
        if (row.depth() == 0) {
            styled(BOLD, row.name());
        } else {
            text.append(row.name());
        }
        text.repeat(' ', names - 2 * row.depth() - row.name().length());
        String detail = row.detail();
        if (detail.length() > details) {
            detail = details == 0 ? "" : detail.substring(0, details - 1) + "…";
        }
        styled(DIM, detail).repeat(' ', details + 2 - detail.length());
        bar(row);
        String time = Waterfall.milliseconds(row.nanos());
        text.repeat(' ', Math.max(1, TIME - time.length()));
        styled(row.depth() == 0 ? BOLD : "", time);
        text.append('\n');
    }

    private void bar(Row row) {
        int from = Math.min(place(row.fromNanos()), bar - 1);
        long eighths = Math.max(1, 8 * row.nanos() * bar / waterfall.nanos());
        eighths = Math.min(eighths, 8L * (bar - from));
        var drawn = new StringBuilder();
        drawn.repeat(row.whole() ? '─' : '█', (int) (eighths / 8));
        int rest = (int) (eighths % 8);
        if (rest > 0) {
            drawn.append(row.whole() ? '╴' : EIGHTHS.charAt(rest - 1));
        }
        text.repeat(' ', from);
        styled(colour(row), drawn.toString()).repeat(' ', bar - from - drawn.length());
    }

    private static String colour(Row row) {
        return switch (row.area()) {
            case CREATION -> "\033[34m";
            case START -> "\033[36m";
            case RUNTIME -> "\033[32m";
        };
    }
}
