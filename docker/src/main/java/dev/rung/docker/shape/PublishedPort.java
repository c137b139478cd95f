package dev.rung.docker.shape;

import dev.rung.network.PortBinding;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;

/** The words of a published port. */
public final class PublishedPort {
    private PublishedPort() {}

    /** Its side in the container, such as: 80/tcp. */
    public static String inner(PortBinding port) {
        return port.containerPort() + "/" + protocol(port);
    }

    static String protocol(PortBinding port) {
        return port.protocol().name().toLowerCase(Locale.ROOT);
    }

    /** The addresses of the host: without one those of both families. */
    public static List<String> hosts(PortBinding port) {
        InetAddress address = port.hostAddress();
        if (address == null) {
            return List.of("0.0.0.0", "::");
        }
        boolean v6 = address.getAddress().length == 16;
        return List.of(address.isAnyLocalAddress() && v6 ? "::" : address.getHostAddress());
    }
}
