package dev.rung.build.dockerfile;

import dev.rung.build.dockerfile.Instruction.CommandLine;
import dev.rung.build.dockerfile.Instruction.CopyFlags;
import dev.rung.build.dockerfile.Instruction.Heredoc;
import dev.rung.build.dockerfile.Instruction.Source;
import dev.rung.build.dockerfile.Instruction.Variable;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one instruction. */
final class InstructionReader {
    private static final Pattern BLANKS = Pattern.compile("[\\t\\x0b\\f\\r ]+");
    private static final Pattern STAGE_NAME = Pattern.compile("[a-z][a-z0-9-_.]*");

    private final Source source;
    private final String word;
    private final Flags flags;
    private final String rest;
    private final char escape;
    private final List<Heredoc> heredocs;

    private InstructionReader(LogicalLines.Line line, char escape) {
        String[] parts = BLANKS.split(line.text(), 2);
        source = new Source(line.number(), line.text());
        word = parts[0].toUpperCase(Locale.ROOT);
        flags = Flags.of(parts.length == 2 ? parts[1] : "", escape);
        rest = flags.rest();
        this.escape = escape;
        heredocs = line.heredocs();
    }

    /** Invalid, without its place, when it is none. */
    static Instruction read(LogicalLines.Line line, char escape) {
        return new InstructionReader(line, escape).read();
    }

    private Instruction read() {
        Instruction read =
                switch (word) {
                    case "FROM" -> from();
                    case "ARG" -> arg();
                    case "ENV" -> new Instruction.Env(source, pairs());
                    case "LABEL" -> new Instruction.Label(source, pairs(), false);
                    case "RUN" -> run();
                    case "CMD" -> new Instruction.Cmd(source, command());
                    case "ENTRYPOINT" -> new Instruction.Entrypoint(source, command());
                    case "COPY" -> copy(false);
                    case "ADD" -> copy(true);
                    case "EXPOSE" -> expose();
                    case "VOLUME" -> volume();
                    case "USER" -> new Instruction.User(source, single());
                    case "WORKDIR" -> new Instruction.Workdir(source, single());
                    case "STOPSIGNAL" -> new Instruction.StopSignal(source, single());
                    case "MAINTAINER" -> new Instruction.Maintainer(source, single());
                    case "ONBUILD" -> onBuild();
                    case "HEALTHCHECK" ->
                            new Instruction.Health(
                                    source, HealthcheckReader.read(flags, rest, this::command));
                    case "SHELL" -> shell();
                    default ->
                            throw new Failure.Invalid(
                                    "unknown instruction: "
                                            + Printable.of(source.text().split("\\s", 2)[0]));
                };
        flags.finish();
        return read;
    }

    private Instruction from() {
        List<String> words = splitAtBlanks();
        String name = null;
        if (words.size() == 3 && words.get(1).equalsIgnoreCase("as")) {
            name = words.get(2).toLowerCase(Locale.ROOT);
            if (!STAGE_NAME.matcher(name).matches()) {
                throw new Failure.Invalid(
                        "invalid name for build stage: \""
                                + Printable.of(words.get(2))
                                + "\", name can't start with a number or contain symbols");
            }
        } else if (words.size() != 1) {
            throw new Failure.Invalid("FROM requires either one or three arguments");
        }
        return new Instruction.From(source, words.getFirst(), name, flags.text("platform"));
    }

    private Instruction arg() {
        var variables = new ArrayList<Variable>();
        for (String one : words()) {
            int equals = one.indexOf('=');
            if (equals == 0) {
                throw new Failure.Invalid("ARG names can not be blank");
            }
            variables.add(
                    equals < 0
                            ? new Variable(one, null, false)
                            : new Variable(
                                    one.substring(0, equals), one.substring(equals + 1), false));
        }
        if (variables.isEmpty()) {
            throw atLeastOne();
        }
        return new Instruction.Arg(source, List.copyOf(variables));
    }

    /** name=value, any number of them, or "name value". */
    private List<Variable> pairs() {
        List<String> words = words();
        if (words.isEmpty()) {
            throw atLeastOne();
        }
        if (words.getFirst().indexOf('=') < 0) {
            String[] parts = BLANKS.split(rest, 2);
            if (parts.length < 2) {
                throw new Failure.Invalid(word + " must have two arguments");
            }
            return List.of(new Variable(parts[0], parts[1], true));
        }
        var pairs = new ArrayList<Variable>();
        for (String one : words) {
            int equals = one.indexOf('=');
            if (equals < 0) {
                throw new Failure.Invalid(
                        "Syntax error - can't find = in \""
                                + Printable.of(one)
                                + "\". Must be of the form: name=value");
            } else if (equals == 0) {
                throw new Failure.Invalid(word + " names can not be blank");
            }
            pairs.add(new Variable(one.substring(0, equals), one.substring(equals + 1), false));
        }
        return List.copyOf(pairs);
    }

    private Instruction run() {
        String network = flags.text("network");
        String security = flags.text("security");
        switch (network) {
            case "", "default", "none", "host" -> {}
            default ->
                    throw new Failure.Invalid(
                            "unsupported network mode: \"" + Printable.of(network) + "\"");
        }
        switch (security) {
            case "", "sandbox", "insecure" -> {}
            default ->
                    throw new Failure.Invalid(
                            "security \"" + Printable.of(security) + "\" is not valid");
        }
        return new Instruction.Run(source, command(), flags.texts("mount"), network, security);
    }

    private CommandLine command() {
        return command(rest);
    }

