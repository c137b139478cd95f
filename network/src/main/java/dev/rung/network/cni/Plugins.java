package dev.rung.network.cni;

import dev.rung.oci.json.JsonFields;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which plugin answers for a type: one that is built in and can do all that its configuration asks,
 * else a program of that name. Who added an attachment is written down by name, and asked about it
 * for ever after.
 */
final class Plugins {
    /** The name of those that are built in. */
    static final String BUILT_IN = "rung";

    private final Map<String, BuiltIn> builtIn;
    private final List<Path> path;
    private final Duration patience;
    private final PluginCalls calls = new PluginCalls();

    /** A plugin of our own. */
    interface BuiltIn extends Plugin {
        /** Whether it can do what is asked; else a program must. */
        default boolean understands(JsonFields conf) {
            return true;
        }
    }

    /**
     * These, and programs.
     *
     * @param patience how long one of them may take
     */
    Plugins(Map<String, BuiltIn> builtIn, List<Path> path, Duration patience) {
        this.builtIn = Map.copyOf(builtIn);
        this.path = path;
        this.patience = patience;
    }

    /** The calls that are under way. */
    PluginCalls calls() {
        return calls;
    }

    private Plugin program(String program) {
        return new PluginProgram(Path.of(program), patience, calls);
    }

    List<Path> path() {
        return path;
    }

    /** Who is to answer for that type from now on: {@link #BUILT_IN}, or the path of a program. */
    String choose(String type, JsonFields conf) throws PluginError {
        BuiltIn own = builtIn.get(type);
        if (own != null && own.understands(conf)) {
            return BUILT_IN;
        }
        for (Path folder : path) {
            Path program = folder.resolve(type);
            if (Files.isRegularFile(program) && Files.isExecutable(program)) {
                return program.toString();
            }
        }
        throw own == null
                ? new PluginError("failed to find plugin \"%s\" in path %s".formatted(type, path))
                : new PluginError(
                        PluginError.UNSUPPORTED_FIELD,
                        "the configuration asks for what only the program \"%s\" can do"
                                .formatted(type),
                        "it is not in path " + path);
    }

    /** The one that was chosen; if it was built in and is no more, who would be chosen now. */
    Plugin chosen(String name, String type, JsonFields conf) throws PluginError {
        if (!name.equals(BUILT_IN)) {
            return program(name);
        }
        BuiltIn own = builtIn.get(type);
        return own == null ? program(choose(type, conf)) : own;
    }

    /** The same for the plugin to which another leaves the addresses; null when it leaves none. */
    @Nullable Plugin addresses(JsonFields conf) throws PluginError {
        String type = addressType(conf);
        return type.isEmpty() ? null : chosen(recorded(conf, type), type, conf);
    }

    private String recorded(JsonFields conf, String type) throws PluginError {
        String name = conf.optionalText(Chain.ADDRESSES);
        return name == null ? choose(type, conf) : name;
    }

    /** The type of that plugin, empty for none. */
    static String addressType(JsonFields conf) {
        JsonFields ipam = conf.optionalObject("ipam");
        return ipam == null ? "" : ResultJson.text(ipam, "type");
    }
}
