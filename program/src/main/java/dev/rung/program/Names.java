package dev.rung.program;

/** The kernel's names of flags and choices, for listings only. */
final class Names {
    static final Names OPEN =
            new Names(
                    "O_CREAT", FileStep.O_CREAT,
                    "O_EXCL", FileStep.O_EXCL,
                    "O_NOCTTY", FileStep.O_NOCTTY,
                    "O_TRUNC", FileStep.O_TRUNC,
                    "O_APPEND", FileStep.O_APPEND,
                    "O_NONBLOCK", FileStep.O_NONBLOCK,
                    "O_DIRECTORY", FileStep.O_DIRECTORY,
                    "O_NOFOLLOW", FileStep.O_NOFOLLOW,
                    "O_CLOEXEC", FileStep.O_CLOEXEC,
                    "O_PATH", FileStep.O_PATH);

    static final Names RESOLVE =
            new Names(
                    "RESOLVE_NO_XDEV", FileStep.RESOLVE_NO_XDEV,
                    "RESOLVE_NO_MAGICLINKS", FileStep.RESOLVE_NO_MAGICLINKS,
                    "RESOLVE_NO_SYMLINKS", FileStep.RESOLVE_NO_SYMLINKS,
                    "RESOLVE_BENEATH", FileStep.RESOLVE_BENEATH,
                    "RESOLVE_IN_ROOT", FileStep.RESOLVE_IN_ROOT);

    static final Names AT =
            new Names(
                    "AT_SYMLINK_NOFOLLOW", FileStep.AT_SYMLINK_NOFOLLOW,
                    "AT_REMOVEDIR", FileStep.AT_REMOVEDIR,
                    "AT_SYMLINK_FOLLOW", FileStep.AT_SYMLINK_FOLLOW,
                    "AT_NO_AUTOMOUNT", FileStep.AT_NO_AUTOMOUNT,
                    "AT_EMPTY_PATH", FileStep.AT_EMPTY_PATH,
                    "AT_RECURSIVE", MountStep.AT_RECURSIVE);

    static final Names LOCK =
            new Names(
                    "LOCK_SH", FileStep.LOCK_SH,
                    "LOCK_EX", FileStep.LOCK_EX,
                    "LOCK_NB", FileStep.LOCK_NB,
                    "LOCK_UN", FileStep.LOCK_UN);

    static final Names RENAME =
            new Names(
                    "RENAME_NOREPLACE", FileStep.RENAME_NOREPLACE,
                    "RENAME_EXCHANGE", FileStep.RENAME_EXCHANGE);

    static final Names CLOSE_RANGE =
            new Names(
                    "CLOSE_RANGE_UNSHARE", FileStep.CLOSE_RANGE_UNSHARE,
                    "CLOSE_RANGE_CLOEXEC", FileStep.CLOSE_RANGE_CLOEXEC);

    static final Names FCNTL =
            new Names(
                    "F_GETFD", FileStep.F_GETFD,
                    "F_SETFD", FileStep.F_SETFD,
                    "F_GETFL", FileStep.F_GETFL,
                    "F_SETFL", FileStep.F_SETFL,
                    "F_DUPFD_CLOEXEC", FileStep.F_DUPFD_CLOEXEC);

    static final Names FILE_KIND =
            new Names(
                    "S_IFIFO", FileStep.S_IFIFO,
                    "S_IFCHR", FileStep.S_IFCHR,
                    "S_IFDIR", FileStep.S_IFDIR,
                    "S_IFBLK", FileStep.S_IFBLK,
                    "S_IFREG", FileStep.S_IFREG);

    static final Names OPEN_TREE =
            new Names(
                    "OPEN_TREE_CLONE", MountStep.OPEN_TREE_CLONE,
                    "OPEN_TREE_CLOEXEC", MountStep.OPEN_TREE_CLOEXEC,
                    "AT_EMPTY_PATH", FileStep.AT_EMPTY_PATH,
                    "AT_SYMLINK_NOFOLLOW", FileStep.AT_SYMLINK_NOFOLLOW,
                    "AT_NO_AUTOMOUNT", FileStep.AT_NO_AUTOMOUNT,
                    "AT_RECURSIVE", MountStep.AT_RECURSIVE);

