package dev.rung.cri;

import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.ContainerFilter;
import dev.rung.cri.v1.ContainerResources;
import dev.rung.cri.v1.ContainerState;
import dev.rung.cri.v1.ContainerStatus;
import dev.rung.cri.v1.ContainerStatusRequest;
import dev.rung.cri.v1.ContainerStatusResponse;
import dev.rung.cri.v1.ContainerUser;
import dev.rung.cri.v1.CreateContainerRequest;
import dev.rung.cri.v1.CreateContainerResponse;
import dev.rung.cri.v1.LinuxContainerUser;
import dev.rung.cri.v1.ListContainersRequest;
import dev.rung.cri.v1.Mount;
import dev.rung.cri.v1.RemoveContainerRequest;
import dev.rung.cri.v1.RemoveContainerResponse;
import dev.rung.cri.v1.ReopenContainerLogRequest;
import dev.rung.cri.v1.ReopenContainerLogResponse;
import dev.rung.cri.v1.StartContainerRequest;
import dev.rung.cri.v1.StartContainerResponse;
import dev.rung.cri.v1.StopContainerRequest;
import dev.rung.cri.v1.StopContainerResponse;
import dev.rung.cri.v1.StreamContainersRequest;
import dev.rung.cri.v1.UpdateContainerResourcesRequest;
import dev.rung.cri.v1.UpdateContainerResourcesResponse;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.Checkpoints;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.NewContainer;
import dev.rung.engine.Phase;
import dev.rung.engine.PodView;
import dev.rung.engine.Signals;
import dev.rung.engine.config.ProcessUser;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.image.Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Containers of pods are the engine's containers. */
final class PodContainers {
    /** How many go into one answer of a stream. */
    private static final int BATCH = 100;

    private final Containers containers;
    private final PodSandboxes pods;
    private final PodPlugins plugins;
    private final OomScore oomScore;
    private final DefaultMounts defaultMounts;
    private final Checkpoints checkpoints;
    private final CheckpointImages checkpointImages;
    private final ContainerNotes notes = new ContainerNotes();

    PodContainers(
            Containers containers,
            PodSandboxes pods,
            PodPlugins plugins,
            OomScore oomScore,
            DefaultMounts defaultMounts,
            Checkpoints checkpoints,
            CheckpointImages checkpointImages) {
        this.containers = containers;
        this.pods = pods;
        this.plugins = plugins;
        this.oomScore = oomScore;
        this.defaultMounts = defaultMounts;
        this.checkpoints = checkpoints;
        this.checkpointImages = checkpointImages;
    }

    CreateContainerResponse create(CreateContainerRequest request) {
        PodView pod = pods.find(request.getPodSandboxId());
        if (!pod.ready() || pod.record().stopped()) {
            throw new Failure.WrongState("pod sandbox " + pod.record().id() + " is not ready");
        }
        return CreateContainerResponse.newBuilder()
                .setContainerId(createOrRestore(pod, request.getConfig()))
                .build();
    }

    private String createOrRestore(PodView pod, ContainerConfig config) {
        String name = config.getImage().getImage();
        if (CheckpointFile.isMeant(name)) {
            Path archive = CheckpointArchives.location("config.image.image", name);
            try (CheckpointFile file = CheckpointFile.open(archive)) {
                return restored(pod, config, file);
            }
        }
        Image image = checkpointImages.find(name);
        if (image == null) {
            return create(pod, config);
        }
        return checkpoints.read(
                image, layers -> restored(pod, config, new CheckpointLayers(layers)));
    }

    private String restored(PodView pod, ContainerConfig config, CheckpointParts parts) {
        var checkpoint = new Checkpoint(parts);
        String id = createOfAny(pod, config, checkpoint.baseImages());
        try {
            checkpoints.adopt(id, checkpoint::unpack);
        } catch (RuntimeException e) {
            remove(RemoveContainerRequest.newBuilder().setContainerId(id).build());
            throw e;
        }
        return id;
    }

    /** Of the first image that is here. */
    private String createOfAny(PodView pod, ContainerConfig config, List<String> images) {
        var refused = new Failure.NotFound("no image");
        for (String image : images) {
            ContainerConfig based =
                    config.toBuilder()
                            .setImage(config.getImage().toBuilder().setImage(image))
                            .build();
            try {
                return create(pod, based);
            } catch (Failure.NotFound e) {
                refused =
                        new Failure.NotFound("what the checkpoint is based on: " + e.getMessage());
            }
        }
        throw refused;
    }

