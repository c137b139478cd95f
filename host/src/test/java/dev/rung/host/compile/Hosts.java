package dev.rung.host.compile;

import dev.rung.isolation.HostDescription;
import dev.rung.isolation.HostDescription.Caller;
import dev.rung.isolation.HostDescription.Cgroups;
import dev.rung.isolation.HostDescription.Hierarchy;
import dev.rung.isolation.HostDescription.Layout;
import dev.rung.isolation.HostDescription.Resctrl;
import java.util.List;
import java.util.Locale;

/** Hosts that programs are compiled for in tests. */
enum Hosts {
    /** Control groups of version 1, as Debian 10 had them. */
    LEGACY,
    /** Control groups of version 2 alone. */
    UNIFIED,
    /** The same with another processor. */
    ARM,
    /** Version 1 with version 2 beside it, which has the controller of huge pages. */
    HYBRID,
    /** An ordinary user whose cgroup is handed to him. */
    ROOTLESS,
    /** With Intel's Resource Director Technology. */
    RDT;

    private static final long ALL = (1L << 41) - 1;

    HostDescription description() {
        boolean user = this == ROOTLESS;
        return new HostDescription(
                this == ARM ? "aarch64" : "x86_64",
                this == LEGACY ? "5.15.0" : "6.12.0",
                new Caller(user ? 1000 : 0, user ? 1000 : 0, user ? 0 : ALL, ALL, true),
                switch (this) {
                    case LEGACY -> legacy();
                    case HYBRID -> hybrid();
                    default -> unified(user ? "/user.slice" : "/");
                },
                40,
                true,
                false,
                this == RDT ? new Resctrl("/sys/fs/resctrl", true, true) : null,
                true,
                true);
    }

    private static Cgroups legacy() {
        return new Cgroups(
                Layout.LEGACY,
                List.of(
                        hierarchy("cpu,cpuacct"),
                        hierarchy("memory"),
                        hierarchy("devices"),
                        hierarchy("pids"),
                        hierarchy("freezer"),
                        hierarchy("blkio"),
                        hierarchy("cpuset"),
                        hierarchy("hugetlb"),
                        hierarchy("rdma"),
                        hierarchy("name=systemd")));
    }

    private static Cgroups hybrid() {
        return new Cgroups(
                Layout.LEGACY,
                List.of(
                        hierarchy("cpu,cpuacct"),
                        hierarchy("memory"),
                        hierarchy("devices"),
                        hierarchy("freezer"),
                        new Hierarchy(
                                "/sys/fs/cgroup/unified", "/", "/", List.of("hugetlb"), true)));
    }

    private static Hierarchy hierarchy(String controllers) {
        String name = controllers.startsWith("name=") ? controllers.substring(5) : controllers;
        return new Hierarchy(
                "/sys/fs/cgroup/" + name, "/", "/", List.of(controllers.split(",")), false);
    }

    private static Cgroups unified(String own) {
        List<String> controllers =
                List.of("cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma");
        return new Cgroups(
                Layout.UNIFIED,
                List.of(new Hierarchy("/sys/fs/cgroup", "/", own, controllers, true)));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
