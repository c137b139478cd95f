package dev.rung.daemon.settings;

import dev.rung.engine.EngineOptions;
import dev.rung.engine.EngineOptions.NamedRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The runtimes of another engine's table, as far as they can be run here. */
final class ForeignRuntimes {
    private final List<Path> folders;
    private final List<NamedRuntime> runtimes = new ArrayList<>();

    /**
     * Begins with none.
     *
     * @param folders where binaries without a path are looked for
     */
    ForeignRuntimes(List<Path> folders) {
        this.folders = folders;
    }

    /** Takes a binary in under a name, or says why not. */
    void add(ForeignTable table, String name, String binary, List<String> options) {
        Path found = find(binary);
        if (name.equals(EngineOptions.HOST)) {
            table.remark("that name is the built-in runtime's");
        } else if (found == null) {
            table.remark("there is no program \"" + binary + "\" on this machine");
        } else {
            runtimes.removeIf(known -> known.name().equals(name));
            runtimes.add(new NamedRuntime(name, found, options));
        }
    }

    /**
     * Says why a runtime that is no program is not taken in.
     *
     * @param type as its table has it
     */
    static void shim(ForeignTable table, String type) {
        table.remark("a shim, " + type + ": only the binaries of OCI runtimes are run");
    }

    /** Reads what both engines call alike. */
    static void privileged(ForeignTable table) {
        String key = "privileged_without_host_devices";
        if (table.flag(key)) {
            table.remark(key, "privileged containers get the devices of the host");
        }
    }

    private @Nullable Path find(String binary) {
        if (binary.startsWith("/")) {
            Path path = Path.of(binary);
            return Files.isExecutable(path) ? path : null;
        }
        for (Path folder : folders) {
            Path path = folder.resolve(binary);
            if (!binary.contains("/") && Files.isExecutable(path)) {
                return path;
            }
        }
        return null;
    }

    boolean has(String name) {
        return runtimes.stream().anyMatch(known -> known.name().equals(name));
    }

    List<NamedRuntime> list() {
        return runtimes;
    }

    /** The default one of a table's key; empty, with a remark, where it was not taken in. */
    String usual(ForeignTable table, String key, String otherwise) {
        String named = table.text(key);
        String name = named.isEmpty() ? otherwise : named;
        if (has(name)) {
            return name;
        }
        table.remark(
                key,
                String.format(
                        Locale.ROOT,
                        "\"%s\" is not among the runtimes, so the built-in one is the default",
                        name));
        return "";
    }
}