    static final Names MOVE_MOUNT =
            new Names(
                    "MOVE_MOUNT_F_SYMLINKS", MountStep.MOVE_MOUNT_F_SYMLINKS,
                    "MOVE_MOUNT_F_AUTOMOUNTS", MountStep.MOVE_MOUNT_F_AUTOMOUNTS,
                    "MOVE_MOUNT_F_EMPTY_PATH", MountStep.MOVE_MOUNT_F_EMPTY_PATH,
                    "MOVE_MOUNT_T_SYMLINKS", MountStep.MOVE_MOUNT_T_SYMLINKS,
                    "MOVE_MOUNT_T_AUTOMOUNTS", MountStep.MOVE_MOUNT_T_AUTOMOUNTS,
                    "MOVE_MOUNT_T_EMPTY_PATH", MountStep.MOVE_MOUNT_T_EMPTY_PATH,
                    "MOVE_MOUNT_SET_GROUP", MountStep.MOVE_MOUNT_SET_GROUP,
                    "MOVE_MOUNT_BENEATH", MountStep.MOVE_MOUNT_BENEATH);

    static final Names MOUNT_ATTR =
            new Names(
                    "MOUNT_ATTR__ATIME", MountStep.MOUNT_ATTR__ATIME,
                    "MOUNT_ATTR_RDONLY", MountStep.MOUNT_ATTR_RDONLY,
                    "MOUNT_ATTR_NOSUID", MountStep.MOUNT_ATTR_NOSUID,
                    "MOUNT_ATTR_NODEV", MountStep.MOUNT_ATTR_NODEV,
                    "MOUNT_ATTR_NOEXEC", MountStep.MOUNT_ATTR_NOEXEC,
                    "MOUNT_ATTR_NOATIME", MountStep.MOUNT_ATTR_NOATIME,
                    "MOUNT_ATTR_STRICTATIME", MountStep.MOUNT_ATTR_STRICTATIME,
                    "MOUNT_ATTR_NODIRATIME", MountStep.MOUNT_ATTR_NODIRATIME,
                    "MOUNT_ATTR_IDMAP", MountStep.MOUNT_ATTR_IDMAP,
                    "MOUNT_ATTR_NOSYMFOLLOW", MountStep.MOUNT_ATTR_NOSYMFOLLOW);

    static final Names FSPICK =
            new Names(
                    "FSPICK_CLOEXEC", MountStep.FSPICK_CLOEXEC,
                    "FSPICK_SYMLINK_NOFOLLOW", MountStep.FSPICK_SYMLINK_NOFOLLOW,
                    "FSPICK_NO_AUTOMOUNT", MountStep.FSPICK_NO_AUTOMOUNT,
                    "FSPICK_EMPTY_PATH", MountStep.FSPICK_EMPTY_PATH);

    static final Names FSCONFIG =
            new Names(
                    "FSCONFIG_SET_FLAG", MountStep.FSCONFIG_SET_FLAG,
                    "FSCONFIG_SET_STRING", MountStep.FSCONFIG_SET_STRING,
                    "FSCONFIG_SET_FD", MountStep.FSCONFIG_SET_FD,
                    "FSCONFIG_CMD_CREATE", MountStep.FSCONFIG_CMD_CREATE,
                    "FSCONFIG_CMD_RECONFIGURE", MountStep.FSCONFIG_CMD_RECONFIGURE);

