package dev.rung.cri;

import dev.rung.domain.Failure;
import dev.rung.linux.SocketPlace;
import dev.rung.nri.PluginHost;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/**
 * Serves CRI on a unix socket. gRPC's own work for a call is done by the thread that waits for what
 * comes; {@link ServiceTable} says where the rest is.
 */
public final class CriServer implements AutoCloseable {
    /** As kubelet takes them from others. */
    private static final int LONGEST_MESSAGE = 16 << 20;

    private static final long LEAVING_SECONDS = 2;
    private static final long ENDING_MS = 1500;

    /** In the heap, which shrinks again: this JVM has little memory outside of it. */
    private static final ByteBufAllocator BUFFERS = new UnpooledByteBufAllocator(false, true);

    private final Server server;
    private final EventLoopGroup loops;
    private final Path socket;
    private final PluginHost plugins;

    private CriServer(Server server, EventLoopGroup loops, Path socket, PluginHost plugins) {
        this.server = server;
        this.loops = loops;
        this.socket = socket;
        this.plugins = plugins;
    }

    /** Serves from now on. AlreadyExists when somebody else answers at the socket. */
    public static CriServer start(Path socket, CriServices services) {
        var loops =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("cri", true), NioIoHandler.newFactory());
        PluginHost plugins = null;
        try {
            SocketPlace.clear(socket, "CRI");
            plugins = services.startPlugins(); // which are to miss no pod
            Server server =
                    NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                            .channelType(NioServerDomainSocketChannel.class)
                            .bossEventLoopGroup(loops)
                            .workerEventLoopGroup(loops)
                            .withChildOption(ChannelOption.ALLOCATOR, BUFFERS)
                            .withChildOption(ChannelOption.SO_KEEPALIVE, null) // of TCP alone
                            .directExecutor()
                            .maxInboundMessageSize(LONGEST_MESSAGE)
                            .addService(services.runtime())
                            .addService(services.images())
                            .build()
                            .start();
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
            return new CriServer(server, loops, socket, plugins);
        } catch (IOException e) {
            end(loops);
            if (plugins != null) {
                plugins.close();
            }
            throw new Failure.HostRefused(
                    "listen for CRI at \"" + socket + "\": " + e.getMessage(), e);
        }
    }

    /** Serves nobody any more; calls under way have a moment to end. */
    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(LEAVING_SECONDS, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
            Files.deleteIfExists(socket);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException _) {
            // the next one takes its place
        }
        end(loops);
        plugins.close();
    }

    /** Its thread is a daemon: one that does not end keeps nobody. */
    private static void end(EventLoopGroup loops) {
        if (!loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(ENDING_MS)) {
            System.getLogger("dev.rung.cri")
                    .log(System.Logger.Level.WARNING, "CRI's thread does not end");
        }
    }
}
