package dev.rung.host.compile;

import dev.rung.domain.Failure;
import dev.rung.host.cgroup.ContainerCgroups;
import dev.rung.host.systemd.ScopeUnit;
import dev.rung.host.systemd.SystemdAddress;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.LinuxConfig;
import dev.rung.oci.Mount;
import dev.rung.oci.RuntimeConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A config that was checked against its host, with what several parts of the compiler need to know.
 *
 * @param unit of systemd that the container is, null: none
 * @param resctrl null: the config asks for none
 * @param rootfs absolute and clean
 * @param userNamespace whether the container lives in a user namespace that is not the caller's
 * @param privileged whether the caller may mount, and thus prepare mounts for a user namespace
 */
record ContainerPlan(
        RuntimeConfig config,
        HostDescription host,
        ContainerRequest request,
        ContainerCgroups cgroups,
        @Nullable ScopeUnit unit,
        @Nullable ResctrlGroup resctrl,
        Namespaces namespaces,
        String rootfs,
        List<MountPlan> mounts,
        boolean userNamespace,
        boolean privileged) {

    static ContainerPlan of(RuntimeConfig config, HostDescription host, ContainerRequest request) {
        Namespaces namespaces = Namespaces.of(config.linux());
        Checks.container(config, namespaces, host, request);
        List<Mount> entries = config.mounts();
        var mounts = new ArrayList<MountPlan>(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            mounts.add(MountPlan.of(i, entries.get(i), request.bundle()));
        }
        if (request.notifySocket() != null) {
            Mount mount = NotifySocket.mount(request.stateFolder());
            mounts.add(MountPlan.of(mounts.size(), mount, request.bundle()));
        }
        SystemdAddress systemd = request.systemd();
        ScopeUnit unit = systemd == null ? null : unit(config, host, request, systemd);
        return new ContainerPlan(
                config,
                host,
                request,
                cgroups(config, host, request, systemd, unit),
                unit,
                ResctrlGroup.of(config.linux().intelRdt(), host.resctrl(), request.id()),
                namespaces,
                CleanPath.absolute(CleanPath.from(request.bundle(), config.root().path())),
                mounts,
                namespaces.has(Namespaces.USER),
                host.caller().can(Capability.SYS_ADMIN));
    }

    private static ScopeUnit unit(
            RuntimeConfig config,
            HostDescription host,
            ContainerRequest request,
            SystemdAddress systemd) {
        if (systemd.user() && host.cgroups().layout() == HostDescription.Layout.LEGACY) {
            throw new Failure.Unsupported(
                    "cannot use rootless systemd cgroups manager on cgroup v1");
        }
        return ScopeUnit.of(config.linux().cgroupsPath(), request.id(), systemd.user());
    }

    private static ContainerCgroups cgroups(
            RuntimeConfig config,
            HostDescription host,
            ContainerRequest request,
            @Nullable SystemdAddress systemd,
            @Nullable ScopeUnit unit) {
        if (systemd == null || unit == null) {
            return ContainerCgroups.of(
                    host.cgroups(),
                    config.linux().cgroupsPath(),
                    request.id(),
                    request.rootlessCgroups());
        }
        String above = systemd.group(host.cgroups(), host.caller().uid());
        return ContainerCgroups.ofUnit(host.cgroups(), above + unit.cgroup());
    }

    LinuxConfig linux() {
        return config.linux();
    }

    /** Adds a line for each part of the config that comes to nothing. */
    void warn(List<String> warnings) {
        for (int i = 0; i < mounts.size(); i++) {
            MountPlan mount = mounts.get(i);
            if (mount.hasIdleOptions()) {
                warnings.add(
                        "a bind mount has no use for the options "
                                + mount.options().data()
                                + " of a file system (config.json: "
                                + mount.key()
                                + ".options)");
            }
        }
    }

    /** What file systems are mounted with under SELinux, null: nothing. */
    @Nullable String mountLabel() {
        return host.seLinux() ? linux().mountLabel() : null;
    }

    /** Whether we make nodes and links in the container's /dev; a bound /dev is left alone. */
    boolean makesDev() {
        for (int i = 0; i < mounts.size(); i++) {
            MountPlan mount = mounts.get(i);
            if (mount.kind() == MountPlan.Kind.BIND && mount.destination().equals("/dev")) {
                return false;
            }
        }
        return true;
    }

    /** Whether the container's /dev is a file system of its own. */
    boolean mountsDev() {
        for (int i = 0; i < mounts.size(); i++) {
            if (mounts.get(i).destination().equals("/dev")) {
                return true;
            }
        }
        return false;
    }

    /** Whether nodes can be made here; else those of the host are bound. */
    boolean makesNodes() {
        return !userNamespace
                && host.caller().initialUserNamespace()
                && host.caller().can(Capability.MKNOD);
    }

    /** Whether the front end makes the nodes of a new user namespace. */
    boolean makesNodesOutside() {
        return namespaces.creates(Namespaces.USER)
                && makesDev()
                && host.caller().initialUserNamespace()
                && host.caller().can(Capability.MKNOD)
                && privileged;
    }

    /** Whether a bind is opened by the front end because the container's own rights may not do. */
    boolean opensBindsOutside() {
        return userNamespace && privileged;
    }

    /** Whether the container's process waits until the hooks of the front end were run. */
    boolean waitsForHooks() {
        return !config.hooks().prestart().isEmpty() || !config.hooks().createRuntime().isEmpty();
    }

    /** Whether the front end sets the limits, because a user namespace may not raise them. */
    boolean limitsFromOutside() {
        return userNamespace && !config.process().rlimits().isEmpty();
    }
}