    static final Names MOUNT =
            new Names(
                    "MS_RDONLY", MountStep.MS_RDONLY,
                    "MS_NOSUID", MountStep.MS_NOSUID,
                    "MS_NODEV", MountStep.MS_NODEV,
                    "MS_NOEXEC", MountStep.MS_NOEXEC,
                    "MS_SYNCHRONOUS", MountStep.MS_SYNCHRONOUS,
                    "MS_REMOUNT", MountStep.MS_REMOUNT,
                    "MS_MANDLOCK", MountStep.MS_MANDLOCK,
                    "MS_DIRSYNC", MountStep.MS_DIRSYNC,
                    "MS_NOSYMFOLLOW", MountStep.MS_NOSYMFOLLOW,
                    "MS_NOATIME", MountStep.MS_NOATIME,
                    "MS_NODIRATIME", MountStep.MS_NODIRATIME,
                    "MS_BIND", MountStep.MS_BIND,
                    "MS_MOVE", MountStep.MS_MOVE,
                    "MS_REC", MountStep.MS_REC,
                    "MS_SILENT", MountStep.MS_SILENT,
                    "MS_UNBINDABLE", MountStep.MS_UNBINDABLE,
                    "MS_PRIVATE", MountStep.MS_PRIVATE,
                    "MS_SLAVE", MountStep.MS_SLAVE,
                    "MS_SHARED", MountStep.MS_SHARED,
                    "MS_RELATIME", MountStep.MS_RELATIME,
                    "MS_I_VERSION", MountStep.MS_I_VERSION,
                    "MS_STRICTATIME", MountStep.MS_STRICTATIME,
                    "MS_LAZYTIME", MountStep.MS_LAZYTIME);

    static final Names UMOUNT =
            new Names(
                    "MNT_FORCE", MountStep.MNT_FORCE,
                    "MNT_DETACH", MountStep.MNT_DETACH,
                    "MNT_EXPIRE", MountStep.MNT_EXPIRE,
                    "UMOUNT_NOFOLLOW", MountStep.UMOUNT_NOFOLLOW);

    static final Names CLONE =
            new Names(
                    "CLONE_VM", ProcessStep.CLONE_VM,
                    "CLONE_NEWTIME", ProcessStep.CLONE_NEWTIME,
                    "CLONE_NEWNS", ProcessStep.CLONE_NEWNS,
                    "CLONE_NEWCGROUP", ProcessStep.CLONE_NEWCGROUP,
                    "CLONE_NEWUTS", ProcessStep.CLONE_NEWUTS,
                    "CLONE_NEWIPC", ProcessStep.CLONE_NEWIPC,
                    "CLONE_NEWUSER", ProcessStep.CLONE_NEWUSER,
                    "CLONE_NEWPID", ProcessStep.CLONE_NEWPID,
                    "CLONE_NEWNET", ProcessStep.CLONE_NEWNET,
                    "CLONE_PARENT", ProcessStep.CLONE_PARENT);

    static final Names SIGPROCMASK =
            new Names(
                    "SIG_BLOCK", ProcessStep.SIG_BLOCK,
                    "SIG_UNBLOCK", ProcessStep.SIG_UNBLOCK,
                    "SIG_SETMASK", ProcessStep.SIG_SETMASK);

    static final Names ID_TYPE =
            new Names(
                    "P_ALL", ProcessStep.P_ALL,
                    "P_PID", ProcessStep.P_PID,
                    "P_PIDFD", ProcessStep.P_PIDFD);

    static final Names WAIT =
            new Names(
                    "WNOHANG", ProcessStep.WNOHANG,
                    "WEXITED", ProcessStep.WEXITED,
                    "WNOWAIT", ProcessStep.WNOWAIT,
                    "WALL", ProcessStep.WALL);

    static final Names PRCTL =
            new Names(
                    "PR_SET_PDEATHSIG", CredentialStep.PR_SET_PDEATHSIG,
                    "PR_SET_DUMPABLE", CredentialStep.PR_SET_DUMPABLE,
                    "PR_SET_KEEPCAPS", CredentialStep.PR_SET_KEEPCAPS,
                    "PR_SET_NAME", CredentialStep.PR_SET_NAME,
                    "PR_CAPBSET_READ", CredentialStep.PR_CAPBSET_READ,
                    "PR_CAPBSET_DROP", CredentialStep.PR_CAPBSET_DROP,
                    "PR_SET_SECUREBITS", CredentialStep.PR_SET_SECUREBITS,
                    "PR_SET_CHILD_SUBREAPER", CredentialStep.PR_SET_CHILD_SUBREAPER,
                    "PR_SET_NO_NEW_PRIVS", CredentialStep.PR_SET_NO_NEW_PRIVS,
                    "PR_CAP_AMBIENT", CredentialStep.PR_CAP_AMBIENT);

