package dev.rung.linux;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Mounts made as descriptors, which nobody sees until they are attached (fsopen(2), fsconfig(2),
 * fsmount(2), move_mount(2); Linux 5.2), and their end.
 */
public final class Mounts {
    private static final int SYS_OPEN_TREE = 428; // these are the same on all architectures
    private static final int SYS_MOUNT_SETATTR = 442;
    private static final int SYS_MOVE_MOUNT = 429;
    private static final int SYS_FSOPEN = 430;
    private static final int SYS_FSCONFIG = 431;
    private static final int SYS_FSMOUNT = 432;
    private static final int CLOEXEC = 1;
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    private static final int MNT_DETACH = 2;
    private static final int UMOUNT_NOFOLLOW = 8;

    /** An attribute of a mount: nothing can be written through it. */
    public static final long READ_ONLY = 1;

    /** An attribute of a mount: programs in it get no rights from their owner or capabilities. */
    public static final long NO_SETUID = 2;

    /** An attribute of a mount: devices in it cannot be opened. */
    public static final long NO_DEVICES = 4;

    /** An attribute of a mount: programs in it cannot be run. */
    public static final long NO_EXECUTION = 8;

    private static final long MOUNT_ATTR_IDMAP = 0x100000;
    private static final int ATTR_BYTES = 32; // struct mount_attr
    private static final int LOG_BYTES = 4096;
    private static final int OPEN_TREE_CLONE = 1;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_RECURSIVE = 0x8000;

    private Mounts() {}

    /** An option of a file system; a flag when the value is empty. At most 255 bytes of value. */
    public record Option(String name, String value) {}

    /**
     * A mount of a new instance of the file system, attached nowhere: it ends with the descriptor
     * unless it is attached before. Attributes are those of mount_setattr(2). What the kernel says
     * about a wrong option stands in the message of the failure.
     */
    public static Fd make(String type, List<Option> options, int attributes) throws ErrnoException {
        try (Fd context = open(type)) {
            for (Option option : options) {
                boolean flag = option.value().isEmpty();
                configure(context, flag ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING, option, type);
            }
            configure(context, FSCONFIG_CMD_CREATE, new Option("", ""), type);
            try (var memory = new Memory(0)) {
                return new Fd(
                        Calls.FSMOUNT.call(
                                memory, type, SYS_FSMOUNT, context.number(), CLOEXEC, attributes));
            }
        }
    }

    /**
     * open_tree(2) of what the descriptor of a folder or file shows: a copy of its mount from there
     * on, with the mounts below it, attached nowhere.
     */
    public static Fd copy(Fd shown) throws ErrnoException {
        try (var memory = new Memory(1)) {
            long empty = memory.put(0, new byte[0]);
            int flags = OPEN_TREE_CLONE | Paths.O_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE;
            return new Fd(
                    Calls.OPEN_TREE.call(
                            memory, shown, SYS_OPEN_TREE, shown.number(), empty, flags));
        }
    }

    /** mount_setattr(2): sets attributes (MOUNT_ATTR_) of the mount alone; Linux 5.12. */
    public static void set(Fd mount, long attributes) throws ErrnoException {
        try (var memory = new Memory(ATTR_BYTES + 1)) {
            memory.bytes().putLong(0, attributes);
            long empty = memory.put(ATTR_BYTES, new byte[0]);
            Calls.MOUNT_SETATTR.call(
                    memory,
                    mount,
                    SYS_MOUNT_SETATTR,
                    mount.number(),
                    empty,
                    AT_EMPTY_PATH,
                    memory.at(0),
                    ATTR_BYTES);
        }
    }

    /**
     * mount_setattr(2): has a copy of a mount, which is attached nowhere, show other owners, as a
     * user namespace maps them; Linux 5.12. EINVAL for a file system that cannot.
     */
    public static void mapIds(Fd mount, Fd userNamespace, boolean recursive) throws ErrnoException {
        try (var memory = new Memory(ATTR_BYTES + 1)) {
            memory.bytes().putLong(0, MOUNT_ATTR_IDMAP);
            memory.bytes().putLong(24, userNamespace.number());
            long empty = memory.put(ATTR_BYTES, new byte[0]);
            int flags = recursive ? AT_EMPTY_PATH | AT_RECURSIVE : AT_EMPTY_PATH;
            Calls.MOUNT_SETATTR.call(
                    memory,
                    mount,
                    SYS_MOUNT_SETATTR,
                    mount.number(),
                    empty,
                    flags,
                    memory.at(0),
                    ATTR_BYTES);
        }
    }

