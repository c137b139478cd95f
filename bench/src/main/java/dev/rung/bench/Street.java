package dev.rung.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Places that talk to each other: containers of rung, and the same made by ip(8): a host with two
 * bridges and three neighbours, and a machine beyond it. It is to be made in a network namespace
 * and a mount namespace of its own.
 */
final class Street implements AutoCloseable {
    /** What servers listen at. */
    static final int PORT = 5001;

    /** Where the container "one" is published. */
    static final int PUBLISHED = 15001;

    private static final String CONTAINERS =
            """
            set -e
            mkdir -p "$1/image/bin"
            cp /bin/busybox "$1/image/bin/busybox"
            tar --create --directory "$1/image" . | "$2" import - street:1 >/dev/null
            "$2" network create net >/dev/null
            "$2" network create elsewhere >/dev/null
            "$2" run -d --name one --network net -p $4:$3 street:1 busybox sleep 9999 >/dev/null
            "$2" run -d --name two --network net street:1 busybox sleep 9999 >/dev/null
            "$2" run -d --name other --network elsewhere street:1 busybox sleep 9999 >/dev/null
            """;

    private static final String OWN =
            """
            set -e
            mount -t tmpfs tmpfs /run
            for name in far host a b c own-far; do ip netns add $name; ip -n $name link set dev lo up; done
            ip link add name far type veth peer name eth0 netns far
            ip address add 10.98.0.1/24 dev far
            ip link set dev far up
            ip -n far address add 10.98.0.2/24 dev eth0
            ip -n far link set dev eth0 up
            ip -n far route add default via 10.98.0.1
            ip netns exec host sysctl --quiet --write net.ipv4.ip_forward=1
            for bridge in br:10.97.0.1 br2:10.96.0.1; do
                ip -n host link add name ${bridge%:*} type bridge
                ip -n host address add ${bridge#*:}/24 dev ${bridge%:*}
                ip -n host link set dev ${bridge%:*} up
            done
            for end in a:br b:br c:br2; do
                ip -n host link add name ${end%:*} type veth peer name eth0 netns ${end%:*}
                ip -n host link set dev ${end%:*} master ${end#*:} up
                ip -n ${end%:*} link set dev eth0 up
            done
            ip -n a address add 10.97.0.2/24 dev eth0
            ip -n b address add 10.97.0.3/24 dev eth0
            ip -n c address add 10.96.0.2/24 dev eth0
            ip -n a route add default via 10.97.0.1
            ip -n c route add default via 10.96.0.1
            ip -n host link add name far type veth peer name eth0 netns own-far
            ip -n host address add 10.98.0.1/24 dev far
            ip -n host link set dev far up
            ip -n own-far address add 10.98.0.2/24 dev eth0
            ip -n own-far link set dev eth0 up
            ip -n own-far route add default via 10.98.0.1
            """;

    /** A namespace, and the address in it. */
    record Place(String namespace, String address) {}

    private final Workshop workshop;
    private final Path rung;

    Street(Workshop workshop, Path rung) {
        this.workshop = workshop;
        this.rung = rung;
    }

    /** Makes all of it. */
    void open() {
        workshop.run(List.of("bash", "-c", OWN));
        workshop.discard(
                List.of(
                        "bash",
                        "-c",
                        CONTAINERS,
                        "-",
                        workshop.path("").toString(),
                        rung.toString(),
                        Integer.toString(PORT),
                        Integer.toString(PUBLISHED)));
    }

    /**
     * Whether packets that are only bridged pass the packet rules of both hosts, as kubelets want
     * it; elsewhere they do not, unless the kernel has br_netfilter built in.
     */
    void filterBridged(boolean on) {
        String set = "echo " + (on ? 1 : 0) + " >/proc/sys/net/bridge/bridge-nf-call-iptables; ";
        workshop.run(
                List.of(
                        "bash",
                        "-c",
                        "[ ! -e /proc/sys/net/bridge ] || { %s ip netns exec host sh -c '%s'; }"
                                .formatted(set, set)));
    }

    /** A container of rung. */
    Place container(String name) {
        String format = "{{.State.Pid}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        String[] words = rung("inspect", "--format", format, name).strip().split(" ", -1);
        return new Place("/proc/" + words[0] + "/ns/net", words[1]);
    }

    /** The host of rung's containers, at the address by which the machine beyond it knows it. */
    Place host() {
        return new Place("/proc/self/ns/net", "10.98.0.1");
    }

    /** A machine beyond the host. */
    Place far() {
        return new Place("/run/netns/far", "10.98.0.2");
    }

    /**
     * One of those made by ip(8): the neighbours a and b, c on another bridge, or the machine
     * beyond their host, far.
     */
    Place own(String name) {
        return switch (name) {
            case "a" -> new Place("/run/netns/a", "10.97.0.2");
            case "b" -> new Place("/run/netns/b", "10.97.0.3");
            case "c" -> new Place("/run/netns/c", "10.96.0.2");
            case "far" -> new Place("/run/netns/own-far", "10.98.0.2");
            default -> throw new IllegalArgumentException(name);
        };
    }

    private String rung(String... words) {
        var all = new ArrayList<>(List.of(rung.toString()));
        all.addAll(List.of(words));
        return workshop.run(all);
    }

    @Override
    public void close() {
        rung("system", "shutdown", "--containers");
    }
}
