package dev.rung.cli.show;

import dev.rung.cli.show.Waterfall.Row;
import java.util.Locale;

/** A waterfall as a picture. */
public final class WaterfallSvg {
    private static final int WIDTH = 1000;
    private static final int MARGIN = 28;
    private static final int ROW = 24;
    private static final int BAR = 14;
    private static final int TOP = 92;
    private static final int NAMES = 130;
    private static final int DETAILS = 190;
    private static final int TIMES = 78;
    private static final int INDENT = 14;
    private static final int LONGEST_DETAIL = 27;
    private static final int LEFT = MARGIN + NAMES + DETAILS;
    private static final int PLOT = WIDTH - MARGIN - TIMES - LEFT;
    private static final String STYLE =
            """
            <style>
              text { font: 12px Inter, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; fill: #1f2937; }
              .title { font-size: 17px; font-weight: 600; }
              .soft { fill: #6b7280; }
              .group { font-weight: 600; }
              .right { text-anchor: end; }
              .middle { text-anchor: middle; font-size: 11px; }
              .grid { stroke: #e5e7eb; stroke-width: 1; }
              .CREATION { fill: #6366f1; }
              .START { fill: #0ea5e9; }
              .RUNTIME { fill: #10b981; }
              .whole { opacity: 0.28; }
            </style>
            """;

    private final Waterfall waterfall;
    private final StringBuilder svg = new StringBuilder();

    private WaterfallSvg(Waterfall waterfall) {
        this.waterfall = waterfall;
    }

    /** A whole file. */
    public static String of(Waterfall waterfall) {
        return new WaterfallSvg(waterfall).draw();
    }

    private String draw() {
        int bottom = TOP + ROW * waterfall.rows().size();
        int height = bottom + 34 + 18 * waterfall.notes().size();
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\"",
                        WIDTH,
                        height));
        svg.append(String.format(Locale.ROOT, " viewBox=\"0 0 %d %d\">\n", WIDTH, height));
        svg.append(STYLE);
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n",
                        WIDTH,
                        height));
        text(MARGIN, 42, "title", waterfall.title());
        text(WIDTH - MARGIN, 42, "title right", Waterfall.milliseconds(waterfall.nanos()));
        grid(bottom);
        int at = TOP;
        for (Row row : waterfall.rows()) {
            row(row, at);
            at += ROW;
        }
        at = bottom + 30;
        for (String note : waterfall.notes()) {
            text(MARGIN, at, "soft", note);
            at += 18;
        }
        return svg.append("</svg>\n").toString();
    }

    private void grid(int bottom) {
        long tick = waterfall.tickNanos();
        for (long nanos = 0; nanos <= waterfall.nanos(); nanos += tick) {
            double x = x(nanos);
            svg.append(
                    String.format(
                            Locale.ROOT,
                            "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n",
                            x,
                            x,
                            TOP - 8,
                            bottom));
            text(x, TOP - 15, "middle soft", Waterfall.mark(nanos) + (nanos == 0 ? " ms" : ""));
        }
    }

    private static double x(long nanos, long all) {
        return LEFT + (double) nanos * PLOT / all;
    }

    private double x(long nanos) {
        return x(nanos, waterfall.nanos());
    }

    private void row(Row row, int y) {
        int base = y + ROW / 2 + 4;
        text(MARGIN + INDENT * row.depth(), base, row.depth() == 0 ? "group" : "", row.name());
        String detail = row.detail();
        if (detail.length() > LONGEST_DETAIL) {
            detail = detail.substring(0, LONGEST_DETAIL - 1) + "…";
        }
        text(MARGIN + NAMES, base, "soft", detail);
        double from = x(row.fromNanos());
        double width = Math.max(1.5, x(row.toNanos()) - from);
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<rect class=\"%s%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"%.1f\"/>\n",
                        row.area().name(),
                        row.whole() ? " whole" : "",
                        from,
                        y + (ROW - BAR) / 2,
                        width,
                        BAR,
                        Math.min(3, width / 2)));
        text(
                WIDTH - MARGIN,
                base,
                row.depth() == 0 ? "group right" : "soft right",
                Waterfall.milliseconds(row.nanos()));
    }

    private void text(double x, int y, String style, String words) {
        if (!words.isEmpty()) {
            svg.append(
                    String.format(
                            Locale.ROOT, "<text class=\"%s\" x=\"%.1f\" y=\"%d\">", style, x, y));
            svg.append(escaped(words)).append("</text>\n");
        }
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
