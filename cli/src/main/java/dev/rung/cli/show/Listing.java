package dev.rung.cli.show;

import dev.rung.engine.template.GoTemplate;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A list as a command prints it: a table, or what {@code --format} asks for (json, a template, or
 * "table" and a template).
 */
public final class Listing {
    private static final int LEAST_WIDTH = 10;
    private static final int GAP = 3;

    private final List<Column> columns;
    private final List<Row> rows = new ArrayList<>();

    /** Values by their columns' names, and labels by theirs. */
    private record Row(Map<String, String> values, Map<String, String> labels) {
        String label(String name) {
            return labels.getOrDefault(name, "");
        }
    }

    /**
     * A field that can be shown.
     *
     * @param name as templates call it
     * @param header of its column
     * @param usual whether it is shown when nothing else is asked for
     */
    public record Column(String name, String header, boolean usual) {
        public static Column usual(String name, String header) {
            return new Column(name, header, true);
        }

        public static Column other(String name, String header) {
            return new Column(name, header, false);
        }
    }

    public Listing(List<Column> columns) {
        this.columns = columns;
    }

    /** Adds a row: a value for each column, in their order. */
    public void add(String... values) {
        add(Map.of(), values);
    }

    /** The same for what has labels, which templates can ask for by name. */
    public void add(Map<String, String> labels, String... values) {
        var row = LinkedHashMap.<String, String>newLinkedHashMap(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            row.put(columns.get(i).name(), values[i]);
        }
        rows.add(new Row(row, labels));
    }

    /** One column alone, a value a line. */
    public String quiet(String name) {
        var text = new StringBuilder();
        for (Row row : rows) {
            text.append(row.values().get(name)).append('\n');
        }
        return text.toString();
    }

    /** All rows; the format is empty when none was asked for. */
    public String print(String format) {
        if (format.isEmpty() || format.equals("table")) {
            return usualTable();
        } else if (format.equals("json")) {
            return lines(GoTemplate.parse("{{json .}}"));
        } else if (format.startsWith("table ")) {
            return table(GoTemplate.parse(unescaped(format.substring("table ".length()))));
        }
        return lines(GoTemplate.parse(unescaped(format)));
    }

    /** Shells pass \t and \n on as they are. */
    private static String unescaped(String format) {
        return format.replace("\\t", "\t").replace("\\n", "\n");
    }

    private String lines(GoTemplate template) {
        var text = new StringBuilder();
        for (Row row : rows) {
            text.append(template.of(object(row.values()), row::label)).append('\n');
        }
        return text.toString();
    }

    private String table(GoTemplate template) {
        var headers = new LinkedHashMap<String, String>();
        for (Column column : columns) {
            headers.put(column.name(), column.header());
        }
        var cells = new ArrayList<String[]>();
        cells.add(template.of(object(headers), Listing::header).split("\t", -1));
        for (Row row : rows) {
            cells.add(template.of(object(row.values()), row::label).split("\t", -1));
        }
        return aligned(cells);
    }

    /** Of a label's column: the last part of its name, such as version of org.example.version. */
    private static String header(String label) {
        return label.substring(label.lastIndexOf('.') + 1).replace('-', ' ').replace('_', ' ');
    }

    private String usualTable() {
        var cells = new ArrayList<String[]>();
        var shown = new ArrayList<Column>();
        for (Column column : columns) {
            if (column.usual()) {
                shown.add(column);
            }
        }
        var headers = new String[shown.size()];
        for (int i = 0; i < headers.length; i++) {
            headers[i] = shown.get(i).header();
        }
        cells.add(headers);
        for (Row row : rows) {
            var line = new String[shown.size()];
            for (int i = 0; i < line.length; i++) {
                line[i] = row.values().getOrDefault(shown.get(i).name(), "");
            }
            cells.add(line);
        }
        return aligned(cells);
    }

    private static JsonObject object(Map<String, String> row) {
        var writer = JsonWriter.compact().beginObject();
        for (Map.Entry<String, String> cell : row.entrySet()) {
            writer.field(cell.getKey(), cell.getValue());
        }
        return (JsonObject) Json.read("row", writer.endObject().bytes());
    }

    /** Columns as wide as their widest cell and a gap; the last one has no end. */
    public static String aligned(List<String[]> cells) {
        int columns = 0;
        for (String[] line : cells) {
            columns = Math.max(columns, line.length);
        }
        var widths = new int[columns];
        for (String[] line : cells) {
            for (int i = 0; i < line.length; i++) {
                widths[i] = Math.max(widths[i], Math.max(LEAST_WIDTH, length(line[i]) + GAP));
            }
        }
        var text = new StringBuilder();
        for (String[] line : cells) {
            for (int i = 0; i < line.length; i++) {
                text.append(line[i]);
                if (i < line.length - 1) {
                    text.repeat(" ", widths[i] - length(line[i]));
                }
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
