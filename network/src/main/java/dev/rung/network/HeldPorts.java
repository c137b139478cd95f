package dev.rung.network;

import dev.rung.domain.ContainerId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The sockets that hold the host's ports of endpoints. Not safe for threads. */
final class HeldPorts {
    private final Map<Key, List<PortForwarder>> sockets = new HashMap<>();

    private final Ground ground;
    private final boolean forwards;

    /**
     * None yet.
     *
     * @param forwards whether what arrives at them goes to the container
     */
    HeldPorts(Ground ground, boolean forwards) {
        this.ground = ground;
        this.forwards = forwards;
    }

    /** Takes a port, for which nothing is done yet. */
    PortForwarder open(PortBinding port) throws IOException {
        return PortForwarder.open(port, ground, forwards);
    }

    private record Key(String network, ContainerId container) {
        static Key of(Endpoint endpoint) {
            return new Key(endpoint.networkId(), endpoint.container());
        }
    }

    void put(Endpoint endpoint, List<PortForwarder> held) {
        sockets.put(Key.of(endpoint), held);
    }

    /** Takes an endpoint's ports again; one that somebody else took meanwhile is his, outside. */
    void again(Endpoint endpoint) {
        var held = new ArrayList<PortForwarder>();
        for (PortBinding port : endpoint.ports()) {
            try {
                held.add(open(port));
                held.getLast().start(HostPorts.target(endpoint), port.containerPort());
            } catch (IOException e) {
                // the packet rules lead to the container all the same
            }
        }
        put(endpoint, held);
    }

    /** Forwards what the packet rules leave; the sockets are in the order of the ports. */
    static void start(Endpoint endpoint, List<PortForwarder> held) {
        for (int i = 0; i < held.size(); i++) {
            int port = endpoint.ports().get(i).containerPort();
            held.get(i).start(HostPorts.target(endpoint), port);
        }
    }

    void release(Endpoint endpoint) {
        List<PortForwarder> held = sockets.remove(Key.of(endpoint));
        if (held != null) {
            held.forEach(PortForwarder::close);
        }
    }

    void close() {
        sockets.values().forEach(held -> held.forEach(PortForwarder::close));
        sockets.clear();
    }
}
