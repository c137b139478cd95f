package dev.rung.host.cgroup;

import static dev.rung.host.cgroup.SettingsList.given;
import static dev.rung.host.cgroup.SettingsList.limit;
import static dev.rung.host.cgroup.SettingsList.orZero;

import dev.rung.domain.Failure;
import dev.rung.host.cgroup.Setting.Lenience;
import dev.rung.oci.Resources;
import java.util.List;

/** The files of cgroup version 1 for the resources of a config. Devices are apart. */
final class LegacySettings {
    private static final String MEMORY_LIMIT = "memory.limit_in_bytes";
    private static final String MEMORY_SWAP_LIMIT = "memory.memsw.limit_in_bytes";

    private LegacySettings() {}

    /**
     * What must be written before a process joins: cpusets are empty in a new cgroup, and a
     * real-time process may not enter one without real-time bandwidth.
     */
    static List<Setting> beforeJoin(Resources resources) {
        var list = new SettingsList();
        var cpu = resources.cpu();
        list.addText("cpuset", "cpuset.cpus", cpu.cpus(), "linux.resources.cpu.cpus");
        list.addText("cpuset", "cpuset.mems", cpu.mems(), "linux.resources.cpu.mems");
        if (given(cpu.realtimePeriod())) {
            var period =
                    Setting.of(
                            "cpu",
                            "cpu.rt_period_us",
                            Long.toUnsignedString(orZero(cpu.realtimePeriod())),
                            "linux.resources.cpu.realtimePeriod");
            list.add(given(cpu.realtimeRuntime()) ? period.with(Lenience.EARLY) : period);
        }
        list.addGiven(
                "cpu",
                "cpu.rt_runtime_us",
                cpu.realtimeRuntime(),
                "linux.resources.cpu.realtimeRuntime");
        if (given(cpu.realtimePeriod()) && given(cpu.realtimeRuntime())) {
            list.addUnsigned(
                    "cpu",
                    "cpu.rt_period_us",
                    cpu.realtimePeriod(),
                    "linux.resources.cpu.realtimePeriod");
        }
        return list.toList();
    }

    /**
     * Everything else, for a new cgroup and for an update alike.
     *
     * @param unifiedHugePages whether the controller of huge pages is of version 2
     */
    static List<Setting> limits(Resources resources, boolean unifiedHugePages) {
        if (!resources.unified().isEmpty()) {
            throw new Failure.Unsupported(
                    "config.json: linux.resources.unified: cgroup version 2 files, but this host has"
                            + " cgroup version 1 (invalid configuration: cannot use unified on cgroup v1)");
        }
        var list = new SettingsList();
        cpu(list, resources.cpu());
        memory(list, resources.memory());
        Long pids = resources.pidsLimit();
        if (pids != null) {
            list.add("pids", "pids.max", limit(pids), "linux.resources.pids.limit");
        }
        blockIo(list, resources.blockIo());
        if (unifiedHugePages) {
            UnifiedSettings.hugepages(list, resources.hugepageLimits());
        } else {
            hugepages(list, resources.hugepageLimits());
        }
        network(list, resources.network());
        resources
                .rdma()
                .forEach((device, rdma) ->
                        list.add(
                                "rdma",
                                "rdma.max",
                                rdmaLine(device, rdma),
                                "linux.resources.rdma." + device));
        return list.toList();
    }

    private static void cpu(SettingsList list, Resources.Cpu cpu) {
        list.addUnsigned("cpu", "cpu.shares", cpu.shares(), "linux.resources.cpu.shares");
        boolean quota = given(cpu.quota());
        if (given(cpu.period())) {
            var period = period(cpu);
            list.add(quota ? period.with(Lenience.EARLY) : period);
        }
        if (cpu.burst() != null) {
            var burst = burst(cpu);
            list.add(burst.with(quota ? Lenience.EARLY : Lenience.MISSING));
        }
        if (quota) {
            list.addGiven("cpu", "cpu.cfs_quota_us", cpu.quota(), "linux.resources.cpu.quota");
            if (given(cpu.period())) {
                list.add(period(cpu));
            }
            if (cpu.burst() != null) {
                list.add(burst(cpu).with(Lenience.MISSING));
            }
        }
        if (cpu.idle() != null) {
            list.add("cpu", "cpu.idle", cpu.idle().toString(), "linux.resources.cpu.idle");
        }
    }

    private static Setting period(Resources.Cpu cpu) {
        return Setting.of(
                "cpu",
                "cpu.cfs_period_us",
                Long.toUnsignedString(orZero(cpu.period())),
                "linux.resources.cpu.period");
    }

    private static Setting burst(Resources.Cpu cpu) {
        return Setting.of(
                "cpu",
                "cpu.cfs_burst_us",
                Long.toUnsignedString(orZero(cpu.burst())),
                "linux.resources.cpu.burst");
    }

