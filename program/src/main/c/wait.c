/* Standing in for a container: its signals, its terminal and its exit status. */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/signal.h>
#include <linux/wait.h>

#include "front.h"

#define SIGNAL_INFO_SIZE 128
#define GET_TERMIOS 0x5401
#define SET_TERMIOS 0x5402
#define GET_WINDOW 0x5413
#define SET_WINDOW 0x5414
#define RELAY_BUFFER 8192

struct relay {
    int master; /* -1 when there is no terminal to relay, or it is gone */
    int caller; /* the terminal that we were called from; -1 for none */
    bool raw;
    bool input_open;
    struct terminal_modes before;
};

static void relay_window(const struct relay *relay) {
    uint16_t window[4];
    if (SYS3(__NR_ioctl, relay->caller, GET_WINDOW, window) == 0) SYS3(__NR_ioctl, relay->master, SET_WINDOW, window);
}

/* As runc: whichever of our streams is one, else the controlling terminal. */
static int caller_terminal(struct terminal_modes *modes) {
    for (int fd = 2; fd >= 0; fd--)
        if (SYS3(__NR_ioctl, fd, GET_TERMIOS, modes) == 0) return fd;
    long fd = SYS4(__NR_openat, AT_FDCWD, "/dev/tty", O_RDWR | O_CLOEXEC, 0);
    return fd >= 0 && SYS3(__NR_ioctl, fd, GET_TERMIOS, modes) == 0 ? (int)fd : -1;
}

/* As cfmakeraw(3), but for the output. */
static void make_raw(struct terminal_modes *raw) {
    raw->input &= ~(0000001u | 0000002u | 0000010u | 0000040u | 0000100u | 0000200u | 0000400u | 0002000u);
    raw->local &= ~(0000001u | 0000002u | 0000010u | 0000100u | 0100000u);
    raw->control = (raw->control & ~(0000060u | 0000400u)) | 0000060u;
}

bool terminal_raw(int fd, struct terminal_modes *before) {
    if (SYS3(__NR_ioctl, fd, GET_TERMIOS, before) != 0) return false;
    struct terminal_modes raw = *before;
    make_raw(&raw);
    raw.output &= ~1u; /* OPOST */
    return SYS3(__NR_ioctl, fd, SET_TERMIOS, &raw) == 0;
}

void terminal_restore(int fd, const struct terminal_modes *before) { SYS3(__NR_ioctl, fd, SET_TERMIOS, before); }

/* Output processing stays, as runc leaves it on. */
static void relay_begin(struct relay *relay, int master) {
    *relay = (struct relay){.master = master, .caller = -1, .input_open = master >= 0};
    if (master < 0 || (relay->caller = caller_terminal(&relay->before)) < 0) return;
    struct terminal_modes raw = relay->before;
    make_raw(&raw);
    relay->raw = SYS3(__NR_ioctl, relay->caller, SET_TERMIOS, &raw) == 0;
    relay_window(relay);
}

bool write_all(int fd, const uint8_t *bytes, long count) {
    while (count > 0) {
        long put = SYS3(__NR_write, fd, bytes, count);
        if (put == -EINTR) continue;
        if (put == -EAGAIN) {
            struct pollfd poll = {.fd = fd, .events = POLLOUT};
            SYS5(__NR_ppoll, &poll, 1, NULL, NULL, 0);
            continue;
        }
        if (put <= 0) return false;
        bytes += put;
        count -= put;
    }
    return true;
}

/* Copies what is there once; false at the end of from. */
static bool relay_once(int from, int to) {
    uint8_t buffer[RELAY_BUFFER];
    long got = SYS3(__NR_read, from, buffer, sizeof buffer);
    if (got == -EINTR || got == -EAGAIN) return true;
    return got > 0 && write_all(to, buffer, got);
}

/* The same for what a person types; true when it was the keys that detach. */
static bool relay_typed(struct relay *relay, int to) {
    uint8_t typed[RELAY_BUFFER], buffer[RELAY_BUFFER + KEYS_MAX];
    uint32_t length = 0;
    long got = SYS3(__NR_read, 0, typed, sizeof typed);
    if (got == -EINTR || got == -EAGAIN) return false;
    bool detaches = got > 0 && keys_typed(stream_keys(), typed, (uint32_t)got, buffer, &length);
    relay->input_open = got > 0 && write_all(to, buffer, length);
    return detaches;
}

