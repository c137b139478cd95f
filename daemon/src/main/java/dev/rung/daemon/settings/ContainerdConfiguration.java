package dev.rung.daemon.settings;

import static java.util.Map.entry;

import dev.rung.daemon.settings.ForeignSettings.Remark;
import dev.rung.domain.Failure;
import dev.rung.engine.CniOptions;
import dev.rung.image.PinnedImages;
import dev.rung.image.registry.TomlTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * containerd's config.toml, versions 2 and 3 (containerd 1.3 to 2.x): its runtimes above all. In
 * version 3 the CRI plug-in is cut in two, and its tables have other names.
 */
final class ContainerdConfiguration {
    private static final String USUAL = "runc";
    private static final long MOST = 1000; // networks of a pod

    private static final Map<String, String> TOP =
            Map.ofEntries(
                    entry("root", "Rung keeps its state in folders of its own, see data-root"),
                    entry("state", "Rung keeps its state in folders of its own, see exec-root"),
                    entry("temp", "Rung keeps its state in folders of its own"),
                    entry("grpc", "Rung listens at sockets of its own"),
                    entry("ttrpc", "Rung listens at sockets of its own"),
                    entry("debug", "Rung has no socket for debugging"),
                    entry("metrics", "see rung system metrics"),
                    entry("imports", "files are read one at a time: name the one that counts"),
                    entry("proxy_plugins", "snapshotters of others are not asked"),
                    entry("oom_score", "the engine leaves its own score to the service's unit"));

    private static final Map<String, String> CRI =
            Map.ofEntries(
                    entry("snapshotter", "layers are overlays, there is nothing to choose"),
                    entry(
                            "restrict_oom_score_adj",
                            "a score that may not be lowered is always kept as it is"),
                    entry("systemd_cgroup", "meant for version 1 of the file"),
                    entry("stream_server_address", "Rung streams by sockets of its own"),
                    entry("stream_server_port", "Rung streams by sockets of its own"),
                    entry("enable_experimental_restore_via_create", "see checkpoint-images"),
                    entry("disable_cgroup", "cgroups are done without where they may not be made"));

    private static final Map<String, String> RUNTIME =
            Map.ofEntries(
                    entry("snapshotter", "layers are overlays, there is nothing to choose"),
                    entry("base_runtime_spec", "config.json is made by the engine alone"),
                    entry("sandbox_mode", "pods have no shim"),
                    entry("sandboxer", "pods have no shim"),
                    entry("cni_conf_dir", "one folder of networks is for all runtimes"),
                    entry("cni_max_conf_num", "one number of networks is for all runtimes"),
                    entry("io_type", "streams go through the monitor"));

    private static final Map<String, String> NETWORKS =
            Map.ofEntries(
                    entry("setup_serially", "a pod joins one network after another in any case"),
                    entry("use_internal_loopback", "the engine sets the loopback link up itself"),
                    entry(
                            "conf_template",
                            "templates are not filled in: write the network's file into conf_dir"));

    private static final Map<String, String> OPTIONS =
            Map.ofEntries(
                    entry("NoPivotRoot", "give the option in args"),
                    entry("NoNewKeyring", "give the option in args"),
                    entry("ShimCgroup", "there is no shim"),
                    entry("IoUid", "streams are the monitor's"),
                    entry("IoGid", "streams are the monitor's"),
                    entry("CriuPath", "criu is found by its name"),
                    entry("CriuImagePath", "checkpoints are kept by the engine"),
                    entry("CriuWorkPath", "checkpoints are kept by the engine"));

    private final List<Remark> remarks = new ArrayList<>();
    private final ForeignRuntimes runtimes;
    private final List<String> pinned = new ArrayList<>();
    private ForeignNetworks networks = ForeignNetworks.NONE;
    private PluginWishes nri = PluginWishes.NONE;

    private ContainerdConfiguration(List<Path> folders) {
        this.runtimes = new ForeignRuntimes(folders);
    }

    /**
     * What a file comes to.
     *
     * @param folders where binaries without a path are looked for
     * @throws Failure.Invalid with file and place where it cannot be understood
     */
    static ForeignSettings read(String file, String text, List<Path> folders) {
        return new ContainerdConfiguration(folders).read(TomlTable.parse(file, text));
    }

    private ForeignSettings read(TomlTable document) {
        var top = new ForeignTable(document, "", remarks);
        Long version = top.integer("version");
        if (version == null || version < 2 || version > 4) {
            throw document.invalid(
                    "version",
                    "want 2 or 3, got " + (version == null ? "none, which is 1" : version));
        }
        String usual = "";
        ForeignTable plugins = top.table("plugins");
        if (plugins != null) {
            boolean parted = version > 2;
            ForeignTable cri =
                    plugins.table(
                            parted ? "io.containerd.cri.v1.runtime" : "io.containerd.grpc.v1.cri");
            if (cri != null) {
                usual = cri(cri);
            }
            ForeignTable images = parted ? plugins.table("io.containerd.cri.v1.images") : null;
            if (images != null) {
                registry(images.table("registry"));
                ForeignTable names = images.table("pinned_images");
                if (names != null) {
                    names.names().forEach(key -> pin(names, key));
                }
                images.end(CRI);
            }
            ForeignTable others = plugins.table("io.containerd.nri.v1.nri");
            if (others != null) {
                nri = nri(others);
            }
            plugins.end(Map.of(), "a plug-in of containerd's");
        }
        for (String name : top.texts("disabled_plugins")) {
            top.remark("disabled_plugins", name + " is a plug-in of containerd's");
        }
        top.texts("required_plugins");
        top.end(TOP);
        return new ForeignSettings(
                runtimes.list(),
                usual,
                List.of(),
                null,
                pinned,
                List.of(),
                List.of(),
                networks,
                nri,
                remarks);
    }

