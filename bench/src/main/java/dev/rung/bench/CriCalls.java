package dev.rung.bench;

import com.google.protobuf.MessageLite;
import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.ContainerMetadata;
import dev.rung.cri.v1.CreateContainerRequest;
import dev.rung.cri.v1.CreateContainerResponse;
import dev.rung.cri.v1.ExecSyncRequest;
import dev.rung.cri.v1.ExecSyncResponse;
import dev.rung.cri.v1.ImageSpec;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.cri.v1.PodSandboxMetadata;
import dev.rung.cri.v1.PullImageRequest;
import dev.rung.cri.v1.PullImageResponse;
import dev.rung.cri.v1.RemovePodSandboxRequest;
import dev.rung.cri.v1.RemovePodSandboxResponse;
import dev.rung.cri.v1.RunPodSandboxRequest;
import dev.rung.cri.v1.RunPodSandboxResponse;
import dev.rung.cri.v1.StartContainerRequest;
import dev.rung.cri.v1.StartContainerResponse;
import dev.rung.cri.v1.StopPodSandboxRequest;
import dev.rung.cri.v1.StopPodSandboxResponse;
import dev.rung.cri.v1.VersionRequest;
import dev.rung.cri.v1.VersionResponse;
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
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A kubelet's calls to one runtime. */
final class CriCalls implements AutoCloseable {
    private static final long LONGEST_CALL_S = 120;
    private static final int LONGEST_ANSWER = 64 << 20;

    private final String name;
    private final Path socket;
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("kubelet", true), NioIoHandler.newFactory());
    private final ManagedChannel channel;
    private @Nullable BareClient bare;

    /**
     * Waits for the runtime with the first call.
     *
     * @param name of the contestant
     */
    CriCalls(String name, Path socket) {
        this.name = name;
        this.socket = socket;
        this.channel =
                NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                        .channelType(NioDomainSocketChannel.class)
                        .eventLoopGroup(loops)
                        .usePlaintext()
                        .overrideAuthority("localhost")
                        .maxInboundMessageSize(LONGEST_ANSWER)
                        .build();
    }

    String name() {
        return name;
    }

    private <Q extends MessageLite, A extends MessageLite> A call(
            String service, String method, Q request, A answer) {
        @SuppressWarnings("unchecked")
        Q empty = (Q) request.getDefaultInstanceForType();
        var descriptor =
                MethodDescriptor.<Q, A>newBuilder()
                        .setType(MethodType.UNARY)
                        .setFullMethodName(
                                MethodDescriptor.generateFullMethodName(
                                        "runtime.v1." + service, method))
                        .setRequestMarshaller(ProtoLiteUtils.marshaller(empty))
                        .setResponseMarshaller(ProtoLiteUtils.marshaller(answer))
                        .build();
        return ClientCalls.blockingUnaryCall(
                channel,
                descriptor,
                CallOptions.DEFAULT
                        .withWaitForReady()
                        .withDeadlineAfter(LONGEST_CALL_S, TimeUnit.SECONDS),
                request);
    }

    private <Q extends MessageLite, A extends MessageLite> A call(
            String method, Q request, A answer) {
        return call("RuntimeService", method, request, answer);
    }

    void pull(String image) {
        call(
                "ImageService",
                "PullImage",
                PullImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .build(),
                PullImageResponse.getDefaultInstance());
    }

    private static PodSandboxConfig pod(String name) {
        return PodSandboxConfig.newBuilder()
                .setMetadata(
                        PodSandboxMetadata.newBuilder()
                                .setName(name)
                                .setNamespace("bench")
                                .setUid("uid-" + name))
                .setHostname(name)
                .build();
    }

    String run(String name) {
        return call(
                        "RunPodSandbox",
                        RunPodSandboxRequest.newBuilder().setConfig(pod(name)).build(),
                        RunPodSandboxResponse.getDefaultInstance())
                .getPodSandboxId();
    }

    /** A container that sleeps. */
    String create(String pod, String podName, String name) {
        var config =
                ContainerConfig.newBuilder()
                        .setMetadata(ContainerMetadata.newBuilder().setName(name))
                        .setImage(ImageSpec.newBuilder().setImage(CriRoom.BUSYBOX))
                        .addAllCommand(List.of("/bin/sleep", "9999"));
        return call(
                        "CreateContainer",
                        CreateContainerRequest.newBuilder()
                                .setPodSandboxId(pod)
                                .setConfig(config)
                                .setSandboxConfig(pod(podName))
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

    void exec(String container) {
        call(
                "ExecSync",
                ExecSyncRequest.newBuilder().setContainerId(container).addCmd("/bin/true").build(),
                ExecSyncResponse.getDefaultInstance());
    }

    void stop(String pod) {
        call(
                "StopPodSandbox",
                StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build(),
                StopPodSandboxResponse.getDefaultInstance());
    }

    void remove(String pod) {
        call(
                "RemovePodSandbox",
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build(),
                RemovePodSandboxResponse.getDefaultInstance());
    }

    void version() {
        call("Version", VersionRequest.getDefaultInstance(), VersionResponse.getDefaultInstance());
    }

    /**
     * The answer of a method that is asked for all there is; waits until it has come, and leaves it
     * unread.
     *
     * @return its length in bytes
     */
    int arrival(String method) {
        if (bare == null) {
            bare = new BareClient(socket);
        }
        return bare.call("/runtime.v1.RuntimeService/" + method);
    }

    @Override
    public void close() {
        if (bare != null) {
            bare.close();
        }
        channel.shutdownNow();
        if (!loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5000)) {
            throw new IllegalStateException("the client's thread does not end");
        }
    }
}
