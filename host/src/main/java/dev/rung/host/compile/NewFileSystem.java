package dev.rung.host.compile;

import static dev.rung.program.MountStep.MS_DIRSYNC;
import static dev.rung.program.MountStep.MS_LAZYTIME;
import static dev.rung.program.MountStep.MS_MANDLOCK;
import static dev.rung.program.MountStep.MS_NOATIME;
import static dev.rung.program.MountStep.MS_NODEV;
import static dev.rung.program.MountStep.MS_NODIRATIME;
import static dev.rung.program.MountStep.MS_NOEXEC;
import static dev.rung.program.MountStep.MS_NOSUID;
import static dev.rung.program.MountStep.MS_NOSYMFOLLOW;
import static dev.rung.program.MountStep.MS_RDONLY;
import static dev.rung.program.MountStep.MS_RELATIME;
import static dev.rung.program.MountStep.MS_STRICTATIME;
import static dev.rung.program.MountStep.MS_SYNCHRONOUS;

import dev.rung.program.Bytes;
import dev.rung.program.ControlStep.Decimal;
import dev.rung.program.Hole;
import dev.rung.program.MountStep.Mount;
import dev.rung.program.Slot;
import dev.rung.program.Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file system that is made for one mount, with all its options. */
final class NewFileSystem {
    /** Of one option's value, by fsconfig(2). */
    private static final int LONGEST_VALUE = 255;

    /** Of all options together, by mount(2): a page with its NUL. */
    private static final int LONGEST_PAGE = 4095;

    private static final String DESCRIPTORS = "/proc/self/fd/";

    private final Script s;
    private final MountPlan mount;
    private final boolean readonly;
    private final List<String> options;
    private final @Nullable String label;

    /**
     * @param label what is in it is labelled with under SELinux, null: nothing
     */
    NewFileSystem(Script s, MountPlan mount, boolean readonly, @Nullable String label) {
        this.s = s;
        this.mount = mount;
        this.readonly = readonly;
        this.options = options(mount);
        this.label = isLabelled(mount) ? label : null;
    }

    private static boolean isLabelled(MountPlan mount) {
        return switch (mount.kind()) {
            case PROC, SYSFS, MQUEUE, CGROUP, BIND -> false;
            case TMPFS, OTHER -> true;
        };
    }

    /** Whether it has an option of this beginning. */
    boolean has(String start) {
        for (int i = 0; i < options.size(); i++) {
            if (options.get(i).startsWith(start)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a value is too long for {@link #create}, such as many layers of an overlay. */
    boolean isLong() {
        for (int i = 0; i < options.size(); i++) {
            String option = options.get(i);
            if (option.length() - option.indexOf('=') - 1 > LONGEST_VALUE) {
                return true;
            }
        }
        return false;
    }

    /** Makes it, mounted nowhere. */
    Slot create() {
        Slot context = s.fsopen(mount.type());
        if (!mount.source().isEmpty()) {
            s.fsconfig(context, "source", mount.source());
        }
        if (readonly) {
            s.fsconfig(context, "ro");
        }
        List<String> flags = mount.options().superblock();
        for (int i = 0; i < flags.size(); i++) {
            s.fsconfig(context, flags.get(i));
        }
        for (int i = 0; i < options.size(); i++) {
            configure(context, options.get(i));
        }
        if (label != null) {
            s.fsconfig(context, "context", label);
        }
        return s.fsmount(mount.type(), context, attributes());
    }

    private long attributes() {
        return mount.options().set() & ~MountOptions.RDONLY
                | mount.options().accessTime()
                | (readonly ? MountOptions.RDONLY : 0);
    }

    private void configure(Slot context, String option) {
        int equals = option.indexOf('=');
        if (equals < 0) {
            s.fsconfig(context, option);
            return;
        }
        String value = option.substring(equals + 1);
        if (value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")) {
            value = value.substring(1, value.length() - 1);
        }
        if (value.length() > LONGEST_VALUE) {
            throw Checks.invalid(
                    mount.key() + ".options",
                    "mount option "
                            + Quoted.of(option.substring(0, equals))
                            + " is longer than "
                            + LONGEST_VALUE
                            + " characters");
        }
        s.fsconfig(context, option.substring(0, equals), value);
    }

    /** Mounts it by mount(2), which takes a page of options, onto what a descriptor stands for. */
    void mountOnto(Slot target) {
        var page = new StringBuilder();
        for (int i = 0; i < options.size(); i++) {
            page.append(i == 0 ? "" : ",").append(options.get(i));
        }
        if (label != null) {
            page.append(page.isEmpty() ? "" : ",").append("context=\"").append(label).append('"');
        }
        Bytes data = Bytes.of(page.toString());
        if (data.length() > LONGEST_PAGE) {
            throw Checks.invalid(
                    mount.key() + ".options",
                    "mount options are longer than " + LONGEST_PAGE + " bytes");
        }
        Hole path = s.hole(Bytes.of(DESCRIPTORS), Hole.DIGITS);
        s.add(new Decimal(target, path.from(DESCRIPTORS.length()), 0));
        s.add(
                new Mount(
                        Text.of(mount.source()),
                        path,
                        Text.of(mount.type()),
                        flags(),
                        Text.of(page.toString())));
    }

    /** The attributes in the bits of mount(2). */
    private long flags() {
        long attributes = attributes();
        long flags =
                either(attributes, MountOptions.RDONLY, MS_RDONLY)
                        | either(attributes, MountOptions.NOSUID, MS_NOSUID)
                        | either(attributes, MountOptions.NODEV, MS_NODEV)
                        | either(attributes, MountOptions.NOEXEC, MS_NOEXEC)
                        | either(attributes, MountOptions.NODIRATIME, MS_NODIRATIME)
                        | either(attributes, MountOptions.NOSYMFOLLOW, MS_NOSYMFOLLOW);
        long times = attributes & MountOptions.ATIME;
        flags |=
                times == MountOptions.NOATIME
                        ? MS_NOATIME
                        : times == MountOptions.STRICTATIME ? MS_STRICTATIME : MS_RELATIME;
        List<String> superblock = mount.options().superblock();
        for (int i = 0; i < superblock.size(); i++) {
            flags |=
                    switch (superblock.get(i)) {
                        case "sync" -> MS_SYNCHRONOUS;
                        case "dirsync" -> MS_DIRSYNC;
                        case "lazytime" -> MS_LAZYTIME;
                        default -> MS_MANDLOCK;
                    };
        }
        return flags;
    }

    private static long either(long attributes, long attribute, long flag) {
        return (attributes & attribute) == 0 ? 0 : flag;
    }

    /** One by one; commas inside double quotes belong to a value. */
    private static List<String> options(MountPlan mount) {
        List<String> data = mount.options().data();
        var all = new ArrayList<String>(data.size());
        for (int i = 0; i < data.size(); i++) {
            split(data.get(i), all);
        }
        return all;
    }

    private static void split(String options, List<String> to) {
        boolean quoted = false;
        int from = 0;
        for (int i = 0; i <= options.length(); i++) {
            char c = i == options.length() ? ',' : options.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && (!quoted || i == options.length())) {
                if (i > from) {
                    to.add(options.substring(from, i));
                }
                from = i + 1;
            }
        }
    }
}
