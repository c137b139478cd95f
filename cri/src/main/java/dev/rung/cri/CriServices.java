package dev.rung.cri;

import dev.rung.cri.streaming.StreamingServer;
import dev.rung.cri.v1.AttachRequest;
import dev.rung.cri.v1.AttachResponse;
import dev.rung.cri.v1.CheckpointContainerRequest;
import dev.rung.cri.v1.CheckpointContainerResponse;
import dev.rung.cri.v1.CheckpointPodRequest;
import dev.rung.cri.v1.CheckpointPodResponse;
import dev.rung.cri.v1.ContainerEventResponse;
import dev.rung.cri.v1.ContainerStatsRequest;
import dev.rung.cri.v1.ContainerStatsResponse;
import dev.rung.cri.v1.ContainerStatusRequest;
import dev.rung.cri.v1.ContainerStatusResponse;
import dev.rung.cri.v1.CreateContainerRequest;
import dev.rung.cri.v1.CreateContainerResponse;
import dev.rung.cri.v1.ExecRequest;
import dev.rung.cri.v1.ExecResponse;
import dev.rung.cri.v1.ExecSyncRequest;
import dev.rung.cri.v1.ExecSyncResponse;
import dev.rung.cri.v1.GetEventsRequest;
import dev.rung.cri.v1.ImageFsInfoRequest;
import dev.rung.cri.v1.ImageFsInfoResponse;
import dev.rung.cri.v1.ImageStatusRequest;
import dev.rung.cri.v1.ImageStatusResponse;
import dev.rung.cri.v1.ListContainerStatsRequest;
import dev.rung.cri.v1.ListContainerStatsResponse;
import dev.rung.cri.v1.ListContainersRequest;
import dev.rung.cri.v1.ListImagesRequest;
import dev.rung.cri.v1.ListImagesResponse;
import dev.rung.cri.v1.ListMetricDescriptorsRequest;
import dev.rung.cri.v1.ListMetricDescriptorsResponse;
import dev.rung.cri.v1.ListPodSandboxMetricsRequest;
import dev.rung.cri.v1.ListPodSandboxMetricsResponse;
import dev.rung.cri.v1.ListPodSandboxRequest;
import dev.rung.cri.v1.ListPodSandboxStatsRequest;
import dev.rung.cri.v1.ListPodSandboxStatsResponse;
import dev.rung.cri.v1.PodSandboxStatsRequest;
import dev.rung.cri.v1.PodSandboxStatsResponse;
import dev.rung.cri.v1.PodSandboxStatusRequest;
import dev.rung.cri.v1.PodSandboxStatusResponse;
import dev.rung.cri.v1.PortForwardRequest;
import dev.rung.cri.v1.PortForwardResponse;
import dev.rung.cri.v1.PullImageRequest;
import dev.rung.cri.v1.PullImageResponse;
import dev.rung.cri.v1.RemoveContainerRequest;
import dev.rung.cri.v1.RemoveContainerResponse;
import dev.rung.cri.v1.RemoveImageRequest;
import dev.rung.cri.v1.RemoveImageResponse;
import dev.rung.cri.v1.RemovePodSandboxRequest;
import dev.rung.cri.v1.RemovePodSandboxResponse;
import dev.rung.cri.v1.ReopenContainerLogRequest;
import dev.rung.cri.v1.ReopenContainerLogResponse;
import dev.rung.cri.v1.RestorePodRequest;
import dev.rung.cri.v1.RestorePodResponse;
import dev.rung.cri.v1.RunPodSandboxRequest;
import dev.rung.cri.v1.RunPodSandboxResponse;
import dev.rung.cri.v1.RuntimeConfigRequest;
import dev.rung.cri.v1.RuntimeConfigResponse;
import dev.rung.cri.v1.StartContainerRequest;
import dev.rung.cri.v1.StartContainerResponse;
import dev.rung.cri.v1.StatusRequest;
import dev.rung.cri.v1.StatusResponse;
import dev.rung.cri.v1.StopContainerRequest;
import dev.rung.cri.v1.StopContainerResponse;
import dev.rung.cri.v1.StopPodSandboxRequest;
import dev.rung.cri.v1.StopPodSandboxResponse;
import dev.rung.cri.v1.StreamContainerStatsRequest;
import dev.rung.cri.v1.StreamContainerStatsResponse;
import dev.rung.cri.v1.StreamContainersRequest;
import dev.rung.cri.v1.StreamImagesRequest;
import dev.rung.cri.v1.StreamImagesResponse;
import dev.rung.cri.v1.StreamPodSandboxMetricsRequest;
import dev.rung.cri.v1.StreamPodSandboxMetricsResponse;
import dev.rung.cri.v1.StreamPodSandboxStatsRequest;
import dev.rung.cri.v1.StreamPodSandboxStatsResponse;
import dev.rung.cri.v1.StreamPodSandboxesRequest;
import dev.rung.cri.v1.UpdateContainerResourcesRequest;
import dev.rung.cri.v1.UpdateContainerResourcesResponse;
import dev.rung.cri.v1.UpdatePodSandboxResourcesRequest;
import dev.rung.cri.v1.UpdatePodSandboxResourcesResponse;
import dev.rung.cri.v1.UpdateRuntimeConfigRequest;
import dev.rung.cri.v1.UpdateRuntimeConfigResponse;
import dev.rung.cri.v1.VersionRequest;
import dev.rung.cri.v1.VersionResponse;
import dev.rung.engine.Engine;
import dev.rung.image.ImageStore;
import dev.rung.image.snapshot.Reclaim;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.nri.PluginHost;
import dev.rung.nri.PluginSettings;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** The two services of runtime.v1 over one engine. */
public final class CriServices {
    private static final String RUNTIME = "runtime.v1.RuntimeService";

