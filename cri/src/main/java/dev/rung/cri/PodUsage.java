package dev.rung.cri;

import dev.rung.cri.v1.ContainerAttributes;
import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.ContainerStats;
import dev.rung.cri.v1.ContainerStatsFilter;
import dev.rung.cri.v1.ContainerStatsRequest;
import dev.rung.cri.v1.ContainerStatsResponse;
import dev.rung.cri.v1.CpuUsage;
import dev.rung.cri.v1.FilesystemIdentifier;
import dev.rung.cri.v1.FilesystemUsage;
import dev.rung.cri.v1.LinuxPodSandboxStats;
import dev.rung.cri.v1.ListContainerStatsRequest;
import dev.rung.cri.v1.ListContainerStatsResponse;
import dev.rung.cri.v1.ListPodSandboxStatsRequest;
import dev.rung.cri.v1.ListPodSandboxStatsResponse;
import dev.rung.cri.v1.MemoryUsage;
import dev.rung.cri.v1.NetworkInterfaceUsage;
import dev.rung.cri.v1.NetworkUsage;
import dev.rung.cri.v1.PodSandboxAttributes;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.cri.v1.PodSandboxStats;
import dev.rung.cri.v1.PodSandboxStatsFilter;
import dev.rung.cri.v1.PodSandboxStatsRequest;
import dev.rung.cri.v1.PodSandboxStatsResponse;
import dev.rung.cri.v1.ProcessUsage;
import dev.rung.cri.v1.StreamContainerStatsRequest;
import dev.rung.cri.v1.StreamContainerStatsResponse;
import dev.rung.cri.v1.StreamPodSandboxStatsRequest;
import dev.rung.cri.v1.StreamPodSandboxStatsResponse;
import dev.rung.cri.v1.SwapUsage;
import dev.rung.cri.v1.UInt64Value;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Engine;
import dev.rung.engine.InterfaceUse;
import dev.rung.engine.Observation;
import dev.rung.engine.PodView;
import dev.rung.engine.Pods;
import dev.rung.engine.ResourceUse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** What pods and their containers use now. */
final class PodUsage {
    private static final int BATCH = 50;
    private static final String LOOPBACK = "lo";

    private final Observation observation;
    private final Pods enginePods;
    private final PodSandboxes pods;
    private final PodContainers containers;
    private final Path snapshots;
    private final LayerUse layers;
    private final CpuRates rates = new CpuRates();
    private final Clock clock;

    PodUsage(
            Engine engine,
            PodSandboxes pods,
            PodContainers containers,
            Path snapshots,
            LayerUse layers,
            Clock clock) {
        observation = engine.observation();
        this.enginePods = engine.pods();
        this.pods = pods;
        this.containers = containers;
        this.snapshots = snapshots;
        this.layers = layers;
        this.clock = clock;
    }

    ContainerStatsResponse container(ContainerStatsRequest request) {
        return ContainerStatsResponse.newBuilder()
                .setStats(stats(containers.find(request.getContainerId())))
                .build();
    }

    ListContainerStatsResponse containers(ListContainerStatsRequest request) {
        return ListContainerStatsResponse.newBuilder()
                .addAllStats(list(request.getFilter()))
                .build();
    }

    void streamContainers(
            StreamContainerStatsRequest request,
            AnswerStream<StreamContainerStatsResponse> answers) {
        Batches.send(
                list(request.getFilter()),
                BATCH,
                batch ->
                        answers.send(
                                StreamContainerStatsResponse.newBuilder()
                                        .addAllContainerStats(batch)
                                        .build()));
    }

    private List<ContainerStats> list(ContainerStatsFilter filter) {
        var all = new ArrayList<ContainerStats>();
        for (ContainerView container : containers.all()) {
            boolean fits =
                    container.record().id().value().startsWith(filter.getId())
                            && container.record().host().pod().startsWith(filter.getPodSandboxId())
                            && PodSandboxes.hasLabels(
                                    containers.notes().of(container).getLabelsMap(),
                                    filter.getLabelSelectorMap());
            if (fits) {
                all.add(stats(container));
            }
        }
        return all;
    }

    private ContainerStats stats(ContainerView container) {
        ContainerConfig config = containers.notes().of(container);
        String id = container.record().id().value();
        var stats =
                ContainerStats.newBuilder()
                        .setAttributes(
                                ContainerAttributes.newBuilder()
                                        .setId(id)
                                        .setMetadata(config.getMetadata())
                                        .putAllLabels(config.getLabelsMap())
                                        .putAllAnnotations(config.getAnnotationsMap()));
        long now = PodSandboxes.nanos(clock.instant());
        ResourceUse use = container.phase().runs() ? observation.resources(id) : null;
        if (use != null) {
            stats.setCpu(cpu(id, use, now)).setMemory(memory(use, now)).setSwap(swap(use, now));
        }
        ImageDiskUse.Use layer = layers.of(id);
        return stats.setWritableLayer(
                        FilesystemUsage.newBuilder()
                                .setTimestamp(now)
                                .setFsId(
                                        FilesystemIdentifier.newBuilder()
                                                .setMountpoint(snapshots.toString()))
                                .setUsedBytes(number(layer.bytes()))
                                .setInodesUsed(number(layer.inodes())))
                .build();
    }

