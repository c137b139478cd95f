/*
 * The spawner: a small child of the daemon from which monitors are forked, because forking a JVM is
 * dear. It forks twice, so a monitor is nobody's child but init's, and outlives spawner and daemon.
 * Descriptor 3 is its socket, on which each message asks for a monitor; it ends with the daemon that
 * holds the other end.
 *
 * A monitor is forked ahead of being needed, since that takes longer than all that it does then. It
 * knows of no container before its order comes, over a socket of its own: it has nothing of anybody
 * else's, makes one container, and goes where the daemon ends before that.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/signal.h>

#include "monitor.h"

#define SPAWNER_FD 3
#define MESSAGE_MAX (64u * 1024)
#define ORDER_FDS 5
#define ORDER_FDS_LEAST 3
#define COMMAND_LINE_MAX 160

/* The fixed head of a START frame's payload; the words follow, each closed by a NUL. */
struct start {
    uint32_t flags;
    uint32_t log_format;
    uint64_t log_max;
    uint32_t log_files;
    uint32_t rows, columns;
    uint32_t words; /* the id, the log's name and attributes, then argv */
};

static uint8_t message[MESSAGE_MAX] PAGE_ALIGNED;
static char *words[ORDER_WORDS + 1];

/* Finds the words in the message; false when they are not as many as it says. */
static bool split_words(uint8_t *bytes, uint32_t length, uint32_t count) {
    if (count < 4 || count > ORDER_WORDS || length == 0 || bytes[length - 1] != 0) return false;
    uint32_t at = 0, found = 0;
    while (at < length && found < count) {
        words[found++] = (char *)bytes + at;
        at += (uint32_t)text_length((char *)bytes + at) + 1;
    }
    words[found] = NULL;
    return at == length && found == count;
}

static bool read_order(struct order *order, long length, const int *fds, uint32_t fd_count) {
    struct start start;
    uint32_t said;
    if (length < (long)(MONITOR_HEAD + sizeof start) || message[0] != MONITOR_VERSION || message[1] != MONITOR_START) return false;
    memcpy(&said, message + 4, sizeof said);
    memcpy(&start, message + MONITOR_HEAD, sizeof start);
    if (said != (uint32_t)length - MONITOR_HEAD) return false;
    if (!split_words(message + MONITOR_HEAD + sizeof start, said - (uint32_t)sizeof start, start.words)) return false;
    bool hands_over = start.flags & ORDER_HAND_OVER, has_logs = start.flags & ORDER_LOGS;
    if (hands_over && start.flags & ORDER_AHEAD) return false;
    if (fd_count != (uint32_t)ORDER_FDS_LEAST + hands_over + has_logs) return false;
    *order = (struct order){.flags = start.flags,
                            .log_format = start.log_format,
                            .log_max = start.log_max,
                            .log_files = start.log_files,
                            .rows = start.rows,
                            .columns = start.columns,
                            .id = words[0],
                            .log_name = words[1],
                            .log_attributes = words[2],
                            .argv = words + 3,
                            .listening = fds[0],
                            .durable = fds[1],
                            .running = fds[2],
                            .logs = has_logs ? fds[fd_count - 1] : fds[1],
                            .hand_over = hands_over ? fds[3] : -1};
    return true;
}

void name_process(char **argv, const char *name, const char *id) {
    char *end = argv[0];
    for (char **word = argv; *word && *word == end; word++) end += text_length(end) + 1;
    size_t room = (size_t)(end - argv[0]), used = text_length(name) + 1, length = text_length(id);
    if (room > COMMAND_LINE_MAX || room < used) return;
    if (length >= room - used) length = room - used ? room - used - 1 : 0;
    memset(argv[0], 0, room);
    memcpy(argv[0], name, used);
    memcpy(argv[0] + used, id, length);
}

/* Two pairs of sockets: over one a monitor gets its order, over the other its creator is told what to run. */
enum { ORDERS, HAND_OVER, SOCKETS };
enum { DAEMON, MONITOR };