    private final PluginSettings pluginSettings;
    private final PodPlugins plugins;
    private final PodSandboxes pods;
    private final PodContainers containers;
    private final CheckpointArchives checkpoints;
    private final PodCheckpoints podCheckpoints;
    private final ExecSync execSync;
    private final RemoteAccess access;
    private final PodUsage usage;
    private final PodMetrics metrics;
    private final PodEvents events;
    private final RuntimeInfo info;
    private final PodImages images;

    /**
     * Over this engine.
     *
     * @param snapshotFolder where images and containers lie
     * @param pluginSettings of those of the node resource interface
     * @param version of the engine
     */
    public CriServices(
            Engine engine,
            ImageStore imageStore,
            SnapshotStore snapshots,
            Path snapshotFolder,
            Reclaim reclaim,
            ImagePuller puller,
            PluginSettings pluginSettings,
            List<Path> mountsFiles,
            String version,
            Clock clock) {
        this.pluginSettings = pluginSettings;
        plugins = new PodPlugins(engine, pluginSettings, version);
        pods = new PodSandboxes(engine.pods(), engine.runtimes(), plugins);
        containers =
                new PodContainers(
                        engine.containers(),
                        pods,
                        plugins,
                        OomScore.own(),
                        new DefaultMounts(mountsFiles),
                        engine.checkpoints(),
                        new CheckpointImages(imageStore, engine::checkpointImages));
        checkpoints = new CheckpointArchives(containers, engine.checkpoints(), snapshots, clock);
        podCheckpoints = new PodCheckpoints(pods, containers, checkpoints, clock);
        execSync = new ExecSync(engine.processes(), containers);
        access =
                new RemoteAccess(
                        containers,
                        pods,
                        new StreamingServer(engine.processes(), engine.pods(), clock));
        var layers = new LayerUse(snapshots, clock);
        usage = new PodUsage(engine, pods, containers, snapshotFolder, layers, clock);
        metrics = new PodMetrics(engine, pods, snapshotFolder, layers, clock);
        events = new PodEvents(engine.events(), pods, containers);
        info = new RuntimeInfo(engine.runtimes(), engine.pods().cni());
        images =
                new PodImages(
                        imageStore,
                        reclaim,
                        puller,
                        snapshotFolder,
                        new ImageDiskUse(snapshots, clock),
                        engine::pinnedImages,
                        engine.imageEvents());
    }

    /** Starts the plug-ins that belong to this machine, and lets others in. */
    PluginHost startPlugins() {
        return PluginHost.start(pluginSettings, plugins.plugins());
    }

    ServerServiceDefinition runtime() {
        var table = new ServiceTable(RUNTIME);
        pods(table);
        containers(table);
        usage(table);
        metrics(table);
        info(table);
        return table.build();
    }

