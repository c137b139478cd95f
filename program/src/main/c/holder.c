/*
 * The engine of an ordinary user lives in a user and a mount namespace of its own, in which it is root. A JVM cannot enter
 * one, so a small process is there before: the holder. It is made by the first front end, starts engines in its namespaces
 * and tells front ends which user namespace to join. Whatever the engine starts becomes its child when the engine
 * ends, so it knows when nothing is left, and then it ends too, and the namespaces with it. An engine that is killed
 * while there are containers is started again, because published ports and names need one.
 *
 * Its socket, holder.sock, is of the kind SOCK_SEQPACKET. Whoever connects gets a message with the user namespace, and
 * may send one order; while he is connected the holder stays. Version 1, all numbers little-endian:
 *
 *   holder:  u32 version, u32 0           and the user namespace
 *   client:  u32 1, u32 0, words          START: launch file, prefix, folder and name of the socket, then variables for
 *                                         the engine; descriptors: the listening socket, its log
 *            u32 2, u32 0, words          HELP: a program's argv, which runs as long as the holder does, or goes on
 *                                         running; descriptors: one that it gets as 0, its output
 *   holder:  i64 the process's id, or -errno
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#include "monitor.h"
#include "resident.h"

#define HOLDER_NAME "holder.sock"
#define HOLDER_VERSION 1u
#define HOLDER_START 1u
#define HOLDER_HELP 2u
#define ORDER_MAX (32u * 1024)
#define ORDER_HEAD 8u
#define ORDER_WORDS_MAX 64u
#define ORDER_FDS 2u
#define VISITORS_MAX 256
#define ATTEMPTS 200
#define NAP_NS (50 * 1000 * 1000)
#define LEAST_LIFE_MS 3000
#define RESPITE_MS 300
#define SHORT_LIVES_MAX 6u

static struct {
    struct front *front;
    int folder, user, listening, signals;
    int clients[VISITORS_MAX];
    uint32_t client_count;
    long helper; /* who waits for the helping program; 0 none */
    long engine; /* the last one that was started; 0 none that is to be started again */
    int64_t engine_since, again_at; /* ms; when another is to be started, 0 never */
    uint32_t short_lives; /* engines that lived but a moment, one after another */
    int engine_fds[ORDER_FDS];
} held = {.engine_fds = {-1, -1}};

static uint8_t order[ORDER_MAX], engine_order[ORDER_MAX];
static uint32_t engine_length;
static char *words[ORDER_WORDS_MAX + 1];

/* the holder */

static bool split_words(uint8_t *bytes, uint32_t length) {
    uint32_t found = 0;
    if (length <= ORDER_HEAD || bytes[length - 1] != 0) return false;
    for (uint32_t at = ORDER_HEAD; at < length; at += (uint32_t)text_length((char *)bytes + at) + 1) {
        if (found == ORDER_WORDS_MAX) return false;
        words[found++] = (char *)bytes + at;
    }
    words[found] = NULL;
    return true;
}

static long start_engine(const int *fds) {
    struct front *front = held.front;
    for (int i = 0; i < 4; i++)
        if (!words[i]) return -EINVAL;
    long pid = SYS5(__NR_clone, SIGCHLD_NUMBER, 0, 0, 0, 0);
    if (pid != 0) return pid;
    SYS0(__NR_setsid);
    for (int i = 0; i < FRONT_PLACES; i++) {
        front->places[i] = words[4 + i];
        if (!words[4 + i]) break;
    }
    size_t length = text_length(words[1]);
    if (length >= FRONT_PATH_MAX) leave(127);
    memcpy(front->prefix, words[1], length + 1);
    detach(fds[0], fds[1]);
    SYS1(__NR_chdir, front->prefix);
    launch(front, words[0], "--listen", words[2], words[3]);
}

static void forget_engine(void) {
    for (uint32_t i = 0; i < ORDER_FDS; i++) {
        if (held.engine_fds[i] >= 0) SYS1(__NR_close, held.engine_fds[i]);
        held.engine_fds[i] = -1;
    }
    held.engine = 0;
    held.again_at = 0;
}

/*
 * Starts a program, unless one runs already, below a process that waits for it. That one is a child of the kind that an
 * ordinary wait does not see (clone(2), __WCLONE): it is none of those for which the holder stays.
 */
