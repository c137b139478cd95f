package dev.rung.host.cgroup;

import static dev.rung.host.cgroup.SettingsList.given;
import static dev.rung.host.cgroup.SettingsList.limit;
import static dev.rung.host.cgroup.SettingsList.orZero;

import dev.rung.domain.Failure;
import dev.rung.host.cgroup.Setting.Lenience;
import dev.rung.oci.Resources;
import java.util.List;

/**
 * The files of cgroup version 2 for the resources of a config, whose values follow version 1 and
 * are converted as runc converts them. Devices are apart.
 */
final class UnifiedSettings {
    private static final long DEFAULT_PERIOD = 100_000;

    private UnifiedSettings() {}

    static List<Setting> limits(Resources resources) {
        var list = new SettingsList();
        cpu(list, resources.cpu());
        memory(list, resources.memory());
        Long pids = resources.pidsLimit();
        if (pids != null) {
            list.add("pids", "pids.max", limit(pids), "linux.resources.pids.limit");
        }
        blockIo(list, resources.blockIo());
        hugepages(list, resources.hugepageLimits());
        resources
                .rdma()
                .forEach((device, rdma) ->
                        list.add(
                                "rdma",
                                "rdma.max",
                                LegacySettings.rdmaLine(device, rdma),
                                "linux.resources.rdma." + device));
        resources
                .unified()
                .forEach((file, value) -> {
                    if (file.indexOf('/') >= 0) {
                        throw new Failure.Invalid(
                                "config.json: linux.resources.unified: \""
                                        + file
                                        + "\": unified resource must be a file name (no slashes)");
                    }
                    int dot = file.indexOf('.');
                    if (dot < 1) {
                        throw new Failure.Invalid(
                                "config.json: linux.resources.unified: \""
                                        + file
                                        + "\": want CONTROLLER.PARAMETER");
                    }
                    list.add(
                            file.substring(0, dot), file, value, "linux.resources.unified." + file);
                });
        return list.toList();
    }

    private static void cpu(SettingsList list, Resources.Cpu cpu) {
        if (given(cpu.shares())) {
            list.add(
                    "cpu",
                    "cpu.weight",
                    Long.toString(LegacyValues.weight(orZero(cpu.shares()))),
                    "linux.resources.cpu.shares");
        }
        if (cpu.idle() != null) {
            list.add("cpu", "cpu.idle", cpu.idle().toString(), "linux.resources.cpu.idle");
        }
        boolean bandwidth = given(cpu.quota()) || given(cpu.period());
        if (cpu.burst() != null && bandwidth) {
            list.add(burst(cpu).with(Lenience.EARLY));
        }
        if (bandwidth) {
            String quota = orZero(cpu.quota()) > 0 ? Long.toString(orZero(cpu.quota())) : "max";
            long period = given(cpu.period()) ? orZero(cpu.period()) : DEFAULT_PERIOD;
            list.add(
                    "cpu",
                    "cpu.max",
                    quota + " " + Long.toUnsignedString(period),
                    given(cpu.quota())
                            ? "linux.resources.cpu.quota"
                            : "linux.resources.cpu.period");
        }
        if (cpu.burst() != null) {
            list.add(burst(cpu).with(Lenience.MISSING));
        }
        list.addText("cpuset", "cpuset.cpus", cpu.cpus(), "linux.resources.cpu.cpus");
        list.addText("cpuset", "cpuset.mems", cpu.mems(), "linux.resources.cpu.mems");
    }

    private static Setting burst(Resources.Cpu cpu) {
        return Setting.of(
                "cpu",
                "cpu.max.burst",
                Long.toUnsignedString(orZero(cpu.burst())),
                "linux.resources.cpu.burst");
    }

    private static void memory(SettingsList list, Resources.Memory memory) {
        long limit = orZero(memory.limit());
        String swap = LegacyValues.swap(limit, orZero(memory.swap()));
        if (!swap.isEmpty()) {
            var setting =
                    Setting.of("memory", "memory.swap.max", swap, "linux.resources.memory.swap");
            boolean nothingLost = swap.equals("max") || swap.equals("0");
            list.add(nothingLost ? setting.with(Lenience.MISSING) : setting);
        }
        if (limit != 0) {
            list.add("memory", "memory.max", limit(limit), "linux.resources.memory.limit");
        }
        if (given(memory.reservation())) {
            list.add(
                    "memory",
                    "memory.low",
                    limit(orZero(memory.reservation())),
                    "linux.resources.memory.reservation");
        }
    }

    static void hugepages(SettingsList list, List<Resources.HugepageLimit> limits) {
        for (int i = 0; i < limits.size(); i++) {
            var huge = limits.get(i);
            String key = "linux.resources.hugepageLimits[" + i + "]";
            String value = Long.toUnsignedString(huge.limit());
            list.add("hugetlb", "hugetlb." + huge.pageSize() + ".max", value, key);
            list.add(
                    Setting.of("hugetlb", "hugetlb." + huge.pageSize() + ".rsvd.max", value, key)
                            .with(Lenience.MISSING));
        }
    }

    private static void blockIo(SettingsList list, Resources.BlockIo io) {
        String key = "linux.resources.blockIO.";
        if (io.weight() != null && io.weight() != 0) {
            list.add(
                    Setting.of("io", "io.bfq.weight", io.weight().toString(), key + "weight")
                            .with(Lenience.ELSE_NEXT));
            list.add(
                    "io",
                    "io.weight",
                    Long.toString(1 + (io.weight() - 10L) * 9999 / 990),
                    key + "weight");
        }
        for (int i = 0; i < io.weightDevice().size(); i++) {
            var device = io.weightDevice().get(i);
            if (device.weight() != null && device.weight() != 0) {
                list.add(
                        Setting.of(
                                        "io",
                                        "io.bfq.weight",
                                        device.major()
                                                + ":"
                                                + device.minor()
                                                + " "
                                                + device.weight(),
                                        key + "weightDevice[" + i + "]")
                                .with(Lenience.MISSING));
            }
        }
        list.addThrottles(
                "io.max", "rbps=", io.throttleReadBpsDevice(), key + "throttleReadBpsDevice");
        list.addThrottles(
                "io.max", "wbps=", io.throttleWriteBpsDevice(), key + "throttleWriteBpsDevice");
        list.addThrottles(
                "io.max", "riops=", io.throttleReadIopsDevice(), key + "throttleReadIOPSDevice");
        list.addThrottles(
                "io.max", "wiops=", io.throttleWriteIopsDevice(), key + "throttleWriteIOPSDevice");
    }
}
