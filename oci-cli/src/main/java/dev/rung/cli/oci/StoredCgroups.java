package dev.rung.cli.oci;

import dev.rung.host.cgroup.CgroupDirectory;
import dev.rung.host.cgroup.ContainerCgroups;
import dev.rung.isolation.HostDescription.Hierarchy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The cgroups of a container from its record, which names a folder for each controller. */
final class StoredCgroups {
    private StoredCgroups() {}

    static ContainerCgroups of(StoredContainer stored) {
        return ContainerCgroups.at(directories(stored, Map.of()), false);
    }

    /**
     * Those below the container's own, to be joined.
     *
     * @param below the path below it by controller; that of "" counts for all others
     */
    static ContainerCgroups of(StoredContainer stored, Map<String, String> below) {
        return ContainerCgroups.at(directories(stored, below), stored.rootlessCgroups());
    }

    private static List<CgroupDirectory> directories(
            StoredContainer stored, Map<String, String> below) {
        var controllers = new LinkedHashMap<String, List<String>>();
        for (Map.Entry<String, String> entry : stored.cgroups().entrySet()) {
            controllers
                    .computeIfAbsent(entry.getValue(), _ -> new ArrayList<>())
                    .add(entry.getKey());
        }
        var directories = new ArrayList<CgroupDirectory>(controllers.size());
        for (Map.Entry<String, List<String>> entry : controllers.entrySet()) {
            boolean unified = entry.getValue().contains("");
            var names = new ArrayList<>(entry.getValue());
            names.remove("");
            String path = below.getOrDefault("", "");
            for (String name : names) {
                path = below.getOrDefault(name, path);
            }
            // where the hierarchy is mounted does not matter any more
            var folder = new Hierarchy(entry.getKey(), "/", "/", names, unified);
            directories.add(new CgroupDirectory(folder, CallerPath.absolute("/", path)));
        }
        return directories;
    }
}
