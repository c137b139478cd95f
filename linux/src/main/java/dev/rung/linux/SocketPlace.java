package dev.rung.linux;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Where a unix socket of ours is to be. */
public final class SocketPlace {
    private SocketPlace() {}

    /**
     * Makes its folder, open to our user alone, where there is none, and takes away what a dead
     * server has left.
     *
     * @param served what is done there, as "CRI" or "NRI plug-ins"
     * @throws Failure.AlreadyExists when somebody answers there
     */
    public static void clear(Path socket, String served) throws IOException {
        Path folder = socket.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
        if (!Files.exists(socket)) {
            return;
        }
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException _) {
            Files.deleteIfExists(socket);
            return;
        }
        throw new Failure.AlreadyExists(
                "somebody serves " + served + " at \"" + socket + "\" already");
    }
}
