package dev.rung.cri;

import dev.rung.cri.v1.IDMapping;
import dev.rung.cri.v1.LinuxSandboxSecurityContext;
import dev.rung.cri.v1.NamespaceMode;
import dev.rung.cri.v1.UserNamespace;
import dev.rung.domain.Failure;
import dev.rung.oci.IdMapping;
import java.util.List;

/** The user namespace of a pod: one range of users, which are its groups as well. */
final class UserWords {
    private static final String FIELD =
            "config.linux.security_context.namespace_options.userns_options";
    private static final long LAST_ID = 0xffff_fffeL;

    private UserWords() {}

    /** None: it is the host's. */
    static List<IdMapping> mappings(LinuxSandboxSecurityContext security) {
        if (!security.getNamespaceOptions().hasUsernsOptions()) {
            return List.of();
        }
        UserNamespace asked = security.getNamespaceOptions().getUsernsOptions();
        if (asked.getMode() == NamespaceMode.NODE) {
            if (asked.getUidsCount() + asked.getGidsCount() > 0) {
                throw new Failure.Invalid(FIELD + ".uids: the host's user namespace maps nothing");
            }
            return List.of();
        } else if (asked.getMode() != NamespaceMode.POD) {
            throw new Failure.Invalid(FIELD + ".mode: want POD or NODE");
        }
        IdMapping users = mapping("uids", asked.getUidsList());
        if (!users.equals(mapping("gids", asked.getGidsList()))) {
            throw new Failure.Invalid(FIELD + ".gids: want the same as uids");
        }
        if (security.getPrivileged()) {
            throw new Failure.Invalid(FIELD + ": a privileged pod has the host's user namespace");
        }
        return List.of(users);
    }

    private static IdMapping mapping(String name, List<IDMapping> mappings) {
        if (mappings.size() != 1) {
            throw new Failure.Invalid(
                    FIELD + "." + name + ": want one mapping, got " + mappings.size());
        }
        IDMapping given = mappings.getFirst();
        long inside = Integer.toUnsignedLong(given.getContainerId());
        long outside = Integer.toUnsignedLong(given.getHostId());
        long size = Integer.toUnsignedLong(given.getLength());
        if (inside != 0 || size == 0 || outside == 0 || outside + size - 1 > LAST_ID) {
            throw new Failure.Invalid(
                    FIELD
                            + "."
                            + name
                            + ": container_id "
                            + inside
                            + ", host_id "
                            + outside
                            + ", length "
                            + size
                            + ": want container_id 0 and users of the host but root");
        }
        return new IdMapping(inside, outside, size);
    }
}
