package dev.rung.build;

import dev.rung.build.dockerfile.Instruction.Variable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What ARG declares, and the values that the client gives. A stage sees what it declares itself;
 * what stands before the first FROM gives only the values of that.
 */
final class BuildArguments {
    /** Known everywhere without being declared, and no part of what an image is known by. */
    private static final Set<String> ALWAYS =
            Set.of(
                    "HTTP_PROXY",
                    "http_proxy",
                    "HTTPS_PROXY",
                    "https_proxy",
                    "FTP_PROXY",
                    "ftp_proxy",
                    "NO_PROXY",
                    "no_proxy",
                    "ALL_PROXY",
                    "all_proxy");

    private final Map<String, Optional<String>> given;
    private final Map<String, String> globals;
    private final Map<String, @Nullable String> declared = new LinkedHashMap<>();
    private final Set<String> used;

    private BuildArguments(
            Map<String, Optional<String>> given, Map<String, String> globals, Set<String> used) {
        this.given = given;
        this.globals = globals;
        this.used = used;
    }

    /** Those of a whole build; the platform's are declared. */
    static BuildArguments of(Map<String, Optional<String>> given, Map<String, String> platform) {
        return new BuildArguments(given, new LinkedHashMap<>(platform), new LinkedHashSet<>());
    }

    /** For one stage, which knows no others' but the values of the global ones. */
    BuildArguments ofStage() {
        return new BuildArguments(given, globals, new LinkedHashSet<>());
    }

    /** Declared before the first FROM. */
    void addGlobal(Variable variable) {
        used.add(variable.name());
        String value = value(variable.name(), variable.value());
        if (value != null) {
            globals.put(variable.name(), value);
        }
    }

    /** Declared in the stage. */
    void add(Variable variable) {
        used.add(variable.name());
        declared.put(variable.name(), variable.value());
    }

    /** What FROM may use. */
    Map<String, String> globals() {
        return globals;
    }

    private @Nullable String value(String name, @Nullable String usual) {
        Optional<String> own = given.get(name);
        if (own != null && own.isPresent()) {
            return own.get();
        }
        return usual != null ? usual : globals.get(name);
    }

    /** All that have a value, but those that are variables of the image. */
    Map<String, String> values(Map<String, String> environment) {
        var values = new TreeMap<String, String>();
        for (String name : ALWAYS) {
            String value = value(name, null);
            if (value != null) {
                values.put(name, value);
            }
        }
        declared.forEach((name, usual) -> {
            String value = value(name, usual);
            if (value != null) {
                values.put(name, value);
            }
        });
        values.keySet().removeAll(environment.keySet());
        return values;
    }

    /** Of those, what tells two runs of the same command apart; NAME=VALUE. */
    List<String> distinguishing(Map<String, String> values) {
        var all = new ArrayList<String>();
        values.forEach((name, value) -> {
            if (!ALWAYS.contains(name) || used.contains(name)) {
                all.add(name + "=" + value);
            }
        });
        return all;
    }

    /** A stage is done: what it declared was of use. */
    void join(BuildArguments stage) {
        used.addAll(stage.used);
    }

    /** What the client gave and nothing declares, sorted. */
    List<String> unused() {
        var rest = new HashMap<>(given);
        rest.keySet().removeAll(used);
        rest.keySet().removeAll(ALWAYS);
        rest.keySet().removeAll(globals.keySet());
        return rest.keySet().stream().sorted().toList();
    }
}
