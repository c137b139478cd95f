package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.network.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Docker's old way to find another container ({@code --link}) on the default network: its name in
 * /etc/hosts, and what it offers in variables of the environment. On other networks a link is a
 * name that the network answers.
 */
final class ContainerLinks {
    private static final int SHORT_ID = 12;

    private final Registry registry;
    private final ContainerNetworks networks;

    ContainerLinks(Registry registry, ContainerNetworks networks) {
        this.registry = registry;
        this.networks = networks;
    }

    /** A link as it was asked for: CONTAINER or CONTAINER:ALIAS. */
    record Link(String container, String alias) {
        static Link parse(String text) {
            int colon = text.indexOf(':');
            String name = colon < 0 ? text : text.substring(0, colon);
            String alias = colon < 0 ? text : text.substring(colon + 1);
            if (name.isEmpty() || alias.isEmpty() || alias.indexOf(':') >= 0) {
                throw new Failure.Invalid("bad format for links: " + Printable.of(text));
            }
            return new Link(name, alias.substring(alias.lastIndexOf('/') + 1));
        }
    }

    /** Options without the link of that alias. NotFound when there is none. */
    static HostOptions without(HostOptions host, String alias) {
        List<String> left =
                host.links().stream()
                        .filter(text -> !Link.parse(text).alias.equals(alias))
                        .toList();
        if (left.size() == host.links().size()) {
            throw new Failure.NotFound("no link is called " + Printable.of(alias));
        }
        return host.linkedTo(left);
    }

    /** Invalid or NotFound for links that cannot be. */
    void check(HostOptions host) {
        if (host.links().isEmpty()) {
            return;
        }
        NamespaceMode.Kind kind = host.network().kind();
        if (kind != NamespaceMode.Kind.DEFAULT && kind != NamespaceMode.Kind.NETWORK) {
            throw new Failure.Invalid(
                    "conflicting options: "
                            + host.network()
                            + " type networking can't be used with links");
        }
        for (String text : host.links()) {
            Link link = Link.parse(text);
            if (kind == NamespaceMode.Kind.DEFAULT) {
                registry.find(link.container);
            }
        }
    }

    /**
     * NAME:ADDRESS of all that a container is linked to.
     *
     * @param all whether it is WrongState that one does not run, which else is left out
     */
    List<String> hosts(ContainerRecord container, boolean all) {
        var hosts = new ArrayList<String>();
        if (container.host().network().kind() != NamespaceMode.Kind.DEFAULT) {
            return hosts;
        }
        for (String text : container.host().links()) {
            try {
                hosts(container, Link.parse(text), hosts);
            } catch (Failure.WrongState | Failure.NotFound e) {
                if (all) {
                    throw e;
                }
            }
        }
        return hosts;
    }

    private void hosts(ContainerRecord container, Link link, List<String> hosts) {
        ContainerRecord other = running(container, link);
        String address = address(container, other);
        String id = other.id().value().substring(0, SHORT_ID);
        for (String name : List.of(link.alias, id, other.name().value())) {
            if (!hosts.contains(name + ":" + address)) {
                hosts.add(name + ":" + address);
            }
        }
    }

    private ContainerRecord running(ContainerRecord container, Link link) {
        Container other = registry.find(link.container);
        if (!other.phase().runs()) {
            throw new Failure.WrongState(
                    "Cannot link to a non running container: /"
                            + other.record().name()
                            + " AS /"
                            + container.name()
                            + "/"
                            + link.alias);
        }
        return other.record();
    }

    /** In a network that both are in. */
    private String address(ContainerRecord container, ContainerRecord other) {
        for (Endpoint endpoint : networks.of(other.id())) {
            String name = networks.all().get(endpoint.networkId()).name();
            boolean common =
                    container.networks().stream().anyMatch(wish -> wish.network().equals(name));
            if (common && !endpoint.addresses().isEmpty()) {
                return endpoint.addresses().getFirst().address().getHostAddress();
            }
        }
        throw new Failure.WrongState(
                "Cannot link to /" + other.name() + ", as it does not belong to the same network");
    }

    /** The variables that tell of those on the default network. */
    List<String> environment(ContainerRecord container) {
        var all = new ArrayList<String>();
        if (ContainerNetworks.isAnswered(container)) {
            return all;
        }
        for (String text : container.host().links()) {
            Link link = Link.parse(text);
            ContainerRecord other = running(container, link);
            String prefix = link.alias.toUpperCase(Locale.ROOT).replace('-', '_');
            List<String> ports = ports(other);
            for (int i = 0; i < ports.size(); i++) {
                String port = ports.get(i);
                int slash = port.indexOf('/');
                String number = port.substring(0, slash);
                String protocol = port.substring(slash + 1);
                String address = address(container, other);
                String url = protocol + "://" + address + ":" + number;
                if (i == 0) {
                    all.add(prefix + "_PORT=" + url);
                }
                String own = prefix + "_PORT_" + number + "_" + protocol.toUpperCase(Locale.ROOT);
                all.add(own + "=" + url);
                all.add(own + "_ADDR=" + address);
                all.add(own + "_PORT=" + number);
                all.add(own + "_PROTO=" + protocol);
            }
            all.add(prefix + "_NAME=/" + container.name() + "/" + link.alias);
            for (String variable : other.config().env()) {
                if (!variable.startsWith("PATH=") && !variable.startsWith("HOME=")) {
                    all.add(prefix + "_ENV_" + variable);
                }
            }
        }
        return all;
    }

    /** Those that it offers: exposed or published. */
    private static List<String> ports(ContainerRecord other) {
        var ports = new ArrayList<>(other.config().exposedPorts());
        for (var published : other.host().ports()) {
            if (!ports.contains(published.port())) {
                ports.add(published.port());
            }
        }
        ports.removeIf(port -> port.indexOf('/') < 0);
        ports.sort(null);
        return ports;
    }

    /** Those that run and are linked to one. */
    List<Container> linkedTo(Container other) {
        var linked = new ArrayList<Container>();
        for (Container container : registry.all()) {
            for (String text : container.record().host().links()) {
                String name = Link.parse(text).container;
                boolean same =
                        other.record().name().value().equals(name)
                                || other.id().value().startsWith(name);
                if (same && container.phase().runs()) {
                    linked.add(container);
                }
            }
        }
        return linked;
    }
}
