package dev.rung.nri;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Two ends of a connection. */
public record Pair(SocketChannel one, SocketChannel other) {
    /** Of unix sockets. */
    public static Pair open() throws IOException {
        Path folder = Files.createTempDirectory("nri-test");
        Path socket = folder.resolve("s");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            var one = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            return new Pair(one, server.accept());
        } finally {
            Files.deleteIfExists(socket);
            Files.delete(folder);
        }
    }
}
