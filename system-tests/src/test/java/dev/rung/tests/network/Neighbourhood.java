package dev.rung.tests.network;

import dev.rung.domain.ContainerId;
import dev.rung.linux.Fd;
import dev.rung.network.Endpoint;
import dev.rung.network.EndpointSpec;
import dev.rung.network.Ground;
import dev.rung.network.NetworkDefaults;
import dev.rung.network.NetworkSpec;
import dev.rung.network.NetworkStep;
import dev.rung.network.Networks;
import dev.rung.network.PublishedPort;
import dev.rung.network.Teardown;
import dev.rung.testkit.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * The host of the tests, which is their own network namespace, with a machine "beyond" on a link of
 * its own (10.99.0.1 here, 10.99.0.2 there), and networks whose containers are bare namespaces.
 */
final class Neighbourhood implements AutoCloseable {
    static final String HOST = "10.99.0.1";
    static final String BEYOND = "10.99.0.2";

    final Path folder;
    final Namespace beyond = Namespace.make();
    Networks networks;
    private final Map<String, Namespace> containers = new LinkedHashMap<>();

    Neighbourhood() {
        try {
            folder = Files.createTempDirectory("rung-networks");
            Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "0");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ip("link add outside type veth peer name eth0 netns " + beyond.pid());
        ip("address add " + HOST + "/24 dev outside");
        ip("address add fd99::1/64 dev outside nodad");
        ip("link set outside up");
        beyond.ip("address add " + BEYOND + "/24 dev eth0");
        beyond.ip("address add fd99::2/64 dev eth0 nodad");
        beyond.ip("link set eth0 up");
        networks = Networks.open(folder.resolve("networks"));
    }

    static String ip(String words) {
        return Command.of(("ip " + words).split(" ")).succeed().output();
    }

    static String nft(String words) {
        return Command.of("nft", words).succeed().output();
    }

    Namespace start(String name) {
        return start(name, spec -> spec);
    }

    /** A container that joins the default network, or what the wishes say. */
    Namespace start(String name, UnaryOperator<EndpointSpec> wishes) {
        Namespace container = Namespace.make();
        containers.put(name, container);
        join(name, wishes);
        return container;
    }

    Endpoint join(String name, UnaryOperator<EndpointSpec> wishes) {
        EndpointSpec spec = EndpointSpec.of(new ContainerId(name), Networks.DEFAULT);
        try (Fd namespace = container(name).descriptor()) {
            Endpoint endpoint = networks.attach(namespace, wishes.apply(spec));
            networks.serveNames(namespace, spec.container(), List.of());
            return endpoint;
        }
    }

    Namespace container(String name) {
        return Objects.requireNonNull(containers.get(name));
    }

    /** Ends the container as the kernel sees it, and lets it leave. */
    void end(String name) {
        container(name).close();
        containers.remove(name);
        networks.detach(new ContainerId(name), Teardown.WITH_NAMESPACE);
    }

    Endpoint endpoint(String name) {
        return networks.endpoints(new ContainerId(name)).getFirst();
    }

    /** The container's first IPv4 address. */
    String address(String name) {
        return Objects.requireNonNull(endpoint(name).address(true)).getHostAddress();
    }

    String address6(String name) {
        return Objects.requireNonNull(endpoint(name).address(false)).getHostAddress();
    }

    static UnaryOperator<EndpointSpec> publishing(String... ports) {
        var all = new ArrayList<PublishedPort>();
        for (String port : ports) {
            all.addAll(PublishedPort.parse(port));
        }
        return spec -> spec.withPorts(all);
    }

    static UnaryOperator<EndpointSpec> in(String network) {
        return spec ->
                EndpointSpec.of(spec.container(), network)
                        .withPorts(spec.ports())
                        .withNames(List.of(spec.container().value()));
    }

    void create(String name, UnaryOperator<NetworkSpec> wishes) {
        networks.create(wishes.apply(NetworkSpec.of(name)));
    }

    /** The folder as it is now, opened by another; sockets of the former are closed, as by kill. */
    void reopen() {
        networks.close();
        networks = Networks.open(folder.resolve("networks"));
    }

    /** The same, after something was settled for all networks. */
    void reopen(NetworkDefaults settled) {
        networks.close();
        networks =
                Networks.open(
                        folder.resolve("networks"),
                        true,
                        Ground.MACHINE,
                        settled,
                        NetworkStep.Listener.NONE);
    }

    /** As on a host whose kernel has no nf_tables, and without the networks that there were. */
    void withoutRules() {
        networks.list().forEach(network -> networks.remove(network.id()));
        networks.close();
        networks = Networks.open(folder.resolve("networks"), false);
    }

    /** What the kernel and the folder have that could be left behind. */
    static String traces() {
        String links = ip("-o link show").replaceAll("(?m)^\\d+: ([^:@]+).*$", "$1");
        String addresses =
                ip("-o address show")
                        .replaceAll("(?m)^\\d+: (\\S+)\\s+(\\S+)\\s+(\\S+).*$", "$1 $3");
        return links + addresses + nft("list ruleset");
    }

    /** Takes all away again. */
    @Override
    public void close() {
        for (String name : List.copyOf(containers.keySet())) {
            end(name);
        }
        networks.list().forEach(network -> networks.remove(network.id()));
        networks.close();
        beyond.close();
        Command.of("ip", "link", "delete", "outside").run();
        Command.of("rm", "-r", folder.toString()).succeed();
    }
}
