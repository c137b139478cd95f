package dev.rung.program;

import dev.rung.domain.KernelPath;
import org.jspecify.annotations.Nullable;

/** Steps on mounts and on the root. */
public sealed interface MountStep extends Step {
    long OPEN_TREE_CLONE = 1;
    long OPEN_TREE_CLOEXEC = FileStep.O_CLOEXEC;
    long AT_RECURSIVE = 0x8000;

    long MOVE_MOUNT_F_SYMLINKS = 0x01;
    long MOVE_MOUNT_F_AUTOMOUNTS = 0x02;
    long MOVE_MOUNT_F_EMPTY_PATH = 0x04;
    long MOVE_MOUNT_T_SYMLINKS = 0x10;
    long MOVE_MOUNT_T_AUTOMOUNTS = 0x20;
    long MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    long MOVE_MOUNT_SET_GROUP = 0x100;
    long MOVE_MOUNT_BENEATH = 0x200;

    long MOUNT_ATTR_RDONLY = 0x01;
    long MOUNT_ATTR_NOSUID = 0x02;
    long MOUNT_ATTR_NODEV = 0x04;
    long MOUNT_ATTR_NOEXEC = 0x08;
    long MOUNT_ATTR_RELATIME = 0;
    long MOUNT_ATTR_NOATIME = 0x10;
    long MOUNT_ATTR_STRICTATIME = 0x20;

    /** All the bits of the access time setting, to be cleared when one of them is set. */
    long MOUNT_ATTR__ATIME = 0x70;

    long MOUNT_ATTR_NODIRATIME = 0x80;
    long MOUNT_ATTR_IDMAP = 0x100000;
    long MOUNT_ATTR_NOSYMFOLLOW = 0x200000;

    long FSOPEN_CLOEXEC = 1;
    long FSMOUNT_CLOEXEC = 1;

    long FSPICK_CLOEXEC = 1;
    long FSPICK_SYMLINK_NOFOLLOW = 2;
    long FSPICK_NO_AUTOMOUNT = 4;
    long FSPICK_EMPTY_PATH = 8;

    int FSCONFIG_SET_FLAG = 0;
    int FSCONFIG_SET_STRING = 1;
    int FSCONFIG_SET_FD = 5;
    int FSCONFIG_CMD_CREATE = 6;
    int FSCONFIG_CMD_RECONFIGURE = 7;

    long MS_RDONLY = 0x01;
    long MS_NOSUID = 0x02;
    long MS_NODEV = 0x04;
    long MS_NOEXEC = 0x08;
    long MS_SYNCHRONOUS = 0x10;
    long MS_REMOUNT = 0x20;
    long MS_MANDLOCK = 0x40;
    long MS_DIRSYNC = 0x80;
    long MS_NOSYMFOLLOW = 0x100;
    long MS_NOATIME = 0x400;
    long MS_NODIRATIME = 0x800;
    long MS_BIND = 0x1000;
    long MS_MOVE = 0x2000;
    long MS_REC = 0x4000;
    long MS_SILENT = 0x8000;
    long MS_UNBINDABLE = 0x20000;
    long MS_PRIVATE = 0x40000;
    long MS_SLAVE = 0x80000;
    long MS_SHARED = 0x100000;
    long MS_RELATIME = 0x200000;
    long MS_I_VERSION = 0x800000;
    long MS_STRICTATIME = 0x1000000;
    long MS_LAZYTIME = 0x2000000;

    long MNT_FORCE = 1;
    long MNT_DETACH = 2;
    long MNT_EXPIRE = 4;
    long UMOUNT_NOFOLLOW = 8;

    /**
     * open_tree(2); with OPEN_TREE_CLONE a copy that is mounted nowhere. Result: the descriptor.
     */
    record OpenTree(Operand dir, Text path, long flags) implements MountStep {
        public OpenTree(Operand dir, String path, long flags) {
            this(dir, Text.of(path), flags);
        }

        public OpenTree(Operand dir, KernelPath path, long flags) {
            this(dir, Text.of(path), flags);
        }

