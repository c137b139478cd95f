/*
 * The unpacker's front: hostile archives are unpacked by a JVM that has only what unpacking needs, and this is
 * where it loses the rest. A process that watches stays outside: it ends the JVM with the engine that holds the
 * other end of descriptor 3, and ends when the JVM does.
 *
 * What the JVM has: that socket, through which it gets the folders to unpack into and the archives; the folders
 * named on the command line, which hold its own code, and cannot be written to; a /proc of nothing but itself.
 * It sees no other file, process or network, and keeps the capabilities to make files of any owner and kind.
 *
 *     rung-unpacker LAUNCH WORKDIR SHOWN...
 */
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>

#include "front.h"

#define ENGINE_FD 3
#define SHOWN_MAX 16
#define SIGNAL_KILL 9
#define SIGNAL_CHILD 17
#define GIB (1ull << 30)
#define MNT_DETACH 2

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#else
#define MACHINE AUDIT_ARCH_AARCH64
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define ANSWER(what) BPF_STMT(BPF_RET | BPF_K, what)
#define ALLOW(name) IS(__NR_##name, 0, 1), ANSWER(SECCOMP_RET_ALLOW)

#define NEW_NAMESPACES \
    (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

struct filter_program {
    uint16_t length;
    const struct sock_filter *filter;
};

/* Files of any owner, mode and kind, and attributes that make programs privileged; no more. */
static const uint32_t kept[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_MKNOD, CAP_SETFCAP};

static void must(const char *what, const char *detail, long result) {
    if (result < 0) front_fail(what, detail, result);
}

/* Only root can do without a user namespace, in which the engine's own user stands for it. */

static void write_file(const char *path, const char *text, size_t length) {
    long fd = SYS4(__NR_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
    must("cannot open", path, fd);
    must("cannot write", path, SYS3(__NR_write, fd, text, length));
    SYS1(__NR_close, fd);
}

static void map_id(const char *path, long id) {
    char line[40] = "0 ";
    uint32_t length = 2 + text_decimal(line + 2, id);
    memcpy(line + length, " 1", 2);
    write_file(path, line, length + 2);
}

/* the outlook */

/* A copy of what is to be shown, attached nowhere; -1 where this machine has nothing of the name. */
static int copy_shown(const char *path) {
    struct mount_attr only_read = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
    long tree = SYS3(__NR_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | O_CLOEXEC);
    if (tree == -ENOENT) return -1;
    must("cannot copy the mount of", path, tree);
    must("cannot make read-only", path, SYS5(__NR_mount_setattr, tree, "", AT_EMPTY_PATH, &only_read, sizeof only_read));
    return (int)tree;
}

/* Attaches the copy below the working directory, under its own name. */
static void attach(int tree, const char *path) {
    char part[FRONT_PATH_MAX];
    size_t length = text_length(path);
    if (path[0] != '/' || length >= sizeof part) front_fail("want an absolute path, got", path, 0);
    for (size_t end = 2; end <= length; end++) {
        if (path[end] != '/' && path[end] != 0) continue;
        memcpy(part, path + 1, end - 1);
        part[end - 1] = 0;
        SYS3(__NR_mkdirat, AT_FDCWD, part, 0755); /* may be there, also below another copy */
    }
    must("cannot show", path, SYS5(__NR_move_mount, tree, "", AT_FDCWD, part, MOVE_MOUNT_F_EMPTY_PATH));
    SYS1(__NR_close, tree);
}

static void change_root(char **shown) {
    int trees[SHOWN_MAX];
    uint32_t count = 0;
    SYS5(__NR_mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    for (; shown[count]; count++) {
        if (count == SHOWN_MAX) front_fail("too many folders to show, from", shown[count], 0);
        trees[count] = copy_shown(shown[count]);
    }
    /* Any folder would do to put it on; this one is on every machine, and no mount that is copied lies in it. */
    must("cannot mount", "tmpfs", SYS5(__NR_mount, "tmpfs", "/proc", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64k,nr_inodes=128,mode=755"));
    must("cannot change into", "/proc", SYS1(__NR_chdir, "/proc"));
    for (uint32_t i = 0; i < count; i++)
        if (trees[i] >= 0) attach(trees[i], shown[i]);
    SYS3(__NR_mkdirat, AT_FDCWD, "proc", 0755);
    must("cannot mount", "proc", SYS5(__NR_mount, "proc", "proc", "proc", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "subset=pid"));
    must("cannot change the root", NULL, SYS2(__NR_pivot_root, ".", "."));
    must("cannot leave the old root", NULL, SYS2(__NR_umount2, ".", MNT_DETACH));
    must("cannot make read-only", "/", SYS5(__NR_mount, NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
}

/* rights */

static void limit(int resource, uint64_t most) {
    const uint64_t both[2] = {most, most};
    SYS4(__NR_prlimit64, 0, resource, both, NULL);
}

static void set_limits(void) {
    limit(1 /* RLIMIT_FSIZE */, 128 * GIB);
    limit(2 /* RLIMIT_DATA */, 2 * GIB);
    limit(4 /* RLIMIT_CORE */, 0);
    limit(7 /* RLIMIT_NOFILE */, 1024);
    limit(8 /* RLIMIT_MEMLOCK */, 0);
    limit(12 /* RLIMIT_MSGQUEUE */, 0);
}

static void shed_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2] = {{0}, {0}};
    for (uint32_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        sets[kept[i] / 32].effective |= 1u << kept[i] % 32;
        sets[kept[i] / 32].permitted |= 1u << kept[i] % 32;
    }
    for (uint32_t cap = 0; cap < 64; cap++) {
        if (sets[cap / 32].permitted & 1u << cap % 32) continue;
        if (SYS2(__NR_prctl, PR_CAPBSET_DROP, cap) == -EINVAL) break;
    }
    SYS5(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    must("cannot give up capabilities", NULL, SYS2(__NR_capset, &header, sets));
}

/* What a JVM calls that reads, makes files and computes. */
static void filter_calls(void) {
    static const struct sock_filter filter[] = {
        LOAD(arch),
        IS(MACHINE, 1, 0),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        /* reading and writing */
        ALLOW(read), ALLOW(write), ALLOW(pread64), ALLOW(pwrite64), ALLOW(readv), ALLOW(writev), ALLOW(lseek),
        ALLOW(close), ALLOW(fcntl), ALLOW(dup), ALLOW(dup3), ALLOW(recvmsg), ALLOW(ftruncate), ALLOW(fadvise64),
        /* finding and making files */
        ALLOW(openat), ALLOW(openat2), ALLOW(statx), ALLOW(fstat), ALLOW(newfstatat), ALLOW(fstatfs), ALLOW(statfs),
        ALLOW(readlinkat), ALLOW(faccessat), ALLOW(getdents64), ALLOW(getcwd), ALLOW(mkdirat), ALLOW(mknodat),
        ALLOW(symlinkat), ALLOW(linkat), ALLOW(unlinkat), ALLOW(renameat), ALLOW(fchown), ALLOW(fchownat),
        ALLOW(fchmod), ALLOW(fchmodat), ALLOW(utimensat), ALLOW(setxattr), ALLOW(lsetxattr), ALLOW(fsetxattr),
        ALLOW(flistxattr), ALLOW(llistxattr), ALLOW(fgetxattr), ALLOW(lgetxattr),
#if defined(__x86_64__)
        ALLOW(open), ALLOW(stat), ALLOW(lstat), ALLOW(access), ALLOW(readlink), ALLOW(arch_prctl), ALLOW(poll),
        ALLOW(mknod), ALLOW(dup2), ALLOW(time),
#endif
        /* memory and time */
        ALLOW(brk), ALLOW(mmap), ALLOW(munmap), ALLOW(mprotect), ALLOW(mremap), ALLOW(madvise), ALLOW(mincore),
        ALLOW(clock_gettime), ALLOW(clock_getres), ALLOW(clock_nanosleep), ALLOW(nanosleep), ALLOW(gettimeofday),
        ALLOW(getrandom),
        /* threads */
        ALLOW(futex), ALLOW(set_robust_list), ALLOW(set_tid_address), ALLOW(rseq), ALLOW(membarrier), ALLOW(sched_yield),
        ALLOW(sched_getaffinity), ALLOW(rt_sigaction), ALLOW(rt_sigprocmask), ALLOW(rt_sigreturn), ALLOW(sigaltstack),
        ALLOW(rt_sigtimedwait), ALLOW(restart_syscall), ALLOW(tgkill), ALLOW(ppoll), ALLOW(exit), ALLOW(exit_group),
        /* itself */
        ALLOW(execve), ALLOW(getpid), ALLOW(gettid), ALLOW(getppid), ALLOW(getuid), ALLOW(geteuid), ALLOW(getgid),
        ALLOW(getegid), ALLOW(getpriority), ALLOW(getrlimit), ALLOW(prlimit64), ALLOW(getrusage), ALLOW(times),
        ALLOW(uname), ALLOW(sysinfo), ALLOW(getcpu),
        /* A thread, but no process and no namespace; clone3 hides its flags, and who is refused it takes clone. */
        IS(__NR_clone3, 0, 1),
        ANSWER(SECCOMP_RET_ERRNO | ENOSYS),
        IS(__NR_clone, 0, 4),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NEW_NAMESPACES | CLONE_NEWUSER | CLONE_NEWTIME, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 4),
        ANSWER(SECCOMP_RET_ALLOW),
        IS(__NR_prctl, 0, 2),
        LOAD(args[0]),
        IS(PR_SET_NAME, 1, 0),
        ANSWER(SECCOMP_RET_ERRNO | EPERM),
        ANSWER(SECCOMP_RET_ALLOW),
    };
    const struct filter_program program = {sizeof filter / sizeof *filter, filter};
    must("cannot set", "no_new_privs", SYS5(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    must("cannot filter system calls", NULL, SYS3(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

/* the two processes */

/* When memory runs out, whoever unpacks what nobody has looked at is the first to go. */
static void live_short(void) {
    long fd = SYS4(__NR_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0);
    if (fd < 0) return;
    SYS3(__NR_write, fd, "500", 3);
    SYS1(__NR_close, fd);
}

static _Noreturn void become_unpacker(char **argv, struct launch *launch, bool foreign, int null) {
    long uid = SYS0(__NR_geteuid), gid = SYS0(__NR_getegid);
    SYS2(__NR_prctl, PR_SET_PDEATHSIG, SIGNAL_KILL);
    live_short();
    if (foreign) {
        write_file("/proc/self/setgroups", "deny", 4);
        map_id("/proc/self/uid_map", uid);
        map_id("/proc/self/gid_map", gid);
    }
    change_root(argv + 3);
    must("cannot change into", argv[2], SYS1(__NR_chdir, argv[2]));
    set_limits();
    shed_capabilities();
    SYS2(__NR_prctl, PR_SET_PDEATHSIG, SIGNAL_KILL); /* gone with the capabilities */
    filter_calls();
    SYS3(__NR_dup3, null, 2, 0); /* until here it is the engine's log */
    launch_exec(launch);
}

/* Waits until the engine or the unpacker is gone, and ends the latter. */
static int watch(long unpacker, int pidfd) {
    struct pollfd polls[2] = {{.fd = ENGINE_FD}, {.fd = pidfd, .events = POLLIN}};
    long got;
    do got = SYS5(__NR_ppoll, polls, 2, NULL, NULL, 8);
    while (got == -EINTR);
    SYS4(__NR_pidfd_send_signal, pidfd, SIGNAL_KILL, NULL, 0);
    int status = 0;
    do got = SYS4(__NR_wait4, unpacker, &status, 0, NULL);
    while (got == -EINTR);
    return status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff;
}

int unpacker_main(int argc, char **argv) {
    struct launch launch;
    int pidfd = -1;
    if (argc < 3) return 1;
    front_name("rung-unpacker");
    act_signals();
    SYS3(__NR_close_range, ENGINE_FD + 1, ~0u, 0);
    long null = SYS4(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
    must("cannot open", "/dev/null", null);
    for (int fd = 0; fd < 2; fd++) SYS3(__NR_dup3, null, fd, 0);
    SYS1(__NR_umask, 077);
    SYS2(__NR_prctl, PR_SET_NAME, "rung-unpacker");
    launch_read(&launch, argv[1], argv[2]);
    bool foreign = SYS0(__NR_geteuid) != 0;
    uint64_t flags = NEW_NAMESPACES | (foreign ? CLONE_NEWUSER : 0) | CLONE_PIDFD | SIGNAL_CHILD;
    long pid = SYS5(__NR_clone, flags, 0, &pidfd, 0, 0);
    must("cannot make the namespaces of the unpacker", NULL, pid);
    if (pid == 0) become_unpacker(argv, &launch, foreign, (int)null);
    return watch(pid, pidfd);
}
