/*
 * Having the container created (or a process in it, by exec) through an OCI verb in a child: either the
 * hand-over to a resident, as rung-oci does it, or any runtime's binary. The child shares our memory while we
 * go on to serve. It ends, and we are the subreaper that the new process falls to.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/sched.h>
#include <linux/signal.h>

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
    const struct order *order;
    char **envp;
    int streams[3];
    int64_t monitor;
    uintptr_t stack;
    struct front front;
};

/* In the child: becomes the OCI runtime. What it writes is on its stack, its own, or its call's; all else is ours, too. */
static void create(void *own) {
    struct creator *creator = own;
    const struct order *order = creator->order;
    const int *streams = creator->streams;
    struct front *front = &creator->front;
    char console[64];
    for (char **word = order->argv; *word; word++) {
        if (!text_equal(*word, console_word)) continue;
        path_through(console, creator->monitor, order->running, CONSOLE_NAME);
        *word = console;
    }
    int high[4], count = order->flags & ORDER_HAND_OVER ? 4 : 3;
    for (int i = 0; i < 3; i++) high[i] = (int)SYS3(__NR_fcntl, streams[i], F_DUPFD_CLOEXEC, 10);
    if (count == 4) high[3] = (int)SYS3(__NR_fcntl, order->hand_over, F_DUPFD_CLOEXEC, 10);
    for (int i = 0; i < count; i++) SYS3(__NR_dup3, high[i], i, i == 3 ? O_CLOEXEC : 0);
    SYS3(__NR_close_range, count, ~0u, 0);
    act_signals();
    if (count == 3) {
        long error = SYS3(__NR_execve, order->argv[0], order->argv, creator->envp);
        front_fail("cannot execute the runtime", order->argv[0], error);
    }
    SYS2(__NR_prctl, 15 /* PR_SET_NAME */, "rung-oci");
    front->argv = order->argv;
    front->envp = creator->envp;
    front->socket = 3;
    front->stack_from = creator->stack;
    front->stack_to = (uintptr_t)creator;
    int code = front_hand_over(front);
    front_forget(front);
    leave(code);
}

/* Starts the child; its pid or -errno. */
static int64_t start_creator(struct creation *creation, const struct order *order, char **envp, const int *streams) {
    struct clone_args args = {.exit_signal = SIGCHLD};
    long error = sharing_open(&creation->sharing, CREATOR_STACK, sizeof(struct creator));
    if (error) return error;
    struct creator *creator = (struct creator *)creation->sharing.belongings;
    creator->order = order;
    creator->envp = envp;
    memcpy(creator->streams, streams, sizeof creator->streams);
    creator->monitor = SYS0(__NR_getpid);
    creator->stack = (uintptr_t)creation->sharing.stack;
    return sharing_start(&creation->sharing, &args, create);
}

void creation_forget(struct creation *creation) { sharing_close(&creation->sharing); }

long creation_start(struct creation *creation, const struct order *order, char **envp) {
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
    bool terminal = order->flags & ORDER_TERMINAL;
    *creation = (struct creation){.output = {-1, -1}, .input = -1, .errors = -1, .console = -1};
    long error = 0;
    if (!terminal && order->flags & ORDER_INPUT) {
        error = SYS2(__NR_pipe2, in, O_CLOEXEC);
    } else {
        in[0] = (int)SYS4(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
        error = in[0] < 0 ? in[0] : 0;
    }
    if (!error && !terminal) error = SYS2(__NR_pipe2, out, O_CLOEXEC);
    if (!error) error = SYS2(__NR_pipe2, err, O_CLOEXEC);
    if (!error && terminal) {
        long console = listen_console(order);
        if (console < 0) error = console;
        else creation->console = (int)console;
    }
    if (error) return error;
    const int streams[3] = {in[0], terminal ? in[0] : out[1], err[1]};
    creation->creator = start_creator(creation, order, envp, streams);
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