    private static PluginWishes nri(ForeignTable table) {
        ForeignTable validator = table.table("default_validator");
        var wishes =
                new PluginWishes(
                        table.optionalDenial("disable"),
                        table.optionalDenial("disable_connections"),
                        table.path("socket_path"),
                        table.path("plugin_path"),
                        table.path("plugin_config_path"),
                        table.time("plugin_registration_timeout"),
                        table.time("plugin_request_timeout"),
                        validator == null ? null : ValidatorWords.foreign(validator, "enable", ""));
        table.end();
        return wishes;
    }

    private String cri(ForeignTable cri) {
        String usual = "";
        ForeignTable containerd = cri.table("containerd");
        if (containerd != null) {
            ForeignTable all = containerd.table("runtimes");
            if (all != null) {
                all.eachTable(this::runtime);
            }
            usual = runtimes.usual(containerd, "default_runtime_name", USUAL);
            containerd.end(CRI);
        }
        ForeignTable cni = cri.table("cni");
        if (cni != null) {
            networks = networks(cni);
        }
        pin(cri, "sandbox_image");
        registry(cri.table("registry"));
        cri.end(CRI);
        return usual;
    }

    /** A pod needs no image here, but what containerd keeps is kept. */
    private void pin(ForeignTable table, String key) {
        String name = table.text(key);
        if (!name.isEmpty() && PinnedImages.isPattern(name)) {
            pinned.add(name);
        }
    }

    private static ForeignNetworks networks(ForeignTable cni) {
        var programs = new ArrayList<Path>(cni.paths("bin_dirs"));
        Path program = cni.path("bin_dir");
        if (program != null && programs.isEmpty()) {
            programs.add(program);
        }
        String preference = cni.text("ip_pref");
        CniOptions.First first = ForeignNetworks.first(preference);
        if (first == null && !preference.isEmpty()) {
            cni.remark("ip_pref", "want ipv4, ipv6 or cni");
        }
        Long most = cni.integer("max_conf_num");
        var networks =
                new ForeignNetworks(
                        cni.path("conf_dir"),
                        programs,
                        "",
                        most == null || most < 0 ? null : Math.toIntExact(Math.min(most, MOST)),
                        first);
        cni.end(NETWORKS);
        return networks;
    }

    private void runtime(String name, ForeignTable table) {
        String type = table.text("runtime_type");
        ForeignTable options = table.table("options");
        String binary = options == null ? "" : options.text("BinaryName");
        var words = new ArrayList<String>();
        if (options != null) {
            if (options.flag("SystemdCgroup")) {
                options.remark(
                        "SystemdCgroup",
                        "the driver of cgroups is one for all, see exec-opts"
                                + " native.cgroupdriver=systemd");
            }
            if (!options.text("Root").isEmpty()) {
                options.remark("Root", "each runtime's state has a folder of the engine's");
            }
        }
        switch (type) {
            case "io.containerd.runc.v1",
                    "io.containerd.runc.v2",
                    "io.containerd.runtime.v1.linux" ->
                    runtimes.add(table, name, binary.isEmpty() ? USUAL : binary, words);
            case "io.containerd.runsc.v1" -> {
                runtimes.add(table, name, binary.isEmpty() ? "runsc" : binary, words);
                if (options != null) {
                    options.remark(
                            "runsc is run without its shim, so its options count in args only");
                    return;
                }
            }
            case "" -> table.remark("runtime_type is missing");
            default -> ForeignRuntimes.shim(table, type);
        }
        if (options != null) {
            options.end(OPTIONS, "an option of the shim's");
        }
        annotations(table, "pod_annotations");
        annotations(table, "container_annotations");
        ForeignRuntimes.privileged(table);
        table.end(RUNTIME);
    }

    private static void annotations(ForeignTable table, String key) {
        if (!table.texts(key).isEmpty()) {
            table.remark(key, "annotations are not handed to runtimes by their names");
        }
    }

    private static void registry(@Nullable ForeignTable registry) {
        if (registry == null) {
            return;
        }
        String path = registry.text("config_path");
        if (!path.isEmpty() && !path.contains("/etc/containerd/certs.d")) {
            registry.remark(
                    "config_path", "/etc/containerd/certs.d is read, and certs.d of Rung's");
        }
        registry.end(
                Map.of(), "deprecated there: write hosts.toml files, which are read here as well");
    }
}
