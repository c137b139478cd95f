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

    HeldPorts(Ground ground) {
        this.ground = ground;
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
                held.add(PortForwarder.open(port, ground));
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
