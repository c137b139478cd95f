package dev.rung.build.dockerfile;

import dev.rung.domain.Failure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a .dockerignore leaves out of a context: patterns as {@link GoPattern} has them, with ** for
 * any number of folders, and ! before those that take a file back in. The last that matches
 * decides.
 */
public final class IgnorePatterns {
    /** Leaves nothing out. */
    public static final IgnorePatterns NONE = new IgnorePatterns(List.of());

    private final List<Rule> rules;
    private final boolean anyBack;

    private record Rule(Pattern pattern, boolean back) {}

    private IgnorePatterns(List<Rule> rules) {
        this.rules = rules;
        anyBack = rules.stream().anyMatch(Rule::back);
    }

    /** Reads the file. */
    public static IgnorePatterns parse(byte[] file) {
        String text = new String(file, StandardCharsets.UTF_8);
        var lines = new ArrayList<String>();
        for (String line : (text.startsWith("\ufeff") ? text.substring(1) : text).split("\n")) {
            if (!line.startsWith("#")) {
                lines.add(line);
            }
        }
        return of(lines);
    }

    /** Takes single patterns. Invalid for one that makes no sense. */
    public static IgnorePatterns of(List<String> patterns) {
        var rules = new ArrayList<Rule>();
        for (String each : patterns) {
            String line = each.strip();
            boolean back = line.startsWith("!");
            String path = back ? line.substring(1).strip() : line;
            if (back && path.isEmpty()) {
                throw new Failure.Invalid("illegal exclusion pattern: \"!\"");
            }
            if (!path.isEmpty()) {
                String plain = plain(path);
                if (!plain.isEmpty() && !plain.equals(".")) {
                    rules.add(new Rule(GoPattern.compile(path, expression(plain)), back));
                }
            }
        }
        return new IgnorePatterns(List.copyOf(rules));
    }

    /** Without slashes at both ends, "." and "..", as from the context's root. */
    private static String plain(String path) {
        var parts = new ArrayList<String>();
        for (String part : path.split("/")) {
            if (part.equals("..")) {
                if (!parts.isEmpty()) {
                    parts.removeLast();
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return String.join("/", parts);
    }

    private static String expression(String text) {
        var expression = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            if (text.startsWith("**/", at)) { // no folder at all is well, too
                expression.append("(?:.*/)?");
                at += 3;
            } else if (text.startsWith("**", at)) {
                expression.append(".*");
                at += 2;
            } else {
                at = GoPattern.append(text, at, expression) + 1;
            }
        }
        return expression.toString();
    }

    /** Whether a path of the context, without a slash at its beginning, is left out. */
    public boolean ignores(String path) {
        boolean ignored = false;
        for (Rule rule : rules) {
            if (ignored == rule.back && matchesItOrAbove(rule.pattern, path)) {
                ignored = !rule.back;
            }
        }
        return ignored;
    }

    /** Whether nothing below an ignored folder can be taken back in. */
    public boolean ignoresAllBelow(String folder) {
        return !anyBack && ignores(folder);
    }

    private static boolean matchesItOrAbove(Pattern pattern, String path) {
        if (pattern.matcher(path).matches()) {
            return true;
        }
        for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
            if (pattern.matcher(path.substring(0, slash)).matches()) {
                return true;
            }
        }
        return false;
    }
}
