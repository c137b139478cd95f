package dev.rung.host.compile;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.host.criu.CriuImages.Mount;
import dev.rung.oci.RuntimeConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether the mounts of images show no more of the kernel than those of the config: its file
 * systems only where the config has them, and what it covers or has read-only, covered or
 * read-only. For a container that may not mount by itself.
 */
final class RestoredMounts {
    private static final String COVER = "/dev/null";

    /** One of the config. */
    private record Wanted(String type, boolean bind, boolean readOnly) {
        static final Wanted NONE = new Wanted("", false, false);

        boolean isCgroup() {
            return !bind && (type.equals("cgroup") || type.equals("cgroup2"));
        }
    }

    private final Predicate<String> there;
    private final boolean readOnlyRoot;
    private final Map<String, Wanted> configured = new HashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private final Set<String> masked = new HashSet<>();
    private final Set<String> readOnly = new HashSet<>();

    RestoredMounts(RuntimeConfig config, Predicate<String> there) {
        this.there = there;
        readOnlyRoot = config.root().readonly();
        for (var mount : config.mounts()) {
            String place = CleanPath.absolute(mount.destination());
            String type = mount.type();
            boolean closed = MountOptions.of(mount.options()).readonly();
            configured.put(place, new Wanted(type == null ? "" : type, mount.isBind(), closed));
            counts.merge(place, 1, Integer::sum);
        }
        config.linux().maskedPaths().forEach(path -> masked.add(CleanPath.absolute(path)));
        config.linux().readonlyPaths().forEach(path -> readOnly.add(CleanPath.absolute(path)));
    }

    /** Denied, with the image and the mount. */
    void check(List<Mount> mounts) {
        var images = new HashMap<String, List<Mount>>();
        for (Mount mount : mounts) {
            images.computeIfAbsent(mount.image(), _ -> new ArrayList<>()).add(mount);
        }
        if (images.size() != 1) {
            throw new Failure.Denied(
                    "the checkpoint has "
                            + images.size()
                            + " mount namespaces: want the one that this container is to have");
        }
        tree(mounts);
        for (Mount mount : mounts) {
            if (mount.place().equals("/")) {
                demand(mount, !readOnlyRoot || mount.isReadOnly(), "a root that can be written");
            } else if (mount.key().isEmpty()) {
                own(mount);
            } else {
                given(mount);
            }
        }
        cover(mounts);
    }

    private static void demand(Mount mount, boolean holds, String otherwise) {
        if (!holds) {
            throw RestoredRights.denied(
                    mount.image(), otherwise + " at \"" + Printable.of(mount.place()) + "\"");
        }
    }

    /** Each is mounted on what its place says, so that none is hidden below another. */
    private void tree(List<Mount> mounts) {
        var byId = new HashMap<Long, Mount>();
        var places = new HashMap<String, Integer>();
        for (Mount mount : mounts) {
            String place = mount.place();
            demand(mount, CleanPath.absolute(place).equals(place), "an unclear mount");
            demand(mount, byId.put(mount.id(), mount) == null, "a mount with another's id");
            demand(
                    mount,
                    places.merge(place, 1, Integer::sum) <= counts.getOrDefault(place, 1),
                    "a mount over another");
        }
        for (Mount mount : mounts) {
            Mount parent = byId.get(mount.parent());
            if (mount.place().equals("/")) {
                demand(mount, parent == null, "a mount on another");
            } else {
                demand(
                        mount,
                        parent != null && parent.place().equals(below(mount.place(), places)),
                        "a mount on another");
            }
        }
    }

    /** The place of what something at this place is mounted on. */
    private static String below(String place, Map<String, Integer> places) {
        if (places.getOrDefault(place, 0) > 1) {
            return place;
        }
        String above = place;
        do {
            above = above.substring(0, Math.max(1, above.lastIndexOf('/')));
        } while (above.length() > 1 && !places.containsKey(above));
        return above;
    }

