package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.EngineOptions.NamedRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The runtimes that containers can be run with, by name: host, and the binaries that are found. */
public final class Runtimes {
    private static final List<String> KNOWN =
            List.of("runc", "crun", "youki", "runsc", "kata-runtime");
    private static final List<String> FOLDERS =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin");

    private final Path root;
    private final ContainerRuntime host;
    private final CgroupDriver cgroups;
    private volatile Table table;

    /** Those that the settings do not name any more, for containers that were made with them. */
    private final Map<String, ContainerRuntime> former = new ConcurrentHashMap<>();

    private record Table(
            Map<String, ContainerRuntime> byName, Map<String, String> about, String usual) {}

    Runtimes(OciWorker worker, Path root, EngineOptions options) {
        this.root = root;
        this.cgroups = options.cgroups();
        this.host =
                new HostRuntime(
                        worker, root.resolve(HostRuntime.NAME).toString(), globals(options));
        table = table(options);
    }

    private static List<String> globals(EngineOptions options) {
        var all = new ArrayList<>(options.cgroups().globals());
        if (!options.criu().isEmpty()) {
            all.addAll(List.of("--criu", options.criu()));
        }
        return all;
    }

    /** Takes other settings. Invalid where the default runtime is none. */
    void settle(EngineOptions options) {
        Table fresh = table(options);
        former.putAll(table.byName());
        table = fresh;
    }

    private Table table(EngineOptions options) {
        var byName = new LinkedHashMap<String, ContainerRuntime>();
        var about = new LinkedHashMap<String, String>();
        byName.put(HostRuntime.NAME, host);
        about.put(HostRuntime.NAME, "built in");
        for (NamedRuntime each : options.runtimes()) {
            byName.put(each.name(), external(each.name(), each.binary(), each.options()));
            about.put(each.name(), each.binary().toString());
        }
        for (String name : KNOWN) {
            for (String folder : FOLDERS) {
                Path binary = Path.of(folder, name);
                if (Files.isExecutable(binary) && !byName.containsKey(name)) {
                    byName.put(name, external(name, binary, List.of()));
                    about.put(name, binary.toString());
                }
            }
        }
        String usual =
                options.defaultRuntime().isEmpty() ? HostRuntime.NAME : options.defaultRuntime();
        if (!byName.containsKey(usual)) {
            throw unknown("default-runtime: ", usual, byName);
        }
        return new Table(byName, about, usual);
    }

    private ExternalRuntime external(String name, Path binary, List<String> options) {
        var all = new ArrayList<String>(cgroups.globals());
        all.addAll(options);
        return new ExternalRuntime(binary, all, root.resolve(name).toString());
    }

    /** Name and binary of each. */
    public Map<String, String> all() {
        return table.about();
    }

    /** Who makes the cgroups of their containers. */
    public CgroupDriver cgroups() {
        return cgroups;
    }

    /** The name of the default one. */
    public String usual() {
        return table.usual();
    }

    /** A container's runtime by name; an empty one is the default. */
    String called(String name) {
        return name.isEmpty() ? usual() : name;
    }

    /** What a runtime says of itself, as JSON; empty where it says nothing. */
    public String features(String name) {
        return of(name).features();
    }

    /** Invalid, with the names that there are, for one that no new container can have. */
    void check(String name) {
        Table now = table;
        if (!now.byName().containsKey(name)) {
            throw unknown("", name, now.byName());
        }
    }

    /** That of a container; an empty name is the default one. Invalid where it is not known. */
    ContainerRuntime of(String name) {
        Table now = table;
        String wanted = name.isEmpty() ? now.usual() : name;
        ContainerRuntime runtime = now.byName().get(wanted);
        if (runtime == null) {
            runtime = former.get(wanted);
        }
        if (runtime == null) {
            throw unknown("", name, now.byName());
        }
        return runtime;
    }

    private static Failure.Invalid unknown(
            String where, String name, Map<String, ContainerRuntime> byName) {
        return new Failure.Invalid(
                where
                        + "unknown or invalid runtime name: "
                        + Printable.of(name)
                        + ", there are "
                        + String.join(", ", byName.keySet()));
    }
}
