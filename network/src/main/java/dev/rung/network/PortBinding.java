package dev.rung.network;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A port of the host that leads to one of a container.
 *
 * @param hostAddress null for all addresses of the host, of both families
 */
public record PortBinding(
        Protocol protocol, @Nullable InetAddress hostAddress, int hostPort, int containerPort) {

    /** Whether both cannot be: the same port at addresses that have one in common. */
    boolean collidesWith(PortBinding other) {
        return protocol == other.protocol
                && hostPort == other.hostPort
                && (covers(other) || other.covers(this));
    }

    /** As docker ps shows it, such as 0.0.0.0:8080. */
    public String host() {
        if (hostAddress == null) {
            return "0.0.0.0:" + hostPort;
        }
        return isV4()
                ? hostAddress.getHostAddress() + ":" + hostPort
                : "[" + hostAddress.getHostAddress() + "]:" + hostPort;
    }

    /** Whether the host's address is an IPv4 one. */
    boolean isV4() {
        return hostAddress != null && hostAddress.getAddress().length == 4;
    }

    private boolean covers(PortBinding other) {
        if (hostAddress == null) {
            return true;
        }
        return other.hostAddress != null
                && isV4() == other.isV4()
                && (hostAddress.isAnyLocalAddress() || hostAddress.equals(other.hostAddress));
    }
}
