package dev.rung.oci;

import static dev.rung.oci.Complaint.entry;
import static dev.rung.oci.Complaint.quoted;

import dev.rung.oci.LinuxConfig.Device;
import dev.rung.oci.LinuxConfig.IntelRdt;
import dev.rung.oci.LinuxConfig.MemoryPolicy;
import dev.rung.oci.LinuxConfig.Namespace;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.Seccomp.Action;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What must hold of the "linux" part. */
final class LinuxRules {
    private final Complaint complaint;
    private final LinuxConfig linux;

    LinuxRules(Complaint complaint, LinuxConfig linux) {
        this.complaint = complaint;
        this.linux = linux;
    }

    void check(List<String> warnings) {
        checkNamespaces();
        checkUserNamespace();
        checkTimeNamespace();
        checkPaths();
        checkNetDevices();
        Sysctls.check(complaint, linux);
        IntelRdt rdt = linux.intelRdt();
        if (rdt != null) {
            checkIntelRdt(rdt);
        }
        MemoryPolicy policy = linux.memoryPolicy();
        if (policy != null) {
            checkMemoryPolicy(policy);
        }
        Seccomp seccomp = linux.seccomp();
        if (seccomp != null) {
            checkSeccomp(seccomp);
        }
        if (linux.personality() != null && !linux.personality().flags().isEmpty()) {
            warnings.add(
                    complaint.note(
                            "linux.personality.flags", "ignoring unsupported personality flags"));
        }
    }

    private void checkNamespaces() {
        var seen = EnumSet.noneOf(NamespaceType.class);
        List<Namespace> namespaces = linux.namespaces();
        for (int i = 0; i < namespaces.size(); i++) {
            Namespace namespace = namespaces.get(i);
            if (!seen.add(namespace.type())) {
                throw complaint.at(
                        "linux.namespaces",
                        i,
                        "malformed spec file: duplicated ns \"" + namespace.type() + "\"");
            }
            String path = namespace.path();
            if (path != null && !path.startsWith("/")) {
                throw complaint.at(
                        "linux.namespaces[" + i + "].path",
                        "want an absolute path, got " + quoted(path));
            }
        }
    }

    private void checkUserNamespace() {
        boolean mapped = !linux.uidMappings().isEmpty() || !linux.gidMappings().isEmpty();
        Namespace user = linux.namespace(NamespaceType.USER);
        if (user == null) {
            if (mapped) {
                throw complaint.at(
                        "linux.uidMappings",
                        "user namespace mappings specified, but user namespace isn't enabled in"
                                + " the config");
            }
            return;
        }
        if (user.path() != null) {
            return; // mappings are then allowed if they are those of the namespace: see the host
        }
        if (!mapped) {
            return; // the caller's own ids are mapped then
        }
        checkRootMapped("linux.uidMappings", "uid", linux.uidMappings());
        checkRootMapped("linux.gidMappings", "gid", linux.gidMappings());
    }

    private void checkRootMapped(String key, String kind, List<IdMapping> mappings) {
        if (mappings.isEmpty()) {
            throw complaint.at(key, "user namespaces enabled, but no " + kind + " mappings found");
        }
        for (IdMapping mapping : mappings) {
            if (mapping.containerId() == 0 && mapping.size() > 0) {
                return;
            }
        }
        throw complaint.at(key, "user namespaces enabled, but no mapping found for " + kind + " 0");
    }

    private void checkTimeNamespace() {
        if (linux.timeOffsets().isEmpty()) {
            return;
        }
        Namespace time = linux.namespace(NamespaceType.TIME);
        if (time == null) {
            throw complaint.at(
                    "linux.timeOffsets",
                    "time namespace offsets specified, but time namespace isn't enabled in the"
                            + " config");
        }
        if (time.path() != null) {
            throw complaint.at(
                    "linux.timeOffsets",
                    "time namespace enabled, but both namespace path and time offsets specified --"
                            + " you may only provide one");
        }
        for (String clock : linux.timeOffsets().keySet()) {
            if (!clock.equals("monotonic") && !clock.equals("boottime")) {
                throw complaint.at(
                        entry("linux.timeOffsets", clock), "want one of monotonic, boottime");
            }
        }
    }

