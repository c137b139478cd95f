package dev.rung.oci;

import dev.rung.oci.json.JsonFields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Programs called on the way through a container's life (config.md "POSIX-platform Hooks"). */
public record Hooks(
        List<Hook> prestart,
        List<Hook> createRuntime,
        List<Hook> createContainer,
        List<Hook> startContainer,
        List<Hook> poststart,
        List<Hook> poststop) {
    static final Hooks NONE =
            new Hooks(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

    /**
     * One program.
     *
     * @param path absolute
     * @param args argv with its first element; empty: the path alone
     * @param timeout in seconds, above zero; null: none
     */
    public record Hook(String path, List<String> args, List<String> env, @Nullable Long timeout) {}

    /** Whether there is none of any kind. */
    public boolean isEmpty() {
        return prestart.isEmpty()
                && createRuntime.isEmpty()
                && createContainer.isEmpty()
                && startContainer.isEmpty()
                && poststart.isEmpty()
                && poststop.isEmpty();
    }

    static Hooks of(@Nullable JsonFields fields) {
        if (fields == null) {
            return NONE;
        }
        return new Hooks(
                list(fields, "prestart"),
                list(fields, "createRuntime"),
                list(fields, "createContainer"),
                list(fields, "startContainer"),
                list(fields, "poststart"),
                list(fields, "poststop"));
    }

    private static List<Hook> list(JsonFields parent, String name) {
        List<JsonFields> entries = parent.objects(name);
        if (entries.isEmpty()) {
            return List.of();
        }
        var list = new ArrayList<Hook>(entries.size());
        for (JsonFields entry : entries) {
            list.add(
                    new Hook(
                            entry.text("path"),
                            entry.texts("args"),
                            entry.texts("env"),
                            entry.optionalInteger("timeout", Integer.MIN_VALUE, Long.MAX_VALUE)));
        }
        return List.copyOf(list);
    }
}
