package dev.rung.cli.oci;

import dev.rung.isolation.HostDescription;
import dev.rung.isolation.HostDescription.Cgroups;
import dev.rung.isolation.HostDescription.Hierarchy;
import dev.rung.isolation.HostDescription.Layout;
import dev.rung.isolation.HostDescription.Resctrl;
import dev.rung.resident.Request;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Describes the host as a caller sees it: its mounts and cgroups, its capabilities, and the kernel
 * below both of us.
 */
final class HostReader {
    private static final String CGROUP_ROOT = "/sys/fs/cgroup";

    private final Files files;
    private final Kernel kernel;

    HostReader(Files files, Kernel kernel) {
        this.files = files;
        this.kernel = kernel;
    }

    /** The host for who wants no more of cgroups than the layout has by itself. */
    HostDescription read(Request request) {
        return read(request, false);
    }

    /**
     * Describes the host.
     *
     * @param besides whether controllers count that version 2 has beside hierarchies of version 1
     */
    HostDescription read(Request request, boolean besides) {
        List<Files.Content> contents =
                files.read(Files.SMALL << 3, List.of("/proc/self/mountinfo", "/proc/self/cgroup"));
        List<Mounted> mounts = mounts(contents.get(0).text());
        Request.Capabilities capabilities = request.capabilities();
        return new HostDescription(
                kernel.machine(),
                kernel.release(),
                new HostDescription.Caller(
                        Integer.toUnsignedLong(request.uid()),
                        Integer.toUnsignedLong(request.gid()),
                        capabilities.effective(),
                        capabilities.bounding(),
                        kernel.initialUserNamespace()),
                cgroups(mounts, contents.get(1).text(), besides),
                kernel.lastCapability(),
                kernel.appArmor(),
                kernel.seLinux(),
                resctrl(mounts),
                kernel.timeNamespaces(),
                kernel.kcore());
    }

    /** The same host for a caller who wants nothing of cgroups. */
    static HostDescription withoutCgroups(HostDescription host) {
        return new HostDescription(
                host.machine(),
                host.kernelRelease(),
                host.caller(),
                new Cgroups(Layout.NONE, List.of()),
                host.lastCapability(),
                host.appArmor(),
                host.seLinux(),
                host.resctrl(),
                host.timeNamespaces(),
                host.kcore());
    }

    /** A mount of a kind that matters: cgroup, cgroup2 or resctrl. */
    private record Mounted(String type, String root, String point, String options) {}

    private static List<Mounted> mounts(String mountinfo) {
        var mounts = new ArrayList<Mounted>();
        int at = 0;
        while (at < mountinfo.length()) {
            int end = mountinfo.indexOf('\n', at);
            if (end < 0) {
                end = mountinfo.length();
            }
            int dash = mountinfo.indexOf(" - ", at);
            if (dash >= 0
                    && dash < end
                    && (mountinfo.startsWith("cgroup", dash + 3)
                            || mountinfo.startsWith("resctrl ", dash + 3))) {
                mounts.add(mounted(mountinfo, at, dash, end));
            }
            at = end + 1;
        }
        return mounts;
    }

    /** id parent major:minor root point options… - type source options. */
    private static Mounted mounted(String line, int from, int dash, int end) {
        int root = from;
        for (int i = 0; i < 3; i++) {
            root = line.indexOf(' ', root) + 1;
        }
        int point = line.indexOf(' ', root) + 1;
        int type = dash + 3;
        int typeEnd = line.indexOf(' ', type);
        int options = line.lastIndexOf(' ', end - 1) + 1;
        return new Mounted(
                line.substring(type, typeEnd),
                unescaped(line.substring(root, point - 1)),
                unescaped(line.substring(point, line.indexOf(' ', point))),
                line.substring(options, end));
    }

    /** Blanks and the like stand as three octal digits behind a backslash. */
    static String unescaped(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        var plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\' && i + 3 < text.length()) {
                plain.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                plain.append(text.charAt(i));
            }
        }
        return plain.toString();
    }

    private Cgroups cgroups(List<Mounted> mounts, String own, boolean besides) {
        Layout layout = Layout.NONE;
        for (Mounted mount : mounts) {
            if (mount.type.equals("cgroup")) {
                layout = Layout.LEGACY;
            }
        }
        for (Mounted mount : mounts) {
            boolean unified = mount.type.equals("cgroup2");
            if (unified && (layout == Layout.NONE || mount.point.equals(CGROUP_ROOT))) {
                layout = Layout.UNIFIED;
            }
        }
        var hierarchies = new ArrayList<Hierarchy>();
        int at = 0;
        while (layout != Layout.NONE && at < own.length()) {
            int end = own.indexOf('\n', at);
            if (end < 0) {
                end = own.length();
            }
            int names = own.indexOf(':', at) + 1;
            int path = own.indexOf(':', names) + 1;
            String controllers = own.substring(names, path - 1);
            boolean usual = controllers.isEmpty() == (layout == Layout.UNIFIED);
            Mounted mount =
                    usual || besides && controllers.isEmpty() ? find(mounts, controllers) : null;
            if (mount != null) {
                hierarchies.add(hierarchy(mount, controllers, own.substring(path, end)));
            }
            at = end + 1;
        }
        return new Cgroups(layout, hierarchies);
    }

    private Hierarchy hierarchy(Mounted mount, String controllers, String path) {
        boolean unified = controllers.isEmpty();
        String names =
                unified
                        ? files.read(mount.point + "/cgroup.controllers", Files.SMALL)
                                .text()
                                .strip()
                                .replace(' ', ',')
                        : controllers;
        return new Hierarchy(
                mount.point,
                mount.root,
                path,
                names.isEmpty() ? List.of() : List.of(names.split(",", -1)),
                unified);
    }

    /** The mount of a hierarchy, rather that at the usual place than another. */
    private static @Nullable Mounted find(List<Mounted> mounts, String controllers) {
        Mounted found = null;
        for (Mounted mount : mounts) {
            boolean fits =
                    controllers.isEmpty()
                            ? mount.type.equals("cgroup2")
                            : mount.type.equals("cgroup") && carries(mount.options, controllers);
            if (fits && (found == null || usual(mount) && !usual(found))) {
                found = mount;
            }
        }
        return found;
    }

    private static boolean usual(Mounted mount) {
        return mount.point.startsWith(CGROUP_ROOT);
    }

    /** Whether the first of the controllers, or the name, is among the options. */
    private static boolean carries(String options, String controllers) {
        int comma = controllers.indexOf(',');
        String first = comma < 0 ? controllers : controllers.substring(0, comma);
        return ("," + options + ",").contains("," + first + ",");
    }

    private @Nullable Resctrl resctrl(List<Mounted> mounts) {
        for (Mounted mount : mounts) {
            if (mount.type.equals("resctrl")) {
                return new Resctrl(
                        mount.point,
                        files.folderError(mount.point + "/info/L3") == 0,
                        files.folderError(mount.point + "/info/MB") == 0);
            }
        }
        return null;
    }
}
