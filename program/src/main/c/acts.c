/* The composite steps: what needs a loop or a second process, some tens of lines each. */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#include "core.h"
#include "wire.h"

#define PATH_LENGTH_MAX 4096u
#define LINKS_MAX 40
#define CLOSE_RANGE_CLOEXEC_FLAG 4
#define SIGNALS_MAX 64
#define OPEN_ATTEMPTS 128

/* The kernel's struct sigaction; SIG_DFL is handler 0, SIG_IGN handler 1. */
struct disposition {
    void *handler;
    unsigned long flags;
#if defined(__x86_64__)
    void *restorer;
#endif
    uint64_t mask;
};

/*
 * openat2 asks to be called again when ".." was walked inside a root while anything on the machine was
 * renamed or mounted.
 */
long open_in(int root, const char *path, uint64_t flags, uint64_t resolve) {
    struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = resolve};
    long fd = -EAGAIN;
    for (int attempt = 0; fd == -EAGAIN && attempt < OPEN_ATTEMPTS; attempt++)
        fd = SYS4(__NR_openat2, root, path, &how, sizeof how);
    return fd;
}

/* ensure */

/* A path inside a root that may still grow by the targets of dangling links. */
struct walk {
    char path[PATH_LENGTH_MAX];
    uint32_t links;
};

/* Ends the path after the component that starts at from; the offset of the next one. */
static uint32_t component_end(const char *path, uint32_t from) {
    while (path[from] && path[from] != '/') from++;
    return from;
}

/*
 * Puts the target of the dangling link, which is the component from..to, in its place. A rootfs may hold
 * links to what a later mount brings (/etc/resolv.conf); runc follows them below the root, and so do we.
 */
static long splice_link(int parent, struct walk *walk, uint32_t from, uint32_t to, const char *name) {
    char target[PATH_LENGTH_MAX];
    if (++walk->links > LINKS_MAX) return -ELOOP;
    long length = SYS4(__NR_readlinkat, parent, name, target, sizeof target);
    if (length < 0) return length;
    uint32_t keep = target[0] == '/' ? 0 : from;
    size_t rest = text_length(walk->path + to);
    if (length == 0 || keep + (size_t)length + rest + 1 > PATH_LENGTH_MAX) return -ENAMETOOLONG;
    memmove(walk->path + keep + length, walk->path + to, rest + 1);
    memcpy(walk->path + keep, target, (size_t)length);
    return 0;
}

