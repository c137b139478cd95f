package dev.rung.bench;

import dev.rung.bench.Street.Place;
import java.util.List;

/** What networks of Rung cost, beside the same links made by ip(8) and no packet rules. */
final class NetworkBench {
    private static final String STREAM = "stream";
    private static final String TALK = "talk";
    private static final String IP = "ip";
    private static final String DIRECT = "direct";
    private static final int WARM = 3;

    private final Workshop workshop;
    private final Street street;
    private final Report report;
    private final int rounds;

    NetworkBench(Workshop workshop, Street street, Report report, int rounds) {
        this.workshop = workshop;
        this.street = street;
        this.report = report;
        this.rounds = rounds;
    }

    /** All of them; a stream is 256 MiB, a talk 1,000 round trips. */
    void all() {
        Place one = street.container("one");
        Place two = street.container("two");
        Place here = street.host();
        Place far = street.far();
        Place a = street.own("a");
        Way own = new Way(EngineRoom.RUNG, two, one, one.address(), Street.PORT);
        Way other = new Way(IP, street.own("b"), a, a.address(), Street.PORT);
        street.filterBridged(true);
        race(
                "container to container, where packet rules see what is bridged",
                IP,
                1.03,
                own,
                other);
        street.filterBridged(false);
        race("container to container", IP, 1.03, own, other);
        race(
                "the host to a published port, and to the container's own address",
                DIRECT,
                1.1,
                new Way(EngineRoom.RUNG, here, one, here.address(), Street.PUBLISHED),
                new Way(DIRECT, here, one, one.address(), Street.PORT));
        race(
                "another machine to a published port, and through a router to an address",
                IP,
                1.1,
                new Way(EngineRoom.RUNG, far, one, here.address(), Street.PUBLISHED),
                new Way(IP, street.own("far"), a, a.address(), Street.PORT));
        race(
                "a container of another network to a published port, and from bridge to bridge",
                IP,
                1.1,
                new Way(
                        EngineRoom.RUNG,
                        street.container("other"),
                        one,
                        here.address(),
                        Street.PUBLISHED),
                new Way(IP, street.own("c"), a, a.address(), Street.PORT));
    }

    /**
     * A way that traffic takes.
     *
     * @param address that the client calls, at this port
     */
    private record Way(String contestant, Place client, Place server, String address, int port) {
        String line(String phase) {
            return String.join(
                    "\t",
                    contestant,
                    phase,
                    client.namespace(),
                    server.namespace(),
                    Integer.toString(Street.PORT),
                    address,
                    Integer.toString(port));
        }
    }

    private void race(String title, String peer, double most, Way own, Way other) {
        report.head(title);
        List<Timing> timings =
                workshop.race(
                        rounds,
                        WARM,
                        List.of(
                                own.line(STREAM),
                                own.line(TALK),
                                other.line(STREAM),
                                other.line(TALK)));
        report.timings(timings);
        report.ratio(timings, STREAM, peer, most);
        report.ratio(timings, TALK, peer, most);
    }
}
