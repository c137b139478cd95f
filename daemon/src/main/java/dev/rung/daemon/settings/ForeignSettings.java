package dev.rung.daemon.settings;

import dev.rung.engine.EngineOptions.NamedRuntime;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * What the configuration of another engine comes to here.
 *
 * @param runtimes by the names that they have there
 * @param defaultRuntime empty: theirs is none that can be run, or they name none
 * @param insecureRegistries registries that are asked without TLS
 * @param remarks what comes to nothing, in the order of the file
 */
record ForeignSettings(
        List<NamedRuntime> runtimes,
        String defaultRuntime,
        List<String> insecureRegistries,
        List<Remark> remarks) {
    ForeignSettings {
        runtimes = List.copyOf(runtimes);
        insecureRegistries = List.copyOf(insecureRegistries);
        remarks = List.copyOf(remarks);
    }

    /**
     * A key that comes to nothing here.
     *
     * @param key as the file has it, with the tables that it is in
     * @param why in words that follow a colon
     */
    record Remark(String key, String why) {}

    /** The same as a rung.toml, with the remarks as comments. */
    String toml(Path source) {
        var text = new StringBuilder("# what " + source + " comes to\n");
        if (!defaultRuntime.isEmpty()) {
            text.append("default-runtime = ").append(quoted(defaultRuntime)).append('\n');
        }
        if (!insecureRegistries.isEmpty()) {
            text.append("insecure-registries = ").append(list(insecureRegistries)).append('\n');
        }
        for (NamedRuntime runtime : runtimes) {
            text.append("\n[runtimes.").append(quoted(runtime.name())).append("]\n");
            text.append("path = ").append(quoted(runtime.binary().toString())).append('\n');
            if (!runtime.options().isEmpty()) {
                text.append("args = ").append(list(runtime.options())).append('\n');
            }
        }
        if (!remarks.isEmpty()) {
            text.append("\n# not taken over:\n");
        }
        for (Remark remark : remarks) {
            text.append("# ").append(remark.key).append(": ").append(remark.why).append('\n');
        }
        return text.toString();
    }

    private static String list(List<String> texts) {
        var list = new StringBuilder("[");
        for (String text : texts) {
            list.append(list.length() == 1 ? "" : ", ").append(quoted(text));
        }
        return list.append(']').toString();
    }

    /** A basic string of TOML, which escapes as JSON does. */
    private static String quoted(String text) {
        byte[] array = JsonWriter.compact().beginArray().value(text).endArray().bytes();
        String json = new String(array, StandardCharsets.UTF_8);
        return json.substring(1, json.length() - 1);
    }
}
