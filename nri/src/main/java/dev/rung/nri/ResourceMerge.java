package dev.rung.nri;

import dev.rung.nri.v1alpha1.Field;
import dev.rung.nri.v1alpha1.HugepageLimit;
import dev.rung.nri.v1alpha1.LinuxCPU;
import dev.rung.nri.v1alpha1.LinuxMemory;
import dev.rung.nri.v1alpha1.LinuxResources;

/**
 * One plug-in's wishes for the resources of one container, put over what there is.
 *
 * @param plugin whose wishes they are
 */
record ResourceMerge(Ownership owners, String container, String plugin) {
    /** WrongState where another plug-in has set something of it. */
    LinuxResources over(LinuxResources now, LinuxResources asked) {
        var merged = now.toBuilder();
        if (asked.hasMemory()) {
            merged.setMemory(memory(now.getMemory().toBuilder(), asked.getMemory()));
        }
        if (asked.hasCpu()) {
            merged.setCpu(cpu(now.getCpu().toBuilder(), asked.getCpu()));
        }
        for (HugepageLimit limit : asked.getHugepageLimitsList()) {
            owners.claim(container, Field.HugepageLimits, limit.getPageSize(), plugin);
            merged.addHugepageLimits(limit);
        }
        asked.getUnifiedMap()
                .forEach((file, value) -> {
                    owners.claim(container, Field.CgroupsUnified, file, plugin);
                    merged.putUnified(file, value);
                });
        if (asked.hasBlockioClass()) {
            claim(Field.BlockioClass);
            merged.setBlockioClass(asked.getBlockioClass());
        }
        if (asked.hasRdtClass()) {
            claim(Field.RdtClass);
            merged.setRdtClass(asked.getRdtClass());
        }
        if (asked.hasPids()) {
            claim(Field.PidsLimit);
            merged.setPids(asked.getPids());
        }
        merged.addAllDevices(asked.getDevicesList());
        return merged.build();
    }

    private void claim(Field field) {
        owners.claim(container, field, plugin);
    }

    private LinuxMemory memory(LinuxMemory.Builder merged, LinuxMemory asked) {
        if (asked.hasLimit()) {
            claim(Field.MemLimit);
            merged.setLimit(asked.getLimit());
        }
        if (asked.hasReservation()) {
            claim(Field.MemReservation);
            merged.setReservation(asked.getReservation());
        }
        if (asked.hasSwap()) {
            claim(Field.MemSwapLimit);
            merged.setSwap(asked.getSwap());
        }
        if (asked.hasKernel()) {
            claim(Field.MemKernelLimit);
            merged.setKernel(asked.getKernel());
        }
        if (asked.hasKernelTcp()) {
            claim(Field.MemTCPLimit);
            merged.setKernelTcp(asked.getKernelTcp());
        }
        if (asked.hasSwappiness()) {
            claim(Field.MemSwappiness);
            merged.setSwappiness(asked.getSwappiness());
        }
        if (asked.hasDisableOomKiller()) {
            claim(Field.MemDisableOomKiller);
            merged.setDisableOomKiller(asked.getDisableOomKiller());
        }
        if (asked.hasUseHierarchy()) {
            claim(Field.MemUseHierarchy);
            merged.setUseHierarchy(asked.getUseHierarchy());
        }
        return merged.build();
    }

    private LinuxCPU cpu(LinuxCPU.Builder merged, LinuxCPU asked) {
        if (asked.hasShares()) {
            claim(Field.CPUShares);
            merged.setShares(asked.getShares());
        }
        if (asked.hasQuota()) {
            claim(Field.CPUQuota);
            merged.setQuota(asked.getQuota());
        }
        if (asked.hasPeriod()) {
            claim(Field.CPUPeriod);
            merged.setPeriod(asked.getPeriod());
        }
        if (asked.hasRealtimeRuntime()) {
            claim(Field.CPURealtimeRuntime);
            merged.setRealtimeRuntime(asked.getRealtimeRuntime());
        }
        if (asked.hasRealtimePeriod()) {
            claim(Field.CPURealtimePeriod);
            merged.setRealtimePeriod(asked.getRealtimePeriod());
        }
        if (!asked.getCpus().isEmpty()) {
            claim(Field.CPUSetCPUs);
            merged.setCpus(asked.getCpus());
        }
        if (!asked.getMems().isEmpty()) {
            claim(Field.CPUSetMems);
            merged.setMems(asked.getMems());
        }
        return merged.build();
    }
}