    private String create(PodView pod, ContainerConfig config) {
        NewContainer words = new ContainerWords(pod, config, oomScore, defaultMounts).container();
        LogPaths.prepare(words.host().cri().log());
        String id = create(pod, words);
        if (config.getMountsList().stream().anyMatch(mount -> !mount.getImageSubPath().isEmpty())) {
            tryMounts(id);
        }
        return id;
    }

    private String create(PodView pod, NewContainer words) {
        try (var _ = plugins.changing()) {
            return plugins.create(pod, words).record().id().value();
        }
    }

    /** What an image lacks is to be told now, not at the start. */
    private void tryMounts(String id) {
        try {
            containers.tryMounts(id);
        } catch (Failure e) {
            containers.remove(id, true, true);
            throw e;
        }
    }

    /** WrongState when it was started before: a container runs once. */
    StartContainerResponse start(StartContainerRequest request) {
        ContainerView container = find(request.getContainerId());
        if (container.phase() != Phase.CREATED) {
            throw new Failure.WrongState(
                    "container "
                            + container.record().id()
                            + " is in the state "
                            + state(container).name());
        }
        String id = container.record().id().value();
        try (var _ = plugins.changing()) {
            plugins.starting(container);
            containers.start(id, _ -> {});
            plugins.started(id);
        } finally {
            plugins.ended(id); // if it has
        }
        return StartContainerResponse.getDefaultInstance();
    }

    /** One that has gone is stopped. */
    StopContainerResponse stop(StopContainerRequest request) {
        try {
            ContainerView container = find(request.getContainerId());
            Duration patience = Duration.ofSeconds(Math.max(0, request.getTimeout()));
            String id = container.record().id().value();
            if (patience.isZero()) {
                killAtOnce(id);
            }
            containers.stop(id, patience);
            plugins.ended(id);
        } catch (Failure.NotFound _) {
            // as the interface wants it
        }
        return StopContainerResponse.getDefaultInstance();
    }

    /** Without a time to end in it is not asked to. */
    private void killAtOnce(String id) {
        try {
            containers.kill(id, Signals.KILL);
        } catch (Failure.WrongState _) {
            // it has ended already
        }
    }

    /** One that has gone is removed; one that runs is ended first. */
    RemoveContainerResponse remove(RemoveContainerRequest request) {
        try {
            ContainerView container = find(request.getContainerId());
            String id = container.record().id().value();
            if (plugins.know(id)) {
                containers.stop(id, Duration.ZERO);
                plugins.removing(containers.get(id));
            }
            containers.remove(id, true, true);
        } catch (Failure.NotFound _) {
            // as the interface wants it
        }
        return RemoveContainerResponse.getDefaultInstance();
    }

    /** By id or the beginning of one. */
    ContainerView find(String id) {
        FieldRules.require("container_id", id);
        ContainerView container = containers.get(id);
        if (!Notes.isContainer(container) || !container.record().id().value().startsWith(id)) {
            throw new Failure.NotFound("no container \"" + Printable.of(id) + "\"");
        }
        return container;
    }

    ContainerStatusResponse status(ContainerStatusRequest request) {
        ContainerView container = find(request.getContainerId());
        var answer = ContainerStatusResponse.newBuilder().setStatus(status(container));
        if (request.getVerbose()) {
            answer.putInfo("info", Verbose.of(container));
        }
        return answer.build();
    }

    ContainerStatus status(ContainerView container) {
        ContainerRecord record = container.record();
        ContainerConfig config = notes.of(container);
        var status =
                ContainerStatus.newBuilder()
                        .setId(record.id().value())
                        .setMetadata(config.getMetadata())
                        .setState(state(container))
                        .setCreatedAt(PodSandboxes.nanos(record.created()))
                        .setImage(config.getImage())
                        .setImageRef(record.image())
                        .setImageId(record.image())
                        .putAllLabels(config.getLabelsMap())
                        .putAllAnnotations(config.getAnnotationsMap())
                        .addAllMounts(mounts(config, record))
                        .setLogPath(record.host().cri().log())
                        .setStopSignal(StopSignals.signal(record.config().stopSignal()))
                        .setResources(
                                ContainerResources.newBuilder()
                                        .setLinux(
                                                ResourceWords.of(
                                                        record.host().limits(),
                                                        record.host().oomScoreAdj(),
                                                        record.host().cri().hugePages())));
        if (record.started() != null) {
            status.setStartedAt(PodSandboxes.nanos(started(container, record.started())));
        }
        ProcessUser user = containers.user(record.id());
        if (user != null) {
            status.setUser(
                    ContainerUser.newBuilder()
                            .setLinux(
                                    LinuxContainerUser.newBuilder()
                                            .setUid(user.uid())
                                            .setGid(user.gid())
                                            .addAllSupplementalGroups(user.groups())));
        }
        if (state(container) == ContainerState.CONTAINER_EXITED) {
            ended(container, status);
        }
        return status.build();
    }