    private void pods(ServiceTable table) {
        table
                .answer(
                        "RunPodSandbox",
                        RunPodSandboxRequest.getDefaultInstance(),
                        RunPodSandboxResponse.getDefaultInstance(),
                        pods::run)
                .answer(
                        "StopPodSandbox",
                        StopPodSandboxRequest.getDefaultInstance(),
                        StopPodSandboxResponse.getDefaultInstance(),
                        pods::stop)
                .answer(
                        "RemovePodSandbox",
                        RemovePodSandboxRequest.getDefaultInstance(),
                        RemovePodSandboxResponse.getDefaultInstance(),
                        pods::remove)
                .answer(
                        "PodSandboxStatus",
                        PodSandboxStatusRequest.getDefaultInstance(),
                        PodSandboxStatusResponse.getDefaultInstance(),
                        request -> pods.status(request, containers::status))
                .answer(
                        "UpdatePodSandboxResources",
                        UpdatePodSandboxResourcesRequest.getDefaultInstance(),
                        UpdatePodSandboxResourcesResponse.getDefaultInstance(),
                        pods::update)
                .answer(
                        "CheckpointPod",
                        CheckpointPodRequest.getDefaultInstance(),
                        CheckpointPodResponse.getDefaultInstance(),
                        podCheckpoints::write)
                .answer(
                        "RestorePod",
                        RestorePodRequest.getDefaultInstance(),
                        RestorePodResponse.getDefaultInstance(),
                        podCheckpoints::restore)
                .answerAtOnce(
                        "ListPodSandbox",
                        ListPodSandboxRequest.getDefaultInstance(),
                        EncodedList.MARSHALLER,
                        pods::list)
                .stream(
                        "StreamPodSandboxes",
                        StreamPodSandboxesRequest.getDefaultInstance(),
                        EncodedList.MARSHALLER,
                        pods::stream);
    }

    private void containers(ServiceTable table) {
        table
                .answer(
                        "CreateContainer",
                        CreateContainerRequest.getDefaultInstance(),
                        CreateContainerResponse.getDefaultInstance(),
                        containers::create)
                .answer(
                        "StartContainer",
                        StartContainerRequest.getDefaultInstance(),
                        StartContainerResponse.getDefaultInstance(),
                        containers::start)
                .answer(
                        "StopContainer",
                        StopContainerRequest.getDefaultInstance(),
                        StopContainerResponse.getDefaultInstance(),
                        containers::stop)
                .answer(
                        "RemoveContainer",
                        RemoveContainerRequest.getDefaultInstance(),
                        RemoveContainerResponse.getDefaultInstance(),
                        containers::remove)
                .answerAtOnce(
                        "ListContainers",
                        ListContainersRequest.getDefaultInstance(),
                        EncodedList.MARSHALLER,
                        containers::list)
                .stream(
                        "StreamContainers",
                        StreamContainersRequest.getDefaultInstance(),
                        EncodedList.MARSHALLER,
                        containers::stream)
                .answer(
                        "ContainerStatus",
                        ContainerStatusRequest.getDefaultInstance(),
                        ContainerStatusResponse.getDefaultInstance(),
                        containers::status)
                .answer(
                        "UpdateContainerResources",
                        UpdateContainerResourcesRequest.getDefaultInstance(),
                        UpdateContainerResourcesResponse.getDefaultInstance(),
                        containers::update)
                .answer(
                        "CheckpointContainer",
                        CheckpointContainerRequest.getDefaultInstance(),
                        CheckpointContainerResponse.getDefaultInstance(),
                        checkpoints::write)
                .answer(
                        "ReopenContainerLog",
                        ReopenContainerLogRequest.getDefaultInstance(),
                        ReopenContainerLogResponse.getDefaultInstance(),
                        containers::reopenLog)
                .answer(
                        "ExecSync",
                        ExecSyncRequest.getDefaultInstance(),
                        ExecSyncResponse.getDefaultInstance(),
                        execSync::run)
                .answer(
                        "Exec",
                        ExecRequest.getDefaultInstance(),
                        ExecResponse.getDefaultInstance(),
                        access::exec)
                .answer(
                        "Attach",
                        AttachRequest.getDefaultInstance(),
                        AttachResponse.getDefaultInstance(),
                        access::attach)
                .answer(
                        "PortForward",
                        PortForwardRequest.getDefaultInstance(),
                        PortForwardResponse.getDefaultInstance(),
                        access::forward);
    }

