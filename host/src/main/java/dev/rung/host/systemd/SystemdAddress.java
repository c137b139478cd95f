package dev.rung.host.systemd;

import dev.rung.isolation.HostDescription.Cgroups;
import dev.rung.isolation.HostDescription.Hierarchy;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which systemd is asked, and where it is reached.
 *
 * @param user whether it is the caller's own, not that of the system
 * @param bus path of the socket of its bus
 * @param direct path of its own socket, for when there is no bus
 */
public record SystemdAddress(boolean user, String bus, String direct) {
    private static final Pattern OWN_GROUP = Pattern.compile("(.*/user@[0-9]+\\.service)(/.*)?");

    /** That of the system. */
    public static final SystemdAddress SYSTEM =
            new SystemdAddress(false, "/run/dbus/system_bus_socket", "/run/systemd/private");

    /** The caller's own, whose sockets are in XDG_RUNTIME_DIR. */
    public static SystemdAddress ofUser(String runtimeFolder) {
        return new SystemdAddress(true, runtimeFolder + "/bus", runtimeFolder + "/systemd/private");
    }

    /** The cgroup in which it makes others: the root, or for a user's that of his service. */
    public String group(Cgroups cgroups, long uid) {
        if (!user) {
            return "";
        }
        for (Hierarchy hierarchy : cgroups.hierarchies()) {
            Matcher own = OWN_GROUP.matcher(hierarchy.own());
            if (own.matches()) {
                return own.group(1);
            }
        }
        return "/user.slice/user-" + uid + ".slice/user@" + uid + ".service";
    }
}