/*
 * Leaves the process to itself and ends. A copy of us keeps its terminal, which would hang up on it, and reads
 * what it writes, for which it would wait. Comes back only when there can be no copy.
 */
static void relay_leave(const struct relay *relay) {
    uint64_t hangup = 1ull << (SIGHUP - 1); /* of the caller's terminal, which may be under way to us already */
    long copy = SYS5(__NR_clone, SIGCHLD, 0, 0, 0, 0);
    if (copy < 0) return;
    if (copy > 0) {
        if (relay->raw) SYS3(__NR_ioctl, relay->caller, SET_TERMIOS, &relay->before);
        SYS1(__NR_exit_group, 0);
    }
    SYS0(__NR_setsid);
    long null = SYS4(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
    for (int fd = 0; fd < 3; fd++) SYS3(__NR_dup3, null, fd, 0);
    int master = relay->master == 3 ? 3 : (int)SYS3(__NR_dup3, relay->master, 3, O_CLOEXEC);
    SYS3(__NR_close_range, 4, ~0u, 0); /* nobody is to wait for the end of what we were given */
    SYS4(__NR_rt_sigprocmask, SIG_SETMASK, &hangup, NULL, 8);
    while (relay_once(master, 1)) continue;
    SYS1(__NR_exit_group, 0);
}

static void relay_end(struct relay *relay) {
    if (relay->master >= 0) {
        /* What the container wrote last is still in the terminal. */
        struct pollfd poll = {.fd = relay->master, .events = POLLIN};
        struct { int64_t s, ns; } now = {0, 0};
        while (SYS5(__NR_ppoll, &poll, 1, &now, NULL, 0) == 1 && poll.revents & POLLIN)
            if (!relay_once(relay->master, 1)) break;
    }
    if (relay->raw) SYS3(__NR_ioctl, relay->caller, SET_TERMIOS, &relay->before);
}

/* Reaps all that ended; the wait status of the one that counts, or -1. */
static int64_t reap(int64_t pid) {
    int64_t found = -1;
    for (;;) {
        int status;
        long ended = SYS4(__NR_wait4, -1, &status, WNOHANG | __WALL, NULL);
        if (ended <= 0) return found;
        if (ended == pid) found = status;
    }
}

static void forward(int signals, const struct wait_order *order, const struct relay *relay) {
    uint8_t info[SIGNAL_INFO_SIZE];
    if (SYS3(__NR_read, signals, info, sizeof info) != sizeof info) return;
    uint32_t signal;
    memcpy(&signal, info, sizeof signal);
    if (signal == SIGCHLD || signal == SIGPIPE || signal == SIGURG) return;
    if (signal == SIGWINCH && relay->master >= 0) relay_window(relay);
    else SYS2(__NR_kill, order->pid, signal);
}

int wait_for(const struct wait_order *order) {
    uint64_t all = ~0ull;
    struct notify notify = order->notify;
    struct relay relay;
    SYS4(__NR_rt_sigprocmask, SIG_SETMASK, &all, NULL, 8);
    long signals = SYS4(__NR_signalfd4, -1, &all, 8, O_CLOEXEC | O_NONBLOCK);
    relay_begin(&relay, order->terminal);
    int64_t status;
    /* The signal of an end that came before the signalfd is still pending, or the child a zombie: look first. */
    while ((status = reap(order->pid)) < 0) {
        struct pollfd polls[7] = {{.fd = (int)signals, .events = POLLIN},
                                  {.fd = relay.master, .events = POLLIN},
                                  {.fd = relay.input_open ? 0 : -1, .events = POLLIN},
                                  {.fd = notify.socket, .events = POLLIN}};
        streams_poll(polls + 4);
        long ready = SYS5(__NR_ppoll, polls, 7, NULL, NULL, 0);
        if (ready < 0 && ready != -EINTR) break;
        if (ready > 0) streams_serve(polls + 4);
        if (polls[0].revents) forward((int)signals, order, &relay);
        if (polls[1].revents && !relay_once(relay.master, 1)) relay.master = -1;
        if (polls[2].revents && relay_typed(&relay, order->terminal)) relay_leave(&relay);
        /* We are what the caller's manager knows and signals, so we are the main process. */
        if (polls[3].revents && notify_pass(&notify, SYS0(__NR_getpid))) notify.socket = -1;
    }
    relay_end(&relay);
    streams_drain();
    if (status < 0) return 255;
    return status & 0x7f ? 128 + (int)(status & 0x7f) : (int)(status >> 8 & 0xff);
}
