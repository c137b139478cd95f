package dev.rung.daemon.settings;

import static java.util.Map.entry;

import dev.rung.daemon.settings.ForeignSettings.Remark;
import dev.rung.domain.Failure;
import dev.rung.image.PinnedImages;
import dev.rung.image.registry.TomlTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** CRI-O's crio.conf and its drop-ins (crio.conf(5)), each of which adds to those before. */
final class CrioConfiguration {
    private static final Map<String, String> RUNTIME =
            Map.ofEntries(
                    entry("conmon", "each container has a monitor of Rung's"),
                    entry("conmon_cgroup", "each container has a monitor of Rung's"),
                    entry("conmon_env", "each container has a monitor of Rung's"),
                    entry("pinns_path", "namespaces are held by the engine itself"),
                    entry("namespaces_dir", "namespaces are held by the engine itself"),
                    entry(
                            "drop_infra_ctr",
                            "a pod has no container of its own unless it asks for an init"),
                    entry("infra_ctr_cpuset", "a pod has no container of its own"),
                    entry(
                            "container_exits_dir",
                            "the monitor records ends in the engine's folders"),
                    entry(
                            "container_attach_socket_dir",
                            "the monitor is reached by the engine's sockets"),
                    entry("log_level", "Rung has no such setting"),
                    entry("ctr_stop_timeout", "the kubelet says how long it waits"),
                    entry("enable_criu_support", "see checkpoint-images"));

    private static final Map<String, String> STORAGE =
            Map.of(
                    "storage_driver",
                    "images and containers lie in Rung's own store, on overlay",
                    "storage_option",
                    "images and containers lie in Rung's own store, which reads no storage.conf and"
                            + " no additional image stores: see rung load and rung pull",
                    "root",
                    "see data-root",
                    "runroot",
                    "see exec-root");

    private static final Map<String, String> IMAGE =
            Map.ofEntries(
                    entry("pause_image_auth_file", "a pod needs no image"),
                    entry("pause_command", "a pod needs no image"),
                    entry(
                            "signature_policy_dir",
                            "namespaces have no policy of their own: see signature-policy"),
                    entry("global_auth_file", "credentials are the caller's own"),
                    entry("registries", "registries.conf says where short names are looked for"));

    private static final Map<String, String> HANDLER =
            Map.ofEntries(
                    entry("runtime_root", "each runtime's state has a folder of the engine's"),
                    entry("monitor_path", "each container has a monitor of Rung's"),
                    entry("monitor_cgroup", "each container has a monitor of Rung's"),
                    entry("monitor_exec_cgroup", "each container has a monitor of Rung's"),
                    entry("monitor_env", "each container has a monitor of Rung's"),
                    entry("runtime_config_path", "an option of a shim's"),
                    entry("allowed_annotations", "annotations change nothing of a container"),
                    entry("default_annotations", "annotations change nothing of a container"),
                    entry("container_min_memory", "the kernel says what is too little"),
                    entry("no_sync_log", "an option of conmon's"));

    /** Where CRI-O looks for mounts of all containers, unless it is told of another file. */
    private static final List<Path> MOUNTS_FILES =
            List.of(
                    Path.of("/etc/containers/mounts.conf"),
                    Path.of("/usr/share/containers/mounts.conf"));

    /** Where CRI-O looks for a policy, unless it is told of another file. */
    private static final ForeignPolicy POLICY =
            new ForeignPolicy(Path.of("/etc/containers/policy.json"), false);

    private final List<Remark> remarks = new ArrayList<>();
    private final ForeignRuntimes runtimes;
    private final LinkedHashSet<String> insecure = new LinkedHashSet<>();
    private final LinkedHashSet<String> pinned = new LinkedHashSet<>();
    private List<Path> hooks = List.of();
    private List<Path> mountsFiles = MOUNTS_FILES;
    private ForeignPolicy policy = POLICY;
    private String usual = "";
    private ForeignNetworks networks = ForeignNetworks.NONE;
    private PluginWishes plugins = PluginWishes.NONE;

    private CrioConfiguration(List<Path> folders) {
        this.runtimes = new ForeignRuntimes(folders);
    }

