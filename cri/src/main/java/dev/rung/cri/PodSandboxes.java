package dev.rung.cri;

import dev.rung.cri.v1.ContainerStatus;
import dev.rung.cri.v1.LinuxPodSandboxStatus;
import dev.rung.cri.v1.ListPodSandboxRequest;
import dev.rung.cri.v1.ListPodSandboxResponse;
import dev.rung.cri.v1.Namespace;
import dev.rung.cri.v1.PodIP;
import dev.rung.cri.v1.PodSandbox;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.cri.v1.PodSandboxFilter;
import dev.rung.cri.v1.PodSandboxNetworkStatus;
import dev.rung.cri.v1.PodSandboxState;
import dev.rung.cri.v1.PodSandboxStatus;
import dev.rung.cri.v1.PodSandboxStatusRequest;
import dev.rung.cri.v1.PodSandboxStatusResponse;
import dev.rung.cri.v1.RemovePodSandboxRequest;
import dev.rung.cri.v1.RemovePodSandboxResponse;
import dev.rung.cri.v1.RunPodSandboxRequest;
import dev.rung.cri.v1.RunPodSandboxResponse;
import dev.rung.cri.v1.StopPodSandboxRequest;
import dev.rung.cri.v1.StopPodSandboxResponse;
import dev.rung.cri.v1.StreamPodSandboxesRequest;
import dev.rung.cri.v1.UpdatePodSandboxResourcesRequest;
import dev.rung.cri.v1.UpdatePodSandboxResourcesResponse;
import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.ContainerView;
import dev.rung.engine.EngineOptions;
import dev.rung.engine.NewPod;
import dev.rung.engine.PodOutline;
import dev.rung.engine.PodView;
import dev.rung.engine.Pods;
import dev.rung.engine.Runtimes;
import dev.rung.engine.record.PodRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Pod sandboxes are the engine's pods. */
final class PodSandboxes {
    /** How many go into one answer of a stream. */
    private static final int BATCH = 100;

    private final Pods pods;
    private final Runtimes runtimes;
    private final PodPlugins plugins;
    private final Map<ContainerId, Entry> listed = new ConcurrentHashMap<>();

    private record Entry(PodSandboxState state, byte[] encoded) {}

    PodSandboxes(Pods pods, Runtimes runtimes, PodPlugins plugins) {
        this.pods = pods;
        this.runtimes = runtimes;
        this.plugins = plugins;
    }

    RunPodSandboxResponse run(RunPodSandboxRequest request) {
        String handler = request.getRuntimeHandler();
        if (!handler.isEmpty() && !runtimes.all().containsKey(handler)) {
            throw new Failure.Invalid(
                    "runtime_handler: no runtime for \""
                            + Printable.of(handler)
                            + "\" is configured, there are "
                            + String.join(", ", runtimes.all().keySet()));
        }
        boolean cni = pods.cni().isUsed();
        NewPod words = PodWords.pod(request.getConfig(), handler, cni);
        String runtime = handler.isEmpty() ? runtimes.usual() : handler;
        if (words.host().cri().userNamespace() != null && !runtime.equals(EngineOptions.HOST)) {
            throw new Failure.Invalid(
                    "config.linux.security_context.namespace_options.userns_options: runtime "
                            + runtime
                            + " runs no pods with a user namespace of their own");
        }
        PodView made = pods.create(words);
        String id = made.record().id().value();
        plugins.hide(id);
        try {
            plugins.ran(pods.ready(id));
        } catch (RuntimeException e) {
            plugins.undone(id);
            remove(id, e);
            plugins.show(id);
            throw e;
        }
        return RunPodSandboxResponse.newBuilder().setPodSandboxId(id).build();
    }

    /** When even that fails the pod is listed as not ready, and a kubelet has it removed. */
    private void remove(String id, RuntimeException why) {
        try {
            pods.remove(id, true);
        } catch (Failure e) {
            why.addSuppressed(e);
        }
    }

    /** One that has gone is stopped. */
    StopPodSandboxResponse stop(StopPodSandboxRequest request) {
        try {
            PodView pod = find(request.getPodSandboxId());
            String id = pod.record().id().value();
            if (plugins.know(id)) {
                tellStopped(id);
            }
            pods.stop(id, Duration.ZERO);
        } catch (Failure.NotFound _) {
            // as the interface wants it
        }
        return StopPodSandboxResponse.getDefaultInstance();
    }

    /** Ends its containers, and has plug-ins hear of that while what they shared is there. */
    private void tellStopped(String id) {
        pods.stopContainers(id, Duration.ZERO);
        plugins.stopped(pods.get(id));
    }

    /** One that has gone is removed. */
    RemovePodSandboxResponse remove(RemovePodSandboxRequest request) {
        try {
            PodView pod = find(request.getPodSandboxId());
            String id = pod.record().id().value();
            if (plugins.know(id)) {
                tellStopped(id);
                pods.get(id).containers().forEach(plugins::removing);
                plugins.gone(PluginPods.told(pod));
            }
            pods.remove(id, true);
        } catch (Failure.NotFound _) {
            // as the interface wants it
        }
        return RemovePodSandboxResponse.getDefaultInstance();
    }

    /**
     * A cgroup that a kubelet made is a kubelet's to limit; what is asked is noted all the same.
     */
    UpdatePodSandboxResourcesResponse update(UpdatePodSandboxResourcesRequest request) {
        PodView pod = find(request.getPodSandboxId());
        var words = new ResourceWords(request.getResources());
        plugins.updating(pod, request.getOverhead(), request.getResources());
        pods.update(pod.record().id().value(), words::over);
        plugins.updated(pod);
        return UpdatePodSandboxResourcesResponse.getDefaultInstance();
    }

