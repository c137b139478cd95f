package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.engine.config.Blueprint.Hook;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.HostOptions;
import dev.rung.oci.json.JsonFields;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Programs that the person who runs the machine wants run for containers, described in folders as
 * CRI-O and podman read them (oci-hooks(5), version 1.0.0). A file counts instead of one of its
 * name in an earlier folder; hooks come in the order of their files' names. They are read at each
 * start.
 */
final class HookFolders {
    private static final String VERSION = "1.0.0";
    private static final Set<String> STAGES =
            Set.of(
                    "prestart",
                    "createRuntime",
                    "createContainer",
                    "startContainer",
                    "poststart",
                    "poststop");

    private final List<Path> folders;

    HookFolders(List<Path> folders) {
        this.folders = folders;
    }

    /** Those of a container. Invalid, with the file, where one cannot be understood. */
    List<Hook> of(ContainerRecord container) {
        var hooks = new ArrayList<Hook>();
        for (Path file : files()) {
            JsonFields description = read(file);
            if (!description.text("version").equals(VERSION)) {
                throw description.invalid("version", "want " + VERSION);
            }
            if (isWanted(description.object("when"), container)) {
                add(description, hooks);
            }
        }
        return hooks;
    }

    private Iterable<Path> files() {
        var byName = new TreeMap<String, Path>();
        for (Path folder : folders) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
                files.forEach(file -> byName.put(file.getFileName().toString(), file));
            } catch (NoSuchFileException _) {
                // there are none
            } catch (IOException e) {
                throw refused(folder, e);
            }
        }
        return byName.values();
    }

    private static JsonFields read(Path file) {
        try {
            return JsonFields.read(file.toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw refused(file, e);
        }
    }

    private static Failure refused(Path file, IOException e) {
        return new Failure.HostRefused("read \"" + file + "\": " + e.getMessage(), e);
    }

    private static void add(JsonFields description, List<Hook> hooks) {
        JsonFields hook = description.object("hook");
        String path = hook.text("path");
        if (!path.startsWith("/") || !Files.isExecutable(Path.of(path))) {
            throw hook.invalid("path", "want the absolute path of a program");
        }
        Long timeout = hook.optionalInteger("timeout", 1, Integer.MAX_VALUE);
        List<String> stages = description.texts("stages");
        if (stages.isEmpty()) {
            throw description.invalid("stages", "want one at least");
        }
        for (String stage : stages) {
            if (!STAGES.contains(stage)) {
                throw description.invalid("stages", "want " + String.join(", ", STAGES));
            }
            hooks.add(new Hook(stage, path, hook.texts("args"), hook.texts("env"), timeout));
        }
    }

    /** All of the conditions hold, and there is one; of the commands it is one of them. */
    private static boolean isWanted(JsonFields when, ContainerRecord container) {
        int held = 0;
        Boolean always = when.optionalFlag("always");
        if (always != null) {
            if (!always) {
                return false;
            }
            held++;
        }
        Boolean binds = when.optionalFlag("hasBindMounts");
        if (binds != null) {
            if (!binds || !hasBinds(container)) {
                return false;
            }
            held++;
        }
        Map<String, String> wanted = when.textMap("annotations");
        if (!wanted.isEmpty()) {
            Map<String, String> annotations = annotations(container.host());
            for (Map.Entry<String, String> each : wanted.entrySet()) {
                Pattern name = pattern(when, "annotations", each.getKey());
                Pattern value = pattern(when, "annotations", each.getValue());
                if (annotations.entrySet().stream().noneMatch(one -> fits(name, value, one))) {
                    return false;
                }
                held++;
            }
        }
        List<String> commands = when.texts("commands");
        if (!commands.isEmpty()) {
            List<String> argv = container.config().argv();
            String program = argv.isEmpty() ? "" : argv.getFirst();
            return commands.stream()
                    .anyMatch(each -> pattern(when, "commands", each).matcher(program).find());
        }
        return held > 0;
    }

    private static boolean hasBinds(ContainerRecord container) {
        return container.mounts().stream().anyMatch(mount -> mount.type().equals("bind"));
    }

    private static Map<String, String> annotations(HostOptions host) {
        var all = new LinkedHashMap<>(host.annotations());
        all.putAll(host.cri().annotations());
        return all;
    }

    private static boolean fits(Pattern name, Pattern value, Map.Entry<String, String> one) {
        return name.matcher(one.getKey()).find() && value.matcher(one.getValue()).find();
    }

    private static Pattern pattern(JsonFields when, String key, String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw when.invalid(key, "want regular expressions: " + e.getDescription());
        }
    }
}
