package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.host.compile.Phase;
import dev.rung.host.systemd.Property;
import dev.rung.host.systemd.SystemdSteps;
import dev.rung.host.systemd.UnitProperties;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.oci.Resources;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What systemd is asked to do with a container's unit. */
final class UnitWork {
    private static final int THROUGH_BUS = 0;
    private static final int DIRECTLY = 1;

    private final Call call;
    private final StoredContainer.Unit unit;

    UnitWork(Call call, StoredContainer.Unit unit) {
        this.call = call;
        this.unit = unit;
    }

    /** Makes the unit of a new container, with its process. */
    static void start(Phase.StartUnit start, List<Fd> descriptors) {
        String name = start.unit().name();
        try (var bus = SystemdBus.over(descriptors.get(0), start.throughBus())) {
            var properties = new UnitProperties(bus.version(), start.unified());
            bus.start(
                    name,
                    properties.beginning(
                            start.unit(),
                            pid(descriptors.get(1)),
                            start.given(),
                            start.resources()));
            change(bus, name, properties.limits(start.resources(), start.devices()));
        } catch (SystemdBus.Refused e) {
            throw refused("unable to start unit \"" + name + "\"", e);
        }
    }

    /** The first number of a process's stat: the pid, as the front end sees it. */
    private static int pid(Fd stat) {
        try {
            String text =
                    new String(Descriptors.readAll(stat, Files.SMALL), StandardCharsets.UTF_8);
            return Integer.parseInt(text.substring(0, text.indexOf(' ')));
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("read the process's stat: " + e.getMessage(), e);
        }
    }

    private static void change(SystemdBus bus, String name, List<Property> properties) {
        try {
            bus.change(name, properties);
        } catch (SystemdBus.Refused e) {
            throw refused("unable to set unit properties", e);
        }
    }

    /** Changes limits, but not those of devices. */
    void limit(Resources resources, boolean unified) {
        ask(bus -> {
            var properties = new UnitProperties(bus.version(), unified);
            change(bus, unit.name(), properties.limits(resources, null));
        });
    }

    /** Ends the unit and all that is in it. */
    void stop() {
        ask(bus -> bus.stop(unit.name()));
    }

    private interface Talk {
        void with(SystemdBus bus) throws SystemdBus.Refused;
    }

    private void ask(Talk talk) {
        var acts = new Acts();
        SystemdSteps.ask(acts.front(), unit.systemd(), THROUGH_BUS, DIRECTLY);
        new Execution(call)
                .run(
                        acts.build(),
                        (phase, descriptors) -> {
                            try (var bus =
                                    SystemdBus.over(descriptors.getFirst(), phase == THROUGH_BUS)) {
                                talk.with(bus);
                            } catch (SystemdBus.Refused e) {
                                throw refused("unit \"" + unit.name() + "\"", e);
                            }
                            return List.of();
                        },
                        "");
    }

    private static Failure refused(String doing, SystemdBus.Refused e) {
        return new Failure.HostRefused(doing + ": " + e.getMessage(), e);
    }
}