    private void checkPaths() {
        ProcessRules.checkAbsolute(complaint, "linux.maskedPaths", linux.maskedPaths());
        ProcessRules.checkAbsolute(complaint, "linux.readonlyPaths", linux.readonlyPaths());
        boolean restricts = !linux.maskedPaths().isEmpty() || !linux.readonlyPaths().isEmpty();
        if (restricts && !linux.has(NamespaceType.MOUNT)) {
            throw complaint.at(
                    linux.maskedPaths().isEmpty() ? "linux.readonlyPaths" : "linux.maskedPaths",
                    "unable to restrict sys entries without a private MNT namespace");
        }
        List<Device> devices = linux.devices();
        for (int i = 0; i < devices.size(); i++) {
            if (!devices.get(i).path().startsWith("/")) {
                throw complaint.at(
                        "linux.devices[" + i + "].path",
                        "want an absolute path, got " + quoted(devices.get(i).path()));
            }
        }
    }

    private void checkNetDevices() {
        if (linux.netDevices().isEmpty()) {
            return;
        }
        if (!linux.has(NamespaceType.NETWORK)) {
            throw complaint.at(
                    "linux.netDevices", "unable to move network devices without a NET namespace");
        }
        for (Map.Entry<String, String> device : linux.netDevices().entrySet()) {
            checkDeviceName(device.getKey(), device.getKey());
            checkDeviceName(device.getKey(), device.getValue());
        }
    }

    /** As the kernel's dev_valid_name(): 15 bytes, one word, no slash or colon, no dots alone. */
    private void checkDeviceName(String entry, String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        boolean good = length > 0 && length < 16 && !name.equals(".") && !name.equals("..");
        for (int i = 0; good && i < name.length(); i++) {
            char c = name.charAt(i);
            good = c > ' ' && c != '/' && c != ':';
        }
        if (!good) {
            throw complaint.at(
                    entry("linux.netDevices", entry),
                    "invalid network device name " + quoted(name));
        }
    }

    private void checkIntelRdt(IntelRdt rdt) {
        String id = rdt.closId();
        if (id != null
                && (id.equals(".")
                        || id.equals("..")
                        || id.length() > 1 && id.indexOf('/') >= 0
                        || id.indexOf('\n') >= 0)) {
            throw complaint.at("linux.intelRdt.closID", "invalid intelRdt.ClosID " + quoted(id));
        }
        checkLine("linux.intelRdt.l3CacheSchema", rdt.l3CacheSchema());
        String bandwidth = rdt.memBwSchema();
        checkLine("linux.intelRdt.memBwSchema", bandwidth);
        if (bandwidth != null && !bandwidth.startsWith("MB:")) {
            throw complaint.at(
                    "linux.intelRdt.memBwSchema",
                    "want a text that begins with MB:, got " + quoted(bandwidth));
        }
        for (int i = 0; i < rdt.schemata().size(); i++) {
            checkLine("linux.intelRdt.schemata[" + i + "]", rdt.schemata().get(i));
        }
    }

    private void checkLine(String key, @Nullable String text) {
        if (text != null && text.indexOf('\n') >= 0) {
            throw complaint.at(key, "want one line, got " + quoted(text));
        }
    }

    private void checkMemoryPolicy(MemoryPolicy policy) {
        CpuList nodes = policy.nodes();
        switch (policy.mode()) {
            case MPOL_DEFAULT, MPOL_LOCAL -> {
                if (nodes != null) {
                    throw complaint.at(
                            "linux.memoryPolicy.nodes",
                            "memory policy mode requires 0 nodes but got " + nodes.count());
                }
            }
            case MPOL_BIND, MPOL_INTERLEAVE, MPOL_WEIGHTED_INTERLEAVE, MPOL_PREFERRED_MANY -> {
                if (nodes == null) {
                    throw complaint.at(
                            "linux.memoryPolicy.nodes",
                            "memory policy mode requires at least one node but got 0");
                }
            }
            case MPOL_PREFERRED -> {}
        }
    }

    private void checkSeccomp(Seccomp seccomp) {
        if (seccomp.listenerMetadata() != null && seccomp.listenerPath() == null) {
            throw complaint.at(
                    "linux.seccomp.listenerMetadata", "listenerMetadata wants a listenerPath too");
        }
        if (seccomp.defaultErrnoRet() != null && !takesErrno(seccomp.defaultAction())) {
            throw complaint.at(
                    "linux.seccomp.defaultErrnoRet",
                    "errno value specified for action " + seccomp.defaultAction());
        }
        for (int i = 0; i < seccomp.syscalls().size(); i++) {
            Seccomp.Syscall syscall = seccomp.syscalls().get(i);
            if (syscall.errnoRet() != null && !takesErrno(syscall.action())) {
                throw complaint.at(
                        "linux.seccomp.syscalls[" + i + "].errnoRet",
                        "errno value specified for action " + syscall.action());
            }
        }
    }

    private static boolean takesErrno(Action action) {
        return action == Action.SCMP_ACT_ERRNO || action == Action.SCMP_ACT_TRACE;
    }
}