    /**
     * mount(2) of a file system on a folder of our own, with flags and data as that takes them.
     *
     * @param type empty for what needs none, such as a bind mount
     */
    public static void mount(
            KernelPath source, KernelPath target, KernelPath type, long flags, KernelPath data)
            throws ErrnoException {
        int targetAt = source.length() + 1;
        int typeAt = targetAt + target.length() + 1;
        int dataAt = typeAt + type.length() + 1;
        try (var memory = new Memory(dataAt + data.length() + 1)) {
            Calls.MOUNT.call(
                    memory,
                    target,
                    memory.put(0, source.toBytes()),
                    memory.put(targetAt, target.toBytes()),
                    memory.put(typeAt, type.toBytes()),
                    flags,
                    memory.put(dataAt, data.toBytes()));
        }
    }

    /** move_mount(2): attaches the mount over what the descriptor of a folder or file shows. */
    public static void attach(Fd mount, Fd target) throws ErrnoException {
        try (var memory = new Memory(1)) {
            long empty = memory.put(0, new byte[0]);
            Calls.MOVE_MOUNT.call(
                    memory,
                    target,
                    SYS_MOVE_MOUNT,
                    mount.number(),
                    empty,
                    target.number(),
                    empty,
                    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
        }
    }

    /**
     * umount2(2) in this process's mount namespace, of the uppermost mount at the path; it does not
     * wait for its users. EINVAL: nothing is mounted there.
     */
    public static void detach(KernelPath path) throws ErrnoException {
        try (var memory = new Memory(path.length() + 1)) {
            Calls.UMOUNT2.call(
                    memory, path, memory.put(0, path.toBytes()), MNT_DETACH | UMOUNT_NOFOLLOW);
        }
    }

    private static Fd open(String type) throws ErrnoException {
        KernelPath name = KernelPath.of(type);
        try (var memory = new Memory(name.length() + 1)) {
            long text = memory.put(0, name.toBytes());
            return new Fd(Calls.FSOPEN.call(memory, type, SYS_FSOPEN, text, CLOEXEC));
        }
    }

    private static void configure(Fd context, int command, Option option, String type)
            throws ErrnoException {
        byte[] key = KernelPath.of(option.name()).toBytes();
        byte[] value = KernelPath.of(option.value()).toBytes();
        try (var memory = new Memory(key.length + value.length + 2)) {
            long keyAt = key.length == 0 ? 0 : memory.put(0, key);
            long valueAt = command == FSCONFIG_SET_STRING ? memory.put(key.length + 1, value) : 0;
            Calls.FSCONFIG.call(
                    memory, type, SYS_FSCONFIG, context.number(), command, keyAt, valueAt, 0);
        } catch (ErrnoException e) {
            throw new ErrnoException(
                    e.call(), type + " " + option.name() + log(context), e.errno());
        }
    }

    /** What the kernel left in the context's log, one message a read. */
    private static String log(Fd context) {
        var text = new StringBuilder();
        try {
            while (text.length() < LOG_BYTES) {
                byte[] line = Descriptors.readNext(context, LOG_BYTES);
                text.append(text.isEmpty() ? " (" : "; ");
                text.append(Printable.of(new String(line, StandardCharsets.UTF_8).strip()));
            }
        } catch (ErrnoException e) {
            assert e.errno() == Errno.ENODATA : e;
        }
        return text.isEmpty() ? "" : text.append(")").toString();
    }

    private static final class Calls {
        static final Function FSOPEN = Function.bySystemCall("fsopen");
        static final Function FSCONFIG = Function.bySystemCall("fsconfig");
        static final Function FSMOUNT = Function.bySystemCall("fsmount");
        static final Function OPEN_TREE = Function.bySystemCall("open_tree");
        static final Function MOUNT_SETATTR = Function.bySystemCall("mount_setattr");
        static final Function MOUNT = new Function("mount");
        static final Function MOVE_MOUNT = Function.bySystemCall("move_mount");
        static final Function UMOUNT2 = new Function("umount2");
    }
}
