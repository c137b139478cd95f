package dev.rung.build.dockerfile;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Replaces variables and takes quotes away, as the shell does: $NAME, ${NAME}, and with a modifier
 * :-, -, :+, +, :?, ?, #, ##, %, %%, / and //. Not safe for use by several threads.
 */
public final class Substitution {
    private static final String SPECIAL = "@*#?-$!0";

    private final char escape;
    private final Map<String, String> variables;
    private String text = "";
    private int at;

    /** One with these values; what is not among them is not set. */
    public Substitution(char escape, Map<String, String> variables) {
        this.escape = escape;
        this.variables = variables;
    }

    /** All as one word. Invalid for a quote or a brace that is not closed. */
    public String word(String source) {
        return begin(source).whole;
    }

    /** Apart by blanks, also by those that stand in values of variables outside of quotes. */
    public List<String> words(String source) {
        return begin(source).done();
    }

    private Result begin(String source) {
        text = source;
        at = 0;
        try {
            return until('\0', false);
        } catch (Failure.Invalid e) {
            throw new Failure.Invalid(
                    "failed to process \"" + Printable.of(source) + "\": " + e.getMessage());
        }
    }

    /** What has been read, as one and as words. */
    private static final class Result {
        private String whole = "";
        private final StringBuilder all = new StringBuilder();
        private final StringBuilder word = new StringBuilder();
        private final List<String> words = new ArrayList<>();
        private boolean inWord;

        void split(String part) {
            all.append(part);
            for (int i = 0; i < part.length(); i++) {
                char c = part.charAt(i);
                if (!Character.isWhitespace(c)) {
                    word.append(c);
                    inWord = true;
                } else if (inWord) {
                    end();
                }
            }
        }

        void keep(String part) {
            all.append(part);
            word.append(part);
            inWord = true;
        }

        private void end() {
            if (!word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
            }
            inWord = false;
        }

        List<String> done() {
            end();
            return List.copyOf(words);
        }

        Result closed() {
            whole = all.toString();
            return this;
        }
    }

    /** To a character, or for 0 to the end. */
    private Result until(char stop, boolean keepsEscapes) {
        var result = new Result();
        while (at < text.length()) {
            char c = text.charAt(at);
            if (stop != 0 && c == stop) {
                at++;
                return result.closed();
            } else if (c == '\'') {
                result.keep(single());
            } else if (c == '"') {
                result.keep(twofold(keepsEscapes));
            } else if (c == '$') {
                result.split(dollar());
            } else if (c == escape) {
                at++;
                if (keepsEscapes) {
                    result.keep(String.valueOf(c));
                }
                if (at < text.length()) {
                    result.keep(String.valueOf(text.charAt(at++)));
                }
            } else {
                at++;
                result.split(String.valueOf(c));
            }
        }
        if (stop != 0) {
            throw new Failure.Invalid("syntax error: missing '" + stop + "'");
        }
        return result.closed();
    }

    private String single() {
        int end = text.indexOf('\'', at + 1);
        if (end < 0) {
            throw new Failure.Invalid(
                    "unexpected end of statement while looking for matching single-quote");
        }
        String inside = text.substring(at + 1, end);
        at = end + 1;
        return inside;
    }

