package dev.rung.engine.template;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.template.Node.Command;
import dev.rung.engine.template.Node.Operand;
import dev.rung.engine.template.Node.Pipeline;
import java.util.ArrayList;
import java.util.List;

/** Reads a template. */
final class TemplateParser {
    private final String text;
    private int at;

    /** The action that ended the list being read: end, else, or else if with its words. */
    private List<Token> stop = List.of();

    private TemplateParser(String text) {
        this.text = text;
    }

    static List<Node> parse(String text) {
        var parser = new TemplateParser(text);
        List<Node> nodes = parser.list();
        if (!parser.stop.isEmpty()) {
            throw failed("unexpected {{" + parser.stop.getFirst().text() + "}}");
        }
        return nodes;
    }

    private List<Node> list() {
        var nodes = new ArrayList<Node>();
        while (true) {
            int open = text.indexOf("{{", at);
            String plain = text.substring(at, open < 0 ? text.length() : open);
            if (open >= 0 && text.startsWith("{{- ", open)) {
                plain = plain.stripTrailing();
            }
            if (!plain.isEmpty()) {
                nodes.add(new Node.Plain(plain));
            }
            if (open < 0) {
                at = text.length();
                stop = List.of();
                return nodes;
            }
            List<Token> words = action(open);
            if (words.isEmpty()) {
                continue;
            }
            Token first = words.getFirst();
            if (first.isName("end") || first.isName("else")) {
                stop = words;
                return nodes;
            }
            nodes.add(node(words));
        }
    }

    /** The words of the action that begins here; none for a comment. */
    private List<Token> action(int open) {
        int close = text.indexOf("}}", open);
        // texts may hold braces
        while (close >= 0 && quotes(open, close) % 2 != 0) {
            close = text.indexOf("}}", close + 1);
        }
        if (close < 0) {
            throw failed("unclosed action");
        }
        String inside = text.substring(open + 2, close);
        at = close + 2;
        if (inside.startsWith("- ")) {
            inside = inside.substring(2);
        }
        if (inside.endsWith(" -")) {
            inside = inside.substring(0, inside.length() - 2);
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }
        if (inside.startsWith("/*")) {
            return List.of();
        }
        List<Token> words = Scanner.scan(inside);
        if (words.isEmpty()) {
            throw failed("missing value for command");
        }
        return words;
    }

    private int quotes(int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count += text.charAt(i) == '"' && text.charAt(i - 1) != '\\' ? 1 : 0;
        }
        return count;
    }

    private Node node(List<Token> words) {
        Token first = words.getFirst();
        List<Token> rest = words.subList(1, words.size());
        if (first.isName("if")) {
            return choice(rest);
        } else if (first.isName("range")) {
            return range(rest);
        } else if (first.isName("with")) {
            Pipeline pipeline = pipeline(rest);
            List<Node> then = list();
            return new Node.With(pipeline, then, otherwise());
        } else if (first.kind() == Token.Kind.VARIABLE
                && words.size() > 2
                && (words.get(1).is(":=") || words.get(1).is("="))) {
            return new Node.Assign(first.text(), pipeline(words.subList(2, words.size())));
        }
        return new Node.Print(pipeline(words));
    }

    private Node choice(List<Token> condition) {
        Pipeline pipeline = pipeline(condition);
        List<Node> then = list();
        if (stop.size() > 1 && stop.get(0).isName("else") && stop.get(1).isName("if")) {
            return new Node.Choice(pipeline, then, List.of(choice(stop.subList(2, stop.size()))));
        }
        return new Node.Choice(pipeline, then, otherwise());
    }

    private List<Node> otherwise() {
        if (stop.isEmpty()) {
            throw failed("unexpected EOF");
        }
        if (stop.getFirst().isName("end")) {
            return List.of();
        }
        List<Node> nodes = list();
        if (stop.isEmpty() || !stop.getFirst().isName("end")) {
            throw failed("expected end");
        }
        return nodes;
    }

    private Node range(List<Token> words) {
        String key = null;
        String element = null;
        int from = 0;
        for (int i = 0; i < Math.min(4, words.size()); i++) {
            if (words.get(i).is(":=")) {
                element = words.get(i - 1).text();
                key = i > 2 ? words.get(0).text() : null;
                from = i + 1;
            }
        }
        Pipeline pipeline = pipeline(words.subList(from, words.size()));
        List<Node> each = list();
        return new Node.Range(key, element, pipeline, each, otherwise());
    }

    private static Pipeline pipeline(List<Token> words) {
        var commands = new ArrayList<Command>();
        int depth = 0;
        int from = 0;
        for (int i = 0; i <= words.size(); i++) {
            if (i == words.size() || depth == 0 && words.get(i).is("|")) {
                commands.add(command(words.subList(from, i)));
                from = i + 1;
            } else if (words.get(i).is("(")) {
                depth++;
            } else if (words.get(i).is(")")) {
                depth--;
            }
        }
        return new Pipeline(commands);
    }

    private static Command command(List<Token> words) {
        if (words.isEmpty()) {
            throw failed("missing value for command");
        }
        var operands = new ArrayList<Operand>();
        int i = 0;
        while (i < words.size()) {
            Token word = words.get(i);
            if (word.is("(")) {
                int end = closing(words, i);
                Pipeline inner = pipeline(words.subList(i + 1, end));
                i = end + 1;
                var path = new ArrayList<String>();
                i = chain(words, i, path);
                operands.add(new Operand.Inner(inner, path));
                continue;
            }
            i++;
            var path = new ArrayList<String>();
            switch (word.kind()) {
                case TEXT -> operands.add(new Operand.Literal(word.text()));
                case NUMBER -> operands.add(new Operand.Literal(number(word.text())));
                case FIELD -> {
                    if (word.text().length() > 1) {
                        path.add(word.text().substring(1));
                    }
                    i = chain(words, i, path);
                    operands.add(new Operand.Fields(path));
                }
                case VARIABLE -> {
                    i = chain(words, i, path);
                    operands.add(new Operand.Variable(word.text(), path));
                }
                case NAME -> operands.add(name(word.text()));
                case SIGN -> throw failed("unexpected \"" + word.text() + "\" in operand");
            }
        }
        return new Command(operands);
    }

    private static Operand name(String name) {
        return switch (name) {
            case "true" -> new Operand.Literal(true);
            case "false" -> new Operand.Literal(false);
            default -> new Operand.Name(name);
        };
    }

    private static int chain(List<Token> words, int from, List<String> path) {
        int i = from;
        while (i < words.size() && words.get(i).text().startsWith("+.")) {
            path.add(words.get(i++).text().substring(2));
        }
        return i;
    }

    private static int closing(List<Token> words, int open) {
        int depth = 0;
        for (int i = open; i < words.size(); i++) {
            depth += words.get(i).is("(") ? 1 : words.get(i).is(")") ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw failed("unclosed left paren");
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException _) {
            throw failed("bad number syntax: \"" + Printable.of(text) + "\"");
        }
    }

    private static Failure.Invalid failed(String why) {
        return new Failure.Invalid("template parsing error: template: :1: " + why);
    }
}
