package dev.rung.daemon.settings;

import dev.rung.engine.CniOptions;
import dev.rung.engine.EngineOptions.NamedRuntime;
import dev.rung.nri.ValidatorSettings;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration of another engine comes to here.
 *
 * @param runtimes by the names that they have there
 * @param defaultRuntime empty: theirs is none that can be run, or they name none
 * @param insecureRegistries registries that are asked without TLS
 * @param policy which images may come, null: any
 * @param pinnedImages patterns of images that are kept
 * @param hookFolders where hooks are described
 * @param mountsFiles the first that is there names mounts of all containers
 * @param networks of pods
 * @param plugins of the node resource interface
 * @param remarks what comes to nothing, in the order of the file
 */
record ForeignSettings(
        List<NamedRuntime> runtimes,
        String defaultRuntime,
        List<String> insecureRegistries,
        @Nullable ForeignPolicy policy,
        List<String> pinnedImages,
        List<Path> hookFolders,
        List<Path> mountsFiles,
        ForeignNetworks networks,
        PluginWishes plugins,
        List<Remark> remarks) {
    ForeignSettings {
        runtimes = List.copyOf(runtimes);
        insecureRegistries = List.copyOf(insecureRegistries);
        pinnedImages = List.copyOf(pinnedImages);
        hookFolders = List.copyOf(hookFolders);
        mountsFiles = List.copyOf(mountsFiles);
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
        if (policy != null && policy.counts()) {
            String file = quoted(policy.file().toString());
            text.append("signature-policy = ").append(file).append('\n');
        }
        if (!pinnedImages.isEmpty()) {
            text.append("pinned-images = ").append(list(pinnedImages)).append('\n');
        }
        if (!hookFolders.isEmpty()) {
            List<String> folders = hookFolders.stream().map(Path::toString).toList();
            text.append("hooks-dirs = ").append(list(folders)).append('\n');
        }
        if (!mountsFiles.isEmpty()) {
            List<String> files = mountsFiles.stream().map(Path::toString).toList();
            text.append("mounts-files = ").append(list(files)).append('\n');
        }
        networks(text);
        for (NamedRuntime runtime : runtimes) {
            text.append("\n[runtimes.").append(quoted(runtime.name())).append("]\n");
            text.append("path = ").append(quoted(runtime.binary().toString())).append('\n');
            if (!runtime.options().isEmpty()) {
                text.append("args = ").append(list(runtime.options())).append('\n');
            }
        }
        if (!plugins.equals(PluginWishes.NONE)) {
            table(text, Keys.NRI, plugins.written());
        }
        ValidatorSettings validator = plugins.validator();
        if (validator != null) {
            String table = Keys.NRI + "." + PluginWishes.VALIDATOR;
            table(text, table, ValidatorWords.written(validator));
        }
        if (!remarks.isEmpty()) {
            text.append("\n# not taken over:\n");
        }
        for (Remark remark : remarks) {
            text.append("# ").append(remark.key).append(": ").append(remark.why).append('\n');
        }
        return text.toString();
    }

    private void networks(StringBuilder text) {
        Path folder = networks.networks();
        if (folder != null) {
            text.append("cni-conf-dir = ").append(quoted(folder.toString())).append('\n');
        }
        if (!networks.programs().isEmpty()) {
            List<String> programs = networks.programs().stream().map(Path::toString).toList();
            text.append("cni-bin-dirs = ").append(list(programs)).append('\n');
        }
        if (!networks.network().isEmpty()) {
            text.append("cni-network = ").append(quoted(networks.network())).append('\n');
        }
        Integer most = networks.most();
        if (most != null) {
            text.append("cni-max-networks = ").append(most).append('\n');
        }
        CniOptions.First first = networks.first();
        if (first != null) {
            String word = ForeignNetworks.word(first);
            text.append("cni-ip-preference = ").append(quoted(word)).append('\n');
        }
    }

    private static void table(StringBuilder text, String name, Map<String, Object> settings) {
        text.append("\n[").append(name).append("]\n");
        settings.forEach((key, value) -> {
            String shown =
                    switch (value) {
                        case Boolean flag -> flag.toString();
                        case List<?> all -> list(all);
                        default -> quoted(value.toString());
                    };
            text.append(key).append(" = ").append(shown).append('\n');
        });
    }

    private static String list(List<?> texts) {
        var list = new StringBuilder("[");
        for (Object text : texts) {
            list.append(list.length() == 1 ? "" : ", ").append(quoted(text.toString()));
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
