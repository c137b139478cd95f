package dev.rung.tests.docker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The tables of docs/docker-differences.md: request, where, and dockerd's and Rung's, with "*" for
 * any text. A row that nothing needs is as wrong as a difference without a row.
 */
final class KnownDifferences {
    /** What an older version answers differs for the same reasons. */
    private static final Pattern OLDER = Pattern.compile(" =/v[0-9.]+(?=/)");

    private final List<Row> rows = new ArrayList<>();
    private final Set<Row> needed = new LinkedHashSet<>();

    private record Row(String request, String where, String what, boolean sometimes) {
        boolean fits(Difference difference) {
            String asked = difference.request();
            return (fits(request, asked) || fits(request, OLDER.matcher(asked).replaceFirst(" ")))
                    && fits(where, difference.where())
                    && fits(what, difference.what());
        }

        private static boolean fits(String wish, String text) {
            var pattern = new StringBuilder();
            for (String part : wish.split("\\*", -1)) {
                pattern.append(pattern.isEmpty() ? "" : ".*").append(Pattern.quote(part));
            }
            return Pattern.compile(pattern.toString(), Pattern.DOTALL).matcher(text).matches();
        }
    }

    /** Those rows of the file that begin with a word in code: what a program can compare. */
    KnownDifferences(Path file) {
        try {
            for (String line : Files.readAllLines(file)) {
                String[] cells = line.split("(?<!\\\\)\\|");
                if (cells.length > 4 && cells[1].strip().startsWith("`")) {
                    rows.add(
                            new Row(
                                    code(cells[1]),
                                    code(cells[2]),
                                    code(cells[3]),
                                    cells[4].contains("sometimes")));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String code(String cell) {
        return cell.strip().replaceAll("^`|`$", "").replace("\\|", "|");
    }

    /** Those that no row knows. */
    List<Difference> unknown(List<Difference> all) {
        var unknown = new ArrayList<Difference>();
        for (Difference difference : all) {
            List<Row> fitting = rows.stream().filter(row -> row.fits(difference)).toList();
            needed.addAll(fitting);
            if (fitting.isEmpty()) {
                unknown.add(difference);
            }
        }
        return unknown;
    }

    /** Rows that nothing needed. */
    List<String> needless() {
        return rows.stream()
                .filter(row -> !row.sometimes && !needed.contains(row))
                .map(Row::toString)
                .toList();
    }
}
