package dev.rung.host.compile;

import static dev.rung.domain.Errno.EPERM;
import static dev.rung.program.FileStep.AT_SYMLINK_NOFOLLOW;
import static dev.rung.program.FileStep.S_IFMT;

import dev.rung.oci.IdMapping;
import dev.rung.oci.LinuxConfig.Device;
import dev.rung.program.FileStep.Fchmodat;
import dev.rung.program.FileStep.Fchownat;
import dev.rung.program.FileStep.Mknodat;
import dev.rung.program.Mark;
import dev.rung.program.Slot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Device nodes for a user namespace, which may make none itself: the front end makes each, with the
 * owner and mode that the config wants, and copies it as a mount of its own; the container's
 * process puts the mount where the config says. Until then the nodes have names in the folder of
 * its state.
 */
public final class OutsideDevices {
    private OutsideDevices() {}

    /** The name of a node in the folder of the state. */
    public static String name(int index) {
        return "device" + index;
    }

    /**
     * One for each device of the config, null where none is made.
     *
     * @param folder of the container's state
     */
    static List<@Nullable Slot> make(ContainerPlan plan, Script s, Slot folder) {
        List<Device> devices = plan.linux().devices();
        var made = new ArrayList<@Nullable Slot>(devices.size());
        for (int i = 0; i < devices.size(); i++) {
            Device device = devices.get(i);
            s.at("linux.devices[" + i + "]", "error creating device nodes");
            boolean wanted = plan.makesNodesOutside() && !Devices.isLink(device);
            made.add(wanted ? one(plan, s, folder, name(i), device) : null);
        }
        return made;
    }

    private static Slot one(ContainerPlan plan, Script s, Slot folder, String name, Device device) {
        Slot tree = s.slot("device");
        Mark refused = s.mark();
        s.add(new Mknodat(folder, name, Devices.mode(device), device.major(), device.minor()));
        s.orElse(refused, EPERM); // by a cgroup of ours: then the host's own node is bound
        s.undo().unlinkat(folder, name, 0);
        Long uid = device.uid();
        Long gid = device.gid();
        s.add(
                new Fchownat(
                        folder,
                        name,
                        onHost(plan.linux().uidMappings(), uid == null ? 0 : uid),
                        onHost(plan.linux().gidMappings(), gid == null ? 0 : gid),
                        AT_SYMLINK_NOFOLLOW));
        s.add(new Fchmodat(folder, name, Devices.mode(device) & ~S_IFMT)); // whatever our umask is
        s.copyTree(tree, folder, name, 0);
        s.setAttributes(tree, MountOptions.NOSUID | MountOptions.NOEXEC, MountOptions.NODEV);
        s.place(refused);
        return tree;
    }

    /** Takes the names away, once the container's process does not need them any more. */
    static void forget(Script s, List<@Nullable Slot> made, Slot folder) {
        for (int i = 0; i < made.size(); i++) {
            Slot tree = made.get(i);
            if (tree != null) {
                s.at("linux.devices[" + i + "]", "unable to remove the node outside the container");
                Mark none = s.mark();
                s.skipUnlessGood(tree, none);
                s.unlinkat(folder, name(i), 0).close(tree);
                s.place(none);
            }
        }
    }

    /** The id of the host, or the same where no mapping has it. */
    private static long onHost(List<IdMapping> mappings, long id) {
        for (int i = 0; i < mappings.size(); i++) {
            IdMapping mapping = mappings.get(i);
            if (id >= mapping.containerId() && id < mapping.containerId() + mapping.size()) {
                return mapping.hostId() + (id - mapping.containerId());
            }
        }
        return id;
    }
}