    /**
     * The kernel holds memory ≤ memory+swap at each moment. Written swap, memory, swap, of which
     * the first may fail, any old pair goes over into any new one.
     */
    private static void memory(SettingsList list, Resources.Memory memory) {
        long limit = orZero(memory.limit());
        long swap = orZero(memory.swap());
        if (limit == -1 && swap == 0) {
            swap = -1; // unlimited memory under an old limit of both makes no sense
        }
        if (limit > 0 && swap > 0 && swap < limit) {
            throw new Failure.Invalid(
                    "config.json: linux.resources.memory.swap: memory+swap limit should be >= memory limit");
        }
        var swapSetting =
                Setting.of(
                        "memory",
                        MEMORY_SWAP_LIMIT,
                        Long.toString(swap),
                        "linux.resources.memory.swap");
        // Swap accounting may be switched off in the kernel; then "unlimited" is what there is.
        var lastSwap = swap == -1 ? swapSetting.with(Lenience.MISSING) : swapSetting;
        if (swap != 0 && limit != 0) {
            list.add(swapSetting.with(Lenience.EARLY));
        }
        list.addGiven("memory", MEMORY_LIMIT, memory.limit(), "linux.resources.memory.limit");
        if (swap != 0) {
            list.add(lastSwap);
        }
        list.addGiven(
                "memory",
                "memory.soft_limit_in_bytes",
                memory.reservation(),
                "linux.resources.memory.reservation");
        list.addGiven(
                "memory",
                "memory.kmem.tcp.limit_in_bytes",
                memory.kernelTcp(),
                "linux.resources.memory.kernelTCP");
        if (memory.swappiness() != null) {
            if (Long.compareUnsigned(memory.swappiness(), 100) > 0) {
                throw new Failure.Invalid(
                        "config.json: linux.resources.memory.swappiness: invalid value: "
                                + Long.toUnsignedString(memory.swappiness())
                                + ", valid memory swappiness range is 0-100");
            }
            list.add(
                    "memory",
                    "memory.swappiness",
                    memory.swappiness().toString(),
                    "linux.resources.memory.swappiness");
        }
        if (Boolean.TRUE.equals(memory.disableOomKiller())) {
            list.add(
                    "memory", "memory.oom_control", "1", "linux.resources.memory.disableOOMKiller");
        }
    }

    private static void blockIo(SettingsList list, Resources.BlockIo io) {
        String key = "linux.resources.blockIO.";
        if (io.weight() != null && io.weight() != 0) {
            String weight = io.weight().toString();
            list.add(
                    Setting.of("blkio", "blkio.bfq.weight", weight, key + "weight")
                            .with(Lenience.ELSE_NEXT));
            list.add("blkio", "blkio.weight", weight, key + "weight");
        }
        if (io.leafWeight() != null && io.leafWeight() != 0) {
            list.add("blkio", "blkio.leaf_weight", io.leafWeight().toString(), key + "leafWeight");
        }
        for (int i = 0; i < io.weightDevice().size(); i++) {
            var device = io.weightDevice().get(i);
            String at = device.major() + ":" + device.minor() + " ";
            String deviceKey = key + "weightDevice[" + i + "]";
            if (device.weight() != null && device.weight() != 0) {
                list.add(
                        Setting.of(
                                        "blkio",
                                        "blkio.bfq.weight_device",
                                        at + device.weight(),
                                        deviceKey)
                                .with(Lenience.ELSE_NEXT));
                list.add("blkio", "blkio.weight_device", at + device.weight(), deviceKey);
            }
            if (device.leafWeight() != null && device.leafWeight() != 0) {
                list.add("blkio", "blkio.leaf_weight_device", at + device.leafWeight(), deviceKey);
            }
        }
        list.addThrottles(
                "blkio.throttle.read_bps_device",
                "",
                io.throttleReadBpsDevice(),
                key + "throttleReadBpsDevice");
        list.addThrottles(
                "blkio.throttle.write_bps_device",
                "",
                io.throttleWriteBpsDevice(),
                key + "throttleWriteBpsDevice");
        list.addThrottles(
                "blkio.throttle.read_iops_device",
                "",
                io.throttleReadIopsDevice(),
                key + "throttleReadIOPSDevice");
        list.addThrottles(
                "blkio.throttle.write_iops_device",
                "",
                io.throttleWriteIopsDevice(),
                key + "throttleWriteIOPSDevice");
    }

    private static void hugepages(SettingsList list, List<Resources.HugepageLimit> limits) {
        for (int i = 0; i < limits.size(); i++) {
            var huge = limits.get(i);
            String key = "linux.resources.hugepageLimits[" + i + "]";
            String value = Long.toUnsignedString(huge.limit());
            list.add("hugetlb", "hugetlb." + huge.pageSize() + ".limit_in_bytes", value, key);
            list.add(
                    Setting.of(
                                    "hugetlb",
                                    "hugetlb." + huge.pageSize() + ".rsvd.limit_in_bytes",
                                    value,
                                    key)
                            .with(Lenience.MISSING));
        }
    }

    private static void network(SettingsList list, Resources.Network network) {
        if (network.classId() != null && network.classId() != 0) {
            list.add(
                    "net_cls",
                    "net_cls.classid",
                    network.classId().toString(),
                    "linux.resources.network.classID");
        }
        for (int i = 0; i < network.priorities().size(); i++) {
            var priority = network.priorities().get(i);
            list.add(
                    "net_prio",
                    "net_prio.ifpriomap",
                    priority.name() + " " + priority.priority(),
                    "linux.resources.network.priorities[" + i + "]");
        }
    }

    static String rdmaLine(String device, Resources.Rdma rdma) {
        return device
                + " hca_handle="
                + (rdma.hcaHandles() == null ? "max" : rdma.hcaHandles())
                + " hca_object="
                + (rdma.hcaObjects() == null ? "max" : rdma.hcaObjects());
    }
}
