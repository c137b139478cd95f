package dev.rung.program;

import java.util.Locale;

/**
 * The system calls that steps lower to, with their numbers on x86-64 and in the generic table of
 * arm64.
 */
enum Call {
    READ(0, 63),
    WRITE(1, 64),
    CLOSE(3, 57),
    RT_SIGACTION(13, 134),
    RT_SIGPROCMASK(14, 135),
    IOCTL(16, 29),
    PWRITE64(18, 68),
    SENDFILE(40, 71),
    SOCKET(41, 198),
    CONNECT(42, 203),
    SENDTO(44, 206),
    RECVFROM(45, 207),
    SENDMSG(46, 211),
    RECVMSG(47, 212),
    BIND(49, 200),
    LISTEN(50, 201),
    SOCKETPAIR(53, 199),
    KILL(62, 129),
    FCNTL(72, 25),
    FLOCK(73, 32),
    FSYNC(74, 82),
    FTRUNCATE(77, 46),
    CHDIR(80, 49),
    FCHDIR(81, 50),
    FCHMOD(91, 52),
    UMASK(95, 166),
    SETSID(112, 157),
    SETGROUPS(116, 159),
    SETRESUID(117, 147),
    SETRESGID(119, 149),
    CAPSET(126, 91),
    PERSONALITY(135, 92),
    FSTATFS(138, 44),
    PIVOT_ROOT(155, 41),
    PRCTL(157, 167),
    CHROOT(161, 51),
    MOUNT(165, 40),
    UMOUNT2(166, 39),
    SETHOSTNAME(170, 161),
    SETDOMAINNAME(171, 162),
    SCHED_SETAFFINITY(203, 122),
    CLOCK_GETTIME(228, 113),
    SET_MEMPOLICY(238, 237),
    WAITID(247, 95),
    KEYCTL(250, 219),
    IOPRIO_SET(251, 30),
    OPENAT(257, 56),
    MKDIRAT(258, 34),
    MKNODAT(259, 33),
    FCHOWNAT(260, 54),
    UNLINKAT(263, 35),
    SYMLINKAT(266, 36),
    READLINKAT(267, 78),
    FCHMODAT(268, 53),
    PPOLL(271, 73),
    UNSHARE(272, 97),
    ACCEPT4(288, 242),
    DUP3(292, 24),
    PRLIMIT64(302, 261),
    SETNS(308, 268),
    SCHED_SETATTR(314, 274),
    RENAMEAT2(316, 276),
    SECCOMP(317, 277),
    BPF(321, 280),
    STATX(332, 291),
    PIDFD_SEND_SIGNAL(424, 424),
    OPEN_TREE(428, 428),
    MOVE_MOUNT(429, 429),
    FSOPEN(430, 430),
    FSCONFIG(431, 431),
    FSMOUNT(432, 432),
    FSPICK(433, 433),
    PIDFD_OPEN(434, 434),
    CLOSE_RANGE(436, 436),
    OPENAT2(437, 437),
    PIDFD_GETFD(438, 438),
    MOUNT_SETATTR(442, 442);

    final int x86;
    final int generic;

    Call(int x86, int generic) {
        this.x86 = x86;
        this.generic = generic;
    }

    /** The kernel's name of it. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
