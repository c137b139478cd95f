package dev.rung.host.compile;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.host.criu.CriuCgroups;
import dev.rung.host.criu.CriuCgroups.Hierarchy;
import dev.rung.host.criu.CriuCgroups.Member;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Whether images leave processes in the cgroups of the container. criu replaces the beginning of a
 * path, which is the one cgroup that an image tells of a hierarchy, by that of the container, and
 * takes all that does not begin so as it is written.
 */
final class RestoredCgroups {
    /** Of a controller, or a file of a cgroup: criu makes paths of it. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_=.-]*");

    private RestoredCgroups() {}

    /** Denied, with what stands there. */
    static void check(CriuCgroups cgroups) {
        var known = new HashSet<String>();
        for (Hierarchy hierarchy : cgroups.hierarchies()) {
            for (String controller : hierarchy.controllers()) {
                demand(NAME.matcher(controller).matches(), controller);
                demand(known.add(controller), controller);
            }
            demand(hierarchy.folders().size() == 1, "several in one hierarchy");
            CriuCgroups.Folder folder = hierarchy.folders().getFirst();
            demand(folder.alone(), "one below \"" + folder.name() + "\"");
            folder.files().forEach(file -> demand(NAME.matcher(file).matches(), file));
            demand(isClean("/" + folder.name()), folder.name());
        }
        for (Member member : cgroups.members()) {
            demand(isWithin(member, cgroups.hierarchies()), member.path());
        }
    }

    private static void demand(boolean holds, String cgroup) {
        if (!holds) {
            throw new Failure.Denied(
                    "the checkpoint's cgroup.img has a cgroup that is not the container's: "
                            + Printable.of(cgroup));
        }
    }

    private static boolean isClean(String path) {
        return CleanPath.absolute(path).equals(path);
    }

    private static boolean isWithin(Member member, List<Hierarchy> hierarchies) {
        Set<String> names = new HashSet<>(List.of(member.controllers().split(",", -1)));
        for (Hierarchy hierarchy : hierarchies) {
            if (names.equals(new HashSet<>(hierarchy.controllers()))) {
                String root = "/" + hierarchy.folders().getFirst().name();
                return member.path().equals(root)
                        && (member.prefix() == 0 || member.prefix() == root.length());
            }
        }
        return false;
    }
}
