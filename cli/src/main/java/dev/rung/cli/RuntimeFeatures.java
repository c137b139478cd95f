package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/** The few features of an OCI runtime by which one is chosen (runtime-spec features.md). */
final class RuntimeFeatures {
    private RuntimeFeatures() {}

    /** One line; "-" for a runtime that does not tell. */
    static String summary(String json) {
        if (json.isBlank()) {
            return "-";
        }
        try {
            return summary(JsonFields.read("features", json.getBytes(StandardCharsets.UTF_8)));
        } catch (Failure.Invalid e) {
            return "-";
        }
    }

    private static String summary(JsonFields fields) {
        var words = new ArrayList<String>();
        words.add("OCI " + fields.text("ociVersionMax"));
        JsonFields linux = fields.optionalObject("linux");
        if (linux == null) {
            return words.getFirst();
        }
        if (linux.texts("namespaces").contains("user")) {
            words.add("user namespaces");
        }
        JsonFields cgroup = linux.optionalObject("cgroup");
        var versions = new ArrayList<String>();
        for (String version : new String[] {"v1", "v2", "systemd"}) {
            if (flag(cgroup, version)) {
                versions.add(version);
            }
        }
        if (!versions.isEmpty()) {
            words.add("cgroup " + String.join("+", versions));
        }
        for (String guard : new String[] {"seccomp", "apparmor", "selinux"}) {
            if (flag(linux.optionalObject(guard), "enabled")) {
                words.add(guard);
            }
        }
        JsonFields extensions = linux.optionalObject("mountExtensions");
        if (extensions != null && flag(extensions.optionalObject("idmap"), "enabled")) {
            words.add("id-mapped mounts");
        }
        return String.join(", ", words);
    }

    private static boolean flag(@Nullable JsonFields fields, String name) {
        return fields != null && Boolean.TRUE.equals(fields.optionalFlag(name));
    }
}
