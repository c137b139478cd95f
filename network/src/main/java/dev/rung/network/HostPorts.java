package dev.rung.network;

import dev.rung.domain.Failure;
import dev.rung.network.machine.HostSettings;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The host's ports that lead to containers. Each is held by a socket as well, so that nobody else
 * gets it; what the packet rules do not catch (calls to ::1, IPv6 calls for a container without it,
 * all calls where there are no packet rules) arrives there and is forwarded from here.
 */
final class HostPorts {
    private static final int FIRST_OF_ANY = 32768;
    private static final int FIRST_UNPRIVILEGED = 1024;
    private static final int LAST_OF_ANY = 60999; // net.ipv4.ip_local_port_range

    private HostPorts() {}

    /**
     * Fulfils the wishes, each with a port that no other binding has and that can be bound.
     *
     * @param taken what other endpoints have
     * @param forwarders is given one for each binding; closing it frees the port
     * @throws Failure.AlreadyExists with docker's words when a port is not to be had
     */
    static List<PortBinding> bind(
            List<PublishedPort> wishes,
            Collection<PortBinding> taken,
            List<PortForwarder> forwarders,
            HeldPorts held,
            Ground ground) {
        var bindings = new ArrayList<PortBinding>();
        for (PublishedPort wish : wishes) {
            var others = new ArrayList<>(taken);
            others.addAll(bindings);
            bindings.add(bind(wish, others, forwarders, held, ground));
        }
        return bindings;
    }

    private static PortBinding bind(
            PublishedPort wish,
            List<PortBinding> others,
            List<PortForwarder> forwarders,
            HeldPorts held,
            Ground ground) {
        boolean any = wish.firstHostPort() == 0;
        int first = any ? firstOfAny() : wish.firstHostPort();
        int last = any ? LAST_OF_ANY : wish.lastHostPort();
        Failure.AlreadyExists refusal = null;
        for (int port = first; port <= last; port++) {
            var binding =
                    new PortBinding(
                            wish.protocol(), wish.hostAddress(), port, wish.containerPort());
            if (others.stream().anyMatch(binding::collidesWith)) {
                refusal =
                        new Failure.AlreadyExists(
                                "Bind for %s failed: port is already allocated"
                                        .formatted(binding.host()));
                continue;
            }
            try {
                forwarders.add(held.open(binding));
                return binding;
            } catch (BindException e) {
                refuseIfPrivileged(port, ground);
                refusal =
                        new Failure.AlreadyExists(
                                "failed to bind host port for %s/%s: %s"
                                        .formatted(binding.host(), wish.protocol(), words(e)));
            } catch (IOException e) {
                refuseIfPrivileged(port, ground);
                throw new Failure.HostRefused(
                        "failed to bind host port for %s/%s: %s"
                                .formatted(binding.host(), wish.protocol(), e.getMessage()),
                        e);
            }
        }
        throw refusal == null
                ? new Failure.AlreadyExists("all ports of the host are allocated")
                : refusal;
    }

    private static int firstOfAny() {
        try {
            int first = Integer.parseInt(HostSettings.numbers("ipv4/ip_local_port_range")[0]);
            return first < FIRST_UNPRIVILEGED ? FIRST_OF_ANY : first;
        } catch (IOException | NumberFormatException e) {
            return FIRST_OF_ANY;
        }
    }

    private static void refuseIfPrivileged(int port, Ground ground) {
        int first = firstUnprivileged();
        if (!ground.isMachines() && port < first) {
            throw new Failure.Denied(
                    ("cannot expose privileged port %d without root: choose a larger port (>= %d),"
                                    + " or have net.ipv4.ip_unprivileged_port_start set to %d")
                            .formatted(port, first, port));
        }
    }

    private static int firstUnprivileged() {
        try {
            return Integer.parseInt(HostSettings.numbers("ipv4/ip_unprivileged_port_start")[0]);
        } catch (IOException | NumberFormatException e) {
            return FIRST_UNPRIVILEGED;
        }
    }

    private static String words(BindException e) {
        String words = e.getMessage();
        return words == null || words.startsWith("Address already in use")
                ? "address already in use"
                : Character.toLowerCase(words.charAt(0)) + words.substring(1);
    }

    /** Where a forwarder sends what arrives for this binding; IPv4 if the container has it. */
    static InetAddress target(Endpoint endpoint) {
        InetAddress v4 = endpoint.address(true);
        InetAddress target = v4 == null ? endpoint.address(false) : v4;
        if (target == null) {
            throw new IllegalArgumentException("an endpoint without an address");
        }
        return target;
    }
}
