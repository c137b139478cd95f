package dev.rung.tests.engine;

import com.google.protobuf.MessageLite;
import dev.rung.cri.v1.Container;
import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.ContainerMetadata;
import dev.rung.cri.v1.ContainerState;
import dev.rung.cri.v1.ContainerStatus;
import dev.rung.cri.v1.ContainerStatusRequest;
import dev.rung.cri.v1.ContainerStatusResponse;
import dev.rung.cri.v1.CreateContainerRequest;
import dev.rung.cri.v1.CreateContainerResponse;
import dev.rung.cri.v1.ExecSyncRequest;
import dev.rung.cri.v1.ExecSyncResponse;
import dev.rung.cri.v1.ImageSpec;
import dev.rung.cri.v1.ImageStatusRequest;
import dev.rung.cri.v1.ImageStatusResponse;
import dev.rung.cri.v1.ListContainersRequest;
import dev.rung.cri.v1.ListContainersResponse;
import dev.rung.cri.v1.ListPodSandboxRequest;
import dev.rung.cri.v1.ListPodSandboxResponse;
import dev.rung.cri.v1.PodSandbox;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.cri.v1.PodSandboxMetadata;
import dev.rung.cri.v1.PodSandboxState;
import dev.rung.cri.v1.PodSandboxStatusRequest;
import dev.rung.cri.v1.PodSandboxStatusResponse;
import dev.rung.cri.v1.PullImageRequest;
import dev.rung.cri.v1.PullImageResponse;
import dev.rung.cri.v1.RemoveImageRequest;
import dev.rung.cri.v1.RemoveImageResponse;
import dev.rung.cri.v1.RemovePodSandboxRequest;
import dev.rung.cri.v1.RemovePodSandboxResponse;
import dev.rung.cri.v1.RunPodSandboxRequest;
import dev.rung.cri.v1.RunPodSandboxResponse;
import dev.rung.cri.v1.StartContainerRequest;
import dev.rung.cri.v1.StartContainerResponse;
import dev.rung.cri.v1.StopContainerRequest;
import dev.rung.cri.v1.StopContainerResponse;
import dev.rung.cri.v1.StopPodSandboxRequest;
import dev.rung.cri.v1.StopPodSandboxResponse;
import dev.rung.testkit.Patience;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A kubelet's side of CRI: gRPC over a unix socket. */
final class CriClient implements AutoCloseable {
    static final String RUNTIME = "runtime.v1.RuntimeService";
    static final String IMAGES = "runtime.v1.ImageService";
    private static final long LONGEST_CALL_S = 60;

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("kubelet", true), NioIoHandler.newFactory());
    private final ManagedChannel channel;

    CriClient(Path socket) {
        channel =
                NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                        .channelType(NioDomainSocketChannel.class)
                        .eventLoopGroup(loops)
                        .usePlaintext()
                        .overrideAuthority("localhost")
                        .maxInboundMessageSize(64 << 20)
                        .build();
    }

    /** One call, one answer. */
    <Q extends MessageLite, A extends MessageLite> A call(
            String service, String method, Q request, A answer) {
        return ClientCalls.blockingUnaryCall(
                channel,
                descriptor(service, method, MethodType.UNARY, request, answer),
                CallOptions.DEFAULT
                        .withWaitForReady()
                        .withDeadlineAfter(LONGEST_CALL_S, TimeUnit.SECONDS),
                request);
    }

    /** The same of the runtime service. */
    <Q extends MessageLite, A extends MessageLite> A call(String method, Q request, A answer) {
        return call(RUNTIME, method, request, answer);
    }

    /** One call of the runtime service with any bytes, whatever they mean. */
    byte[] raw(String method, byte[] request) {
        MethodDescriptor.Marshaller<byte[]> bytes =
                new MethodDescriptor.Marshaller<>() {
                    @Override
                    public InputStream stream(byte[] value) {
                        return new ByteArrayInputStream(value);
                    }

                    @Override
                    public byte[] parse(InputStream stream) {
                        try {
                            return stream.readAllBytes();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                };
        return ClientCalls.blockingUnaryCall(
                channel,
                MethodDescriptor.<byte[], byte[]>newBuilder()
                        .setType(MethodType.UNARY)
                        .setFullMethodName(MethodDescriptor.generateFullMethodName(RUNTIME, method))
                        .setRequestMarshaller(bytes)
                        .setResponseMarshaller(bytes)
                        .build(),
                CallOptions.DEFAULT.withDeadlineAfter(LONGEST_CALL_S, TimeUnit.SECONDS),
                request);
    }

    /** One call, many answers. */
    <Q extends MessageLite, A extends MessageLite> Iterator<A> stream(
            String service, String method, Q request, A answer) {
        return ClientCalls.blockingServerStreamingCall(
                channel,
                descriptor(service, method, MethodType.SERVER_STREAMING, request, answer),
                CallOptions.DEFAULT
                        .withWaitForReady()
                        .withDeadlineAfter(LONGEST_CALL_S, TimeUnit.SECONDS),
                request);
    }

    private static <Q extends MessageLite, A extends MessageLite> MethodDescriptor<Q, A> descriptor(
            String service, String method, MethodType type, Q request, A answer) {
        @SuppressWarnings("unchecked")
        Q empty = (Q) request.getDefaultInstanceForType();
        return MethodDescriptor.<Q, A>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, method))
                .setRequestMarshaller(ProtoLiteUtils.marshaller(empty))
                .setResponseMarshaller(ProtoLiteUtils.marshaller(answer))
                .build();
    }

    /** A pod of that name. */
    static PodSandboxConfig.Builder pod(String name) {
        return PodSandboxConfig.newBuilder()
                .setMetadata(
                        PodSandboxMetadata.newBuilder()
                                .setName(name)
                                .setNamespace("tests")
                                .setUid("uid-" + name))
                .setHostname(name)
                .putLabels("io.kubernetes.pod.name", name);
    }

    /** A container of the tests' image. */
    static ContainerConfig.Builder container(String name, String... command) {
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(name))
                .setImage(ImageSpec.newBuilder().setImage(Engine.IMAGE))
                .addAllCommand(List.of(command))
                .putLabels("io.kubernetes.container.name", name);
    }

    String run(PodSandboxConfig.Builder pod) {
        return run(pod, "");
    }

    String run(PodSandboxConfig.Builder pod, String handler) {
        return call(
                        "RunPodSandbox",
                        RunPodSandboxRequest.newBuilder()
                                .setConfig(pod)
                                .setRuntimeHandler(handler)
                                .build(),
                        RunPodSandboxResponse.getDefaultInstance())
                .getPodSandboxId();
    }

    String create(String pod, PodSandboxConfig.Builder config, ContainerConfig.Builder container) {
        return call(
                        "CreateContainer",
                        CreateContainerRequest.newBuilder()
                                .setPodSandboxId(pod)
                                .setConfig(container)
                                .setSandboxConfig(config)
                                .build(),
                        CreateContainerResponse.getDefaultInstance())
                .getContainerId();
    }

    void start(String container) {
        call(
                "StartContainer",
                StartContainerRequest.newBuilder().setContainerId(container).build(),
                StartContainerResponse.getDefaultInstance());
    }

    /** A container that runs. */
    String launch(String pod, PodSandboxConfig.Builder config, ContainerConfig.Builder container) {
        String id = create(pod, config, container);
        start(id);
        return id;
    }

    ContainerStatus status(String container) {
        return call(
                        "ContainerStatus",
                        ContainerStatusRequest.newBuilder().setContainerId(container).build(),
                        ContainerStatusResponse.getDefaultInstance())
                .getStatus();
    }

    /** How it ended, once it has. */
    ContainerStatus ended(String container) {
        Patience.await(
                () -> status(container).getState() == ContainerState.CONTAINER_EXITED,
                () -> "container " + container + " does not end");
        return status(container);
    }

    ExecSyncResponse exec(String container, String... command) {
        return call(
                "ExecSync",
                ExecSyncRequest.newBuilder()
                        .setContainerId(container)
                        .addAllCmd(List.of(command))
                        .build(),
                ExecSyncResponse.getDefaultInstance());
    }

    /** What a command in a container writes to its stdout. */
    String output(String container, String... command) {
        return exec(container, command).getStdout().toStringUtf8();
    }

    void stop(String container, long seconds) {
        call(
                "StopContainer",
                StopContainerRequest.newBuilder()
                        .setContainerId(container)
                        .setTimeout(seconds)
                        .build(),
                StopContainerResponse.getDefaultInstance());
    }

    /** All pods, and whether they are ready. */
    Map<String, PodSandboxState> pods() {
        return call(
                        "ListPodSandbox",
                        ListPodSandboxRequest.getDefaultInstance(),
                        ListPodSandboxResponse.getDefaultInstance())
                .getItemsList()
                .stream()
                .collect(Collectors.toMap(PodSandbox::getId, PodSandbox::getState));
    }

    /** All containers, and what they do. */
    Map<String, ContainerState> containers() {
        return call(
                        "ListContainers",
                        ListContainersRequest.getDefaultInstance(),
                        ListContainersResponse.getDefaultInstance())
                .getContainersList()
                .stream()
                .collect(Collectors.toMap(Container::getId, Container::getState));
    }

    /** The pod's first one; empty when it has none. */
    String address(String pod) {
        return call(
                        "PodSandboxStatus",
                        PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build(),
                        PodSandboxStatusResponse.getDefaultInstance())
                .getStatus()
                .getNetwork()
                .getIp();
    }

    void pull(String image) {
        call(
                IMAGES,
                "PullImage",
                PullImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .build(),
                PullImageResponse.getDefaultInstance());
    }

    void removeImage(String image) {
        call(
                IMAGES,
                "RemoveImage",
                RemoveImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .build(),
                RemoveImageResponse.getDefaultInstance());
    }

    ImageStatusResponse imageStatus(String image) {
        return call(
                IMAGES,
                "ImageStatus",
                ImageStatusRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .build(),
                ImageStatusResponse.getDefaultInstance());
    }

    boolean hasImage(String image) {
        return imageStatus(image).hasImage();
    }

    /** Stops and removes all pods. */
    void endAll() {
        pods().keySet().forEach(this::end);
    }

    /** Stops and removes a pod with all that is in it. */
    void end(String pod) {
        call(
                "StopPodSandbox",
                StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build(),
                StopPodSandboxResponse.getDefaultInstance());
        call(
                "RemovePodSandbox",
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build(),
                RemovePodSandboxResponse.getDefaultInstance());
    }

    @Override
    public void close() {
        channel.shutdownNow();
        if (!loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5000)) {
            throw new AssertionError("the client's thread does not end");
        }
    }
}
