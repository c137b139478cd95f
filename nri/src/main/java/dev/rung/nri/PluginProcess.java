package dev.rung.nri;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Processes;
import dev.rung.linux.Sockets;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A plug-in that the engine has started. */
final class PluginProcess implements AutoCloseable {
    private final SocketChannel channel;
    private final int pid;
    private boolean ended;

    private PluginProcess(SocketChannel channel, int pid) {
        this.channel = channel;
        this.pid = pid;
    }

    /** Starts it; it finds its end of the connection as the descriptor that it is told of. */
    static PluginProcess start(Path file, PluginName name) {
        SocketChannel channel = null;
        try {
            Path folder = Files.createTempDirectory("rung-nri");
            Path socket = folder.resolve("socket");
            try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                server.bind(UnixDomainSocketAddress.of(socket), 1);
                try (Fd theirs = Sockets.connectToStream(KernelPath.of(socket.toString()))) {
                    channel = server.accept();
                    int pid =
                            Processes.spawn(
                                    KernelPath.of(file.toString()),
                                    List.of(KernelPath.of(file.toString())),
                                    List.of(
                                            KernelPath.of("NRI_PLUGIN_NAME=" + name.name()),
                                            KernelPath.of("NRI_PLUGIN_IDX=" + name.index()),
                                            KernelPath.of(
                                                    "NRI_PLUGIN_SOCKET=" + Processes.CHILD_SOCKET)),
                                    theirs);
                    var process = new PluginProcess(channel, pid);
                    Thread.ofPlatform().daemon().name("nri " + name).start(process::await);
                    return process;
                }
            } finally {
                Files.deleteIfExists(socket);
                Files.deleteIfExists(folder);
            }
        } catch (ErrnoException | IOException e) {
            close(channel);
            throw new Failure.HostRefused("start \"" + file + "\": " + e.getMessage(), e);
        }
    }

    private static void close(@Nullable SocketChannel channel) {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException _) {
            // it is closed all the same
        }
    }

    SocketChannel channel() {
        return channel;
    }

    private void await() {
        try {
            Processes.await(pid);
        } catch (ErrnoException _) {
            // it is nobody's child any more
        }
        synchronized (this) {
            ended = true;
        }
        close(channel);
    }

    /** Ends it. */
    @Override
    public void close() {
        close(channel);
        synchronized (this) {
            if (!ended) { // else its number may be somebody else's
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }
}
