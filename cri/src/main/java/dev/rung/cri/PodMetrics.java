package dev.rung.cri;

import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.ContainerMetrics;
import dev.rung.cri.v1.ListMetricDescriptorsRequest;
import dev.rung.cri.v1.ListMetricDescriptorsResponse;
import dev.rung.cri.v1.ListPodSandboxMetricsRequest;
import dev.rung.cri.v1.ListPodSandboxMetricsResponse;
import dev.rung.cri.v1.Metric;
import dev.rung.cri.v1.PodSandboxMetadata;
import dev.rung.cri.v1.PodSandboxMetrics;
import dev.rung.cri.v1.StreamPodSandboxMetricsRequest;
import dev.rung.cri.v1.StreamPodSandboxMetricsResponse;
import dev.rung.cri.v1.UInt64Value;
import dev.rung.domain.KernelPath;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Engine;
import dev.rung.engine.InterfaceUse;
import dev.rung.engine.Observation;
import dev.rung.engine.PodView;
import dev.rung.engine.Pods;
import dev.rung.engine.Sample;
import dev.rung.engine.spec.Limits;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileSystems;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The metrics of pods and containers that cAdvisor would give. */
final class PodMetrics {
    private static final int BATCH = 50;
    private static final String LOOPBACK = "lo";
    private static final long USUAL_PERIOD = 100_000;
    private static final long USUAL_SHARES = 1024;

    private final Observation observation;
    private final Pods enginePods;
    private final PodSandboxes pods;
    private final Path snapshots;
    private final LayerUse layers;
    private final Clock clock;
    private final MetricKinds kinds = new MetricKinds();

    PodMetrics(Engine engine, PodSandboxes pods, Path snapshots, LayerUse layers, Clock clock) {
        observation = engine.observation();
        this.enginePods = engine.pods();
        this.pods = pods;
        this.snapshots = snapshots;
        this.layers = layers;
        this.clock = clock;
    }

    ListMetricDescriptorsResponse descriptors(ListMetricDescriptorsRequest request) {
        return ListMetricDescriptorsResponse.newBuilder()
                .addAllDescriptors(kinds.descriptors())
                .build();
    }

    ListPodSandboxMetricsResponse list(ListPodSandboxMetricsRequest request) {
        var answer = ListPodSandboxMetricsResponse.newBuilder();
        pods.all().forEach(pod -> answer.addPodMetrics(metrics(pod)));
        return answer.build();
    }

    void stream(
            StreamPodSandboxMetricsRequest request,
            AnswerStream<StreamPodSandboxMetricsResponse> answers) {
        var all = new ArrayList<PodSandboxMetrics>();
        pods.all().forEach(pod -> all.add(metrics(pod)));
        Batches.send(
                all,
                BATCH,
                batch ->
                        answers.send(
                                StreamPodSandboxMetricsResponse.newBuilder()
                                        .addAllPodSandboxMetrics(batch)
                                        .build()));
    }

    private PodSandboxMetrics metrics(PodView pod) {
        PodSandboxMetadata metadata = Notes.pod(pod.record()).getMetadata();
        String id = pod.record().id().value();
        var to =
                new Metrics(
                        clock.instant(),
                        List.of(
                                "",
                                id,
                                "",
                                pod.record().name().value(),
                                metadata.getNamespace(),
                                metadata.getName()));
        for (InterfaceUse link : enginePods.interfaces(id)) {
            if (!link.name().equals(LOOPBACK)) {
                network(to, link);
            }
        }
        var answer = PodSandboxMetrics.newBuilder().setPodSandboxId(id).addAllMetrics(to.all);
        for (ContainerView container : pod.containers()) {
            if (Notes.isContainer(container) && container.phase().runs()) {
                answer.addContainerMetrics(metrics(metadata, container));
            }
        }
        return answer.build();
    }

