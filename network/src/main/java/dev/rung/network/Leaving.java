package dev.rung.network;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Addresses that containers gave up while their links, which go with the namespace, may still be
 * there and answer. Not safe for threads.
 */
final class Leaving {
    private final Map<InetAddress, String> links = new HashMap<>();
    private final Bridges bridges;

    Leaving(Bridges bridges) {
        this.bridges = bridges;
    }

    void add(Endpoint endpoint) {
        links.values().removeIf(link -> link.equals(endpoint.hostLink()));
        endpoint.addresses().forEach(address -> links.put(address.address(), endpoint.hostLink()));
    }

    /** Whether nobody answers any more for an address. */
    boolean hasLeft(InetAddress address) {
        String link = links.get(address);
        if (link == null) {
            return true;
        } else if (bridges.isThere(link)) {
            return false;
        }
        links.remove(address);
        return true;
    }
}