    static final Names AMBIENT =
            new Names(
                    "PR_CAP_AMBIENT_RAISE", CredentialStep.PR_CAP_AMBIENT_RAISE,
                    "PR_CAP_AMBIENT_LOWER", CredentialStep.PR_CAP_AMBIENT_LOWER,
                    "PR_CAP_AMBIENT_CLEAR_ALL", CredentialStep.PR_CAP_AMBIENT_CLEAR_ALL);

    static final Names SECCOMP_FILTER =
            new Names(
                    "SECCOMP_FILTER_FLAG_TSYNC", CredentialStep.SECCOMP_FILTER_FLAG_TSYNC,
                    "SECCOMP_FILTER_FLAG_LOG", CredentialStep.SECCOMP_FILTER_FLAG_LOG,
                    "SECCOMP_FILTER_FLAG_SPEC_ALLOW", CredentialStep.SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                    "SECCOMP_FILTER_FLAG_NEW_LISTENER",
                            CredentialStep.SECCOMP_FILTER_FLAG_NEW_LISTENER,
                    "SECCOMP_FILTER_FLAG_TSYNC_ESRCH",
                            CredentialStep.SECCOMP_FILTER_FLAG_TSYNC_ESRCH,
                    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
                            CredentialStep.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);

    static final Names BPF_ATTACH_FLAG =
            new Names(
                    "BPF_F_ALLOW_OVERRIDE", CredentialStep.BPF_F_ALLOW_OVERRIDE,
                    "BPF_F_ALLOW_MULTI", CredentialStep.BPF_F_ALLOW_MULTI,
                    "BPF_F_REPLACE", CredentialStep.BPF_F_REPLACE);

    static final Names SOCKET_DOMAIN =
            new Names(
                    "AF_UNIX", SocketStep.AF_UNIX,
                    "AF_INET", SocketStep.AF_INET,
                    "AF_NETLINK", SocketStep.AF_NETLINK);

    static final Names SOCKET_TYPE =
            new Names(
                    "SOCK_STREAM", SocketStep.SOCK_STREAM,
                    "SOCK_DGRAM", SocketStep.SOCK_DGRAM,
                    "SOCK_RAW", SocketStep.SOCK_RAW,
                    "SOCK_SEQPACKET", SocketStep.SOCK_SEQPACKET);

    static final Names SOCKET_FLAG =
            new Names(
                    "SOCK_NONBLOCK", SocketStep.SOCK_NONBLOCK,
                    "SOCK_CLOEXEC", SocketStep.SOCK_CLOEXEC);

    static final Names MSG =
            new Names(
                    "MSG_DONTWAIT", SocketStep.MSG_DONTWAIT,
                    "MSG_NOSIGNAL", SocketStep.MSG_NOSIGNAL,
                    "MSG_CMSG_CLOEXEC", SocketStep.MSG_CMSG_CLOEXEC);

    static final Names IOCTL =
            new Names(
                    "TIOCSCTTY", SocketStep.TIOCSCTTY,
                    "TIOCGWINSZ", SocketStep.TIOCGWINSZ,
                    "TIOCSWINSZ", SocketStep.TIOCSWINSZ,
                    "TIOCGPTPEER", SocketStep.TIOCGPTPEER,
                    "TIOCSPTLCK", SocketStep.TIOCSPTLCK,
                    "TIOCGPTN", SocketStep.TIOCGPTN,
                    "NS_GET_USERNS", SocketStep.NS_GET_USERNS,
                    "NS_GET_PARENT", SocketStep.NS_GET_PARENT,
                    "NS_GET_NSTYPE", SocketStep.NS_GET_NSTYPE,
                    "NS_GET_OWNER_UID", SocketStep.NS_GET_OWNER_UID,
                    "SIOCGIFFLAGS", SocketStep.SIOCGIFFLAGS,
                    "SIOCSIFFLAGS", SocketStep.SIOCSIFFLAGS);

