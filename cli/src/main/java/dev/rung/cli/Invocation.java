package dev.rung.cli;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.resident.Caller;
import dev.rung.resident.Ending;
import dev.rung.resident.OpenRequest;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ParseResult;

/**
 * One call of a command.
 *
 * @param words what is no option
 */
record Invocation(Caller caller, Services services, ParseResult options, List<String> words) {
    private static final int LARGEST_FILE = 4 << 20;

    boolean flag(String name) {
        return options.matchedOptionValue(name, false);
    }

    boolean has(String name) {
        return options.hasMatchedOption(name);
    }

    /** Empty when it is not given. */
    String text(String name) {
        return options.matchedOptionValue(name, "");
    }

    /** Empty when it is not given. */
    List<String> texts(String name) {
        return options.matchedOptionValue(name, List.of());
    }

    long number(String name, long absent) {
        String text = text(name);
        if (text.isEmpty()) {
            return absent;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException _) {
            throw new UsageError(
                    "invalid argument \""
                            + Printable.of(text)
                            + "\" for \""
                            + name
                            + "\" flag: strconv.ParseInt: parsing \""
                            + Printable.of(text)
                            + "\": invalid syntax");
        }
    }

    void out(String text) {
        caller.out(text);
    }

    void err(String text) {
        caller.err(text);
    }

    /** A file of the person's, opened with that person's rights. */
    byte[] read(String path) {
        try (Fd file = caller.open(OpenRequest.reading(path)).orThrow(path)) {
            return Descriptors.readAll(file, LARGEST_FILE);
        } catch (ErrnoException e) {
            throw new Failure.Invalid(
                    "open " + Printable.of(path) + ": " + Errno.phrase(e.errno()));
        }
    }

    /** Asks the person before something is lost; true when the answer is yes. */
    boolean confirms(String warning) {
        out(warning + "\nAre you sure you want to continue? [y/N] ");
        String answer = new String(caller.inputChunk(), StandardCharsets.UTF_8).strip();
        return answer.equalsIgnoreCase("y") || answer.equalsIgnoreCase("yes");
    }

    /** After somebody said no. */
    Ending cancelled(String command) {
        err(command + " has been cancelled\n");
        return new Ending.Exit(1);
    }

    /** NAME=VALUE given several times, in their order. */
    Map<String, String> pairs(String option) {
        var map = new LinkedHashMap<String, String>();
        for (String text : texts(option)) {
            int equals = text.indexOf('=');
            map.put(
                    equals < 0 ? text : text.substring(0, equals),
                    equals < 0 ? "" : text.substring(equals + 1));
        }
        return map;
    }

    /** The person's environment. */
    Map<String, String> environment() {
        var variables = new LinkedHashMap<String, String>();
        String text = new String(read("/proc/self/environ"), StandardCharsets.UTF_8);
        for (String variable : text.split("\0")) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                variables.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return variables;
    }

    /** A path of the person's, absolute. */
    String absolute(String path) {
        return path.startsWith("/") ? path : caller.request().workingDirectory() + "/" + path;
    }
}
