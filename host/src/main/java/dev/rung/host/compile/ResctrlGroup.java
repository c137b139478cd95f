package dev.rung.host.compile;

import dev.rung.domain.ContainerId;
import dev.rung.isolation.HostDescription.Resctrl;
import dev.rung.oci.LinuxConfig.IntelRdt;
import org.jspecify.annotations.Nullable;

/**
 * The groups of the resctrl file system that a container's processes are in (config-linux.md
 * "IntelRdt").
 *
 * @param folder of the class of service, absolute
 * @param own whether it is named after the container, and goes with it if we made it
 * @param monitoring the folder of the monitoring group, which goes with it in any case; null: none
 */
public record ResctrlGroup(String folder, boolean own, @Nullable String monitoring) {
    private static final String MONITORING = "mon_groups";

    /** Null when the config asks for none. */
    static @Nullable ResctrlGroup of(
            @Nullable IntelRdt rdt, @Nullable Resctrl resctrl, ContainerId id) {
        if (rdt == null || resctrl == null) {
            return null;
        }
        String named = rdt.closId();
        boolean own = named == null || named.isEmpty();
        String name = own ? id.value() : named;
        String folder = "/".equals(name) ? resctrl.mountPoint() : resctrl.mountPoint() + "/" + name;
        return new ResctrlGroup(
                folder,
                own,
                rdt.enableMonitoring() ? folder + "/" + MONITORING + "/" + id.value() : null);
    }
}
