package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.image.ContainerDefaults;
import dev.rung.oci.image.ContainerDefaults.Healthcheck;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonString;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Instructions of a Dockerfile that change what an image says of its containers, as commit and
 * import take them. Variables are not replaced in them.
 */
public final class ImageChanges {
    private static final List<String> SHELL = List.of("/bin/sh", "-c");

    private final List<Instruction> instructions;

    private record Instruction(String word, String rest) {}

    private ImageChanges(List<Instruction> instructions) {
        this.instructions = instructions;
    }

    /** Reads them. Invalid for what is no instruction, or one that changes more than settings. */
    public static ImageChanges of(List<String> lines) {
        var instructions = new ArrayList<Instruction>();
        for (String line : lines) {
            String text = line.strip();
            int blank = 0;
            while (blank < text.length() && !Character.isWhitespace(text.charAt(blank))) {
                blank++;
            }
            String word = text.substring(0, blank).toUpperCase(Locale.ROOT);
            String rest = text.substring(blank).strip();
            if (rest.isEmpty()) {
                throw new Failure.Invalid(
                        "\"" + Printable.of(line) + "\": want an instruction and what it sets");
            }
            instructions.add(new Instruction(word, rest));
        }
        return new ImageChanges(List.copyOf(instructions));
    }

    /** The settings with all of them done, in order. */
    public ContainerDefaults appliedTo(ContainerDefaults before) {
        var settings = new Draft(before);
        for (Instruction instruction : instructions) {
            settings.apply(instruction.word(), instruction.rest());
        }
        return settings.done();
    }

    private static final class Draft {
        private @Nullable String user;
        private final Set<String> ports;
        private final List<String> env;
        private @Nullable List<String> entrypoint;
        private @Nullable List<String> cmd;
        private boolean cmdSet;
        private final Set<String> volumes;
        private @Nullable String workingDir;
        private final Map<String, String> labels;
        private @Nullable String stopSignal;
        private @Nullable Healthcheck healthcheck;
        private final List<String> onBuild;
        private final ContainerDefaults before;

        Draft(ContainerDefaults before) {
            this.before = before;
            user = before.user();
            ports = new LinkedHashSet<>(before.exposedPorts());
            env = new ArrayList<>(before.env());
            entrypoint = before.entrypoint();
            cmd = before.cmd();
            volumes = new LinkedHashSet<>(before.volumes());
            workingDir = before.workingDir();
            labels = new LinkedHashMap<>(before.labels());
            stopSignal = before.stopSignal();
            healthcheck = before.healthcheck();
            onBuild = new ArrayList<>(before.onBuild());
        }

        void apply(String word, String rest) {
            switch (word) {
                case "CMD" -> {
                    cmd = commandLine(rest);
                    cmdSet = true;
                }
                case "ENTRYPOINT" -> {
                    entrypoint = commandLine(rest);
                    cmd = cmdSet ? cmd : null; // the image's was meant for another program
                }
                case "ENV" -> pairs(word, rest).forEach(this::setVariable);
                case "LABEL" -> labels.putAll(pairs(word, rest));
                case "EXPOSE" -> words(rest).forEach(port -> ports.addAll(ports(port)));
                case "VOLUME" -> {
                    List<String> list = jsonList(rest);
                    volumes.addAll(list == null ? words(rest) : list);
                }
                case "USER" -> user = single(word, rest);
                case "WORKDIR" -> workingDir = below(workingDir, unquoted(rest));
                case "STOPSIGNAL" -> stopSignal = single(word, rest);
                case "ONBUILD" -> onBuild.add(rest);
                case "HEALTHCHECK" -> healthcheck = healthcheck(rest);
                case "FROM", "RUN", "COPY", "ADD", "MAINTAINER", "ARG", "SHELL" ->
                        throw new Failure.Invalid(word + " is not a valid change command");
                default -> throw new Failure.Invalid("unknown instruction: " + Printable.of(word));
            }
        }

        ContainerDefaults done() {
            return new ContainerDefaults(
                    user,
                    List.copyOf(ports),
                    List.copyOf(env),
                    entrypoint,
                    cmd,
                    List.copyOf(volumes),
                    workingDir,
                    labels,
                    stopSignal,
                    before.stopTimeoutSeconds(),
                    healthcheck,
                    List.copyOf(onBuild),
                    before.shell(),
                    before.argsEscaped());
        }

        private void setVariable(String name, String value) {
            env.removeIf(one -> one.startsWith(name + "="));
            env.add(name + "=" + value);
        }

        /** A list in JSON, or a line for the shell. */
        private List<String> commandLine(String rest) {
            List<String> list = jsonList(rest);
            if (list != null) {
                return list;
            }
            List<String> own = before.shell();
            var line = new ArrayList<>(own == null || own.isEmpty() ? SHELL : own);
            line.add(rest);
            return List.copyOf(line);
        }