    private static void network(Metrics to, InterfaceUse link) {
        List<String> name = List.of(link.name());
        to.add("network_receive_bytes_total", name, link.receivedBytes());
        to.add("network_receive_packets_total", name, link.receivedPackets());
        to.add("network_receive_errors_total", name, link.receiveErrors());
        to.add("network_receive_packets_dropped_total", name, link.receiveDrops());
        to.add("network_transmit_bytes_total", name, link.sentBytes());
        to.add("network_transmit_packets_total", name, link.sentPackets());
        to.add("network_transmit_errors_total", name, link.sendErrors());
        to.add("network_transmit_packets_dropped_total", name, link.sendDrops());
    }

    private ContainerMetrics metrics(PodSandboxMetadata pod, ContainerView container) {
        ContainerConfig config = Notes.container(container);
        String id = container.record().id().value();
        Instant now = clock.instant();
        var to =
                new Metrics(
                        now,
                        List.of(
                                config.getMetadata().getName(),
                                id,
                                config.getImage().getImage(),
                                container.record().name().value(),
                                pod.getNamespace(),
                                pod.getName()));
        for (Sample sample : observation.samples(id)) {
            to.add(sample.name(), sample.labels(), sample.value());
        }
        limits(to, container.record().host().limits());
        disk(to, id);
        to.add("last_seen", List.of(), now.getEpochSecond());
        Instant started = container.record().started();
        to.add("start_time_seconds", List.of(), started == null ? 0 : started.getEpochSecond());
        return ContainerMetrics.newBuilder().setContainerId(id).addAllMetrics(to.all).build();
    }

    private static void limits(Metrics to, Limits limits) {
        long period = limits.cpuPeriod() > 0 ? limits.cpuPeriod() : USUAL_PERIOD;
        long shares = limits.cpuShares() > 0 ? limits.cpuShares() : USUAL_SHARES;
        to.add("spec_cpu_period", List.of(), period);
        to.add("spec_cpu_shares", List.of(), shares);
        if (limits.cpuQuota() > 0) {
            to.add("spec_cpu_quota", List.of(), limits.cpuQuota());
        }
        to.add("spec_memory_limit_bytes", List.of(), limits.memory());
        to.add("spec_memory_reservation_limit_bytes", List.of(), limits.memoryReservation());
        to.add("spec_memory_swap_limit_bytes", List.of(), Math.max(0, limits.memorySwap()));
    }

    private void disk(Metrics to, String container) {
        ImageDiskUse.Use layer = layers.of(container);
        KernelPath folder = KernelPath.of(snapshots.toString());
        try (Fd opened = Paths.open(null, folder, Paths.O_RDONLY, 0, 0)) {
            FileSystems.Inodes inodes = FileSystems.inodes(opened);
            FileStore store = Files.getFileStore(snapshots);
            List<String> device = List.of(store.name());
            to.add("fs_limit_bytes", device, store.getTotalSpace());
            to.add("fs_usage_bytes", device, layer.bytes());
            to.add("fs_inodes_total", device, inodes.total());
            to.add("fs_inodes_free", device, inodes.free());
        } catch (IOException | ErrnoException _) {
            // no numbers are better than wrong ones
        }
    }

    /** Those of one container or pod. */
    private final class Metrics {
        private final List<Metric> all = new ArrayList<>();
        private final long timestamp;
        private final List<String> labels;

        private Metrics(Instant now, List<String> labels) {
            this.timestamp = PodSandboxes.nanos(now);
            this.labels = labels;
        }

        private void add(String name, List<String> own, long value) {
            MetricKinds.Kind kind = kinds.of(name);
            all.add(
                    Metric.newBuilder()
                            .setName(kind.fullName())
                            .setTimestamp(timestamp)
                            .setMetricType(kind.type())
                            .addAllLabelValues(labels)
                            .addAllLabelValues(own)
                            .setValue(UInt64Value.newBuilder().setValue(value))
                            .build());
        }
    }
}