/* In a monitor that nobody needs yet. */
static _Noreturn void await_order(int (*ends)[2], char **argv, char **envp) {
    static struct order order;
    struct iovec_raw part = {message, sizeof message};
    int fds[ORDER_FDS];
    uint32_t count = ORDER_FDS;
    monitor_prepare(ends[HAND_OVER][MONITOR], envp);
    long length = message_receive(ends[ORDERS][MONITOR], &part, 1, fds, &count, 0);
    if (length <= 0 || !read_order(&order, length, fds, count)) leave(length != 0);
    SYS1(__NR_close, ends[ORDERS][MONITOR]);
    SYS2(__NR_prctl, PR_SET_NAME, "rung-monitor");
    name_process(argv, "rung-monitor", order.id);
    monitor_main(&order, envp);
}

/* The process in between, on the spawner's stack and in its memory, while the spawner waits: it must not return. */
static __attribute__((noinline)) _Noreturn void fork_monitor(int (*ends)[2], char **argv, char **envp) {
    SYS0(__NR_setsid);
    long forked = SYS5(__NR_clone, SIGCHLD, 0, 0, 0, 0);
    if (forked != 0) leave(forked < 0 ? (int)-forked : 0);
    SYS1(__NR_close, SPAWNER_FD);
    for (int i = 0; i < SOCKETS; i++) SYS1(__NR_close, ends[i][DAEMON]);
    await_order(ends, argv, envp);
}

/* 0 once a monitor was forked, else -errno. */
static long spawn(int (*ends)[2], char **argv, char **envp) {
    long middle = SYS5(__NR_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
    if (middle < 0) return middle;
    if (middle == 0) fork_monitor(ends, argv, envp);
    int status = 0;
    long reaped;
    do reaped = SYS4(__NR_wait4, middle, &status, 0, NULL);
    while (reaped == -EINTR);
    return -(status >> 8 & 0xff);
}

/* Makes a monitor, and tells the daemon: errno, and with 0 its ends of the sockets. False: nobody is there to be told. */
static bool make_monitor(char **argv, char **envp) {
    int ends[SOCKETS][2] = {{-1, -1}, {-1, -1}}, daemon[SOCKETS];
    long error = 0;
    for (int i = 0; i < SOCKETS && !error; i++) {
        error = SYS4(__NR_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends[i]);
        daemon[i] = ends[i][DAEMON];
    }
    if (!error) error = spawn(ends, argv, envp);
    int32_t answer = (int32_t)-error;
    struct iovec_raw reply = {&answer, sizeof answer};
    bool told = message_send(SPAWNER_FD, &reply, 1, daemon, error ? 0 : SOCKETS) >= 0;
    for (int i = 0; i < SOCKETS; i++)
        for (int end = DAEMON; end <= MONITOR; end++)
            if (ends[i][end] >= 0) SYS1(__NR_close, ends[i][end]);
    return told;
}

int spawner_main(int argc, char **argv, char **envp) {
    uint64_t all = ~0ull;
    uint32_t asked;
    if (argc < 1) return 1;
    /* The daemon's dispositions are gone with exec, but for the ignored ones; a monitor is ended by SIGKILL only. */
    act_signals();
    SYS4(__NR_rt_sigprocmask, SIG_SETMASK, &all, NULL, 8);
    SYS3(__NR_close_range, SPAWNER_FD + 1, ~0u, 0);
    SYS3(__NR_fcntl, SPAWNER_FD, F_SETFD, FD_CLOEXEC);
    long null = SYS4(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
    for (int fd = 0; fd < 3; fd++) SYS3(__NR_dup3, null, fd, 0);
    SYS1(__NR_close, null);
    SYS1(__NR_umask, 022);
    SYS1(__NR_chdir, "/");
    SYS2(__NR_prctl, PR_SET_NAME, "rung-spawner");
    for (;;) {
        struct iovec_raw part = {&asked, sizeof asked};
        uint32_t none = 0;
        long length = message_receive(SPAWNER_FD, &part, 1, NULL, &none, 0);
        if (length <= 0 || !make_monitor(argv, envp)) return 0;
    }
}