        /** Of what the descriptor stands for. */
        public OpenTree(Operand fd, long flags) {
            this(fd, Text.EMPTY, flags | FileStep.AT_EMPTY_PATH);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.OPEN_TREE).operand(dir).text(path).number(flags);
        }
    }

    /** move_mount(2). */
    record MoveMount(Operand fromDir, Text from, Operand toDir, Text to, long flags)
            implements MountStep {
        /** A mount held by a descriptor onto what another descriptor stands for. */
        public MoveMount(Operand from, Operand to) {
            this(
                    from,
                    Text.EMPTY,
                    to,
                    Text.EMPTY,
                    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
        }

        /** A mount held by a descriptor onto a path. */
        public MoveMount(Operand from, Operand toDir, String to) {
            this(from, Text.EMPTY, toDir, Text.of(to), MOVE_MOUNT_F_EMPTY_PATH);
        }

        @Override
        public void lower(Lowering lowering) {
            lowering.call(Call.MOVE_MOUNT)
                    .operand(fromDir)
                    .text(from)
                    .operand(toDir)
                    .text(to)
                    .number(flags);
        }
    }

    /**
     * mount_setattr(2).
     *
     * @param flags AT_EMPTY_PATH, AT_RECURSIVE, AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT
     * @param set MOUNT_ATTR_ bits to set
     * @param clear MOUNT_ATTR_ bits to clear
     * @param propagation MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE or 0
     * @param userns the user namespace of MOUNT_ATTR_IDMAP, else {@link Operand#NONE}
     */
    record MountSetattr(
            Operand dir,
            Text path,
            long flags,
            long set,
            long clear,
            long propagation,
            Operand userns)
            implements MountStep {
        /** Of the mount that a descriptor stands for. */
        public MountSetattr(Operand fd, long set, long clear, boolean recursive) {
            this(fd, Text.EMPTY, self(recursive), set, clear, 0, Operand.NONE);
        }

        /** The propagation of the mount that a descriptor stands for. */
        public static MountSetattr propagation(Operand fd, long propagation, boolean recursive) {
            return new MountSetattr(
                    fd, Text.EMPTY, self(recursive), 0, 0, propagation, Operand.NONE);
        }

        /** The id mapping of a user namespace for the mount that a descriptor stands for. */
        public static MountSetattr idmap(Operand fd, Operand userns, boolean recursive) {
            return new MountSetattr(
                    fd, Text.EMPTY, self(recursive), MOUNT_ATTR_IDMAP, 0, 0, userns);
        }

        private static long self(boolean recursive) {
            return FileStep.AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
        }

        @Override
        public void lower(Lowering to) {
            DataArea data = to.data();
            int attr = data.reserve(32);
            data.put64(attr, set);
            data.put64(attr + 8, clear);
            data.put64(attr + 16, propagation);
            if (!userns.equals(Operand.NONE)) {
                to.poke(userns, attr + 24, 8);
            }
            to.call(Call.MOUNT_SETATTR)
                    .operand(dir)
                    .text(path)
                    .number(flags)
                    .address(attr)
                    .number(32);
        }
    }

    /** fsopen(2). Result: the descriptor. */
    record Fsopen(Text type, long flags) implements MountStep {
        public Fsopen(String type) {
            this(Text.of(type), FSOPEN_CLOEXEC);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.FSOPEN).text(type).number(flags);
        }
    }

    /** fsconfig(2) of an option without a value. */
    record FsconfigFlag(Operand fs, Text key) implements MountStep {
        public FsconfigFlag(Operand fs, String key) {
            this(fs, Text.of(key));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.FSCONFIG).operand(fs).number(FSCONFIG_SET_FLAG).text(key);
        }
    }

    /** fsconfig(2) of an option with a text; the kernel takes 255 bytes at most. */
    record FsconfigString(Operand fs, Text key, Text value) implements MountStep {
        public FsconfigString(Operand fs, String key, String value) {
            this(fs, Text.of(key), Text.of(value));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.FSCONFIG).operand(fs).number(FSCONFIG_SET_STRING).text(key).text(value);
        }
    }

    /** fsconfig(2) of an option with a descriptor. */
    record FsconfigFd(Operand fs, Text key, Operand value) implements MountStep {
        public FsconfigFd(Operand fs, String key, Operand value) {
            this(fs, Text.of(key), value);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.FSCONFIG)
                    .operand(fs)
                    .number(FSCONFIG_SET_FD)
                    .text(key)
                    .number(0)
                    .operand(value);
        }
    }

    /** fsconfig(2) that makes the superblock. */
    record FsconfigCreate(Operand fs) implements MountStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.FSCONFIG).operand(fs).number(FSCONFIG_CMD_CREATE);
        }
    }

    /** fsconfig(2) that changes a superblock picked before. */
    record FsconfigReconfigure(Operand fs) implements MountStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.FSCONFIG).operand(fs).number(FSCONFIG_CMD_RECONFIGURE);
        }
    }

    /** fsmount(2). Result: the descriptor of a mount that is mounted nowhere yet. */
    record Fsmount(Operand fs, long flags, long attributes) implements MountStep {
        public Fsmount(Operand fs, long attributes) {
            this(fs, FSMOUNT_CLOEXEC, attributes);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.FSMOUNT).operand(fs).number(flags).number(attributes);
        }
    }

    /** fspick(2). Result: the descriptor. */
    record Fspick(Operand dir, Text path, long flags) implements MountStep {
        public Fspick(Operand dir, String path, long flags) {
            this(dir, Text.of(path), flags);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.FSPICK).operand(dir).text(path).number(flags);
        }
    }

    /** mount(2); what is null is NULL. */
    record Mount(
            @Nullable Text source,
            Text target,
            @Nullable Text type,
            long flags,
            @Nullable Text data)
            implements MountStep {
        /** Changes propagation or flags of what is mounted there. */
        public Mount(String target, long flags) {
            this(null, Text.of(target), null, flags, null);
        }

        @Override
        public void lower(Lowering to) {
            optional(to.call(Call.MOUNT), source).text(target);
            optional(to, type).number(flags);
            optional(to, data);
        }

        private static Lowering optional(Lowering to, @Nullable Text text) {
            return text == null ? to.number(0) : to.text(text);
        }
    }

    /** umount2(2). */
    record Umount2(Text path, long flags) implements MountStep {
        public Umount2(String path, long flags) {
            this(Text.of(path), flags);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.UMOUNT2).text(path).number(flags);
        }
    }

    /** pivot_root(2). */
    record PivotRoot(Text newRoot, Text putOld) implements MountStep {
        public PivotRoot(String newRoot, String putOld) {
            this(Text.of(newRoot), Text.of(putOld));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.PIVOT_ROOT).text(newRoot).text(putOld);
        }
    }

    /** chroot(2). */
    record Chroot(Text path) implements MountStep {
        public Chroot(String path) {
            this(Text.of(path));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.CHROOT).text(path);
        }
    }
}
