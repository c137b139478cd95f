package dev.rung.host.compile;

import static dev.rung.program.FileStep.O_RDONLY;

import dev.rung.host.cgroup.ContainerCgroups.DeviceLimits;
import dev.rung.host.systemd.Property;
import dev.rung.host.systemd.ScopeUnit;
import dev.rung.host.systemd.SystemdAddress;
import dev.rung.host.systemd.SystemdSteps;
import dev.rung.host.systemd.UnitProperties;
import dev.rung.program.Slot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has systemd make the container's unit. That takes a process, which is forked before and waits
 * outside, where systemd finds and moves it.
 */
final class UnitSteps {
    private final ContainerPlan plan;
    private final ScopeUnit unit;
    private final SystemdAddress systemd;
    private final List<Property> given;
    private final Script front;
    private final Phases phases;

    private UnitSteps(
            ContainerPlan plan,
            ScopeUnit unit,
            SystemdAddress systemd,
            Script front,
            Phases phases) {
        this.plan = plan;
        this.unit = unit;
        this.systemd = systemd;
        this.given = UnitProperties.annotated(plan.config().annotations());
        this.front = front;
        this.phases = phases;
    }

    /** Null for a container that is no unit. */
    static @Nullable UnitSteps of(ContainerPlan plan, Script front, Phases phases) {
        ScopeUnit unit = plan.unit();
        SystemdAddress systemd = plan.request().systemd();
        return unit == null || systemd == null
                ? null
                : new UnitSteps(plan, unit, systemd, front, phases);
    }

    void start(Slot pid) {
        front.at("linux.cgroupsPath", "unable to apply cgroup configuration");
        Slot process = front.openProcess("process", pid);
        Slot stat = front.openat("stat", process, "stat", O_RDONLY, 0);
        SystemdSteps.ask(front.stream(), systemd, phase(true), phase(false), stat);
        front.close(stat);
        front.close(process);
    }

    private int phase(boolean throughBus) {
        DeviceLimits devices = DeviceRules.of(plan);
        return phases.add(
                new Phase.StartUnit(
                        throughBus,
                        unit,
                        given,
                        plan.linux().resources(),
                        devices,
                        plan.cgroups().isUnified()));
    }
}