        private @Nullable Healthcheck healthcheck(String rest) {
            String left = rest;
            var times = new LinkedHashMap<String, String>();
            while (left.startsWith("--")) {
                int blank = left.indexOf(' ');
                int equals = left.indexOf('=');
                if (blank < 0 || equals < 0 || equals > blank) {
                    throw new Failure.Invalid("HEALTHCHECK: want --name=value and a command");
                }
                times.put(left.substring(2, equals), left.substring(equals + 1, blank));
                left = left.substring(blank).strip();
            }
            if (left.equalsIgnoreCase("NONE")) {
                return new Healthcheck(List.of("NONE"), 0, 0, 0, 0, 0);
            }
            if (!left.regionMatches(true, 0, "CMD ", 0, 4)) {
                throw new Failure.Invalid("HEALTHCHECK: want NONE, or CMD and a command");
            }
            String line = left.substring(4).strip();
            var test = new ArrayList<String>();
            List<String> list = jsonList(line);
            test.add(list == null ? "CMD-SHELL" : "CMD");
            test.addAll(list == null ? List.of(line) : list);
            var check =
                    new Healthcheck(
                            test,
                            nanos(times, "interval"),
                            nanos(times, "timeout"),
                            nanos(times, "start-period"),
                            nanos(times, "start-interval"),
                            retries(times.remove("retries")));
            if (!times.isEmpty()) {
                throw new Failure.Invalid(
                        "HEALTHCHECK: unknown flag --"
                                + Printable.of(times.keySet().iterator().next()));
            }
            return check;
        }
    }

    private static long nanos(Map<String, String> times, String name) {
        String text = times.remove(name);
        if (text == null) {
            return 0;
        }
        try {
            return Duration.parse("PT" + text.toUpperCase(Locale.ROOT)).toNanos();
        } catch (DateTimeException | ArithmeticException e) {
            throw new Failure.Invalid(
                    "HEALTHCHECK: --%s=%s: want a duration such as 30s"
                            .formatted(name, Printable.of(text)));
        }
    }

    private static long retries(@Nullable String text) {
        try {
            return text == null ? 0 : Integer.parseUnsignedInt(text);
        } catch (NumberFormatException e) {
            throw new Failure.Invalid("HEALTHCHECK: --retries: want a number");
        }
    }

    private static String below(@Nullable String folder, String path) {
        if (path.startsWith("/")) {
            return path;
        }
        String above = folder == null || folder.isEmpty() ? "/" : folder;
        return above.endsWith("/") ? above + path : above + "/" + path;
    }

    /** 80, 80/udp or 8000-8010/tcp. */
    private static List<String> ports(String text) {
        int slash = text.indexOf('/');
        String numbers = slash < 0 ? text : text.substring(0, slash);
        String protocol = slash < 0 ? "tcp" : text.substring(slash + 1).toLowerCase(Locale.ROOT);
        int dash = numbers.indexOf('-');
        try {
            int from = Integer.parseInt(dash < 0 ? numbers : numbers.substring(0, dash));
            int to = dash < 0 ? from : Integer.parseInt(numbers.substring(dash + 1));
            boolean known =
                    protocol.equals("tcp") || protocol.equals("udp") || protocol.equals("sctp");
            if (known && from > 0 && to >= from && to <= 65535) {
                var ports = new ArrayList<String>();
                for (int port = from; port <= to; port++) {
                    ports.add(port + "/" + protocol);
                }
                return ports;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new Failure.Invalid(
                "invalid containerPort: " + Printable.of(text) + ": want 80, 80/udp or 80-90");
    }

    private static String single(String word, String rest) {
        List<String> words = words(rest);
        if (words.size() != 1) {
            throw new Failure.Invalid(word + " requires exactly one argument");
        }
        return words.getFirst();
    }

    private static String unquoted(String rest) {
        List<String> words = words(rest);
        return words.size() == 1 ? words.getFirst() : rest;
    }

    /** name=value, any number of them, or "name value". */
    private static Map<String, String> pairs(String instruction, String rest) {
        List<String> words = words(rest);
        var pairs = new LinkedHashMap<String, String>();
        if (words.getFirst().indexOf('=') < 0) {
            int blank = rest.indexOf(' ');
            if (blank < 0) {
                throw new Failure.Invalid(instruction + " must have two arguments");
            }
            pairs.put(words.getFirst(), rest.substring(blank).strip());
            return pairs;
        }
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals <= 0) {
                throw new Failure.Invalid(
                        "Syntax error - can't find = in \""
                                + Printable.of(word)
                                + "\". Must be of the form: name=value");
            }
            pairs.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return pairs;
    }

    /** Null when it is no list of texts in JSON. */
    private static @Nullable List<String> jsonList(String text) {
        if (!text.startsWith("[")) {
            return null;
        }
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            if (!(Json.read("instruction", bytes) instanceof JsonArray array)) {
                return null;
            }
            var list = new ArrayList<String>();
            for (Json value : array.values()) {
                if (!(value instanceof JsonString string)) {
                    return null;
                }
                list.add(string.value());
            }
            return List.copyOf(list);
        } catch (Failure.Invalid e) {
            return null; // a line for the shell then, as docker takes it
        }
    }

    /** Words apart by blanks, of which quotes and backslashes keep some together. */
    private static List<String> words(String text) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean escaped = c == '\\' && quote != '\'' && i + 1 < text.length();
            if (escaped) {
                word.append(text.charAt(++i));
                inWord = true;
            } else if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
                inWord = true;
            } else if (Character.isWhitespace(c)) {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (quote != 0) {
            throw new Failure.Invalid("\"" + Printable.of(text) + "\": a quote is not closed");
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }
}
