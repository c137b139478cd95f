package dev.rung.cli.oci;

import java.util.ArrayList;
import java.util.List;

/**
 * A command line taken apart as Go's flag package does: one dash or two, {@code --name=value} or
 * {@code --name value}, a flag is given a value only behind "=", "--" ends the options, "-" is a
 * word. Given twice, the last one counts.
 */
final class Arguments {
    private final Syntax syntax;
    private final List<Option> given = new ArrayList<>();
    private final List<String> values = new ArrayList<>();
    private final List<String> words = new ArrayList<>();
    private boolean help;

    private Arguments(Syntax syntax) {
        this.syntax = syntax;
    }

    /**
     * Takes apart what begins at {@code from}.
     *
     * @throws UsageError in the words of Go's flag package
     */
    static Arguments parse(Syntax syntax, List<String> argv, int from) {
        var arguments = new Arguments(syntax);
        arguments.take(argv, from);
        return arguments;
    }

    private void take(List<String> argv, int from) {
        int i = from;
        while (i < argv.size()) {
            String word = argv.get(i++);
            if (word.equals("--")) {
                break;
            }
            if (word.length() < 2 || word.charAt(0) != '-') {
                words.add(word);
                if (!syntax.mixed()) {
                    break;
                }
                continue;
            }
            int start = word.charAt(1) == '-' ? 2 : 1;
            int equals = word.indexOf('=', start);
            String called = word.substring(start, equals < 0 ? word.length() : equals);
            if (called.isEmpty() || called.charAt(0) == '-') {
                throw new UsageError("bad flag syntax: " + word);
            }
            Option option = syntax.option(called);
            if (option == null) {
                if (called.equals("help") || called.equals("h")) {
                    help = true;
                    return;
                }
                if (!words.isEmpty()) {
                    words.add(word);
                    continue;
                }
                throw new UsageError("flag provided but not defined: -" + called);
            }
            String value;
            if (equals >= 0) {
                value = word.substring(equals + 1);
            } else if (!option.takesValue()) {
                value = "true";
            } else if (i < argv.size()) {
                value = argv.get(i++);
            } else {
                throw new UsageError("flag needs an argument: -" + called);
            }
            check(option, called, value);
            given.add(option);
            values.add(value);
        }
        while (i < argv.size()) {
            words.add(argv.get(i++));
        }
    }

    private static void check(Option option, String called, String value) {
        boolean right =
                switch (option.kind()) {
                    case FLAG -> GoSyntax.flag(value) != null;
                    case INTEGER, INTEGERS -> GoSyntax.integer(value) != null;
                    case DURATION -> GoSyntax.nanoseconds(value) != null;
                    case TEXT, TEXTS -> true;
                };
        if (right) {
            return;
        }
        String quoted = GoSyntax.quoted(value);
        throw new UsageError(
                option.takesValue()
                        ? "invalid value " + quoted + " for flag -" + called + ": parse error"
                        : "invalid boolean value " + quoted + " for -" + called + ": parse error");
    }

    /** Whether the help was asked for; then nothing else counts. */
    boolean help() {
        return help;
    }

    Syntax syntax() {
        return syntax;
    }

    /** What is no option, in its order. */
    List<String> words() {
        return words;
    }

    /** Whether the option was given at all. */
    boolean has(String name) {
        return last(name) >= 0;
    }

    boolean flag(String name) {
        int at = last(name);
        return at >= 0 && Boolean.TRUE.equals(GoSyntax.flag(values.get(at)));
    }

    /** The last value given, or what the option is when absent. */
    String text(String name) {
        int at = last(name);
        if (at >= 0) {
            return values.get(at);
        }
        Option option = syntax.option(name);
        return option == null ? "" : option.absent();
    }

    /** All values given, in their order. */
    List<String> texts(String name) {
        var all = new ArrayList<String>();
        for (int i = 0; i < given.size(); i++) {
            if (given.get(i).name().equals(name)) {
                all.add(values.get(i));
            }
        }
        return all;
    }

    long integer(String name) {
        Long value = GoSyntax.integer(text(name));
        return value == null ? 0 : value;
    }

    long nanoseconds(String name) {
        Long value = GoSyntax.nanoseconds(text(name));
        return value == null ? 0 : value;
    }

    private int last(String name) {
        for (int i = given.size() - 1; i >= 0; i--) {
            if (given.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** Exactly so many words. */
    void exactly(int count) {
        if (words.size() != count) {
            throw wrongCount("exactly", count);
        }
    }

    void atLeast(int count) {
        if (words.size() < count) {
            throw wrongCount("a minimum of", count);
        }
    }

    void atMost(int count) {
        if (words.size() > count) {
            throw wrongCount("a maximum of", count);
        }
    }

    private WrongCount wrongCount(String bound, int count) {
        return new WrongCount(
                "\"" + syntax.name() + "\" requires " + bound + " " + count + " argument(s)");
    }

    /** Too many or too few words. */
    static final class WrongCount extends RuntimeException {
        private static final long serialVersionUID = 1;

        WrongCount(String message) {
            super(message, null, false, false);
        }

        String text() {
            return String.valueOf(getMessage());
        }
    }
}
