/*
 * Having the container created (or a process in it, by exec) through an OCI verb in a child: either the
 * hand-over to a resident, as rung-oci does it, or any runtime's binary. The child shares our memory while we
 * go on to serve. It ends, and we are the subreaper that the new process falls to.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/wait.h>

#include "monitor.h"

#define CONSOLE_NAME "console.sock"
#define SET_WINDOW 0x5414
#define SOCK_STREAM_TYPE 1
#define CREATOR_STACK (256u * 1024)

static const char console_word[] = "%console";

/* A name in one of our folders, through its descriptor: a socket's path has 107 bytes at most. */
static uint32_t path_through(char *to, int64_t pid, int folder, const char *name) {
    uint32_t at = 6;
    memcpy(to, "/proc/", 6);
    at += text_decimal(to + at, pid);
    memcpy(to + at, "/fd/", 4);
    at += 4;
    at += text_decimal(to + at, folder);
    to[at++] = '/';
    memcpy(to + at, name, text_length(name) + 1);
    return at;
}

static long listen_console(const struct order *order) {
    struct {
        uint16_t family;
        char path[108];
    } address = {.family = AF_UNIX};
    path_through(address.path, SYS0(__NR_getpid), order->running, CONSOLE_NAME);
    long fd = SYS3(__NR_socket, AF_UNIX, SOCK_STREAM_TYPE | SOCK_CLOEXEC | O_NONBLOCK, 0);
    if (fd < 0) return fd;
    SYS3(__NR_unlinkat, order->running, CONSOLE_NAME, 0);
    long error = SYS3(__NR_bind, fd, &address, sizeof address);
    if (!error) error = SYS2(__NR_listen, fd, 1);
    if (!error) return fd;
    SYS1(__NR_close, fd);
    return error;
}

/* What the child has of its own in our memory. */
struct creator {
    char **argv;
    char **envp;
    int streams[3];
    int hand_over; /* -1: the runtime is another program */
    uintptr_t stack;
    struct front front;
};

/* In the child: becomes the OCI runtime. What it writes is on its stack, its own, or its call's; all else is ours, too. */
static void create(void *own) {
    struct creator *creator = own;
    const int *streams = creator->streams;
    struct front *front = &creator->front;
    int high[4], count = creator->hand_over >= 0 ? 4 : 3;
    for (int i = 0; i < 3; i++) high[i] = (int)SYS3(__NR_fcntl, streams[i], F_DUPFD_CLOEXEC, 10);
    if (count == 4) high[3] = (int)SYS3(__NR_fcntl, creator->hand_over, F_DUPFD_CLOEXEC, 10);
    for (int i = 0; i < count; i++) SYS3(__NR_dup3, high[i], i, i == 3 ? O_CLOEXEC : 0);
    SYS3(__NR_close_range, count, ~0u, 0);
    act_signals();
    if (count == 3) {
        long error = SYS3(__NR_execve, creator->argv[0], creator->argv, creator->envp);
        front_fail("cannot execute the runtime", creator->argv[0], error);
    }
    SYS2(__NR_prctl, 15 /* PR_SET_NAME */, "rung-oci");
    front->argv = creator->argv;
    front->envp = creator->envp;
    front->socket = 3;
    front->stack_from = creator->stack;
    front->stack_to = (uintptr_t)creator;
    leave(front_hand_over(front));
}

/* Starts the child; its pid or -errno. */
static int64_t start_creator(struct creation *creation, char **argv, int hand_over, char **envp, const int *streams) {
    struct clone_args args = {.exit_signal = SIGCHLD};
    long error = sharing_open(&creation->sharing, CREATOR_STACK, sizeof(struct creator));
    if (error) return error;
    struct creator *creator = (struct creator *)creation->sharing.belongings;
    creator->argv = argv;
    creator->envp = envp;
    memcpy(creator->streams, streams, sizeof creator->streams);
    creator->hand_over = hand_over;
    creator->stack = (uintptr_t)creation->sharing.stack;
    return sharing_start(&creation->sharing, &args, create);
}

/* By us, after the child's end: who creates is waited for, and nobody waits for this. */
void creation_forget(struct creation *creation) {
    if (!creation->sharing.at) return;
    front_forget(&((struct creator *)creation->sharing.belongings)->front);
    sharing_close(&creation->sharing);
}

static const struct creation nothing_yet = {.output = {-1, -1}, .input = -1, .errors = -1, .console = -1};