    /**
     * What files come to, of which the later add to the earlier.
     *
     * @param texts by their names, in their order
     * @param folders where binaries without a path are looked for
     * @throws Failure.Invalid with file and place where one cannot be understood
     */
    static ForeignSettings read(Map<String, String> texts, List<Path> folders) {
        var all = new CrioConfiguration(folders);
        texts.forEach((file, text) -> all.add(TomlTable.parse(file, text)));
        return new ForeignSettings(
                all.runtimes.list(),
                all.usual,
                List.copyOf(all.insecure),
                all.policy,
                List.copyOf(all.pinned),
                all.hooks,
                all.mountsFiles,
                all.networks,
                all.plugins,
                all.remarks);
    }

    private void add(TomlTable document) {
        var top = new ForeignTable(document, "", remarks);
        ForeignTable crio = top.table("crio");
        if (crio != null) {
            runtime(crio.table("runtime"));
            image(crio.table("image"));
            ForeignTable network = crio.table("network");
            if (network != null) {
                networks = networks(network).over(networks);
            }
            for (String other : List.of("api", "metrics", "tracing", "stats")) {
                ForeignTable table = crio.table(other);
                if (table != null && !table.names().isEmpty()) {
                    table.remark("Rung has sockets and figures of its own");
                }
            }
            nri(crio.table("nri"));
            crio.end(STORAGE, "Rung keeps its state in folders of its own");
        }
        top.end(Map.of(), "no table of CRI-O's");
    }

    private static ForeignNetworks networks(ForeignTable table) {
        var programs = new ArrayList<Path>(table.paths("plugin_dirs"));
        Path old = table.path("plugin_dir");
        if (old != null) {
            programs.add(old);
        }
        var networks =
                new ForeignNetworks(
                        table.path("network_dir"),
                        programs,
                        table.text("cni_default_network"),
                        null,
                        null);
        table.end();
        return networks;
    }

    private void runtime(@Nullable ForeignTable table) {
        if (table == null) {
            return;
        }
        ForeignTable all = table.table("runtimes");
        if (all != null) {
            all.eachTable(this::handler);
        }
        if (table.names().contains("default_runtime")) {
            usual = runtimes.usual(table, "default_runtime", "");
        }
        if (table.text("cgroup_manager").equals("systemd")) {
            table.remark("cgroup_manager", "see exec-opts native.cgroupdriver=systemd");
        }
        if (table.names().contains("hooks_dir")) {
            hooks = table.paths("hooks_dir");
        }
        Path mounts = table.path("default_mounts_file");
        if (mounts != null) {
            mountsFiles = List.of(mounts);
        }
        table.end(RUNTIME, "containers have Rung's defaults, and what the kubelet says");
    }

    private void handler(String name, ForeignTable table) {
        String type = table.text("runtime_type");
        String path = table.text("runtime_path");
        switch (type) {
            case "", "oci" -> runtimes.add(table, name, path.isEmpty() ? name : path, List.of());
            default -> ForeignRuntimes.shim(table, "runtime_type " + type);
        }
        ForeignRuntimes.privileged(table);
        table.end(HANDLER);
    }

    private void nri(@Nullable ForeignTable table) {
        if (table == null) {
            return;
        }
        ForeignTable validator = table.table("default_validator");
        var said =
                new PluginWishes(
                        table.optionalFlag("enable_nri"),
                        table.optionalDenial("nri_disable_connections"),
                        table.path("nri_listen"),
                        table.path("nri_plugin_dir"),
                        table.path("nri_plugin_config_dir"),
                        table.time("nri_plugin_registration_timeout"),
                        table.time("nri_plugin_request_timeout"),
                        validator == null
                                ? null
                                : ValidatorWords.foreign(
                                        validator,
                                        "nri_enable_default_validator",
                                        "nri_validator_"));
        plugins = said.or(plugins);
        table.end();
    }

    private void image(@Nullable ForeignTable table) {
        if (table != null) {
            insecure.addAll(table.texts("insecure_registries"));
            Path file = table.path("signature_policy");
            if (file != null) {
                policy = new ForeignPolicy(file, true);
            }
            var patterns = new ArrayList<>(table.texts("pinned_images"));
            patterns.add(table.text("pause_image")); // which nothing needs here, but is kept there
            for (String pattern : patterns) {
                if (PinnedImages.isPattern(pattern)) {
                    pinned.add(pattern);
                } else if (!pattern.isEmpty()) {
                    table.remark("pinned_images", "want a name, or BEGINNING*, or *PART*");
                }
            }
            table.end(IMAGE);
        }
    }
}
