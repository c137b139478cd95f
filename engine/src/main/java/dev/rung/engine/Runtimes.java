package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The runtimes that containers can be run with, by name: host, and the binaries that are found. */
public final class Runtimes {
    private static final List<String> KNOWN =
            List.of("runc", "crun", "youki", "runsc", "kata-runtime");
    private static final List<String> FOLDERS =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin");

    private final Map<String, ContainerRuntime> byName = new LinkedHashMap<>();
    private final Map<String, String> about = new LinkedHashMap<>();

    Runtimes(OciWorker worker, Path root) {
        byName.put(HostRuntime.NAME, new HostRuntime(worker, root.resolve("host").toString()));
        about.put(HostRuntime.NAME, "built in");
        for (String name : KNOWN) {
            for (String folder : FOLDERS) {
                Path binary = Path.of(folder, name);
                if (Files.isExecutable(binary) && !byName.containsKey(name)) {
                    String own = root.resolve(name).toString();
                    byName.put(name, new ExternalRuntime(binary, List.of(), own));
                    about.put(name, binary.toString());
                }
            }
        }
    }

    /** Name and binary of each. */
    public Map<String, String> all() {
        return about;
    }

    /** An empty name is the default one. Invalid, with the names that there are, for another. */
    ContainerRuntime named(String name) {
        ContainerRuntime runtime = byName.get(name.isEmpty() ? HostRuntime.NAME : name);
        if (runtime == null) {
            throw new Failure.Invalid(
                    "unknown or invalid runtime name: "
                            + Printable.of(name)
                            + ", there are "
                            + String.join(", ", byName.keySet()));
        }
        return runtime;
    }
}
