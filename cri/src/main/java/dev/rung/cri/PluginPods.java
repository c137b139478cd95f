package dev.rung.cri;

import dev.rung.cri.v1.LinuxContainerResources;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.engine.PodView;
import dev.rung.nri.v1alpha1.HugepageLimit;
import dev.rung.nri.v1alpha1.LinuxCPU;
import dev.rung.nri.v1alpha1.LinuxMemory;
import dev.rung.nri.v1alpha1.LinuxPodSandbox;
import dev.rung.nri.v1alpha1.LinuxResources;
import dev.rung.nri.v1alpha1.OptionalInt64;
import dev.rung.nri.v1alpha1.OptionalUInt64;
import dev.rung.nri.v1alpha1.PodSandbox;

/** Pods, and what is asked of resources, as plug-ins of NRI are told of them. */
final class PluginPods {
    private PluginPods() {}

    static PodSandbox told(PodView pod) {
        PodSandboxConfig config = Notes.pod(pod.record());
        var linux =
                LinuxPodSandbox.newBuilder().setCgroupParent(config.getLinux().getCgroupParent());
        if (config.getLinux().hasOverhead()) {
            linux.setPodOverhead(told(config.getLinux().getOverhead()));
        }
        if (config.getLinux().hasResources()) {
            linux.setPodResources(told(config.getLinux().getResources()));
        }
        return PodSandbox.newBuilder()
                .setId(pod.record().id().value())
                .setName(config.getMetadata().getName())
                .setUid(config.getMetadata().getUid())
                .setNamespace(config.getMetadata().getNamespace())
                .putAllLabels(config.getLabelsMap())
                .putAllAnnotations(config.getAnnotationsMap())
                .setRuntimeHandler(Notes.handler(pod.record()))
                .setLinux(linux)
                .addAllIps(pod.addresses())
                .build();
    }

    static LinuxResources told(LinuxContainerResources asked) {
        var told =
                LinuxResources.newBuilder()
                        .setMemory(
                                LinuxMemory.newBuilder()
                                        .setLimit(signed(asked.getMemoryLimitInBytes())))
                        .setCpu(
                                LinuxCPU.newBuilder()
                                        .setShares(unsigned(asked.getCpuShares()))
                                        .setQuota(signed(asked.getCpuQuota()))
                                        .setPeriod(unsigned(asked.getCpuPeriod()))
                                        .setCpus(asked.getCpusetCpus())
                                        .setMems(asked.getCpusetMems()))
                        .putAllUnified(asked.getUnifiedMap());
        for (dev.rung.cri.v1.HugepageLimit limit : asked.getHugepageLimitsList()) {
            told.addHugepageLimits(
                    HugepageLimit.newBuilder()
                            .setPageSize(limit.getPageSize())
                            .setLimit(limit.getLimit()));
        }
        return told.build();
    }

    /** What plug-ins have made of it, as if a kubelet had asked for it. */
    static LinuxContainerResources asked(LinuxResources told, LinuxContainerResources before) {
        var asked =
                before.toBuilder()
                        .setMemoryLimitInBytes(told.getMemory().getLimit().getValue())
                        .setCpuShares(told.getCpu().getShares().getValue())
                        .setCpuQuota(told.getCpu().getQuota().getValue())
                        .setCpuPeriod(told.getCpu().getPeriod().getValue())
                        .setCpusetCpus(told.getCpu().getCpus())
                        .setCpusetMems(told.getCpu().getMems())
                        .clearHugepageLimits()
                        .clearUnified()
                        .putAllUnified(told.getUnifiedMap());
        for (HugepageLimit limit : told.getHugepageLimitsList()) {
            asked.addHugepageLimits(
                    dev.rung.cri.v1.HugepageLimit.newBuilder()
                            .setPageSize(limit.getPageSize())
                            .setLimit(limit.getLimit()));
        }
        return asked.build();
    }

    static OptionalInt64 signed(long value) {
        return OptionalInt64.newBuilder().setValue(value).build();
    }

    static OptionalUInt64 unsigned(long value) {
        return OptionalUInt64.newBuilder().setValue(value).build();
    }
}
