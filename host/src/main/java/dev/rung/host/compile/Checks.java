package dev.rung.host.compile;

import dev.rung.domain.Failure;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.ContainerProcess;
import dev.rung.oci.ContainerProcess.IoPriority;
import dev.rung.oci.ContainerProcess.Scheduler;
import dev.rung.oci.ContainerProcess.SchedulerPolicy;
import dev.rung.oci.LinuxConfig;
import dev.rung.oci.LinuxConfig.IntelRdt;
import dev.rung.oci.LinuxConfig.MemoryPolicy;
import dev.rung.oci.RuntimeConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a config must fulfil before anything is done: the rules of runc that join several keys, and
 * those that need to know the host.
 */
final class Checks {
    private static final int LONGEST_INTERFACE_NAME = 15;

    private Checks() {}

    static void container(
            RuntimeConfig config, Namespaces namespaces, HostDescription host, boolean noPivot) {
        LinuxConfig linux = config.linux();
        userNamespace(linux, namespaces, host);
        timeNamespace(linux, namespaces, host);
        if (config.hostname() != null && !namespaces.has(Namespaces.UTS)) {
            throw invalid("hostname", "unable to set hostname without a private UTS namespace");
        }
        if (config.domainname() != null && !namespaces.has(Namespaces.UTS)) {
            throw invalid("domainname", "unable to set domainname without a private UTS namespace");
        }
        if (!namespaces.has(Namespaces.MOUNT)) {
            if (!linux.maskedPaths().isEmpty() || !linux.readonlyPaths().isEmpty()) {
                throw invalid(
                        "linux.maskedPaths",
                        "unable to restrict sys entries without a private MNT namespace");
            }
        }
        if (noPivot && linux.rootfsPropagation() != null) {
            switch (linux.rootfsPropagation()) {
                case PRIVATE, RPRIVATE ->
                        throw invalid(
                                "linux.rootfsPropagation",
                                "rootfsPropagation of [r]private is not safe without pivot_root");
                default -> {}
            }
        }
        netDevices(linux, namespaces, host);
        intelRdt(linux.intelRdt(), host);
        memoryPolicy(linux.memoryPolicy());
        for (Map.Entry<String, String> entry : linux.sysctl().entrySet()) {
            Sysctls.check(entry.getKey(), namespaces);
        }
        process(config.process(), host);
    }

    static void process(ContainerProcess process, HostDescription host) {
        if (process.selinuxLabel() != null && !host.seLinux()) {
            throw new Failure.Unsupported(
                    "selinux label is specified in config, but selinux is disabled or not supported"
                            + " (config.json: process.selinuxLabel)");
        }
        if (process.apparmorProfile() != null && !host.appArmor()) {
            throw new Failure.Unsupported(
                    "apparmor is not enabled on the system (config.json: process.apparmorProfile)");
        }
        if (!mayMap(host) && !process.user().additionalGids().isEmpty()) {
            throw invalid(
                    "process.user.additionalGids",
                    "cannot set any additional groups in a rootless container");
        }
        scheduler(process.scheduler());
        IoPriority priority = process.ioPriority();
        if (priority != null && (priority.priority() < 0 || priority.priority() > 7)) {
            throw invalid(
                    "process.ioPriority.priority",
                    "invalid ioPriority.Priority: " + priority.priority());
        }
    }

    /** Whether the caller is one that runc does not call rootless. */
    static boolean mayMap(HostDescription host) {
        return host.caller().uid() == 0;
    }

    private static void userNamespace(
            LinuxConfig linux, Namespaces namespaces, HostDescription host) {
        boolean mappings = !linux.uidMappings().isEmpty() || !linux.gidMappings().isEmpty();
        if (!namespaces.has(Namespaces.USER)) {
            if (mappings) {
                throw invalid(
                        "linux.uidMappings",
                        "user namespace mappings specified, but user namespace isn't enabled in"
                                + " the config");
            }
            if (!mayMap(host)) {
                throw invalid("linux.namespaces", "rootless container requires user namespaces");
            }
            return;
        }
        if (namespaces.joins(Namespaces.USER)) {
            return;
        }
        if (!mappings) {
            return; // UserMapping takes the caller's own ids
        }
        if (!mayMap(host) && linux.uidMappings().isEmpty()) {
            throw invalid(
                    "linux.uidMappings", "rootless containers requires at least one UID mapping");
        }
        if (!mayMap(host) && linux.gidMappings().isEmpty()) {
            throw invalid(
                    "linux.gidMappings", "rootless containers requires at least one GID mapping");
        }
    }

