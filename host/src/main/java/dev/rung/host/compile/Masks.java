package dev.rung.host.compile;

import static dev.rung.domain.Errno.ENOENT;
import static dev.rung.domain.Errno.ENOTDIR;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.MountStep.AT_RECURSIVE;

import dev.rung.program.Mark;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Read-only and masked paths (config-linux.md "Readonly Paths", "Masked Paths"). A masked file is
 * covered by the host's null device, a masked directory by an empty read-only tmpfs that all of
 * them share. What is not there needs no cover.
 */
final class Masks {
    private final ContainerPlan plan;
    private final Script s;
    private final Slot root;

    Masks(ContainerPlan plan, Script s, Slot root) {
        this.plan = plan;
        this.s = s;
        this.root = root;
    }

    void readonlyPaths() {
        List<String> paths = plan.linux().readonlyPaths();
        for (int i = 0; i < paths.size(); i++) {
            String path = paths.get(i);
            s.at("linux.readonlyPaths[" + i + "]", "can't make " + Quoted.of(path) + " read-only");
            Mark next = s.mark();
            Slot target = s.openInside("target", root, path, O_PATH);
            s.orElse(next, ENOENT);
            Slot tree = s.copyTree("tree", target, "", AT_RECURSIVE);
            s.setAttributes(tree, MountOptions.RDONLY, 0);
            s.moveMount(tree, target);
            s.close(tree);
            s.close(target);
            s.place(next);
        }
    }

    /** Call while the old root is still mounted: the shared tmpfs is kept there. */
    void maskedPaths() {
        List<String> paths = plan.linux().maskedPaths();
        if (paths.isEmpty()) {
            return;
        }
        s.at("linux.maskedPaths", "can't mask paths");
        Slot device = s.openat("null", Operand.CWD, "/dev/null", O_PATH, 0);
        s.expectCharacterDevice(device, 1, 3);
        Slot empty = canShare() ? shared() : null;
        Set<String> seen = HashSet.newHashSet(paths.size());
        for (int i = 0; i < paths.size(); i++) {
            if (seen.add(CleanPath.absolute(paths.get(i)))) {
                mask("linux.maskedPaths[" + i + "]", paths.get(i), device, empty);
            }
        }
        s.close(device);
        if (empty != null) {
            s.close(empty);
        }
    }

    /** Not where what is mounted on the old root would be seen by the host. */
    private boolean canShare() {
        return Rootfs.isCutOff(plan.linux().rootfsPropagation());
    }

    /**
     * Only what is attached can be copied, so the tmpfs lies on the old root's /dev until that root
     * is gone.
     */
    private Slot shared() {
        Slot made = empty(plan, s);
        Slot shelf = s.openat("shelf", Operand.CWD, "/dev", O_PATH, 0);
        s.moveMount(made, shelf);
        s.close(shelf);
        return made;
    }

    /** A read-only tmpfs without room. */
    static Slot empty(ContainerPlan plan, Script s) {
        Slot context = s.fsopen("tmpfs");
        s.fsconfig(context, "source", "tmpfs");
        s.fsconfig(context, "nr_blocks", "1");
        s.fsconfig(context, "nr_inodes", "1");
        String label = plan.mountLabel();
        if (label != null) {
            s.fsconfig(context, "context", label);
        }
        s.fsconfig(context, "ro");
        return s.fsmount("empty", context, MountOptions.RDONLY);
    }

    private void mask(String key, String path, Slot device, @Nullable Slot empty) {
        Mark next = s.mark();
        Mark file = s.mark();
        Mark cover = s.mark();
        s.at(key, "can't mask path " + Quoted.of(path));
        Slot target = s.openInside("target", root, path, O_PATH);
        s.orElse(next, ENOENT, ENOTDIR);
        s.skipUnlessDirectory(target, file);
        Slot tree = empty == null ? empty(plan, s) : s.copyTree("mask", empty, "", 0);
        s.jump(cover);
        s.place(file);
        s.copyTree(tree, device, "", 0);
        // Written to it can be even so; but nobody can change the host's device by another name.
        s.setAttributes(tree, MountOptions.RDONLY | MountOptions.NOSUID | MountOptions.NOEXEC, 0);
        s.place(cover);
        s.moveMount(tree, target);
        s.close(tree);
        s.close(target);
        s.place(next);
    }
}
