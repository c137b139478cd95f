package dev.rung.host.compile;

import dev.rung.host.cgroup.CgroupDirectory;
import dev.rung.host.systemd.ScopeUnit;
import dev.rung.host.systemd.SystemdAddress;
import dev.rung.oci.ContainerState;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.LinuxConfig;
import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.json.JsonWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON that tells of a container: the state that hooks and seccomp agents read (runtime.md
 * "State"), and our own record in its state folder. Where a number is known only at run time, the
 * bytes have a place for it, blanks that digits overwrite.
 *
 * @param bytes the JSON
 * @param pidAt where the place of the pid begins
 * @param startTimeAt where that of the start time begins, 0 when there is none
 * @param ownAt where it stands whether a resctrl group is the container's own, 0: nowhere
 */
@SuppressWarnings("ArrayRecordComponent")
record StateRecord(byte[] bytes, int pidAt, int startTimeAt, int ownAt) {
    static final int FORMAT = 1;
    static final int PID_WIDTH = 10;
    static final int START_TIME_WIDTH = 20;

    /** The state of a container whose process has no number yet. */
    static ContainerState of(ContainerPlan plan, ContainerStatus status) {
        return new ContainerState(
                RuntimeConfig.SPECIFICATION,
                plan.request().id().value(),
                status,
                0,
                plan.request().bundle(),
                plan.config().annotations());
    }

    /** What hooks read; without a place for the pid when the container is stopped. */
    static StateRecord forHooks(ContainerPlan plan, ContainerStatus status) {
        ContainerState state = of(plan, status);
        if (status == ContainerStatus.STOPPED) {
            return new StateRecord(state.json(), 0, 0, 0);
        }
        var json = JsonWriter.compact();
        int pid = state.writeWithoutPid(json, PID_WIDTH);
        return new StateRecord(json.bytes(), pid, 0, 0);
    }

    /**
     * state.json: the record of what is about to be made, with pid 0, written before anything else
     * is; the two numbers come once the process exists.
     */
    static StateRecord own(ContainerPlan plan) {
        ContainerRequest request = plan.request();
        var json = JsonWriter.compact();
        json.beginObject()
                .field("format", FORMAT)
                .field("id", request.id().value())
                .field("ociVersion", plan.config().ociVersion())
                .field("bundle", request.bundle())
                .field("rootfs", plan.rootfs())
                .field("created", request.created())
                .field("owner", request.owner());
        int pid = json.hole("pid", PID_WIDTH);
        int startTime = json.hole("startTime", START_TIME_WIDTH);
        json.name("cgroups").beginObject();
        cgroups(json, plan.cgroups().directories());
        json.endObject();
        unit(json, plan.unit(), request.systemd());
        int own = resctrl(json, plan.resctrl());
        json.field("rootlessCgroups", request.rootlessCgroups())
                .field("noNewKeyring", request.noNewKeyring())
                .field("plain", isPlain(plan));
        hostMounts(json, request.hostMounts());
        json.optional("annotations", plan.config().annotations()).endObject();
        byte[] bytes = json.bytes();
        bytes[pid + PID_WIDTH - 1] = '0';
        bytes[startTime + START_TIME_WIDTH - 1] = '0';
        if (plan.resctrl() != null) {
            bytes[own] = (byte) (plan.resctrl().own() ? '1' : '0');
        }
        return new StateRecord(bytes, pid, startTime, own);
    }

    /** Whether start and delete need not look into the config. */
    private static boolean isPlain(ContainerPlan plan) {
        return plan.config().startable()
                && plan.config().hooks().poststart().isEmpty()
                && plan.config().hooks().poststop().isEmpty()
                && plan.linux().devices().isEmpty()
                && plan.linux().creates(LinuxConfig.NamespaceType.PID);
    }

    private static void hostMounts(JsonWriter json, @Nullable HostMounts mounts) {
        if (mounts == null) {
            return;
        }
        json.name("hostMounts").beginObject().field("root", mounts.root());
        json.name("before").beginArray();
        for (long id : mounts.before()) {
            json.value(id);
        }
        json.endArray().endObject();
    }

    private static void unit(
            JsonWriter json, @Nullable ScopeUnit unit, @Nullable SystemdAddress systemd) {
        if (unit != null && systemd != null) {
            json.name("unit")
                    .beginObject()
                    .field("name", unit.name())
                    .field("user", systemd.user())
                    .field("bus", systemd.bus())
                    .field("direct", systemd.direct())
                    .endObject();
        }
    }

    /** Whether the group is our own is written before it is made: 1 until it was there already. */
    private static int resctrl(JsonWriter json, @Nullable ResctrlGroup group) {
        if (group == null) {
            return 0;
        }
        json.name("resctrl").beginObject().field("group", group.folder());
        int own = json.hole("own", 1);
        json.optional("monitoring", group.monitoring()).endObject();
        return own;
    }

    /** Folders by controller; that of version 2 by none, and beside version 1 by its own, too. */
    private static void cgroups(JsonWriter json, List<CgroupDirectory> directories) {
        for (int i = 0; i < directories.size(); i++) {
            CgroupDirectory directory = directories.get(i);
            if (directory.hierarchy().unified()) {
                json.field("", directory.path());
                if (directories.size() == 1) {
                    continue;
                }
            }
            List<String> controllers = directory.hierarchy().controllers();
            for (int k = 0; k < controllers.size(); k++) {
                json.field(controllers.get(k), directory.path());
            }
        }
    }
}