/* Makes one missing component below parent. 0, 1 when the path was changed by a link, or -errno. */
static long make_component(int parent, struct walk *walk, uint32_t from, uint32_t to, bool file,
                           uint32_t mode) {
    char name[256];
    if (to - from >= sizeof name) return -ENAMETOOLONG;
    memcpy(name, walk->path + from, to - from);
    name[to - from] = 0;
    /* A missing ".." or "." can only follow a component that is missing too, so it is not resolved. */
    if (text_equal(name, "..") || text_equal(name, ".")) return -ENOENT;
    long error;
    if (file) {
        /* One component without a slash, and O_EXCL follows no link. */
        error = SYS4(__NR_openat, parent, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
        if (error >= 0) {
            SYS1(__NR_close, error);
            return 0;
        }
    } else {
        error = SYS3(__NR_mkdirat, parent, name, mode);
    }
    if (error != -EEXIST) return error;
    long spliced = splice_link(parent, walk, from, to, name);
    if (spliced == -EINVAL) return 0; /* no link: somebody else made it meanwhile */
    return spliced < 0 ? spliced : 1;
}

int64_t act_ensure(int root, const char *path, bool file, uint32_t mode) {
    const uint64_t inside = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    long found = open_in(root, path, O_PATH, inside);
    if (found != -ENOENT) return found;

    struct walk walk = {.links = 0};
    size_t length = text_length(path);
    if (length >= PATH_LENGTH_MAX) return -ENAMETOOLONG;
    memcpy(walk.path, path, length + 1);
    uint32_t at = 0;
    int parent = (int)open_in(root, "/", O_PATH | O_DIRECTORY, inside);
    while (parent >= 0) {
        while (walk.path[at] == '/') at++;
        if (!walk.path[at]) break;
        uint32_t end = component_end(walk.path, at), next = end;
        while (walk.path[next] == '/') next++;
        bool last = !walk.path[next];
        char after = walk.path[end];
        walk.path[end] = 0;
        long opened = open_in(root, walk.path, O_PATH, inside);
        walk.path[end] = after;
        if (opened == -ENOENT) {
            long made = make_component(parent, &walk, at, end, last && file, last && file ? mode & 0666 : mode);
            if (made == 1) { /* the path is another one now: from the start */
                SYS1(__NR_close, parent);
                parent = (int)open_in(root, "/", O_PATH | O_DIRECTORY, inside);
                at = 0;
                continue;
            }
            if (made == 0) {
                walk.path[end] = 0;
                opened = open_in(root, walk.path, O_PATH, inside);
                walk.path[end] = after;
            } else {
                opened = made;
            }
        }
        SYS1(__NR_close, parent);
        parent = (int)opened;
        at = end;
    }
    return parent;
}

/* spawn */

struct spawned {
    int pid;
    int pidfd;
    int input;  /* our writing end */
    int output; /* our reading end */
};

static _Noreturn void spawn_child(const char *path, char **argv, char **envp, int input,
                                  const int output[2]) {
    SYS5(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    act_signals();
    SYS3(__NR_dup3, input, 0, 0);
    SYS3(__NR_dup3, output[0], 1, 0);
    SYS3(__NR_dup3, output[1], 2, 0);
    SYS3(__NR_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC_FLAG);
    long error = SYS3(__NR_execve, path, argv, envp);
    leave(error == -ENOENT ? 127 : 126);
}

static long spawn_start(const struct run *run, struct spawned *child, const char *path, char **argv,
                        char **envp) {
    int in[2], out[2];
    long error = SYS2(__NR_pipe2, in, O_CLOEXEC);
    if (error) return error;
    error = SYS2(__NR_pipe2, out, O_CLOEXEC);
    if (error) goto close_in;
    struct clone_args args = {.flags = CLONE_PIDFD,
                              .pidfd = (uint64_t)(uintptr_t)&child->pidfd,
                              .exit_signal = SIGCHLD};
    error = SYS2(__NR_clone3, &args, sizeof args);
    if (error == 0) {
        /* Low descriptors that the caller left closed must not be the pipes that 0, 1 and 2 replace. */
        int input = (int)SYS3(__NR_fcntl, in[0], F_DUPFD_CLOEXEC, 3);
        int output[2];
        for (int i = 0; i < 2; i++)
            output[i] = (int)SYS3(__NR_fcntl, run->output[i] < 0 ? out[1] : run->output[i], F_DUPFD_CLOEXEC, 3);
        spawn_child(path, argv, envp, input, output);
    }
    child->pid = (int)error;
    child->input = in[1];
    child->output = out[0];
    SYS1(__NR_close, out[1]);
    if (error < 0) {
        SYS1(__NR_close, out[0]);
        goto close_in;
    }
    SYS1(__NR_close, in[0]);
    return 0;
close_in:
    SYS1(__NR_close, in[0]);
    SYS1(__NR_close, in[1]);
    return error;
}

static uint64_t now_ms(void) {
    struct __kernel_timespec now;
    SYS2(__NR_clock_gettime, 1, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Keeps what the program prints, the first 4 KiB; false at its end. */
static bool keep_output(struct run *run, int fd) {
    char rest[512];
    uint32_t room = (uint32_t)sizeof run->text - run->text_length;
    long got = room ? SYS3(__NR_read, fd, run->text + run->text_length, room)
                    : SYS3(__NR_read, fd, rest, sizeof rest);
    if (got > 0 && room) run->text_length += (uint32_t)got;
    return got > 0;
}

static bool has_input(int fd) {
    struct pollfd poll = {.fd = fd, .events = POLLIN};
    struct __kernel_timespec zero = {0, 0};
    return SYS5(__NR_ppoll, &poll, 1, &zero, NULL, 0) == 1 && poll.revents & POLLIN;
}

/* Feeds and drains the program until it ends; false when the time was up. */
static bool spawn_serve(struct run *run, struct spawned *child, const char *input, uint64_t length,
                        uint64_t limit_ms) {
    uint64_t deadline = now_ms() + limit_ms;
    for (;;) {
        if (child->input >= 0 && length == 0) {
            SYS1(__NR_close, child->input);
            child->input = -1;
        }
        struct pollfd polls[3] = {{.fd = child->pidfd, .events = POLLIN},
                                  {.fd = child->output, .events = POLLIN},
                                  {.fd = child->input, .events = POLLOUT}};
        struct __kernel_timespec wait = {0, 0};
        if (limit_ms) {
            uint64_t now = now_ms();
            if (now >= deadline) return false;
            wait.tv_sec = (long long)((deadline - now) / 1000);
            wait.tv_nsec = (long long)((deadline - now) % 1000 * 1000000 + 999999);
        }
        long ready = SYS5(__NR_ppoll, polls, 3, limit_ms ? &wait : NULL, NULL, 0);
        if (ready < 0 && ready != -EINTR) return false;
        if (ready <= 0) continue;
        if (polls[1].revents && !keep_output(run, child->output)) {
            SYS1(__NR_close, child->output);
            child->output = -1;
        }
        if (polls[2].revents & POLLOUT) {
            long put = SYS3(__NR_write, child->input, input, length < 4096 ? length : 4096);
            if (put > 0) input += put, length -= (uint64_t)put;
            else length = 0; /* it closed its input: its own affair */
        } else if (polls[2].revents) {
            length = 0;
        }
        if (polls[0].revents) {
            /* A daemon that it left behind may hold the pipe open, so its end is not waited for. */
            while (child->output >= 0 && has_input(child->output) && keep_output(run, child->output)) {}
            return true;
        }
    }
}

int64_t act_spawn(struct run *run, const char *path, char **argv, char **envp, const char *input,
                  uint64_t input_length, uint64_t limit_ms) {
    struct spawned child = {.pidfd = -1};
    long error = SYS3(__NR_faccessat, AT_FDCWD, path, 1);
    if (error) return error;
    /* A program that closes its input must not end us. */
    struct disposition ignore = {.handler = (void *)1}, before;
    SYS4(__NR_rt_sigaction, SIGPIPE, &ignore, &before, 8);
    error = spawn_start(run, &child, path, argv, envp);
    if (error) return error;
    bool ended = spawn_serve(run, &child, input, input_length, limit_ms);
    if (!ended) SYS4(__NR_pidfd_send_signal, child.pidfd, SIGKILL, NULL, 0);
    int status = 0;
    long reaped;
    do reaped = SYS4(__NR_wait4, child.pid, &status, 0x40000000 /* __WALL */, NULL);
    while (reaped == -EINTR);
    SYS4(__NR_rt_sigaction, SIGPIPE, &before, NULL, 8);
    SYS1(__NR_close, child.pidfd);
    if (child.input >= 0) SYS1(__NR_close, child.input);
    if (child.output >= 0) SYS1(__NR_close, child.output);
    if (reaped < 0) return reaped;
    if (!ended) return -ETIMEDOUT;
    if (status & 0x7f) return -(RUNG_ERROR_KILLED + (status & 0x7f));
    return status ? -(RUNG_ERROR_EXITED + (status >> 8 & 0xff)) : 0;
}

/* exec: which of the candidates is a program that we may execute */

int64_t act_probe(struct run *run, char **candidates, bool search) {
    int64_t error = -ENOENT;
    for (int64_t i = 0; candidates[i]; i++) {
        struct statx info;
        long wrong = SYS5(__NR_statx, AT_FDCWD, candidates[i], 0, STATX_TYPE | STATX_MODE, &info);
        if (!wrong && (info.stx_mode & S_IFMT) == S_IFDIR) wrong = -EISDIR;
        /* 0x200: AT_EACCESS. A system call of Linux 5.8; the older one asks with the real ids. */
        if (!wrong) wrong = SYS4(__NR_faccessat2, AT_FDCWD, candidates[i], 1, 0x200);
        if (wrong == -ENOSYS) wrong = SYS3(__NR_faccessat, AT_FDCWD, candidates[i], 1);
        if (!wrong) return i;
        if (wrong != -ENOENT && wrong != -ENOTDIR) error = wrong;
        run->text_length = (uint32_t)text_length(candidates[i]);
        if (run->text_length > sizeof run->text) run->text_length = sizeof run->text;
        memcpy(run->text, candidates[i], run->text_length);
    }
    return search ? -RUNG_ERROR_SAID : error;
}

/* starttime: field 22 of /proc/PID/stat, counted after the last ')' because a name may hold anything */

int64_t act_starttime(int64_t pid, uint64_t expected) {
    char path[40] = "/proc/", stat[1024];
    uint32_t at = 6 + text_decimal(path + 6, pid);
    memcpy(path + at, "/stat", 6);
    long fd = SYS4(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) return fd == -ENOENT ? -ESRCH : fd;
    long length = SYS3(__NR_read, fd, stat, sizeof stat - 1);
    SYS1(__NR_close, fd);
    if (length <= 0) return -ESRCH;
    stat[length] = 0;
    char *field = stat + length;
    while (field > stat && *field != ')') field--;
    for (int blanks = 0; *field && blanks < 20; field++) blanks += *field == ' ';
    uint64_t ticks = 0;
    for (; *field >= '0' && *field <= '9'; field++) ticks = ticks * 10 + (uint64_t)(*field - '0');
    return expected && ticks != expected ? -ESRCH : (int64_t)ticks;
}

void act_signals(void) {
    struct disposition plain = {.handler = NULL};
    for (int signal = 1; signal <= SIGNALS_MAX; signal++)
        if (signal != SIGKILL && signal != SIGSTOP) SYS4(__NR_rt_sigaction, signal, &plain, NULL, 8);
    uint64_t none = 0;
    SYS4(__NR_rt_sigprocmask, SIG_SETMASK, &none, NULL, 8);
}

void act_hold_hangup(void) {
    struct disposition ignore = {.handler = (void *)1};
    uint64_t hangup = 1ull << (SIGHUP - 1);
    SYS4(__NR_rt_sigaction, SIGHUP, &ignore, NULL, 8);
    SYS4(__NR_rt_sigprocmask, SIG_BLOCK, &hangup, NULL, 8);
}
