package dev.rung.cli.show;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A line a layer on a terminal, drawn anew in its place, as docker draws them: status, a bar where
 * there is room for one, and how much of how much.
 */
public final class LayerBars {
    private static final int LONGEST_BAR = 50;
    private static final int SHORTEST_BAR = 10;

    /** What stands beside a bar: id, the longest status, brackets, two sizes. */
    private static final int BESIDE_BAR = 48;

    private final int width;
    private final Consumer<String> out;
    private final Map<String, Integer> rows = new HashMap<>();
    private final Map<String, String> shown = new HashMap<>();

    /** For lines of so many characters. */
    public LayerBars(int width, Consumer<String> out) {
        this.width = width;
        this.out = out;
    }

    /** A line of its own below all; layers that come then have new lines. */
    public void line(String text) {
        rows.clear();
        shown.clear();
        out.accept(text + "\n");
    }

    /** Shows a layer's status. */
    public void put(String id, String status) {
        draw(id, id + ": " + status);
    }

    /** Shows a layer's status with a bar; sizes are in bytes. */
    public void put(String id, String status, long bytes, long size) {
        String sizes = Human.size(bytes) + "/" + Human.size(size);
        draw(
                id,
                id
                        + ": "
                        + status
                        + " "
                        + bar(bytes, size)
                        + " ".repeat(Math.max(0, 8 - sizes.indexOf('/')))
                        + sizes);
    }

    private String bar(long bytes, long size) {
        int length = Math.min(LONGEST_BAR, width - BESIDE_BAR);
        if (length < SHORTEST_BAR) {
            return "";
        }
        int done = size <= 0 ? length : (int) Math.min(length, (double) bytes / size * length);
        return "[" + "=".repeat(done) + ">" + " ".repeat(length - done) + "] ";
    }

    private void draw(String id, String whole) {
        String text = whole.length() < width ? whole : whole.substring(0, Math.max(0, width - 1));
        Integer row = rows.get(id);
        if (row == null) {
            rows.put(id, rows.size());
            out.accept(text + "\n");
        } else if (!text.equals(shown.get(id))) {
            int up = rows.size() - row;
            out.accept("\033[%dA\033[2K\r%s\r\033[%dB".formatted(up, text, up));
        }
        shown.put(id, text);
    }
}
