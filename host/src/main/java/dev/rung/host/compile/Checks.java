package dev.rung.host.compile;

import dev.rung.domain.Failure;
import dev.rung.isolation.HostDescription;
import dev.rung.isolation.HostDescription.Resctrl;
import dev.rung.oci.ContainerProcess;
import dev.rung.oci.LinuxConfig;
import dev.rung.oci.LinuxConfig.IntelRdt;
import dev.rung.oci.LinuxConfig.Propagation;
import dev.rung.oci.RuntimeConfig;
import org.jspecify.annotations.Nullable;

/**
 * What a valid config asks of its host: named in the failure when the host does not have it. What
 * makes a config valid is {@link dev.rung.oci.Validation}'s to say.
 */
final class Checks {
    private Checks() {}

    static void container(
            RuntimeConfig config,
            Namespaces namespaces,
            HostDescription host,
            ContainerRequest request) {
        if (request.starts() && !config.startable()) {
            throw invalid("process", "process property must not be empty");
        }
        LinuxConfig linux = config.linux();
        if (namespaces.has(Namespaces.TIME) && !host.timeNamespaces()) {
            throw unsupported("linux.namespaces", "time namespaces aren't enabled in the kernel");
        }
        Propagation kind = linux.rootfsPropagation();
        if (request.noPivot() && (kind == Propagation.PRIVATE || kind == Propagation.RPRIVATE)) {
            throw invalid(
                    "linux.rootfsPropagation",
                    "rootfsPropagation of [r]private is not safe without pivot_root");
        }
        String domain = linux.sysctl().get("kernel.domainname");
        if (domain != null && config.domainname() != null && !domain.equals(config.domainname())) {
            throw invalid(
                    "domainname",
                    "sysctl \"kernel.domainname\" conflicts with the OCI \"domainname\" field");
        }
        if (linux.intelRdt() != null) {
            intelRdt(linux.intelRdt(), host.resctrl());
        }
        process(config.process(), host);
    }

    private static void intelRdt(IntelRdt rdt, @Nullable Resctrl resctrl) {
        if (resctrl == null) {
            throw unsupported(
                    "linux.intelRdt",
                    "intelRdt is specified in config, but Intel RDT is not enabled");
        }
        if (isAsked(rdt.l3CacheSchema()) && !resctrl.cache()) {
            throw unsupported(
                    "linux.intelRdt.l3CacheSchema",
                    "intelRdt.l3CacheSchema is specified in config, but Intel RDT/CAT is not"
                            + " enabled");
        }
        if (isAsked(rdt.memBwSchema()) && !resctrl.bandwidth()) {
            throw unsupported(
                    "linux.intelRdt.memBwSchema",
                    "intelRdt.memBwSchema is specified in config, but Intel RDT/MBA is not"
                            + " enabled");
        }
    }

    private static boolean isAsked(@Nullable String schema) {
        return schema != null && !schema.isEmpty();
    }

    static void process(ContainerProcess process, HostDescription host) {
        if (process.selinuxLabel() != null && !host.seLinux()) {
            throw unsupported(
                    "process.selinuxLabel",
                    "selinux label is specified in config, but selinux is disabled or not"
                            + " supported");
        }
        // never without: who asks for confinement must not get a process that has none
        if (process.apparmorProfile() != null && !host.appArmor()) {
            throw unsupported(
                    "process.apparmorProfile",
                    "apparmor: config provided but apparmor not supported");
        }
        if (!mayMap(host) && !process.user().additionalGids().isEmpty()) {
            throw invalid(
                    "process.user.additionalGids",
                    "cannot set any additional groups in a rootless container");
        }
    }

    /** Whether the caller is one that runc does not call rootless. */
    static boolean mayMap(HostDescription host) {
        return host.caller().uid() == 0;
    }

    static Failure.Invalid invalid(String key, String words) {
        return new Failure.Invalid(words + " (config.json: " + key + ")");
    }

    private static Failure.Unsupported unsupported(String key, String words) {
        return new Failure.Unsupported(words + " (config.json: " + key + ")");
    }
}