    /** As they were asked for, with the ids of images. */
    private static List<Mount> mounts(ContainerConfig config, ContainerRecord record) {
        var all = new ArrayList<Mount>();
        for (Mount mount : config.getMountsList()) {
            Mount told = mount;
            for (ContainerRecord.MountPoint point : record.mounts()) {
                if (mount.hasImage() && point.destination().equals(MountWords.target(mount))) {
                    told =
                            mount.toBuilder()
                                    .setImage(
                                            mount.getImage().toBuilder()
                                                    .setImageRef(point.source()))
                                    .build();
                }
            }
            all.add(told);
        }
        return all;
    }

    /** What ends at once ends before anybody notes that it has started. */
    private static Instant started(ContainerView container, Instant noted) {
        Instant finished = container.finished();
        if (container.phase() == Phase.EXITED && finished != null && finished.isBefore(noted)) {
            return finished;
        }
        return noted;
    }

    private static void ended(ContainerView container, ContainerStatus.Builder status) {
        Instant finished = container.finished();
        if (finished != null) {
            status.setFinishedAt(PodSandboxes.nanos(finished));
        }
        status.setExitCode(container.exitCode());
        String error = container.record().error();
        if (!error.isEmpty()) {
            status.setReason("StartError").setMessage(error);
        } else if (container.oomKilled()) {
            status.setReason("OOMKilled");
        } else {
            status.setReason(container.exitCode() == 0 ? "Completed" : "Error");
        }
    }

    static ContainerState state(ContainerView container) {
        return switch (container.phase()) {
            case CREATED -> ContainerState.CONTAINER_CREATED;
            case RUNNING, PAUSED, RESTARTING -> ContainerState.CONTAINER_RUNNING;
            case EXITED, REMOVING -> ContainerState.CONTAINER_EXITED;
        };
    }

    EncodedList list(ListContainersRequest request) {
        return new EncodedList(list(request.getFilter()));
    }

    /** Of the same shape as the list. */
    void stream(StreamContainersRequest request, AnswerStream<EncodedList> answers) {
        Batches.send(
                list(request.getFilter()), BATCH, batch -> answers.send(new EncodedList(batch)));
    }

    /** All that were made through CRI. */
    List<ContainerView> all() {
        var all = new ArrayList<ContainerView>();
        for (ContainerView container : containers.list()) {
            if (Notes.isContainer(container)) {
                all.add(container);
            }
        }
        notes.keep(all);
        return all;
    }

    ContainerNotes notes() {
        return notes;
    }

    private List<byte[]> list(ContainerFilter filter) {
        var items = new ArrayList<byte[]>();
        for (ContainerView container : all()) {
            ContainerRecord record = container.record();
            boolean fits =
                    record.id().value().startsWith(filter.getId())
                            && record.host().pod().startsWith(filter.getPodSandboxId())
                            && (!filter.hasState()
                                    || filter.getState().getState() == state(container))
                            && (filter.getLabelSelectorCount() == 0
                                    || PodSandboxes.hasLabels(
                                            notes.of(container).getLabelsMap(),
                                            filter.getLabelSelectorMap()));
            if (fits) {
                items.add(notes.listed(container, state(container)));
            }
        }
        return items;
    }

    UpdateContainerResourcesResponse update(UpdateContainerResourcesRequest request) {
        ContainerView container = find(request.getContainerId());
        if (state(container) == ContainerState.CONTAINER_EXITED) {
            throw new Failure.WrongState(
                    "container "
                            + container.record().id()
                            + " is in the state "
                            + state(container).name());
        }
        String id = container.record().id().value();
        try (var _ = plugins.changing()) {
            var words = new ResourceWords(plugins.updating(container, request.getLinux()));
            containers.update(id, host -> host.with(words.over(host.limits()), host.restart()));
            plugins.updated(id);
        }
        return UpdateContainerResourcesResponse.getDefaultInstance();
    }

    ReopenContainerLogResponse reopenLog(ReopenContainerLogRequest request) {
        ContainerView container = find(request.getContainerId());
        containers.reopenLog(container.record().id().value());
        String log = container.record().host().cri().log();
        if (!log.isEmpty() && Files.notExists(Path.of(log))) {
            throw new Failure.HostRefused("the log \"" + log + "\" cannot be opened anew", null);
        }
        return ReopenContainerLogResponse.getDefaultInstance();
    }
}
