package dev.rung.nri;

import dev.rung.domain.Failure;
import dev.rung.linux.SocketPlace;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Semaphore;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * Where plug-ins connect: a socket for the engine's own user alone, who may do anything already.
 */
public final class PluginDoor implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger("dev.rung.nri");

    /** How many connections there may be at once, of plug-ins and of those who may become some. */
    private static final int CONNECTIONS = 192;

    private static final int WAITING = 64;

    private final ServerSocketChannel server;
    private final Path socket;
    private final Plugins plugins;
    private final Semaphore free = new Semaphore(CONNECTIONS);

    private PluginDoor(ServerSocketChannel server, Path socket, Plugins plugins) {
        this.server = server;
        this.socket = socket;
        this.plugins = plugins;
    }

    /** Lets plug-ins in from now on. AlreadyExists when somebody else answers at the socket. */
    public static PluginDoor open(Path socket, Plugins plugins) {
        try {
            SocketPlace.clear(socket, "NRI plug-ins");
            var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            var door = new PluginDoor(server, socket, plugins);
            server.bind(UnixDomainSocketAddress.of(socket), WAITING);
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            Thread.ofVirtual().name("nri door").start(door::accept);
            return door;
        } catch (IOException e) {
            throw new Failure.HostRefused(
                    "listen for NRI plug-ins at \"" + socket + "\": " + e.getMessage(), e);
        }
    }

    private void accept() {
        try {
            while (true) {
                free.acquire();
                SocketChannel channel = server.accept();
                Thread.ofVirtual().name("nri join").start(() -> welcome(channel));
            }
        } catch (IOException e) {
            if (server.isOpen()) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "no NRI plug-in can connect any more: " + e.getMessage());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void welcome(SocketChannel channel) {
        try {
            // between bind and chmod somebody else may have come in
            UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
            if (!peer.user().equals(Files.getOwner(socket))) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "NRI plug-in of " + peer.user().getName() + " is not let in");
                channel.close();
                free.release();
                return;
            }
        } catch (IOException _) {
            free.release();
            return;
        }
        plugins.join(channel, null, "", free::release);
    }

    @Override
    public void close() {
        try {
            server.close();
            Files.deleteIfExists(socket);
        } catch (IOException _) {
            // the next one takes its place
        }
    }
}
