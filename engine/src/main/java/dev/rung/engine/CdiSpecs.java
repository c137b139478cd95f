package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.config.Blueprint.DeviceNode;
import dev.rung.engine.config.Blueprint.Hook;
import dev.rung.engine.config.Blueprint.ResolvedMount;
import dev.rung.engine.spec.DeviceOption;
import dev.rung.oci.LinuxConfig.DeviceType;
import dev.rung.oci.json.JsonFields;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Devices that vendors describe in files of the Container Device Interface (CDI 0.8), in JSON;
 * called VENDOR/CLASS=NAME. A file in a later folder counts more.
 */
final class CdiSpecs {
    private static final List<Path> FOLDERS = List.of(Path.of("/etc/cdi"), Path.of("/var/run/cdi"));
    private static final String GPU = "nvidia.com/gpu";
    private static final List<Path> GPU_HOOKS =
            List.of(
                    Path.of("/usr/bin/nvidia-container-runtime-hook"),
                    Path.of("/usr/local/bin/nvidia-container-runtime-hook"));

    private final List<JsonFields> specs = new ArrayList<>();
    private final List<Path> inYaml = new ArrayList<>();

    /** What the devices bring along; all lists can grow. */
    record Edits(
            List<String> env,
            List<DeviceNode> devices,
            List<ResolvedMount> mounts,
            List<Hook> hooks,
            List<Long> groups) {
        private Edits() {
            this(
                    new ArrayList<>(),
                    new ArrayList<>(),
                    new ArrayList<>(),
                    new ArrayList<>(),
                    new ArrayList<>());
        }
    }

    private CdiSpecs() {}

    /** What those among the devices that are called so bring along. */
    static Edits editsOf(List<DeviceOption> devices) {
        var edits = new Edits();
        CdiSpecs specs = null;
        var used = new ArrayList<JsonFields>();
        for (DeviceOption device : devices) {
            if (device.isCdi()) {
                specs = specs == null ? read() : specs;
                specs.add(device.hostPath(), used, edits);
            }
        }
        return edits;
    }

    private static CdiSpecs read() {
        var all = new CdiSpecs();
        for (Path folder : FOLDERS) {
            if (Files.isDirectory(folder)) {
                all.read(folder);
            }
        }
        return all;
    }

    private void read(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(".json")) {
                    specs.addFirst(JsonFields.read(file.toString(), Files.readAllBytes(file)));
                } else if (name.endsWith(".yaml") || name.endsWith(".yml")) {
                    inYaml.add(file);
                }
            }
        } catch (IOException e) {
            throw new Failure.HostRefused("read \"" + folder + "\": " + e.getMessage(), e);
        }
    }

    private void add(String name, List<JsonFields> used, Edits edits) {
        int equals = name.indexOf('=');
        String kind = name.substring(0, equals);
        String wanted = name.substring(equals + 1);
        for (JsonFields spec : specs) {
            JsonFields device = spec.text("kind").equals(kind) ? device(spec, wanted) : null;
            if (device == null) {
                continue;
            }
            JsonFields common = spec.optionalObject("containerEdits");
            if (common != null && !used.contains(spec)) {
                used.add(spec);
                take(common, edits);
            }
            take(device.object("containerEdits"), edits);
            return;
        }
        if (kind.equals(GPU)) {
            gpu(wanted, edits);
            return;
        }
        throw new Failure.Invalid(
                "CDI device injection failed: unresolvable CDI devices "
                        + Printable.of(name)
                        + inYaml());
    }

    private String inYaml() {
        return inYaml.isEmpty()
                ? ""
                : ": only files in JSON are read, which " + inYaml + " are not";
    }

    private static @Nullable JsonFields device(JsonFields spec, String name) {
        for (JsonFields device : spec.objects("devices")) {
            if (device.text("name").equals(name)) {
                return device;
            }
        }
        return null;
    }

    /** Without a description the vendor's own hook finds out what a GPU needs. */
    private void gpu(String name, Edits edits) {
        for (Path hook : GPU_HOOKS) {
            if (Files.isExecutable(hook)) {
                edits.env.add("NVIDIA_VISIBLE_DEVICES=" + name);
                edits.env.add("NVIDIA_DRIVER_CAPABILITIES=compute,utility");
                List<String> args = List.of("nvidia-container-runtime-hook", "prestart");
                edits.hooks.add(new Hook("prestart", hook.toString(), args, List.of(), null));
                return;
            }
        }
        throw new Failure.Unsupported(
                "could not select device driver \"\" with capabilities: [[gpu]]" + inYaml());
    }

    private static void take(JsonFields from, Edits edits) {
        edits.env.addAll(from.texts("env"));
        for (JsonFields node : from.objects("deviceNodes")) {
            edits.devices.add(node(node));
        }
        for (JsonFields mount : from.objects("mounts")) {
            var options = new ArrayList<>(mount.texts("options"));
            if (!options.contains("bind") && !options.contains("rbind")) {
                options.add("rbind");
            }
            edits.mounts.add(
                    new ResolvedMount(
                            "bind",
                            mount.text("hostPath"),
                            mount.text("containerPath"),
                            List.copyOf(options)));
        }
        for (JsonFields hook : from.objects("hooks")) {
            edits.hooks.add(
                    new Hook(
                            hook.text("hookName"),
                            hook.text("path"),
                            hook.texts("args"),
                            hook.texts("env"),
                            hook.optionalInteger("timeout", 1, Integer.MAX_VALUE)));
        }
        edits.groups.addAll(from.unsigned32s("additionalGids"));
    }

    private static DeviceNode node(JsonFields fields) {
        String path = fields.text("path");
        String hostPath = fields.optionalText("hostPath");
        String access = fields.optionalText("permissions");
        String all = access == null || access.isEmpty() ? "rwm" : access;
        Long major = fields.optionalInteger("major", 0, Integer.MAX_VALUE);
        DeviceNode node =
                major == null || major == 0
                        ? HostDevices.find(
                                        new DeviceOption(
                                                hostPath == null ? path : hostPath, path, all))
                                .getFirst()
                        : new DeviceNode(
                                path,
                                "b".equals(fields.optionalText("type"))
                                        ? DeviceType.BLOCK
                                        : DeviceType.CHARACTER,
                                major,
                                fields.integerOr("minor", 0, Integer.MAX_VALUE, 0),
                                0666,
                                0,
                                0,
                                all);
        return new DeviceNode(
                node.path(),
                node.type(),
                node.major(),
                node.minor(),
                (int) fields.integerOr("fileMode", 0, 07777, node.mode()),
                fields.integerOr("uid", 0, JsonFields.MAX_UINT32, node.uid()),
                fields.integerOr("gid", 0, JsonFields.MAX_UINT32, node.gid()),
                node.access());
    }
}
