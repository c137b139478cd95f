package dev.rung.oci;

import static dev.rung.oci.Complaint.quoted;

import dev.rung.oci.LinuxConfig.NamespaceType;
import java.util.List;

/** What must hold of "mounts", whatever options the runtime knows. */
final class MountRules {
    private final Complaint complaint;
    private final RuntimeConfig config;

    MountRules(Complaint complaint, RuntimeConfig config) {
        this.complaint = complaint;
        this.config = config;
    }

    void check(List<String> warnings) {
        List<Mount> mounts = config.mounts();
        for (int i = 0; i < mounts.size(); i++) {
            Mount mount = mounts.get(i);
            if (!mount.destination().startsWith("/")) {
                warnings.add(
                        complaint.note(
                                "mounts[" + i + "].destination",
                                "mount destination "
                                        + quoted(mount.destination())
                                        + " is not absolute. Support for non-absolute mount"
                                        + " destinations will be removed in a future release."));
            }
            checkMapping(i, mount);
        }
    }

    private void checkMapping(int index, Mount mount) {
        boolean given = !mount.uidMappings().isEmpty() || !mount.gidMappings().isEmpty();
        boolean asked = given;
        for (String option : mount.options()) {
            asked |= option.equals("idmap") || option.equals("ridmap");
        }
        if (!asked) {
            return;
        }
        if (!mount.isBind()) {
            throw wrong(index, mount, "id-mapped mounts are only supported for bind-mounts");
        }
        boolean whole = !mount.uidMappings().isEmpty() && !mount.gidMappings().isEmpty();
        // without mappings of its own a mount takes those of the user namespace
        if (given ? !whole : !config.linux().has(NamespaceType.USER)) {
            throw wrong(
                    index, mount, "id-mapped mounts must have both uid and gid mappings specified");
        }
    }

    private RuntimeException wrong(int index, Mount mount, String words) {
        return complaint.at(
                "mounts", index, "invalid mount " + quoted(mount.destination()) + ": " + words);
    }

    /** Rules for a runtime whose user is not root in its user namespace. */
    void checkRootless() {
        List<Mount> mounts = config.mounts();
        for (int i = 0; i < mounts.size(); i++) {
            Mount mount = mounts.get(i);
            for (String option : mount.options()) {
                if (option.equals("idmap") || option.equals("ridmap")) {
                    throw rootlessMapping(i, mount);
                }
                checkOwner(i, option, "uid=", "uid", config.linux().uidMappings());
                checkOwner(i, option, "gid=", "gid", config.linux().gidMappings());
            }
            if (!mount.uidMappings().isEmpty() || !mount.gidMappings().isEmpty()) {
                throw rootlessMapping(i, mount);
            }
        }
    }

    private RuntimeException rootlessMapping(int index, Mount mount) {
        return wrong(index, mount, "id-mapped mounts are not supported for rootless containers");
    }

    private void checkOwner(
            int index, String option, String prefix, String kind, List<IdMapping> mappings) {
        if (!option.startsWith(prefix) || mappings.isEmpty()) {
            return;
        }
        long id;
        try {
            id = Long.parseLong(option.substring(prefix.length()));
        } catch (NumberFormatException _) {
            return; // the kernel's to refuse
        }
        for (IdMapping mapping : mappings) {
            if (id >= mapping.containerId() && id - mapping.containerId() < mapping.size()) {
                return;
            }
        }
        throw complaint.at(
                "mounts",
                index,
                "cannot specify "
                        + quoted(option)
                        + " mount option for rootless container: user namespaces enabled, but no"
                        + " mapping found for "
                        + kind
                        + " "
                        + id);
    }
}
