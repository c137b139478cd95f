package dev.rung.host.compile;

import dev.rung.isolation.HostDescription;
import dev.rung.oci.ContainerProcess.Capabilities;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The capabilities that a process is left with, as bit masks, after those were taken out that the
 * host does not know or the caller cannot give.
 */
record Credentials(
        long bounding, long effective, long permitted, long inheritable, long ambient, int last) {

    /**
     * What a process of this config gets.
     *
     * @param userNamespace whether a user namespace gives the process all capabilities first
     * @param warnings gets one line for those that were taken out
     * @return null when the config says nothing about capabilities
     */
    static @Nullable Credentials of(
            @Nullable Capabilities wanted,
            HostDescription host,
            boolean userNamespace,
            List<String> warnings) {
        if (wanted == null) {
            return null;
        }
        int last = host.lastCapability();
        var unknown = new ArrayList<String>(0);
        long bounding = Capability.mask(wanted.bounding(), last, unknown);
        long effective = Capability.mask(wanted.effective(), last, unknown);
        long permitted = Capability.mask(wanted.permitted(), last, unknown);
        long inheritable = Capability.mask(wanted.inheritable(), last, unknown);
        long ambient = Capability.mask(wanted.ambient(), last, unknown);
        if (!userNamespace) {
            long given = host.caller().effective();
            long refused =
                    (effective | permitted | ambient) & ~given
                            | (bounding | inheritable) & ~(given | host.caller().bounding());
            unknown.addAll(Capability.names(refused));
            effective &= given;
            permitted &= given;
            ambient &= given;
            bounding &= given | host.caller().bounding();
            inheritable &= given | host.caller().bounding();
        }
        List<String> lost = Capability.names(ambient & ~(permitted & inheritable));
        if (!lost.isEmpty()) {
            warnings.add(
                    "can't raise ambient capabilities, not permitted and inheritable: " + lost);
            ambient &= permitted & inheritable;
        }
        if (!unknown.isEmpty()) {
            warnings.add("ignoring unknown or unavailable capabilities: " + unknown);
        }
        return new Credentials(bounding, effective, permitted, inheritable, ambient, last);
    }

    boolean has(int capability) {
        return (permitted & effective & Capability.bit(capability)) != 0;
    }
}
