package dev.rung.oci;

import dev.rung.oci.json.JsonWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a runtime can do, whatever the host (features.md, features-linux.md). What is null or empty
 * is not written.
 *
 * @param potentiallyUnsafeConfigAnnotations a name that ends with a dot is a prefix
 */
public record Features(
        String ociVersionMin,
        String ociVersionMax,
        List<String> hooks,
        List<String> mountOptions,
        @Nullable Linux linux,
        Map<String, String> annotations,
        List<String> potentiallyUnsafeConfigAnnotations) {

    public record Linux(
            List<String> namespaces,
            List<String> capabilities,
            @Nullable Cgroup cgroup,
            @Nullable Filter seccomp,
            @Nullable Boolean apparmor,
            @Nullable Boolean selinux,
            @Nullable Rdt intelRdt,
            @Nullable MemoryPolicies memoryPolicy,
            @Nullable Boolean idMappedMounts,
            @Nullable Boolean netDevices) {}

    public record Cgroup(
            @Nullable Boolean v1,
            @Nullable Boolean v2,
            @Nullable Boolean systemd,
            @Nullable Boolean systemdUser,
            @Nullable Boolean rdma) {}

    /** The "seccomp" part. */
    public record Filter(
            boolean enabled,
            List<String> actions,
            List<String> operators,
            List<String> archs,
            List<String> knownFlags,
            List<String> supportedFlags) {}

    /** The "intelRdt" part. */
    public record Rdt(
            @Nullable Boolean enabled, @Nullable Boolean schemata, @Nullable Boolean monitoring) {}

    /** The "memoryPolicy" part. */
    public record MemoryPolicies(List<String> modes, List<String> flags) {}

    /** As runc prints it: indented by four blanks, a line feed at the end. */
    public byte[] json() {
        var writer = JsonWriter.indented("    ");
        write(writer);
        byte[] json = writer.bytes();
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    public void write(JsonWriter writer) {
        writer.beginObject()
                .field("ociVersionMin", ociVersionMin)
                .field("ociVersionMax", ociVersionMax)
                .optional("hooks", hooks)
                .optional("mountOptions", mountOptions);
        if (linux != null) {
            writer.name("linux");
            write(writer, linux);
        }
        writer.optional("annotations", annotations)
                .optional("potentiallyUnsafeConfigAnnotations", potentiallyUnsafeConfigAnnotations)
                .endObject();
    }

    private static void write(JsonWriter writer, Linux linux) {
        writer.beginObject()
                .optional("namespaces", linux.namespaces)
                .optional("capabilities", linux.capabilities);
        Cgroup cgroup = linux.cgroup;
        if (cgroup != null) {
            writer.name("cgroup")
                    .beginObject()
                    .optional("v1", cgroup.v1)
                    .optional("v2", cgroup.v2)
                    .optional("systemd", cgroup.systemd)
                    .optional("systemdUser", cgroup.systemdUser)
                    .optional("rdma", cgroup.rdma)
                    .endObject();
        }
        Filter seccomp = linux.seccomp;
        if (seccomp != null) {
            writer.name("seccomp")
                    .beginObject()
                    .field("enabled", seccomp.enabled)
                    .optional("actions", seccomp.actions)
                    .optional("operators", seccomp.operators)
                    .optional("archs", seccomp.archs)
                    .optional("knownFlags", seccomp.knownFlags)
                    .optional("supportedFlags", seccomp.supportedFlags)
                    .endObject();
        }
        enabled(writer, "apparmor", linux.apparmor);
        enabled(writer, "selinux", linux.selinux);
        Rdt rdt = linux.intelRdt;
        if (rdt != null) {
            writer.name("intelRdt")
                    .beginObject()
                    .optional("enabled", rdt.enabled)
                    .optional("schemata", rdt.schemata)
                    .optional("monitoring", rdt.monitoring)
                    .endObject();
        }
        MemoryPolicies policies = linux.memoryPolicy;
        if (policies != null) {
            writer.name("memoryPolicy")
                    .beginObject()
                    .optional("modes", policies.modes)
                    .optional("flags", policies.flags)
                    .endObject();
        }
        if (linux.idMappedMounts != null) {
            writer.name("mountExtensions").beginObject();
            enabled(writer, "idmap", linux.idMappedMounts);
            writer.endObject();
        }
        enabled(writer, "netDevices", linux.netDevices);
        writer.endObject();
    }

    private static void enabled(JsonWriter writer, String name, @Nullable Boolean enabled) {
        if (enabled != null) {
            writer.name(name).beginObject().field("enabled", (boolean) enabled).endObject();
        }
    }
}