    /** By id or the beginning of one. One that plug-ins are still asked about is not there yet. */
    PodView find(String id) {
        PodView pod = findAny(id);
        if (plugins.isHidden(pod.record())) {
            throw new Failure.NotFound("no pod sandbox \"" + Printable.of(id) + "\" yet");
        }
        return pod;
    }

    /** The same, of those as well. */
    PodView findAny(String id) {
        FieldRules.require("pod_sandbox_id", id);
        PodView pod = pods.get(id);
        if (!Notes.isPod(pod.record()) || !pod.record().id().value().startsWith(id)) {
            throw new Failure.NotFound("no pod sandbox \"" + Printable.of(id) + "\"");
        }
        return pod;
    }

    private boolean isShown(PodRecord pod) {
        return Notes.isPod(pod) && !plugins.isHidden(pod);
    }

    /** All that were made through CRI. */
    List<PodView> all() {
        var all = new ArrayList<PodView>();
        for (PodView pod : pods.list()) {
            if (isShown(pod.record())) {
                all.add(pod);
            }
        }
        return all;
    }

    /**
     * With its containers: a kubelet that goes by events compares the time with that of events, and
     * asks for no container by itself. The time is that before it was looked.
     */
    PodSandboxStatusResponse status(
            PodSandboxStatusRequest request, Function<ContainerView, ContainerStatus> containers) {
        long now = nanos(Instant.now());
        PodView pod = find(request.getPodSandboxId());
        var answer = PodSandboxStatusResponse.newBuilder().setStatus(status(pod));
        answer.setTimestamp(now);
        for (ContainerView container : Notes.containers(pod)) {
            answer.addContainersStatuses(containers.apply(container));
        }
        if (request.getVerbose()) {
            answer.putInfo("info", Verbose.of(pod));
        }
        return answer.build();
    }

    static PodSandboxStatus status(PodView pod) {
        PodSandboxConfig config = Notes.pod(pod.record());
        var status =
                PodSandboxStatus.newBuilder()
                        .setId(pod.record().id().value())
                        .setMetadata(config.getMetadata())
                        .setState(state(pod))
                        .setCreatedAt(nanos(pod.record().created()))
                        .putAllLabels(config.getLabelsMap())
                        .putAllAnnotations(config.getAnnotationsMap())
                        .setRuntimeHandler(Notes.handler(pod.record()));
        status.setNetwork(network(pod));
        status.setLinux(
                LinuxPodSandboxStatus.newBuilder()
                        .setNamespaces(
                                Namespace.newBuilder()
                                        .setOptions(
                                                config.getLinux()
                                                        .getSecurityContext()
                                                        .getNamespaceOptions())));
        return status.build();
    }

    private static PodSandboxNetworkStatus network(PodView pod) {
        var network = PodSandboxNetworkStatus.newBuilder();
        List<String> addresses = pod.addresses();
        if (!addresses.isEmpty()) {
            network.setIp(addresses.getFirst());
        }
        for (String more : addresses.stream().skip(1).toList()) {
            network.addAdditionalIps(PodIP.newBuilder().setIp(more));
        }
        return network.build();
    }

    static PodSandboxState state(PodView pod) {
        return state(pod.outline());
    }

    private static PodSandboxState state(PodOutline pod) {
        return pod.ready() && !pod.record().stopped()
                ? PodSandboxState.SANDBOX_READY
                : PodSandboxState.SANDBOX_NOTREADY;
    }

    EncodedList list(ListPodSandboxRequest request) {
        return new EncodedList(list(request.getFilter()));
    }

    /** Of the same shape as the list. */
    void stream(StreamPodSandboxesRequest request, AnswerStream<EncodedList> answers) {
        Batches.send(
                list(request.getFilter()), BATCH, batch -> answers.send(new EncodedList(batch)));
    }

    private List<byte[]> list(PodSandboxFilter filter) {
        var items = new ArrayList<byte[]>();
        List<PodOutline> all = pods.outlines();
        for (PodOutline pod : all) {
            PodRecord record = pod.record();
            boolean fits =
                    isShown(record)
                            && record.id().value().startsWith(filter.getId())
                            && (!filter.hasState() || filter.getState().getState() == state(pod))
                            && hasLabels(record.config().labels(), filter.getLabelSelectorMap());
            if (fits) {
                items.add(listed(pod));
            }
        }
        if (listed.size() > all.size()) {
            listed.keySet().retainAll(all.stream().map(pod -> pod.record().id()).toList());
        }
        return items;
    }

    /** As an entry of a list, encoded; made once a state. */
    private byte[] listed(PodOutline pod) {
        Entry last = listed.get(pod.record().id());
        if (last == null || last.state != state(pod)) {
            var alone = ListPodSandboxResponse.newBuilder().addItems(item(pod));
            last = new Entry(state(pod), alone.build().toByteArray());
            listed.put(pod.record().id(), last);
        }
        return last.encoded;
    }

    static boolean hasLabels(Map<String, String> labels, Map<String, String> wanted) {
        for (Map.Entry<String, String> label : wanted.entrySet()) {
            if (!label.getValue().equals(labels.get(label.getKey()))) {
                return false;
            }
        }
        return true;
    }

    private static PodSandbox item(PodOutline pod) {
        PodSandboxConfig config = Notes.pod(pod.record());
        return PodSandbox.newBuilder()
                .setId(pod.record().id().value())
                .setMetadata(config.getMetadata())
                .setState(state(pod))
                .setCreatedAt(nanos(pod.record().created()))
                .putAllLabels(config.getLabelsMap())
                .putAllAnnotations(config.getAnnotationsMap())
                .setRuntimeHandler(Notes.handler(pod.record()))
                .build();
    }

    /** Since 1970, as the interface counts. */
    static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000L + time.getNano();
    }
}
