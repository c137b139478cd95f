package dev.rung.build.dockerfile;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Patterns of paths as Go's filepath.Match reads them: * and ? stop at a slash. */
public final class GoPattern {
    private final Pattern pattern;

    private GoPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** Whether a source has something in it that stands for other characters. */
    public static boolean isPattern(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '*' || c == '?' || c == '[') {
                return true;
            }
        }
        return false;
    }

    /** Reads one. Invalid for brackets that are not closed. */
    public static GoPattern of(String text) {
        return new GoPattern(compile(text, expression(text)));
    }

    static Pattern compile(String text, String expression) {
        try {
            return Pattern.compile(expression, Pattern.DOTALL);
        } catch (PatternSyntaxException e) {
            throw new Failure.Invalid("syntax error in pattern \"" + Printable.of(text) + "\"");
        }
    }

    public boolean matches(String path) {
        return pattern.matcher(path).matches();
    }

    private static String expression(String text) {
        var expression = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            at = append(text, at, expression) + 1;
        }
        return expression.toString();
    }

    /** Appends what stands at a place; where that ends. */
    static int append(String text, int at, StringBuilder expression) {
        char c = text.charAt(at);
        switch (c) {
            case '*' -> expression.append("[^/]*");
            case '?' -> expression.append("[^/]");
            case '[' -> {
                return brackets(text, at, expression);
            }
            case '\\' -> {
                if (at + 1 == text.length()) {
                    throw new Failure.Invalid(
                            "syntax error in pattern \"" + Printable.of(text) + "\"");
                }
                expression.append(Pattern.quote(String.valueOf(text.charAt(at + 1))));
                return at + 1;
            }
            default -> expression.append(Pattern.quote(String.valueOf(c)));
        }
        return at;
    }

    private static int brackets(String text, int start, StringBuilder expression) {
        int at = start + 1;
        expression.append('[');
        if (at < text.length() && text.charAt(at) == '^') {
            expression.append('^');
            at++;
        }
        boolean any = false;
        for (; at < text.length() && (text.charAt(at) != ']' || !any); at++) {
            char c = text.charAt(at);
            any = true;
            if (c == '\\' && at + 1 < text.length()) {
                c = text.charAt(++at);
            } else if (c == '-') {
                expression.append(c);
                continue;
            }
            expression.append('\\');
            if (Character.isLetterOrDigit(c)) {
                expression.setLength(expression.length() - 1); // a letter would mean a class
            }
            expression.append(c);
        }
        if (at == text.length()) {
            throw new Failure.Invalid("syntax error in pattern \"" + Printable.of(text) + "\"");
        }
        expression.append("&&[^/]]");
        return at;
    }
}