static long start_helper(const int *fds) {
    if (held.helper && SYS4(__NR_wait4, held.helper, NULL, WNOHANG | __WCLONE, NULL) == 0) return held.helper;
    held.helper = 0;
    long pid = SYS5(__NR_clone, 0, 0, 0, 0, 0);
    if (pid < 0) return pid;
    if (pid > 0) return held.helper = pid;
    SYS0(__NR_setsid);
    SYS5(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    act_signals();
    long program = SYS5(__NR_clone, SIGCHLD_NUMBER, 0, 0, 0, 0);
    if (program == 0) {
        char *envp[] = {NULL};
        SYS5(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        int input = (int)SYS3(__NR_fcntl, fds[0], F_DUPFD, 10), output = (int)SYS3(__NR_fcntl, fds[1], F_DUPFD, 10);
        SYS3(__NR_dup3, input, 0, 0);
        SYS3(__NR_dup3, output, 1, 0);
        SYS3(__NR_dup3, output, 2, 0);
        SYS3(__NR_close_range, 3, ~0u, 0);
        SYS3(__NR_execve, words[0], words, envp);
        leave(127);
    }
    SYS3(__NR_close_range, 0, ~0u, 0);
    SYS4(__NR_wait4, program, NULL, __WALL, NULL);
    leave(0);
}

/* Starts an engine as ordered, and keeps the order and what came with it. */
static long take_engine(const int *fds, uint32_t length) {
    forget_engine();
    long pid = start_engine(fds);
    if (pid <= 0) return pid;
    memcpy(engine_order, order, length);
    engine_length = length;
    for (uint32_t i = 0; i < ORDER_FDS; i++) held.engine_fds[i] = (int)SYS3(__NR_fcntl, fds[i], F_DUPFD_CLOEXEC, 5);
    held.engine = pid;
    held.engine_since = clock_ms();
    held.short_lives = 0;
    return pid;
}

/* The engine has ended: once more when it was killed, each time later when engines live but a moment, and not for ever. */
static void engine_ended(int status) {
    held.engine = 0;
    held.short_lives = clock_ms() - held.engine_since > LEAST_LIFE_MS ? 0 : held.short_lives + 1;
    if ((status & 0x7f) != 0 && held.short_lives < SHORT_LIVES_MAX) held.again_at = clock_ms() + ((int64_t)RESPITE_MS << held.short_lives);
    else forget_engine();
}

/* Children that are left by now are containers' monitors: the engine's own others end with it. */
static void start_again(void) {
    held.again_at = 0;
    bool needed = SYS5(__NR_waitid, 0 /* P_ALL */, 0, NULL, WNOHANG | WNOWAIT | WEXITED, NULL) == 0;
    long pid = needed && split_words(engine_order, engine_length) ? start_engine(held.engine_fds) : -1;
    if (pid > 0) {
        held.engine = pid;
        held.engine_since = clock_ms();
    } else {
        forget_engine();
    }
}

static void greet(int client) {
    uint32_t greeting[2] = {HOLDER_VERSION, 0};
    struct iovec_raw part = {greeting, sizeof greeting};
    message_send(client, &part, 1, &held.user, 1);
}

/* False when the client is gone, or talks nonsense. */
static bool obey(int client) {
    struct iovec_raw part = {order, sizeof order};
    int fds[ORDER_FDS];
    uint32_t count = ORDER_FDS, kind;
    long length = message_receive(client, &part, 1, fds, &count, MSG_DONTWAIT);
    if (length == -EAGAIN) return true;
    int64_t answer = -EBADMSG;
    if (length > (long)ORDER_HEAD && count == ORDER_FDS && split_words(order, (uint32_t)length)) {
        memcpy(&kind, order, sizeof kind);
        if (kind == HOLDER_START) answer = take_engine(fds, (uint32_t)length);
        if (kind == HOLDER_HELP) answer = start_helper(fds);
    }
    for (uint32_t i = 0; i < count; i++) SYS1(__NR_close, fds[i]);
    struct iovec_raw reply = {&answer, sizeof answer};
    return length > 0 && message_send(client, &reply, 1, NULL, 0) > 0;
}

static void welcome(void) {
    long client = SYS4(__NR_accept4, held.listening, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) return;
    if (peer_error((int)client) || held.client_count == VISITORS_MAX) {
        SYS1(__NR_close, client);
        return;
    }
    held.clients[held.client_count++] = (int)client;
    greet((int)client);
}

/* Whether a process is left for which the namespaces are needed; those that have ended are reaped. */
static bool is_needed(void) {
    uint8_t info[128];
    long ended;
    while (SYS3(__NR_read, held.signals, info, sizeof info) > 0) continue;
    int status = 0;
    while ((ended = SYS4(__NR_wait4, -1, &status, WNOHANG, NULL)) > 0)
        if (ended == held.engine) engine_ended(status);
    return ended != -ECHILD || held.client_count > 0;
}

static void serve_once(void) {
    struct pollfd polls[2 + VISITORS_MAX];
    uint32_t count = held.client_count;
    polls[0] = (struct pollfd){.fd = held.signals, .events = POLLIN};
    polls[1] = (struct pollfd){.fd = held.listening, .events = POLLIN};
    for (uint32_t i = 0; i < count; i++) polls[2 + i] = (struct pollfd){.fd = held.clients[i], .events = POLLIN};
    int64_t left = held.again_at - clock_ms();
    if (left < 0) left = 0;
    struct __kernel_timespec limit = {left / 1000, left % 1000 * 1000000};
    SYS5(__NR_ppoll, polls, 2 + count, held.again_at ? &limit : NULL, NULL, 0);
    if (held.again_at && clock_ms() >= held.again_at) start_again();
    for (uint32_t i = count; i-- > 0;) {
        if (!polls[2 + i].revents || obey(held.clients[i])) continue;
        SYS1(__NR_close, held.clients[i]);
        held.clients[i] = held.clients[--held.client_count];
    }
    if (polls[1].revents) welcome();
}

/* Keeps nothing of the caller's but its stderr, and that not for long: neither descriptors nor the lock of starters. */
static void keep_only(int *client, int *folder) {
    int moved[2] = {(int)SYS3(__NR_fcntl, *client, F_DUPFD_CLOEXEC, 16), (int)SYS3(__NR_fcntl, *folder, F_DUPFD_CLOEXEC, 16)};
    *client = (int)SYS3(__NR_dup3, moved[0], 3, O_CLOEXEC);
    *folder = (int)SYS3(__NR_dup3, moved[1], 4, O_CLOEXEC);
    SYS3(__NR_close_range, 5, ~0u, 0);
}

static _Noreturn void hold(struct front *front, int folder, int client) {
    uint64_t child = 1ull << (SIGCHLD_NUMBER - 1);
    uint8_t go;
    struct address address;
    keep_only(&client, &folder);
    if (SYS3(__NR_read, client, &go, 1) != 1) leave(1); /* the ids could not be mapped, or who made us is gone */
    SYS2(__NR_prctl, PR_SET_NAME, "rung-holder");
    name_process(front->argv, "rung-holder", "");
    SYS5(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    long null = SYS4(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
    address_of(&address, folder, HOLDER_NAME);
    held.listening = listen_at(folder, HOLDER_NAME, &address);
    held.user = (int)SYS4(__NR_openat, AT_FDCWD, "/proc/self/ns/user", O_RDONLY | O_CLOEXEC, 0);
    held.signals = (int)SYS4(__NR_signalfd4, -1, &child, 8, O_CLOEXEC | O_NONBLOCK);
    held.front = front;
    held.folder = folder;
    SYS4(__NR_rt_sigprocmask, 0 /* SIG_BLOCK */, &child, NULL, 8);
    if (null < 0 || held.user < 0 || held.signals < 0) front_fail("cannot hold the namespaces", NULL, held.user);
    for (int fd = 0; fd < 3; fd++) SYS3(__NR_dup3, null, fd, 0);
    SYS1(__NR_chdir, "/");
    SYS1(__NR_umask, 077);
    held.clients[held.client_count++] = client;
    greet(client);
    while (is_needed()) serve_once();
    /* Who connected meanwhile hears nothing, and makes another holder. */
    SYS3(__NR_unlinkat, folder, HOLDER_NAME, 0);
    leave(0);
}

/* its clients */

static int take_greeting(int holder) {
    uint32_t greeting[2] = {0, 0};
    struct iovec_raw part = {greeting, sizeof greeting};
    int user;
    uint32_t count = 1;
    long length = message_receive(holder, &part, 1, &user, &count, 0);
    if (length <= 0) return -ECONNRESET;
    if (length != sizeof greeting || greeting[0] != HOLDER_VERSION || count != 1)
        front_fail("what holds the namespaces of the engine is of another version of Rung: end all containers and the engine first", NULL, 0);
    return user;
}

/* Makes a holder, as nobody's child; a connection to it, or -errno when there is one by now. */
static int make_holder(struct front *front, int folder) {
    int pair[2];
    int64_t pid = 0;
    long error = SYS4(__NR_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
    if (error) front_fail("cannot make a pair of sockets", NULL, error);
    long middle = SYS5(__NR_clone, SIGCHLD_NUMBER, 0, 0, 0, 0);
    if (middle < 0) front_fail("cannot fork the holder of namespaces", NULL, middle);
    if (middle == 0) {
        SYS1(__NR_close, pair[0]);
        SYS0(__NR_setsid);
        leave_cgroups();
        act_signals();
        pid = SYS5(__NR_clone, CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD_NUMBER, 0, 0, 0, 0);
        if (pid == 0) hold(front, folder, pair[1]);
        SYS3(__NR_write, pair[1], &pid, sizeof pid);
        leave(0);
    }
    SYS1(__NR_close, pair[1]);
    long got;
    do got = SYS4(__NR_wait4, middle, NULL, 0, NULL);
    while (got == -EINTR);
    got = SYS3(__NR_read, pair[0], &pid, sizeof pid);
    if (got != sizeof pid || pid <= 0)
        front_fail("the kernel makes no user namespace for an ordinary user; see user.max_user_namespaces, "
                   "kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns in sysctl -a", NULL, pid);
    mapping_write(front, pid);
    SYS3(__NR_write, pair[0], "g", 1);
    return pair[0];
}

static void join(int user) {
    long error = SYS2(__NR_setns, user, CLONE_NEWUSER);
    if (error) front_fail("cannot join the user namespace of the engine", NULL, error);
    SYS1(__NR_close, user);
    /* Else the kernel would keep us from our own files in /proc. */
    SYS5(__NR_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
}

int holder_enter(struct front *front, int folder, const char *folder_path) {
    struct address address;
    struct __kernel_timespec nap = {0, NAP_NS};
    address_of(&address, folder, HOLDER_NAME);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        int holder = try_connect(&address);
        if (holder < 0) {
            int lock = lock_starters(front, folder);
            holder = try_connect(&address);
            if (holder < 0) holder = make_holder(front, folder);
            SYS1(__NR_close, lock);
        }
        int user = take_greeting(holder);
        if (user >= 0) {
            join(user);
            return holder;
        }
        SYS1(__NR_close, holder); /* it was just leaving */
        SYS2(__NR_nanosleep, &nap, NULL);
    }
    front_fail("the namespaces of the engine cannot be entered; see rungd.log in", folder_path, 0);
}

static void put_word(struct writer *w, const char *word) { write_bytes(w, word, (uint32_t)text_length(word) + 1); }

/* Variables by which an engine without RUNG_HOME finds its folders. */
static void put_places(struct writer *w, char **envp) {
    static const char *const names[FRONT_PLACES] = {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"};
    const char *home = environment_get(envp, "RUNG_HOME");
    for (int i = 0; i < FRONT_PLACES && !(home && *home); i++) {
        const char *value = environment_get(envp, names[i]);
        if (!value || value[0] != '/') continue;
        write_bytes(w, names[i], (uint32_t)text_length(names[i]));
        write_bytes(w, "=", 1);
        put_word(w, value);
    }
}

long holder_start(struct front *front, int holder, int listening, int log, const char *launch_path, const char *folder_path,
                  const char *name) {
    uint32_t head[2] = {HOLDER_START, 0};
    int64_t pid = -EIO;
    int fds[ORDER_FDS] = {listening, log};
    struct writer w = {.bytes = order, .room = sizeof order};
    write_bytes(&w, head, sizeof head);
    put_word(&w, launch_path);
    put_word(&w, front->prefix);
    put_word(&w, folder_path);
    put_word(&w, name);
    put_places(&w, front->envp);
    struct iovec_raw part = {w.bytes, w.length}, reply = {&pid, sizeof pid};
    uint32_t none = 0;
    long error = w.full ? -ENAMETOOLONG : message_send(holder, &part, 1, fds, ORDER_FDS);
    if (error > 0) error = message_receive(holder, &reply, 1, NULL, &none, 0);
    if (error <= 0) pid = error ? error : -ECONNRESET;
    if (pid <= 0) front_fail("the engine could not be started in its namespaces", NULL, pid);
    return pid;
}
