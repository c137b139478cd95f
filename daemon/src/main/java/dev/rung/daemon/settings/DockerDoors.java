package dev.rung.daemon.settings;

import dev.rung.image.http.ServerCertificates;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where Docker's API is served.
 *
 * @param doors besides the usual socket
 * @param group that sockets belong to; empty: docker, where there is one
 * @param certificates null: nothing is encrypted
 */
public record DockerDoors(
        List<Door> doors, String group, @Nullable ServerCertificates certificates) {
    /** One of them. */
    public sealed interface Door {
        /** A unix socket: unix:///PATH. */
        record AtPath(Path path) implements Door {}

        /**
         * A port of an address: tcp://ADDRESS:PORT.
         *
         * @param safe whether clients show certificates, or somebody has said that they need not
         */
        record AtPort(String address, int port, boolean safe) implements Door {}

        /** The socket that a service manager has given: fd://. */
        record Given() implements Door {}
    }
}
