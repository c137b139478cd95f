package dev.rung.daemon;

import dev.rung.daemon.settings.DockerDoors;
import dev.rung.domain.Failure;
import dev.rung.image.http.ServerCertificates;
import dev.rung.rpc.http.HttpExchange;
import dev.rung.rpc.http.HttpHandler;
import dev.rung.rpc.http.HttpLimits;
import dev.rung.rpc.http.HttpServer;
import dev.rung.rpc.http.TlsSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where Docker's API is served: unix sockets for their owner and a group only, and ports. */
final class DockerSocket {
    private static final String GROUP = "docker";

    /** Clients that nobody has taken yet; one more is refused by the kernel. */
    private static final int WAITING = 4096;

    private static final System.Logger LOG = System.getLogger("dev.rung.docker");

    private final Path usual;
    private final String asked;
    private final DockerDoors wanted;
    private final @Nullable ServerSocketChannel given;
    private final List<Path> bound = new ArrayList<>();
    private @Nullable HttpServer server;

    /**
     * At the usual path, and where it is written down.
     *
     * @param asked one more path; empty: none
     * @param given by the service manager, which is served whatever is written down
     */
    DockerSocket(
            Path usual, String asked, DockerDoors wanted, @Nullable ServerSocketChannel given) {
        this.usual = usual;
        this.asked = asked;
        this.wanted = wanted;
        this.given = given;
    }

    /** Begins to serve; what answers is made when the first one asks. */
    void serve(Supplier<HttpHandler> maker) {
        var http = new HttpServer("docker", HttpLimits.USUAL, new Later(maker));
        try {
            open(http);
        } catch (Failure e) {
            http.close();
            throw e;
        }
        synchronized (this) {
            server = http;
        }
    }

    private void open(HttpServer http) {
        ServerSocketChannel manager = given;
        if (manager != null) {
            http.serve(manager, null);
        }
        http.serve(atPath(usual), null);
        if (!asked.isEmpty()) {
            http.serve(atPath(Path.of(asked)), null);
        }
        for (DockerDoors.Door door : wanted.doors()) {
            try {
                open(http, door);
            } catch (Failure e) {
                LOG.log(System.Logger.Level.ERROR, "hosts: {0}", e.getMessage());
            }
        }
    }

    /** One that is written down, perhaps for dockerd: what cannot be opened is passed over. */
    private void open(HttpServer http, DockerDoors.Door door) {
        switch (door) {
            case DockerDoors.Door.AtPath(Path path) -> http.serve(atPath(path), null);
            case DockerDoors.Door.AtPort(String host, int port, boolean safe) -> {
                var address = new InetSocketAddress(host, port);
                if (!safe) {
                    throw new Failure.Denied(
                            address
                                    + " is not served: whoever reaches it would be root: want"
                                    + " tlsverify with tlscacert, tlscert and tlskey, or"
                                    + " \"allow-plain-tcp\": true");
                }
                TlsSettings tls = tls(address);
                http.serve(atPort(address), tls);
            }
            case DockerDoors.Door.Given() -> {
                if (given == null) {
                    throw new Failure.Invalid("fd://: no socket was given by a service manager");
                }
            }
        }
    }

    private @Nullable TlsSettings tls(InetSocketAddress address) {
        ServerCertificates certificates = wanted.certificates();
        if (certificates == null) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Docker''s API is served at {0} without encryption: whoever reaches it is root"
                            + " on this machine",
                    address);
            return null;
        }
        return new TlsSettings(certificates.context(), certificates.authorities() != null);
    }

    private static ServerSocketChannel atPort(InetSocketAddress address) {
        try {
            var door = ServerSocketChannel.open();
            door.bind(address, WAITING);
            return door;
        } catch (IOException e) {
            throw new Failure.HostRefused("listen at " + address + ": " + e.getMessage(), e);
        }
    }

    /** What is made when it is needed first. */
    private static final class Later implements HttpHandler {
        private final Supplier<HttpHandler> maker;
        private @Nullable HttpHandler made;

        Later(Supplier<HttpHandler> maker) {
            this.maker = maker;
        }

        private synchronized HttpHandler made() {
            HttpHandler handler = made;
            if (handler == null) {
                handler = maker.get();
                made = handler;
            }
            return handler;
        }

        @Override
        public void handle(HttpExchange exchange) throws IOException {
            made().handle(exchange);
        }
    }

    /**
     * It gets its name only when its mode and its group are right, and nobody else answers to it.
     */
    private ServerSocketChannel atPath(Path path) {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        try {
            if (!path.equals(usual) && answers(path)) {
                throw new Failure.Invalid(
                        "listen at \"" + path + "\": somebody else listens there");
            }
            Files.deleteIfExists(fresh);
            var door = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            door.bind(UnixDomainSocketAddress.of(fresh), WAITING);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-rw----"));
            giveToGroup(fresh);
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
            bound.add(path);
            return door;
        } catch (IOException e) {
            throw new Failure.HostRefused("listen at \"" + path + "\": " + e.getMessage(), e);
        }
    }

    private static boolean answers(Path path) {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return channel.isConnected();
        } catch (IOException _) {
            return false;
        }
    }

    /** The group that is written down must be there; Docker's usual one may be. */
    private void giveToGroup(Path socket) throws IOException {
        String name = wanted.group().isEmpty() ? GROUP : wanted.group();
        try {
            var group =
                    socket.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByGroupName(name);
            Files.getFileAttributeView(socket, PosixFileAttributeView.class).setGroup(group);
        } catch (IOException e) {
            if (!wanted.group().isEmpty()) {
                throw new IOException("give it to the group \"" + name + "\": " + e, e);
            }
            // then the owner alone may
        }
    }

    /** Serves nobody any more who has not connected yet. */
    void close() {
        HttpServer http;
        synchronized (this) {
            http = server;
            server = null;
        }
        if (http != null) {
            http.closeDoors();
            for (Path path : bound) {
                try {
                    Files.deleteIfExists(path);
                } catch (IOException _) {
                    // nobody listens there
                }
            }
        }
    }
}
