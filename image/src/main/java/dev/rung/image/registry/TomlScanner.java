package dev.rung.image.registry;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.regex.Pattern;

/** The letters of a TOML document, and what is made of a few of them: keys, texts, numbers. */
final class TomlScanner {
    private static final char END = '\uffff';
    private static final Pattern FRACTION =
            Pattern.compile("[-+]?[0-9]+([.][0-9]+([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)");

    private final String file;
    private final String text;
    private int at;

    TomlScanner(String file, String text) {
        this.file = file;
        this.text = text;
    }

    boolean at(char wanted) {
        return peek(0) == wanted;
    }

    private char peek(int ahead) {
        return at + ahead < text.length() ? text.charAt(at + ahead) : END;
    }

    boolean accepts(String wanted) {
        if (!text.startsWith(wanted, at)) {
            return false;
        }
        at += wanted.length();
        return true;
    }

    void expect(String wanted) {
        skipBlanks();
        if (!accepts(wanted)) {
            throw wrong("want \"" + wanted + "\"" + got());
        }
    }

    private String got() {
        char c = peek(0);
        return c == END
                ? ", got the end of the file"
                : c == '\n' || c == '\r'
                        ? ", got the end of the line"
                        : ", got \"" + Printable.of("" + c) + "\"";
    }

    void skipBlanks() {
        while (at(' ') || at('\t')) {
            at++;
        }
    }

    private void skipComment() {
        skipBlanks();
        if (at('#')) {
            while (at < text.length() && !at('\n')) {
                at++;
            }
        }
    }

    /** Blanks, comments and ends of lines. */
    void skipLines() {
        skipComment();
        while (at('\n') || at('\r')) {
            at++;
            skipComment();
        }
    }

    /** False at the end of the file. */
    boolean skipToContent() {
        skipLines();
        return at < text.length();
    }

    void endOfLine() {
        skipComment();
        if (at < text.length() && !accepts("\n") && !accepts("\r\n")) {
            throw wrong("want the end of the line" + got());
        }
    }

    String simpleKey() {
        if (at('"') || at('\'')) {
            return singleLine();
        }
        int from = at;
        while (isBare(peek(0))) {
            at++;
        }
        if (at == from) {
            throw wrong("want a key" + got());
        }
        return text.substring(from, at);
    }

    private static boolean isBare(char c) {
        return c < 0x80 && Character.isLetterOrDigit(c) || c == '_' || c == '-';
    }

    String text() {
        for (String quotes : new String[] {"\"\"\"", "'''"}) {
            if (accepts(quotes)) {
                if (!accepts("\n")) {
                    accepts("\r\n");
                }
                return upTo(quotes, quotes.charAt(0) == '"');
            }
        }
        return singleLine();
    }

    private String singleLine() {
        String quote = text.substring(at, at + 1);
        at++;
        return upTo(quote, quote.equals("\""));
    }

    private String upTo(String quotes, boolean escapes) {
        boolean lines = quotes.length() > 1;
        var value = new StringBuilder();
        while (!text.startsWith(quotes, at)) {
            char c = peek(0);
            if (at >= text.length() || !lines && c == '\n') {
                throw wrong("a text is not closed by " + quotes);
            } else if (escapes && c == '\\') {
                at++;
                escape(value, lines);
            } else {
                value.append(c);
                at++;
            }
        }
        at += quotes.length();
        // up to two quotes may stand right before the closing three
        while (lines && at(quotes.charAt(0))) {
            value.append(quotes.charAt(0));
            at++;
        }
        return value.toString();
    }

    private void escape(StringBuilder value, boolean lines) {
        char c = peek(0);
        at++;
        switch (c) {
            case 'b' -> value.append('\b');
            case 't' -> value.append('\t');
            case 'n' -> value.append('\n');
            case 'f' -> value.append('\f');
            case 'r' -> value.append('\r');
            case '"', '\\' -> value.append(c);
            case 'u' -> value.appendCodePoint(codePoint(4));
            case 'U' -> value.appendCodePoint(codePoint(8));
            case ' ', '\t', '\n', '\r' -> {
                if (!lines) {
                    throw wrong("\"\\" + Printable.of("" + c) + "\" is no escape");
                }
                while (at(' ') || at('\t') || at('\n') || at('\r')) {
                    at++;
                }
            }
            default -> throw wrong("\"\\" + Printable.of("" + c) + "\" is no escape");
        }
    }

    private int codePoint(int digits) {
        try {
            int value = Integer.parseInt(text.substring(at, at + digits), 16);
            if (!Character.isValidCodePoint(value) || value >= 0xd800 && value < 0xe000) {
                throw wrong("no such character");
            }
            at += digits;
            return value;
        } catch (NumberFormatException | IndexOutOfBoundsException _) {
            throw wrong("want " + digits + " hexadecimal digits");
        }
    }

    /** A number, true or false. */
    Object word() {
        int from = at;
        while (isBare(peek(0)) || at('+') || at('.') || at(':')) {
            at++;
        }
        String word = text.substring(from, at);
        if (word.equals("true") || word.equals("false")) {
            return word.equals("true");
        }
        try {
            return number(word);
        } catch (NumberFormatException _) {
            at = from;
            throw wrong(
                    word.isEmpty()
                            ? "want a value" + got()
                            : "\""
                                    + Printable.of(word)
                                    + "\" is neither a number nor a text in quotes");
        }
    }

    private static Number number(String word) {
        String digits = word.replace("_", "");
        if (word.startsWith("_") || word.endsWith("_") || word.contains("__")) {
            throw new NumberFormatException(word);
        } else if (digits.startsWith("0x")) {
            return Long.parseLong(digits.substring(2), 16);
        } else if (digits.startsWith("0o")) {
            return Long.parseLong(digits.substring(2), 8);
        } else if (digits.startsWith("0b")) {
            return Long.parseLong(digits.substring(2), 2);
        } else if (FRACTION.matcher(digits).matches()) {
            return Double.parseDouble(digits);
        }
        return Long.parseLong(digits);
    }

    /** A failure in the present line. */
    Failure.Invalid wrong(String what) {
        int line = 1;
        for (int i = 0; i < Math.min(at, text.length()); i++) {
            if (text.charAt(i) == '\n') {
                line++;
            }
        }
        return new Failure.Invalid(file + ": line " + line + ": " + what);
    }
}