    private CpuUsage cpu(String id, ResourceUse use, long now) {
        return CpuUsage.newBuilder()
                .setTimestamp(now)
                .setUsageCoreNanoSeconds(number(use.cpuNanos()))
                .setUsageNanoCores(number(rates.rate(id, use.cpuNanos(), now)))
                .build();
    }

    private static MemoryUsage memory(ResourceUse use, long now) {
        return MemoryUsage.newBuilder()
                .setTimestamp(now)
                .setWorkingSetBytes(number(use.workingSet()))
                .setAvailableBytes(
                        number(use.limit() == 0 ? 0 : Math.max(0, use.limit() - use.workingSet())))
                .setUsageBytes(number(use.memory()))
                .setRssBytes(number(use.anonymous()))
                .setPageFaults(number(use.faults()))
                .setMajorPageFaults(number(use.majorFaults()))
                .build();
    }

    private static SwapUsage swap(ResourceUse use, long now) {
        return SwapUsage.newBuilder()
                .setTimestamp(now)
                .setSwapUsageBytes(number(use.swap()))
                .build();
    }

    private static UInt64Value number(long value) {
        return UInt64Value.newBuilder().setValue(value).build();
    }

    PodSandboxStatsResponse pod(PodSandboxStatsRequest request) {
        return PodSandboxStatsResponse.newBuilder()
                .setStats(stats(pods.find(request.getPodSandboxId())))
                .build();
    }

    ListPodSandboxStatsResponse pods(ListPodSandboxStatsRequest request) {
        return ListPodSandboxStatsResponse.newBuilder()
                .addAllStats(list(request.getFilter()))
                .build();
    }

    void streamPods(
            StreamPodSandboxStatsRequest request,
            AnswerStream<StreamPodSandboxStatsResponse> answers) {
        Batches.send(
                list(request.getFilter()),
                BATCH,
                batch ->
                        answers.send(
                                StreamPodSandboxStatsResponse.newBuilder()
                                        .addAllPodSandboxStats(batch)
                                        .build()));
    }

    private List<PodSandboxStats> list(PodSandboxStatsFilter filter) {
        var all = new ArrayList<PodSandboxStats>();
        for (PodView pod : pods.all()) {
            boolean fits =
                    pod.record().id().value().startsWith(filter.getId())
                            && PodSandboxes.hasLabels(
                                    pod.record().config().labels(), filter.getLabelSelectorMap());
            if (fits) {
                all.add(stats(pod));
            }
        }
        return all;
    }

    /** The sum of its containers: nothing else is in a pod. */
    private PodSandboxStats stats(PodView pod) {
        PodSandboxConfig config = Notes.pod(pod.record());
        String id = pod.record().id().value();
        long now = PodSandboxes.nanos(clock.instant());
        var linux = LinuxPodSandboxStats.newBuilder();
        var sum = new ResourceUse(0, 0, 0, 0, 0, 0, 0, 0, 0);
        for (ContainerView container : pod.containers()) {
            if (!Notes.isContainer(container)) {
                continue;
            }
            linux.addContainers(stats(container));
            String own = container.record().id().value();
            ResourceUse use = container.phase().runs() ? observation.resources(own) : null;
            sum = use == null ? sum : plus(sum, use);
        }
        linux.setCpu(cpu(id, sum, now)).setMemory(memory(sum, now));
        linux.setProcess(
                ProcessUsage.newBuilder()
                        .setTimestamp(now)
                        .setProcessCount(number(sum.processes())));
        NetworkUsage network = network(id, now);
        if (network.hasDefaultInterface()) { // kubelets take it for granted in what they are told
            linux.setNetwork(network);
        }
        return PodSandboxStats.newBuilder()
                .setAttributes(
                        PodSandboxAttributes.newBuilder()
                                .setId(id)
                                .setMetadata(config.getMetadata())
                                .putAllLabels(config.getLabelsMap())
                                .putAllAnnotations(config.getAnnotationsMap()))
                .setLinux(linux)
                .build();
    }

    private static ResourceUse plus(ResourceUse one, ResourceUse two) {
        return new ResourceUse(
                one.cpuNanos() + two.cpuNanos(),
                one.memory() + two.memory(),
                one.workingSet() + two.workingSet(),
                one.anonymous() + two.anonymous(),
                0,
                one.faults() + two.faults(),
                one.majorFaults() + two.majorFaults(),
                one.swap() + two.swap(),
                one.processes() + two.processes());
    }

    private NetworkUsage network(String pod, long now) {
        var usage = NetworkUsage.newBuilder().setTimestamp(now);
        for (InterfaceUse each : enginePods.interfaces(pod)) {
            if (each.name().equals(LOOPBACK)) {
                continue;
            }
            var link =
                    NetworkInterfaceUsage.newBuilder()
                            .setName(each.name())
                            .setRxBytes(number(each.receivedBytes()))
                            .setRxErrors(number(each.receiveErrors()))
                            .setTxBytes(number(each.sentBytes()))
                            .setTxErrors(number(each.sendErrors()))
                            .build();
            if (usage.hasDefaultInterface()) {
                usage.addInterfaces(link);
            } else {
                usage.setDefaultInterface(link);
            }
        }
        return usage.build();
    }
}
