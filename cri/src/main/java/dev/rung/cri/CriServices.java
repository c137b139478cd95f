package dev.rung.cri;

import dev.rung.cri.v1.ContainerStatusRequest;
import dev.rung.cri.v1.ContainerStatusResponse;
import dev.rung.cri.v1.CreateContainerRequest;
import dev.rung.cri.v1.CreateContainerResponse;
import dev.rung.cri.v1.ExecSyncRequest;
import dev.rung.cri.v1.ExecSyncResponse;
import dev.rung.cri.v1.ImageFsInfoRequest;
import dev.rung.cri.v1.ImageFsInfoResponse;
import dev.rung.cri.v1.ImageStatusRequest;
import dev.rung.cri.v1.ImageStatusResponse;
import dev.rung.cri.v1.ListContainersRequest;
import dev.rung.cri.v1.ListContainersResponse;
import dev.rung.cri.v1.ListImagesRequest;
import dev.rung.cri.v1.ListImagesResponse;
import dev.rung.cri.v1.ListPodSandboxRequest;
import dev.rung.cri.v1.ListPodSandboxResponse;
import dev.rung.cri.v1.PodSandboxStatusRequest;
import dev.rung.cri.v1.PodSandboxStatusResponse;
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
import dev.rung.cri.v1.StreamContainersRequest;
import dev.rung.cri.v1.StreamContainersResponse;
import dev.rung.cri.v1.StreamImagesRequest;
import dev.rung.cri.v1.StreamImagesResponse;
import dev.rung.cri.v1.StreamPodSandboxesRequest;
import dev.rung.cri.v1.StreamPodSandboxesResponse;
import dev.rung.cri.v1.UpdateContainerResourcesRequest;
import dev.rung.cri.v1.UpdateContainerResourcesResponse;
import dev.rung.cri.v1.UpdateRuntimeConfigRequest;
import dev.rung.cri.v1.UpdateRuntimeConfigResponse;
import dev.rung.cri.v1.VersionRequest;
import dev.rung.cri.v1.VersionResponse;
import dev.rung.engine.Containers;
import dev.rung.image.ImageStore;
import dev.rung.image.snapshot.Reclaim;
import dev.rung.image.snapshot.SnapshotStore;
import io.grpc.ServerServiceDefinition;
import java.nio.file.Path;
import java.time.Clock;

/** The two services of runtime.v1 over one engine. */
public final class CriServices {
    private final PodSandboxes pods;
    private final PodContainers containers;
    private final ExecSync execSync;
    private final RuntimeInfo info;
    private final PodImages images;

    /**
     * Over this engine.
     *
     * @param snapshotFolder where images and containers lie
     */
    public CriServices(
            Containers engine,
            ImageStore imageStore,
            SnapshotStore snapshots,
            Path snapshotFolder,
            Reclaim reclaim,
            ImagePuller puller,
            Clock clock) {
        pods = new PodSandboxes(engine.pods(), engine.runtimes());
        containers = new PodContainers(engine, pods, OomScore.own());
        execSync = new ExecSync(engine, containers);
        info = new RuntimeInfo(engine.runtimes());
        images =
                new PodImages(
                        imageStore,
                        reclaim,
                        puller,
                        snapshotFolder,
                        new ImageDiskUse(snapshots, clock));
    }

    ServerServiceDefinition runtime() {
        var table = new ServiceTable("runtime.v1.RuntimeService");
        pods(table);
        containers(table);
        info(table);
        return table.build();
    }

    private void pods(ServiceTable table) {
        table.answer(
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
                        pods::status)
                .answer(
                        "ListPodSandbox",
                        ListPodSandboxRequest.getDefaultInstance(),
                        ListPodSandboxResponse.getDefaultInstance(),
                        pods::list)
                .stream(
                        "StreamPodSandboxes",
                        StreamPodSandboxesRequest.getDefaultInstance(),
                        StreamPodSandboxesResponse.getDefaultInstance(),
                        pods::stream);
    }

    private void containers(ServiceTable table) {
        table.answer(
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
                .answer(
                        "ListContainers",
                        ListContainersRequest.getDefaultInstance(),
                        ListContainersResponse.getDefaultInstance(),
                        containers::list)
                .stream(
                        "StreamContainers",
                        StreamContainersRequest.getDefaultInstance(),
                        StreamContainersResponse.getDefaultInstance(),
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
                        "ReopenContainerLog",
                        ReopenContainerLogRequest.getDefaultInstance(),
                        ReopenContainerLogResponse.getDefaultInstance(),
                        containers::reopenLog)
                .answer(
                        "ExecSync",
                        ExecSyncRequest.getDefaultInstance(),
                        ExecSyncResponse.getDefaultInstance(),
                        execSync::run);
    }

    private void info(ServiceTable table) {
        table.answer(
                        "Version",
                        VersionRequest.getDefaultInstance(),
                        VersionResponse.getDefaultInstance(),
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
