/*
 * What a monitor gives up once its creator is under way: it opens its log again, writes its record and
 * talks to its clients; nothing of that needs a capability or any other system call. What is shared with
 * the creator, memory and so the place among the victims of the OOM killer, has to wait for its end.
 */
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

#include "monitor.h"

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#else
#define MACHINE AUDIT_ARCH_AARCH64
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ALLOW(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

struct filter_program {
    uint16_t length;
    const struct sock_filter *filter;
};

/* When memory runs out, whoever watches over a container is the last to go. */
static void live_long(void) {
    long fd = SYS4(__NR_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0);
    if (fd < 0) return;
    SYS3(__NR_write, fd, "-999", 4);
    SYS1(__NR_close, fd);
}

/* Of the first 32 capabilities keeps these, as far as they are there. */
static void keep_capabilities(uint32_t kept) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct all[2] = {{0}, {0}}, left[2] = {{0}, {0}};
    SYS2(__NR_capget, &header, all);
    left[0].permitted = left[0].effective = all[0].permitted & kept;
    SYS2(__NR_capset, &header, left);
}

static void drop_capabilities(void) {
    for (uint32_t cap = 0; cap < 64; cap++)
        if (SYS2(__NR_prctl, PR_CAPBSET_DROP, cap) == -EINVAL) break;
    SYS5(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    keep_capabilities(1u << CAP_SYS_RESOURCE);
}

static void filter_calls(void) {
    static const struct sock_filter filter[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        ALLOW(read),
        ALLOW(write),
        ALLOW(ppoll),
        ALLOW(sendto),
        ALLOW(clock_gettime),
        ALLOW(wait4),
        ALLOW(accept4),
        ALLOW(getsockopt),
        ALLOW(geteuid),
        ALLOW(close),
        ALLOW(pread64),
        ALLOW(ftruncate),
        ALLOW(fsync),
        ALLOW(openat),
        ALLOW(statx),
        ALLOW(renameat),
        ALLOW(unlinkat),
        ALLOW(madvise),
        ALLOW(munmap),
        ALLOW(eventfd2),
        ALLOW(pidfd_open),
        ALLOW(capget),
        ALLOW(capset),
        ALLOW(exit_group),
        /* Of prctl, only to become undumpable. */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_prctl, 0, 6),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_DUMPABLE, 0, 3),
        LOAD(args[1]),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        /* Of ioctl, only the size of the terminal's window. */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_ioctl, 0, 3),
        LOAD(args[1]),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x5414, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    const struct filter_program program = {sizeof filter / sizeof *filter, filter};
    SYS5(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    SYS3(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

void shed_rights(void) {
    drop_capabilities();
    filter_calls();
}

void shed_rest(void) {
    live_long();
    SYS2(__NR_prctl, PR_SET_DUMPABLE, 0);
    keep_capabilities(0);
}
