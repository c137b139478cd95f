package dev.rung.host.compile;

import dev.rung.host.cgroup.ContainerCgroups;
import dev.rung.host.systemd.UnitProperties;
import dev.rung.oci.Resources;
import dev.rung.program.Assembly;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The cgroups around the fork of the process that they are for. */
final class CgroupSteps {
    private final ContainerPlan plan;
    private final ContainerCgroups cgroups;
    private final Script front;
    private final @Nullable UnitSteps unit;
    private final List<Slot> tasks;

    private CgroupSteps(
            ContainerPlan plan, Script front, @Nullable UnitSteps unit, List<Slot> tasks) {
        this.plan = plan;
        this.cgroups = plan.cgroups();
        this.front = front;
        this.unit = unit;
        this.tasks = tasks;
    }

    /** Makes them before the fork, so that in reverse nobody is left in them when they go. */
    static CgroupSteps make(ContainerPlan plan, Assembly assembly, Script front, Phases phases) {
        ContainerCgroups cgroups = plan.cgroups();
        UnitSteps unit = UnitSteps.of(plan, front, phases);
        cgroups.make(assembly, front.stream(), plan.linux().resources());
        if (unit == null) {
            cgroups.limitDevices(front.stream(), DeviceRules.of(plan));
        }
        return new CgroupSteps(plan, front, unit, cgroups.open(front.stream()));
    }

    /** By which the process enters them. */
    List<Slot> tasks() {
        return tasks;
    }

    /** What it is forked into, else {@link Operand#NONE}. */
    Operand forkedInto() {
        return cgroups.forkedInto(tasks);
    }

    /** After the fork, where systemd makes them around the process; the limits as they are then. */
    Resources forked(Slot pid) {
        cgroups.close(front.stream(), tasks);
        if (unit == null) {
            return plan.linux().resources();
        }
        unit.start(pid);
        Resources rounded = UnitProperties.rounded(plan.linux().resources());
        cgroups.delegate(front.stream(), rounded);
        cgroups.limitDevices(front.stream(), DeviceRules.of(plan));
        return rounded;
    }
}
