package dev.rung.engine.template;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.ArrayList;
import java.util.List;

/** Cuts the inside of an action into words. */
final class Scanner {
    private final String text;
    private int at;

    private Scanner(String text) {
        this.text = text;
    }

    static List<Token> scan(String text) {
        return new Scanner(text).all();
    }

    private List<Token> all() {
        var tokens = new ArrayList<Token>();
        while (true) {
            int before = at;
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            if (at == text.length()) {
                return tokens;
            }
            // a field right behind a parenthesis or a variable belongs to it
            Token next = next();
            boolean chained =
                    before == at - next.text().length()
                            && next.kind() == Token.Kind.FIELD
                            && !tokens.isEmpty()
                            && (tokens.getLast().kind() == Token.Kind.VARIABLE
                                    || tokens.getLast().kind() == Token.Kind.FIELD
                                    || tokens.getLast().is(")"));
            tokens.add(chained ? new Token(Token.Kind.FIELD, "+" + next.text()) : next);
        }
    }

    private Token next() {
        char c = text.charAt(at);
        if (c == '"') {
            return quoted();
        } else if (c == '`') {
            int end = text.indexOf('`', at + 1);
            if (end < 0) {
                throw unclosed();
            }
            var token = new Token(Token.Kind.TEXT, text.substring(at + 1, end));
            at = end + 1;
            return token;
        } else if (c == '.') {
            return new Token(Token.Kind.FIELD, word(1));
        } else if (c == '$') {
            return new Token(Token.Kind.VARIABLE, word(1));
        } else if (c >= '0' && c <= '9' || c == '-') {
            return new Token(Token.Kind.NUMBER, word(1));
        } else if (isWordPart(c)) {
            return new Token(Token.Kind.NAME, word(0));
        }
        String sign = text.startsWith(":=", at) ? ":=" : String.valueOf(c);
        if ("():=|,".indexOf(sign) < 0) {
            throw new Failure.Invalid(
                    "template parsing error: unexpected \"" + Printable.of(sign) + "\"");
        }
        at += sign.length();
        return new Token(Token.Kind.SIGN, sign);
    }

    private String word(int from) {
        int begin = at;
        at += from;
        while (at < text.length() && isWordPart(text.charAt(at))) {
            at++;
        }
        return text.substring(begin, at);
    }

    private static boolean isWordPart(char c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }

    private Token quoted() {
        var value = new StringBuilder();
        for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
            char c = text.charAt(at);
            if (c != '\\' || at + 1 == text.length()) {
                value.append(c);
                continue;
            }
            char escaped = text.charAt(++at);
            switch (escaped) {
                case 'n' -> value.append('\n');
                case 't' -> value.append('\t');
                default -> value.append(escaped);
            }
        }
        if (at >= text.length()) {
            throw unclosed();
        }
        at++;
        return new Token(Token.Kind.TEXT, value.toString());
    }

    private static Failure.Invalid unclosed() {
        return new Failure.Invalid("template parsing error: unterminated quoted string");
    }
}