    /** One that criu mounts anew. */
    private void own(Mount mount) {
        switch (mount.kind()) {
            case Mount.TMPFS, Mount.DEVPTS, Mount.MQUEUE ->
                    closed(mount, configured.getOrDefault(mount.place(), Wanted.NONE));
            case Mount.PROC -> kernel(mount, "proc");
            case Mount.SYSFS -> kernel(mount, "sysfs");
            case Mount.CGROUP, Mount.CGROUP2 -> cgroup(mount);
            default -> demand(mount, false, "a mount of another kind");
        }
    }

    /** All of it where the config has it, or a part that is to be read-only, in its own place. */
    private void kernel(Mount mount, String type) {
        String place = mount.place();
        String root = mount.root().equals("/") ? "" : mount.root();
        if (!root.isEmpty() && readOnly.contains(place) && place.endsWith(root)) {
            demand(mount, mount.isReadOnly(), "a writable mount");
            place = place.substring(0, place.length() - root.length());
        } else {
            demand(mount, root.isEmpty(), "a part of the file system " + type);
            closed(mount, configured.getOrDefault(place, Wanted.NONE));
        }
        Wanted wanted = configured.getOrDefault(place, Wanted.NONE);
        demand(mount, !wanted.bind() && type.equals(wanted.type()), "the file system " + type);
    }

    /** Also below the place of the config, where version 1 has a hierarchy each. */
    private void cgroup(Mount mount) {
        Wanted wanted = cgroupsAt(mount.place());
        demand(mount, wanted.isCgroup(), "the file system cgroup");
        closed(mount, wanted);
    }

    private static void closed(Mount mount, Wanted wanted) {
        demand(mount, !wanted.readOnly() || mount.isReadOnly(), "a writable mount");
    }

    private Wanted cgroupsAt(String place) {
        for (Map.Entry<String, Wanted> each : configured.entrySet()) {
            if (each.getValue().isCgroup() && CleanPath.isWithin(place, each.getKey())) {
                return each.getValue();
            }
        }
        return Wanted.NONE;
    }

    /** What the request for the restore gives under this key, writable or not as the image says. */
    private void given(Mount mount) {
        Wanted wanted = configured.getOrDefault(mount.key(), cgroupsAt(mount.key()));
        if (mount.key().equals(COVER) || !wanted.equals(Wanted.NONE)) {
            closed(mount, wanted);
            return;
        }
        // a link led elsewhere: of which mount it is only who follows it knows
        for (Wanted any : configured.values()) {
            if (any.bind()) {
                closed(mount, any);
            }
        }
    }

    /** What the config masks or has read-only of the kernel's files is so. */
    private void cover(List<Mount> mounts) {
        var byPlace = new HashMap<String, Mount>();
        mounts.forEach(mount -> byPlace.put(mount.place(), mount));
        for (String path : masked) {
            Mount shown = shown(path, byPlace);
            if (shown != null && isKernels(shown)) {
                throw uncovered(shown, path, "masked");
            }
        }
        for (String path : readOnly) {
            Mount shown = shown(path, byPlace);
            if (shown != null && isKernels(shown) && !shown.isReadOnly()) {
                throw uncovered(shown, path, "read-only");
            }
        }
    }

    /** On what mount it is; null: it is nowhere. */
    private @Nullable Mount shown(String path, Map<String, Mount> byPlace) {
        Mount mount = byPlace.get(path);
        if (mount != null || !there.test(path)) {
            return mount;
        }
        for (String above = path; above.length() > 1 && mount == null; ) {
            above = above.substring(0, Math.max(1, above.lastIndexOf('/')));
            mount = byPlace.get(above);
        }
        return mount;
    }

    private static boolean isKernels(Mount mount) {
        return mount.key().isEmpty() && (mount.kind() == Mount.PROC || mount.kind() == Mount.SYSFS);
    }

    private static Failure uncovered(Mount mount, String path, String how) {
        return RestoredRights.denied(mount.image(), "\"" + Printable.of(path) + "\" not " + how);
    }
}