    private CommandLine command(String text) {
        List<String> list = jsonList(text);
        if (list != null) {
            return new CommandLine(false, list, List.of());
        }
        return new CommandLine(true, text.isEmpty() ? List.of() : List.of(text), heredocs);
    }

    private Instruction copy(boolean add) {
        List<String> list = jsonList(rest);
        List<String> words = list == null ? splitAtBlanks() : list;
        if (words.size() < 2) {
            throw new Failure.Invalid(
                    word
                            + " requires at least two arguments, but only one was provided."
                            + " Destination could not be determined");
        }
        String destination = words.getLast();
        var sources = new ArrayList<String>();
        var contents = new ArrayList<Heredoc>();
        for (String one : words.subList(0, words.size() - 1)) {
            Heredoc content = list == null ? content(one) : null;
            if (content == null) {
                sources.add(one);
            } else {
                contents.add(content);
            }
        }
        if (list == null && content(destination) != null) {
            throw new Failure.Invalid(word + " cannot accept a heredoc as a destination");
        }
        var how =
                new CopyFlags(
                        add ? "" : flags.text("from"),
                        flags.text("chown"),
                        flags.text("chmod"),
                        flags.isSet("link"),
                        !add && flags.isSet("parents"),
                        flags.texts("exclude"),
                        add ? flags.text("checksum") : "",
                        add ? flags.flag("unpack") : null);
        if (add) {
            flags.flag("keep-git-dir"); // of repositories, which are not fetched
        }
        return new Instruction.Copy(
                source, add, List.copyOf(sources), List.copyOf(contents), destination, how);
    }

    private @Nullable Heredoc content(String text) {
        Heredoc sign = HeredocSigns.of(text);
        if (sign != null) {
            for (Heredoc one : heredocs) {
                if (one.name().equals(sign.name())) {
                    return one;
                }
            }
        }
        return null;
    }

    private Instruction expose() {
        if (rest.isEmpty()) {
            throw atLeastOne();
        }
        return new Instruction.Expose(source, splitAtBlanks().stream().sorted().toList());
    }

    private Instruction volume() {
        List<String> list = jsonList(rest);
        List<String> paths = list == null && !rest.isEmpty() ? splitAtBlanks() : list;
        if (paths == null || paths.isEmpty()) {
            throw atLeastOne();
        }
        for (String path : paths) {
            if (path.isBlank()) {
                throw new Failure.Invalid("VOLUME specified can not be an empty string");
            }
        }
        return new Instruction.Volume(source, paths.stream().map(String::strip).toList());
    }

    private Instruction onBuild() {
        if (rest.isEmpty()) {
            throw atLeastOne();
        }
        String trigger = rest.split("\\s", 2)[0].toUpperCase(Locale.ROOT);
        switch (trigger) {
            case "ONBUILD" ->
                    throw new Failure.Invalid(
                            "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
            case "MAINTAINER", "FROM" ->
                    throw new Failure.Invalid(trigger + " isn't allowed as an ONBUILD trigger");
            default -> {}
        }
        var text = new StringBuilder(rest);
        for (Heredoc heredoc : heredocs) {
            text.append('\n').append(heredoc.content()).append(heredoc.name());
        }
        read(new LogicalLines.Line(source.line(), rest, heredocs), escape);
        return new Instruction.OnBuild(source, text.toString());
    }

    private Instruction shell() {
        List<String> list = jsonList(rest);
        if (rest.isEmpty() || list != null && list.isEmpty()) {
            throw atLeastOne();
        } else if (list == null) {
            throw new Failure.Invalid(
                    "SHELL requires the arguments to be in JSON form: "
                            + Printable.of(source.text()));
        }
        return new Instruction.Shell(source, list);
    }

    private String single() {
        if (rest.isEmpty()) {
            throw new Failure.Invalid(word + " requires exactly one argument");
        }
        return rest;
    }

    private Failure.Invalid atLeastOne() {
        return new Failure.Invalid(word + " requires at least one argument");
    }

    private List<String> splitAtBlanks() {
        return rest.isEmpty() ? List.of() : List.of(BLANKS.split(rest));
    }

    /** Null when it is no list in JSON: a line for the shell then. */
    private static @Nullable List<String> jsonList(String text) {
        if (!text.startsWith("[")) {
            return null;
        }
        Json read;
        try {
            read = Json.read("instruction", text.getBytes(StandardCharsets.UTF_8));
        } catch (Failure.Invalid e) {
            return null;
        }
        if (!(read instanceof JsonArray array)) {
            return null;
        }
        var list = new ArrayList<String>();
        for (Json value : array.values()) {
            if (!(value instanceof JsonString string)) {
                throw new Failure.Invalid(
                        "when using JSON array syntax, arrays must be comprised of strings only");
            }
            list.add(string.value());
        }
        return List.copyOf(list);
    }

    /** Apart by blanks outside of quotes, which stay for now. */
    private List<String> words() {
        var words = new ArrayList<String>();
        var one = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < rest.length(); i++) {
            char c = rest.charAt(i);
            if (quote == 0 && Character.isWhitespace(c)) {
                if (!one.isEmpty()) {
                    words.add(one.toString());
                    one.setLength(0);
                }
            } else if (c == escape && quote != '\'') {
                if (i + 1 < rest.length()) {
                    one.append(c).append(rest.charAt(++i));
                }
            } else {
                one.append(c);
                if (quote == 0 && (c == '"' || c == '\'')) {
                    quote = c;
                } else if (c == quote) {
                    quote = 0;
                }
            }
        }
        if (!one.isEmpty()) {
            words.add(one.toString());
        }
        return words;
    }
}