    private void usage(ServiceTable table) {
        table
                .answer(
                        "ContainerStats",
                        ContainerStatsRequest.getDefaultInstance(),
                        ContainerStatsResponse.getDefaultInstance(),
                        usage::container)
                .answer(
                        "ListContainerStats",
                        ListContainerStatsRequest.getDefaultInstance(),
                        ListContainerStatsResponse.getDefaultInstance(),
                        usage::containers)
                .stream(
                        "StreamContainerStats",
                        StreamContainerStatsRequest.getDefaultInstance(),
                        StreamContainerStatsResponse.getDefaultInstance(),
                        usage::streamContainers)
                .answer(
                        "PodSandboxStats",
                        PodSandboxStatsRequest.getDefaultInstance(),
                        PodSandboxStatsResponse.getDefaultInstance(),
                        usage::pod)
                .answer(
                        "ListPodSandboxStats",
                        ListPodSandboxStatsRequest.getDefaultInstance(),
                        ListPodSandboxStatsResponse.getDefaultInstance(),
                        usage::pods)
                .stream(
                        "StreamPodSandboxStats",
                        StreamPodSandboxStatsRequest.getDefaultInstance(),
                        StreamPodSandboxStatsResponse.getDefaultInstance(),
                        usage::streamPods)
                .stream(
                        "GetContainerEvents",
                        GetEventsRequest.getDefaultInstance(),
                        ContainerEventResponse.getDefaultInstance(),
                        events::stream);
    }

    private void metrics(ServiceTable table) {
        table
                .answer(
                        "ListMetricDescriptors",
                        ListMetricDescriptorsRequest.getDefaultInstance(),
                        ListMetricDescriptorsResponse.getDefaultInstance(),
                        metrics::descriptors)
                .answer(
                        "ListPodSandboxMetrics",
                        ListPodSandboxMetricsRequest.getDefaultInstance(),
                        ListPodSandboxMetricsResponse.getDefaultInstance(),
                        metrics::list)
                .stream(
                        "StreamPodSandboxMetrics",
                        StreamPodSandboxMetricsRequest.getDefaultInstance(),
                        StreamPodSandboxMetricsResponse.getDefaultInstance(),
                        metrics::stream);
    }

    private void info(ServiceTable table) {
        table.answerAtOnce(
                        "Version",
                        VersionRequest.getDefaultInstance(),
                        ProtoLiteUtils.marshaller(VersionResponse.getDefaultInstance()),
                        info::version)
                .answer(
                        "Status",
                        StatusRequest.getDefaultInstance(),
                        StatusResponse.getDefaultInstance(),
                        info::status)
                .answer(
                        "UpdateRuntimeConfig",
                        UpdateRuntimeConfigRequest.getDefaultInstance(),
                        UpdateRuntimeConfigResponse.getDefaultInstance(),
                        info::update)
                .answer(
                        "RuntimeConfig",
                        RuntimeConfigRequest.getDefaultInstance(),
                        RuntimeConfigResponse.getDefaultInstance(),
                        info::config);
    }

    ServerServiceDefinition images() {
        return new ServiceTable("runtime.v1.ImageService")
                        .answer(
                                "ListImages",
                                ListImagesRequest.getDefaultInstance(),
                                ListImagesResponse.getDefaultInstance(),
                                images::list)
                        .stream(
                                "StreamImages",
                                StreamImagesRequest.getDefaultInstance(),
                                StreamImagesResponse.getDefaultInstance(),
                                images::stream)
                        .answer(
                                "ImageStatus",
                                ImageStatusRequest.getDefaultInstance(),
                                ImageStatusResponse.getDefaultInstance(),
                                images::status)
                        .answer(
                                "PullImage",
                                PullImageRequest.getDefaultInstance(),
                                PullImageResponse.getDefaultInstance(),
                                images::pull)
                        .answer(
                                "RemoveImage",
                                RemoveImageRequest.getDefaultInstance(),
                                RemoveImageResponse.getDefaultInstance(),
                                images::remove)
                        .answer(
                                "ImageFsInfo",
                                ImageFsInfoRequest.getDefaultInstance(),
                                ImageFsInfoResponse.getDefaultInstance(),
                                images::fsInfo)
                        .build();
    }
}