/* The streams, but for a terminal, and the child. */
static long start(struct creation *creation, char **argv, int hand_over, char **envp, bool terminal, bool input) {
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
    long error = 0;
    if (!terminal && input) {
        error = SYS2(__NR_pipe2, in, O_CLOEXEC);
    } else {
        in[0] = (int)SYS4(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
        error = in[0] < 0 ? in[0] : 0;
    }
    if (!error && !terminal) error = SYS2(__NR_pipe2, out, O_CLOEXEC);
    if (!error) error = SYS2(__NR_pipe2, err, O_CLOEXEC);
    if (error) return error;
    const int streams[3] = {in[0], terminal ? in[0] : out[1], err[1]};
    creation->creator = start_creator(creation, argv, hand_over, envp, streams);
    if (creation->creator < 0) return (long)creation->creator;
    SYS1(__NR_close, in[0]);
    SYS1(__NR_close, err[1]);
    if (out[1] >= 0) SYS1(__NR_close, out[1]);
    creation->input = in[1];
    creation->output[0] = out[0];
    creation->output[1] = terminal ? -1 : err[0];
    creation->errors = err[0];
    /* Only our ends: what the container's processes hold is theirs to set. */
    const int ours[3] = {in[1], out[0], err[0]};
    for (int i = 0; i < 3; i++)
        if (ours[i] >= 0) SYS3(__NR_fcntl, ours[i], F_SETFL, O_NONBLOCK);
    return 0;
}

/* The resident knows the call's words better: they come with the order. */
void creation_prepare(struct creation *creation, int hand_over, char **envp) {
    static char name[] = "rung-oci";
    static char *argv[] = {name, NULL};
    *creation = nothing_yet;
    long error = start(creation, argv, hand_over, envp, false, false);
    if (error) creation->creator = error;
    SYS1(__NR_close, hand_over);
}

/* Ends a creator that is of no use for the order. */
static void discard(struct creation *creation) {
    const int ours[2] = {creation->output[0], creation->errors};
    if (creation->creator > 0) {
        SYS2(__NR_kill, creation->creator, SIGKILL);
        SYS4(__NR_wait4, creation->creator, NULL, __WALL, NULL);
        creation_forget(creation);
    }
    for (int i = 0; i < 2; i++)
        if (ours[i] >= 0) SYS1(__NR_close, ours[i]);
    *creation = nothing_yet;
}

long creation_start(struct creation *creation, const struct order *order, char **envp) {
    static char console[64];
    bool terminal = order->flags & ORDER_TERMINAL;
    if (order->flags & ORDER_AHEAD) return creation->creator < 0 ? (long)creation->creator : 0;
    discard(creation);
    if (terminal) {
        long listening = listen_console(order);
        if (listening < 0) return listening;
        creation->console = (int)listening;
    }
    for (char **word = order->argv; *word; word++) {
        if (!text_equal(*word, console_word)) continue;
        path_through(console, SYS0(__NR_getpid), order->running, CONSOLE_NAME);
        *word = console;
    }
    return start(creation, order->argv, order->hand_over, envp, terminal, order->flags & ORDER_INPUT);
}

long creation_take_master(struct creation *creation, const struct order *order) {
    char name[256];
    struct iovec_raw part = {name, sizeof name};
    int master;
    uint32_t count = 1;
    long fd = SYS4(__NR_accept4, creation->console, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) return fd;
    long got = message_receive((int)fd, &part, 1, &master, &count, 0);
    SYS1(__NR_close, fd);
    if (got < 0 || count != 1) return got < 0 ? got : -EPROTO;
    SYS1(__NR_close, creation->console);
    SYS3(__NR_unlinkat, order->running, CONSOLE_NAME, 0);
    SYS3(__NR_fcntl, master, F_SETFL, O_NONBLOCK | O_RDWR);
    creation->console = -1;
    creation->output[0] = master;
    creation->input = master;
    const uint16_t window[4] = {(uint16_t)order->rows, (uint16_t)order->columns, 0, 0};
    if (order->rows && order->columns) SYS3(__NR_ioctl, master, SET_WINDOW, window);
    return 0;
}

int64_t creation_pid(const struct order *order) {
    char text[32];
    int64_t pid = 0;
    long fd = SYS4(__NR_openat, order->running, "pid", O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
    long length = fd < 0 ? fd : SYS3(__NR_read, fd, text, sizeof text);
    if (fd >= 0) SYS1(__NR_close, fd);
    for (long i = 0; i < length && text[i] >= '0' && text[i] <= '9'; i++) pid = pid * 10 + (text[i] - '0');
    return pid <= INT32_MAX ? pid : 0;
}
