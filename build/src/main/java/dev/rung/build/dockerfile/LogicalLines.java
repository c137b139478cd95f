package dev.rung.build.dockerfile;

import dev.rung.build.dockerfile.Instruction.Heredoc;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lines of a Dockerfile with those joined that continue one another, without comments, and with
 * the texts that belong to them.
 */
record LogicalLines(char escape, List<Line> lines, List<String> warnings) {
    private static final int LONGEST_LINE = 65535;
    private static final Pattern DIRECTIVE =
            Pattern.compile("([a-zA-Z][a-zA-Z0-9]*)\\s*=\\s*(.+?)\\s*");
    private static final Set<String> DIRECTIVES = Set.of("syntax", "escape", "check");
    private static final Pattern HEREDOC_INSTRUCTION =
            Pattern.compile("(?i)\\s*(onbuild\\s+)?(run|copy|add)\\s.*", Pattern.DOTALL);

    /** One instruction as a line; the number is that of its first line, from 1. */
    record Line(int number, String text, List<Heredoc> heredocs) {}

    /** Reads a whole Dockerfile. */
    static LogicalLines read(byte[] text) {
        return new Reader(text, '\\', true).read();
    }

    /** Reads lines of which it is known how they continue. */
    static LogicalLines read(byte[] text, char escape) {
        return new Reader(text, escape, false).read();
    }

    private static final class Reader {
        private final List<String> physical;
        private final List<Line> lines = new ArrayList<>();
        private final List<String> warnings = new ArrayList<>();
        private char escape;
        private boolean mayBeDirective;
        private final Set<String> directives = new HashSet<>();
        private int next;

        Reader(byte[] text, char escape, boolean mayBeDirective) {
            physical = split(text);
            this.escape = escape;
            this.mayBeDirective = mayBeDirective;
        }

        LogicalLines read() {
            while (next < physical.size()) {
                int first = next + 1;
                String line = physical.get(next++).strip();
                if (line.startsWith("#")) {
                    directive(line, first);
                    continue;
                }
                mayBeDirective = false;
                if (!line.isEmpty()) {
                    join(withoutEnd(physical.get(next - 1)).stripLeading(), first);
                }
            }
            return new LogicalLines(escape, List.copyOf(lines), List.copyOf(warnings));
        }

        /** Comments in the middle go, and so do empty lines, which Docker warns of. */
        private void join(String begin, int first) {
            var whole = new StringBuilder();
            boolean goesOn = append(whole, begin);
            boolean emptyLine = false;
            while (goesOn && next < physical.size()) {
                String line = withoutEnd(physical.get(next++));
                if (line.stripLeading().startsWith("#")) {
                    continue;
                } else if (line.isBlank()) {
                    emptyLine = true;
                    continue;
                }
                goesOn = append(whole, line);
            }
            String text = whole.toString();
            if (text.isBlank()) {
                return;
            }
            if (emptyLine) {
                warnings.add("Empty continuation line found in: " + Printable.of(text.strip()));
            }
            boolean mayHave = HEREDOC_INSTRUCTION.matcher(text).matches() && text.contains("<<");
            lines.add(new Line(first, text.strip(), mayHave ? heredocs(text, first) : List.of()));
        }

        /** Whether the next line belongs to it. */
        private boolean append(StringBuilder whole, String line) {
            int end = line.length();
            while (end > 0 && (line.charAt(end - 1) == ' ' || line.charAt(end - 1) == '\t')) {
                end--;
            }
            boolean continued =
                    end > 0
                            && line.charAt(end - 1) == escape
                            && (end == 1 || line.charAt(end - 2) != escape);
            whole.append(continued ? line.substring(0, end - 1) : line);
            return continued;
        }

        private void directive(String line, int number) {
            Matcher found = DIRECTIVE.matcher(line.substring(1).strip());
            String name = found.matches() ? found.group(1).toLowerCase(Locale.ROOT) : "";
            if (!mayBeDirective || !DIRECTIVES.contains(name)) {
                mayBeDirective = false;
                return;
            }
            if (!directives.add(name)) {
                throw Dockerfile.parseError(
                        number, "only one " + name + " parser directive can be used");
            }
            if (name.equals("escape")) {
                String value = found.group(2);
                if (!value.equals("\\") && !value.equals("`")) {
                    throw Dockerfile.parseError(
                            number,
                            "invalid escape token '"
                                    + Printable.of(value)
                                    + "' does not match ` or \\");
                }
                escape = value.charAt(0);
            }
        }

        private List<Heredoc> heredocs(String text, int first) {
            var all = new ArrayList<Heredoc>();
            for (Heredoc sign : HeredocSigns.in(text)) {
                var content = new StringBuilder();
                boolean ends = false;
                while (!ends && next < physical.size()) {
                    String line = physical.get(next++);
                    String end = withoutEnd(line);
                    if (sign.strips()) {
                        end = end.replaceFirst("^\t+", "");
                    }
                    ends = end.equals(sign.name());
                    if (!ends) {
                        content.append(line);
                    }
                }
                if (!ends) {
                    throw Dockerfile.parseError(first, "unterminated heredoc");
                }
                all.add(
                        new Heredoc(
                                sign.name(),
                                sign.descriptor(),
                                sign.expands(),
                                sign.strips(),
                                content.toString()));
            }
            return List.copyOf(all);
        }
    }

    private static String withoutEnd(String line) {
        int end = line.length();
        while (end > 0 && (line.charAt(end - 1) == '\n' || line.charAt(end - 1) == '\r')) {
            end--;
        }
        return line.substring(0, end);
    }

    /** Each with its end, without the mark of UTF-8 at the beginning. */
    private static List<String> split(byte[] bytes) {
        if (bytes.length > Dockerfile.LARGEST) {
            throw new Failure.Invalid(
                    "Dockerfile greater than max allowed size of " + Dockerfile.LARGEST);
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.startsWith("\ufeff")) {
            text = text.substring(1);
        }
        var lines = new ArrayList<String>();
        for (int start = 0; start < text.length(); ) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end + 1;
            if (end - start > LONGEST_LINE) {
                throw new Failure.Invalid(
                        "dockerfile line greater than max allowed size of " + LONGEST_LINE);
            }
            lines.add(text.substring(start, end));
            start = end;
        }
        return lines;
    }
}
