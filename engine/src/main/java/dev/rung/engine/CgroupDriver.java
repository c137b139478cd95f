package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.spec.HostOptions;
import java.util.List;

/** Who makes the control groups of containers. */
public enum CgroupDriver {
    /** The runtime, as folders. */
    CGROUPFS("cgroupfs"),
    /** systemd, which the runtime asks: each container is a unit in a slice. */
    SYSTEMD("systemd");

    /** The cgroup above those of containers, or of their pods. */
    static final String USUAL_PARENT = "/rung";

    private static final String USUAL_SLICE = "system.slice";
    private static final String SLICE = ".slice";

    private final String text;

    CgroupDriver(String text) {
        this.text = text;
    }

    /** As Docker writes it. */
    @Override
    public String toString() {
        return text;
    }

    /** What stands before each verb of a runtime. */
    List<String> globals() {
        return this == SYSTEMD ? List.of("--systemd-cgroup") : List.of();
    }

    /**
     * Above a container or pod. Invalid for a parent that cannot be.
     *
     * @return a path, or the name of a slice
     */
    String parent(HostOptions host) {
        String given = host.cgroupParent();
        if (this == CGROUPFS) {
            return given.isEmpty() ? USUAL_PARENT : given;
        }
        String slice = given.substring(given.lastIndexOf('/') + 1);
        if (!slice.isEmpty() && (!slice.endsWith(SLICE) || slice.equals(SLICE))) {
            throw new Failure.Invalid(
                    "cgroup-parent for systemd cgroup should be a valid slice named as"
                            + " \"xxx.slice\", got \""
                            + Printable.of(given)
                            + "\"");
        }
        return slice.isEmpty() ? USUAL_SLICE : slice;
    }

    /** Where the containers of a pod are, below its own parent; with systemd there itself. */
    String ofPod(HostOptions pod, ContainerId id) {
        return this == SYSTEMD ? parent(pod) : parent(pod) + "/pod-" + id;
    }

    /**
     * The path that config.json names.
     *
     * @param above the cgroup that all parents are in
     */
    String path(String above, String parent, ContainerId id) {
        return this == SYSTEMD ? parent + ":rung:" + id : above + parent + "/" + id;
    }
}