    private static void timeNamespace(
            LinuxConfig linux, Namespaces namespaces, HostDescription host) {
        if (!namespaces.has(Namespaces.TIME)) {
            if (!linux.timeOffsets().isEmpty()) {
                throw invalid(
                        "linux.timeOffsets",
                        "time namespace offsets specified, but time namespace isn't enabled in the"
                                + " config");
            }
            return;
        }
        if (!host.timeNamespaces()) {
            throw new Failure.Unsupported(
                    "time namespaces aren't enabled in the kernel (config.json: linux.namespaces)");
        }
        if (namespaces.joins(Namespaces.TIME) && !linux.timeOffsets().isEmpty()) {
            throw invalid(
                    "linux.timeOffsets",
                    "time namespace enabled, but both namespace path and time offsets specified --"
                            + " you may only provide one");
        }
    }

    private static void netDevices(LinuxConfig linux, Namespaces namespaces, HostDescription host) {
        if (linux.netDevices().isEmpty()) {
            return;
        }
        if (!namespaces.has(Namespaces.NETWORK)) {
            throw invalid(
                    "linux.netDevices", "unable to move network devices without a NET namespace");
        }
        if (!mayMap(host)) {
            throw invalid(
                    "linux.netDevices",
                    "network devices are not supported for rootless containers");
        }
        for (Map.Entry<String, String> entry : linux.netDevices().entrySet()) {
            interfaceName(entry.getKey());
            interfaceName(entry.getValue());
        }
        throw new Failure.Unsupported(
                "moving network devices into a container comes later (config.json: linux.netDevices)");
    }

    private static void interfaceName(String name) {
        boolean good =
                !name.isEmpty()
                        && name.length() <= LONGEST_INTERFACE_NAME
                        && !name.equals(".")
                        && !name.equals("..");
        for (int i = 0; good && i < name.length(); i++) {
            char c = name.charAt(i);
            good = c > ' ' && c != '/' && c != ':';
        }
        if (!good) {
            throw invalid("linux.netDevices", "invalid network device name " + Quoted.of(name));
        }
    }

    private static void intelRdt(@Nullable IntelRdt rdt, HostDescription host) {
        if (rdt == null) {
            return;
        }
        if (host.resctrl() == null) {
            throw new Failure.Unsupported(
                    "intelRdt is specified in config, but Intel RDT is not enabled"
                            + " (config.json: linux.intelRdt)");
        }
        String id = rdt.closId();
        if (id != null
                && (id.equals(".")
                        || id.equals("..")
                        || (id.length() > 1 && id.indexOf('/') >= 0))) {
            throw invalid("linux.intelRdt.closID", "invalid intelRdt.ClosID " + Quoted.of(id));
        }
        throw new Failure.Unsupported(
                "setting up Intel RDT comes later (config.json: linux.intelRdt)");
    }

    private static void memoryPolicy(@Nullable MemoryPolicy policy) {
        if (policy == null) {
            return;
        }
        switch (policy.mode()) {
            case MPOL_DEFAULT, MPOL_LOCAL -> {
                if (policy.nodes() != null) {
                    throw invalid(
                            "linux.memoryPolicy.nodes", "memory policy mode requires 0 nodes");
                }
            }
            case MPOL_BIND, MPOL_INTERLEAVE, MPOL_PREFERRED_MANY, MPOL_WEIGHTED_INTERLEAVE -> {
                if (policy.nodes() == null) {
                    throw invalid(
                            "linux.memoryPolicy.nodes",
                            "memory policy mode requires at least one node but got 0");
                }
            }
            case MPOL_PREFERRED -> {}
        }
    }

    private static void scheduler(@Nullable Scheduler scheduler) {
        if (scheduler == null) {
            return;
        }
        SchedulerPolicy policy = scheduler.policy();
        boolean fair =
                policy == SchedulerPolicy.SCHED_OTHER || policy == SchedulerPolicy.SCHED_BATCH;
        if (fair && (scheduler.nice() < -20 || scheduler.nice() > 19)) {
            throw invalid(
                    "process.scheduler.nice",
                    "invalid scheduler.nice: "
                            + scheduler.nice()
                            + " when scheduler.policy is "
                            + policy);
        }
        if (scheduler.priority() != 0
                && policy != SchedulerPolicy.SCHED_FIFO
                && policy != SchedulerPolicy.SCHED_RR) {
            throw invalid(
                    "process.scheduler.priority",
                    "scheduler.priority can only be specified for SchedFIFO or SchedRR policy");
        }
        if (policy != SchedulerPolicy.SCHED_DEADLINE
                && (scheduler.runtime() != 0
                        || scheduler.deadline() != 0
                        || scheduler.period() != 0)) {
            throw invalid(
                    "process.scheduler.runtime",
                    "scheduler runtime/deadline/period can only be specified for SchedDeadline"
                            + " policy");
        }
    }

    static Failure.Invalid invalid(String key, String words) {
        return new Failure.Invalid(words + " (config.json: " + key + ")");
    }
}
