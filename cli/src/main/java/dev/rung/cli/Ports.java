package dev.rung.cli;

import dev.rung.docker.shape.PublishedPort;
import dev.rung.network.Endpoint;
import dev.rung.network.PortBinding;
import java.util.ArrayList;
import java.util.List;

/** Published ports, as docker shows them. */
final class Ports {
    private Ports() {}

    /** Such as: 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 127.0.0.1:53->53/udp. */
    static String text(List<Endpoint> endpoints) {
        var texts = new ArrayList<String>();
        for (Endpoint endpoint : endpoints) {
            for (PortBinding port : endpoint.ports()) {
                for (String outer : outer(port)) {
                    texts.add(outer + "->" + PublishedPort.inner(port));
                }
            }
        }
        return String.join(", ", texts);
    }

    /** The addresses of the host with the port: without one those of both families. */
    static List<String> outer(PortBinding port) {
        var texts = new ArrayList<String>();
        for (String host : PublishedPort.hosts(port)) {
            String text = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
            texts.add(text + ":" + port.hostPort());
        }
        return texts;
    }
}