    /** Capability n is bit n of a set. */
    static final Names CAPABILITY =
            numbered(
                    "CAP_",
                    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID "
                            + "SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER "
                            + "SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE "
                            + "SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP "
                            + "MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF "
                            + "CHECKPOINT_RESTORE",
                    true);

    static final Names RLIMIT =
            numbered(
                    "RLIMIT_",
                    "CPU FSIZE DATA STACK CORE RSS NPROC NOFILE "
                            + "MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME",
                    false);

    static final Names SIGNAL =
            numbered(
                    "SIG",
                    "0 "
                            + "HUP INT QUIT ILL TRAP ABRT BUS FPE "
                            + "KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT "
                            + "CHLD CONT STOP TSTP TTIN TTOU URG XCPU "
                            + "XFSZ VTALRM PROF WINCH IO PWR SYS",
                    false);

    static final Names SCHEDULER =
            numbered("SCHED_", "OTHER FIFO RR BATCH ISO IDLE DEADLINE EXT", false);

    static final Names BPF =
            numbered(
                    "BPF_",
                    "MAP_CREATE MAP_LOOKUP_ELEM MAP_UPDATE_ELEM MAP_DELETE_ELEM MAP_GET_NEXT_KEY PROG_LOAD OBJ_PIN OBJ_GET PROG_ATTACH PROG_DETACH PROG_TEST_RUN PROG_GET_NEXT_ID MAP_GET_NEXT_ID PROG_GET_FD_BY_ID MAP_GET_FD_BY_ID OBJ_GET_INFO_BY_FD PROG_QUERY",
                    false);

    private final String[] names;
    private final long[] values;

    private Names(Object... pairs) {
        names = new String[pairs.length / 2];
        values = new long[pairs.length / 2];
        for (int i = 0; i < names.length; i++) {
            names[i] = (String) pairs[2 * i];
            values[i] = ((Number) pairs[2 * i + 1]).longValue();
        }
    }

    private Names(String[] names, long[] values) {
        this.names = names;
        this.values = values;
    }

    private static Names numbered(String prefix, String words, boolean bits) {
        String[] names = words.split(" ");
        var values = new long[names.length];
        for (int i = 0; i < names.length; i++) {
            names[i] = prefix + names[i];
            values[i] = bits ? 1L << i : i;
        }
        return new Names(names, values);
    }

    /** The bits by name, joined by |; what has no name in hexadecimal; 0 for none. */
    void flags(StringBuilder to, long flags) {
        long rest = flags;
        int begin = to.length();
        if (this == OPEN) {
            int access = (int) rest & 3;
            rest &= ~3L;
            if (access != 0 || (rest & FileStep.O_PATH) == 0) {
                to.append(access == 0 ? "O_RDONLY" : access == 1 ? "O_WRONLY" : "O_RDWR");
            }
        }
        for (int i = 0; i < names.length; i++) {
            if (values[i] != 0 && (rest & values[i]) == values[i]) {
                rest &= ~values[i];
                to.append(to.length() == begin ? "" : "|").append(names[i]);
            }
        }
        if (rest != 0) {
            to.append(to.length() == begin ? "0x" : "|0x").append(Long.toHexString(rest));
        } else if (to.length() == begin) {
            to.append('0');
        }
    }

    /** The name of one choice, its number if it has none. */
    void one(StringBuilder to, long value) {
        for (int i = 0; i < names.length; i++) {
            if (values[i] == value) {
                to.append(names[i]);
                return;
            }
        }
        to.append(value);
    }
}