    private String twofold(boolean keepsEscapes) {
        var inside = new StringBuilder();
        at++;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return inside.toString();
            } else if (c == '$') {
                inside.append(dollar());
            } else if (c == escape) {
                at++;
                char next = at < text.length() ? text.charAt(at) : 0;
                boolean escapes = next == '"' || next == '$' || next == escape;
                if (!escapes || keepsEscapes) {
                    inside.append(next == 0 ? "" : String.valueOf(c));
                }
                if (escapes) {
                    inside.append(next);
                    at++;
                }
            } else {
                inside.append(c);
                at++;
            }
        }
        throw new Failure.Invalid(
                "unexpected end of statement while looking for matching double-quote");
    }

    private String dollar() {
        at++;
        if (at >= text.length() || text.charAt(at) != '{') {
            String name = name();
            return name.isEmpty() ? "$" : orEmpty(variables.get(name));
        }
        at++;
        if (at >= text.length()) {
            throw new Failure.Invalid("syntax error: missing '}'");
        }
        if ("{}:".indexOf(text.charAt(at)) >= 0) {
            throw new Failure.Invalid("syntax error: bad substitution");
        }
        String name = name();
        if (at >= text.length()) {
            throw new Failure.Invalid("syntax error: missing '}'");
        }
        char modifier = text.charAt(at++);
        return modifier == '}'
                ? orEmpty(variables.get(name))
                : modified(name, modifier, variables.get(name));
    }

    private String modified(String name, char first, @Nullable String value) {
        boolean emptyCounts = first == ':';
        char modifier = first;
        if (emptyCounts) {
            modifier = at < text.length() ? text.charAt(at++) : 0;
        }
        boolean unset = value == null || emptyCounts && value.isEmpty();
        String shown = emptyCounts ? ":" + modifier : String.valueOf(modifier);
        return switch (modifier) {
            case '-' -> {
                String word = until('}', false).whole;
                yield unset ? word : orEmpty(value);
            }
            case '+' -> {
                String word = until('}', false).whole;
                yield unset ? "" : word;
            }
            case '?' -> {
                String word = until('}', false).whole;
                if (unset) {
                    String why =
                            !word.isEmpty()
                                    ? word
                                    : value == null
                                            ? "is not allowed to be unset"
                                            : "is not allowed to be empty";
                    throw new Failure.Invalid(name + ": " + why);
                }
                yield orEmpty(value);
            }
            case '#', '%' -> {
                if (emptyCounts) {
                    throw unsupported(shown);
                }
                yield trimmed(orEmpty(value), until('}', true).whole, modifier);
            }
            case '/' -> {
                if (emptyCounts) {
                    throw unsupported(shown);
                }
                yield replaced(orEmpty(value));
            }
            default -> throw unsupported(shown);
        };
    }

    private static Failure.Invalid unsupported(String modifier) {
        return new Failure.Invalid(
                "unsupported modifier (" + Printable.of(modifier) + ") in substitution");
    }

    /**
     * Without what the pattern matches at its beginning or end: the least of it, or twice the most.
     */
    private static String trimmed(String value, String pattern, char side) {
        boolean most = !pattern.isEmpty() && pattern.charAt(0) == side;
        String rest = most ? pattern.substring(1) : pattern;
        String expression = expression(rest, most);
        if (side == '#') {
            Matcher found = compiled(expression, rest).matcher(value);
            return found.lookingAt() ? value.substring(found.end()) : value;
        }
        Pattern whole = compiled("(?:" + expression(rest, true) + ")", rest);
        for (int i = 0; i <= value.length(); i++) {
            int start = most ? i : value.length() - i;
            if (whole.matcher(value.substring(start)).matches()) {
                return value.substring(0, start);
            }
        }
        return value;
    }

    private String replaced(String value) {
        boolean all = at < text.length() && text.charAt(at) == '/';
        if (all) {
            at++;
        }
        String pattern = until('/', true).whole;
        String replacement = Matcher.quoteReplacement(until('}', true).whole);
        Matcher found = compiled(expression(pattern, true), pattern).matcher(value);
        return all ? found.replaceAll(replacement) : found.replaceFirst(replacement);
    }

    private static Pattern compiled(String expression, String pattern) {
        try {
            return Pattern.compile(expression, Pattern.DOTALL);
        } catch (PatternSyntaxException e) {
            throw new Failure.Invalid(
                    "invalid pattern (" + Printable.of(pattern) + ") in substitution");
        }
    }

    /** A pattern of the shell, of which only * and ? mean something. */
    private static String expression(String pattern, boolean most) {
        var expression = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '*') {
                expression.append(most ? ".*" : ".*?");
            } else if (c == '?') {
                expression.append('.');
            } else {
                if (c == '\\' && i + 1 < pattern.length()) {
                    c = pattern.charAt(++i);
                }
                expression.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return expression.toString();
    }

    private String name() {
        int start = at;
        if (at < text.length() && Character.isDigit(text.charAt(at))) {
            while (at < text.length() && Character.isDigit(text.charAt(at))) {
                at++;
            }
        } else if (at < text.length() && SPECIAL.indexOf(text.charAt(at)) >= 0) {
            at++;
        } else {
            while (at < text.length() && isOfName(text.charAt(at))) {
                at++;
            }
        }
        return text.substring(start, at);
    }

    private static boolean isOfName(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }
}
