package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A port of the container that is reached through one of the host.
 *
 * @param protocol tcp, udp or sctp
 * @param hostAddress empty: any
 * @param hostPort the first that may be taken; 0: any free one
 * @param lastHostPort the last that may be taken
 */
public record PublishedPort(
        int containerPort, String protocol, String hostAddress, int hostPort, int lastHostPort) {
    private static final int LAST = 65535;

    /**
     * Ports as {@code --publish} writes them:
     * [[ADDRESS:][PORT[-LAST]]:]CONTAINERPORT[-LAST][/PROTOCOL].
     */
    public static List<PublishedPort> parse(String text) {
        String rest = text;
        String protocol = "tcp";
        int slash = rest.lastIndexOf('/');
        if (slash >= 0) {
            protocol = rest.substring(slash + 1);
            rest = rest.substring(0, slash);
            if (!protocol.equals("tcp") && !protocol.equals("udp") && !protocol.equals("sctp")) {
                throw new Failure.Invalid("invalid proto: " + Printable.of(protocol));
            }
        }
        String address = "";
        String host = "";
        String container = rest;
        int colon = rest.lastIndexOf(':');
        if (colon >= 0) {
            container = rest.substring(colon + 1);
            host = rest.substring(0, colon);
            int second = host.lastIndexOf(':');
            if (second >= 0) {
                address = host.substring(0, second);
                host = host.substring(second + 1);
                if (address.startsWith("[") && address.endsWith("]")) {
                    address = address.substring(1, address.length() - 1);
                }
            }
        }
        if (container.isEmpty()) {
            throw new Failure.Invalid("no port specified: " + Printable.of(text) + "<empty>");
        }
        int[] inner = range("containerPort", container);
        int[] outer = host.isEmpty() ? new int[] {0, 0} : range("hostPort", host);
        int count = inner[1] - inner[0];
        boolean each = !host.isEmpty() && outer[1] - outer[0] == count;
        if (count > 0 && !host.isEmpty() && !each) {
            throw new Failure.Invalid(
                    "invalid ranges specified for container and host Ports: "
                            + Printable.of(container)
                            + " and "
                            + Printable.of(host));
        }
        var ports = new ArrayList<PublishedPort>();
        for (int i = 0; i <= count; i++) {
            int first = each ? outer[0] + i : outer[0];
            int last = each ? outer[0] + i : outer[1];
            ports.add(new PublishedPort(inner[0] + i, protocol, address, first, last));
        }
        return ports;
    }

    private static int[] range(String what, String text) {
        int dash = text.indexOf('-');
        int first = number(what, dash < 0 ? text : text.substring(0, dash));
        int last = dash < 0 ? first : number(what, text.substring(dash + 1));
        if (last < first) {
            throw new Failure.Invalid("invalid " + what + ": " + Printable.of(text));
        }
        return new int[] {first, last};
    }

    private static int number(String what, String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 0 && number <= LAST) {
                return number;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw new Failure.Invalid("invalid " + what + ": " + Printable.of(text));
    }

    /** As in Docker: 80/tcp. */
    public String port() {
        return containerPort + "/" + protocol;
    }

    /** As {@code --publish} takes it. */
    public String text() {
        String address = hostAddress.indexOf(':') >= 0 ? "[" + hostAddress + "]" : hostAddress;
        String host = hostPorts();
        String before = address.isEmpty() ? host : address + ":" + host;
        return (before.isEmpty() ? "" : before + ":") + port();
    }

    static List<PublishedPort> read(JsonFields fields, String name) {
        JsonFields bindings = fields.optionalObject(name);
        var ports = new ArrayList<PublishedPort>();
        for (int i = 0; bindings != null && i < bindings.size(); i++) {
            String port = bindings.name(i);
            for (JsonFields binding : bindings.objects(port)) {
                String address = Texts.orEmpty(binding, "HostIp");
                String host = Texts.orEmpty(binding, "HostPort");
                String shown = address.indexOf(':') >= 0 ? "[" + address + "]" : address;
                ports.addAll(parse(shown + ":" + host + ":" + port));
            }
        }
        return List.copyOf(ports);
    }

    static void write(JsonWriter to, String name, List<PublishedPort> ports) {
        to.name(name).beginObject();
        var seen = new ArrayList<String>();
        for (PublishedPort port : ports) {
            if (seen.contains(port.port())) {
                continue;
            }
            seen.add(port.port());
            to.name(port.port()).beginArray();
            for (PublishedPort same : ports) {
                if (same.port().equals(port.port())) {
                    to.beginObject()
                            .field("HostIp", same.hostAddress)
                            .field("HostPort", same.hostPorts())
                            .endObject();
                }
            }
            to.endArray();
        }
        to.endObject();
    }

    private String hostPorts() {
        if (lastHostPort > hostPort) {
            return hostPort + "-" + lastHostPort;
        }
        return hostPort == 0 ? "" : Integer.toString(hostPort);
    }
}
