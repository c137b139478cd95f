package dev.rung.daemon;

import dev.rung.domain.Failure;
import dev.rung.rpc.http.HttpExchange;
import dev.rung.rpc.http.HttpHandler;
import dev.rung.rpc.http.HttpLimits;
import dev.rung.rpc.http.HttpServer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The unix socket at which Docker's API is served, for the owner and a group only. */
final class DockerSocket {
    private static final String GROUP = "docker";

    private final Path path;
    private @Nullable HttpServer server;

    DockerSocket(Path path) {
        this.path = path;
    }

    /** Begins to serve; what answers is made when the first one asks. */
    void serve(Supplier<HttpHandler> maker) {
        var handler = new Later(maker);
        var http = new HttpServer("docker", HttpLimits.USUAL, handler);
        http.serve(bound(), null);
        synchronized (this) {
            server = http;
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

    /** It gets its name only when its mode and its group are right. */
    private ServerSocketChannel bound() {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        try {
            Files.deleteIfExists(fresh);
            var door = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            door.bind(UnixDomainSocketAddress.of(fresh));
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-rw----"));
            giveToGroup(fresh);
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
            return door;
        } catch (IOException e) {
            throw new Failure.HostRefused("listen at \"" + path + "\": " + e.getMessage(), e);
        }
    }

    /** The group that Docker's socket has, where there is one and we may. */
    private static void giveToGroup(Path socket) {
        try {
            var group =
                    socket.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByGroupName(GROUP);
            Files.getFileAttributeView(socket, PosixFileAttributeView.class).setGroup(group);
        } catch (IOException _) {
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
            try {
                Files.deleteIfExists(path);
            } catch (IOException _) {
                // nobody listens there
            }
        }
    }
}
