/*
 * Attached to a container: our standard streams on one side, the container's monitor on the other
 * (docs/formats/monitor.md). The bytes pass by the engine, and go on when the engine is gone.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/signal.h>

#include "front.h"

/* What the engine wants of us. */
#define WITH_INPUT 1u
#define WITH_TERMINAL 2u
#define WITH_SIGNALS 4u

/* Of the monitor's frames those that matter here. */
#define HEAD 8u
#define MONITOR_INPUT 17u
#define MONITOR_CLOSE_INPUT 18u
#define MONITOR_WINDOW 19u
#define MONITOR_OUTPUT 67u
#define MONITOR_ERRORS 68u
#define MONITOR_ENDED 69u

#define CHUNK 16384u
#define RECORD_MAX 2048u
#define SIGNAL_INFO_SIZE 128
#define CODE_UNKNOWN 255

enum outcome { ENDED, DETACHED, LOST };

struct attachment {
    int monitor;
    uint32_t flags;
    struct keys keys; /* that detach a terminal */
    bool input_open;
    bool raw;
    struct terminal_modes before;
    uint8_t head[HEAD];
    uint32_t got, left; /* of the head; of the payload */
    uint8_t record[RECORD_MAX];
    uint32_t record_length;
    uint8_t out[HEAD + CHUNK + KEYS_MAX]; /* frames for the monitor that it has not taken yet */
    uint32_t out_at, out_length;
};

static uint32_t payload_length(const struct attachment *a) {
    uint32_t length;
    memcpy(&length, a->head + 4, sizeof length);
    return length;
}

static void put_frame(struct attachment *a, uint8_t type, uint32_t length) {
    uint8_t *head = a->out + a->out_length;
    memset(head, 0, HEAD);
    head[0] = 1;
    head[1] = type;
    memcpy(head + 4, &length, sizeof length);
    a->out_length += HEAD;
}

/* Gives the monitor what it takes without waiting; false when it is gone. */
static bool flush(struct attachment *a) {
    while (a->out_at < a->out_length) {
        long put = SYS6(__NR_sendto, a->monitor, a->out + a->out_at, a->out_length - a->out_at, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
        if (put == -EAGAIN) return true;
        if (put == -EINTR) continue;
        if (put <= 0) return false;
        a->out_at += (uint32_t)put;
    }
    a->out_at = a->out_length = 0;
    return true;
}

/* Takes what stdin has, once; true when the keys that detach were typed. Only with nothing left to send. */
static bool take_input(struct attachment *a) {
    static uint8_t typed[CHUNK];
    uint32_t length = 0;
    long got = SYS3(__NR_read, 0, typed, sizeof typed);
    if (got == -EINTR || got == -EAGAIN) return false;
    if (got <= 0) {
        a->input_open = false;
        put_frame(a, MONITOR_CLOSE_INPUT, 0);
        return false;
    }
    if (keys_typed(&a->keys, typed, (uint32_t)got, a->out + HEAD, &length)) return true;
    if (length) {
        put_frame(a, MONITOR_INPUT, length);
        a->out_length += length;
    }
    return false;
}

static void put_window(struct attachment *a) {
    uint16_t window[4];
    if (a->out_length + HEAD + 4 > sizeof a->out) return; /* the next change will tell */
    for (int fd = 0; fd < 3; fd++) {
        if (SYS3(__NR_ioctl, fd, 0x5413 /* TIOCGWINSZ */, window) != 0) continue;
        put_frame(a, MONITOR_WINDOW, 4);
        memcpy(a->out + a->out_length, window, 4);
        a->out_length += 4;
        return;
    }
}

/* Takes what comes from the monitor, once. */
static bool take_output(struct attachment *a, bool *ended) {
    static uint8_t bytes[4 * CHUNK];
    long got;
    if (a->got < HEAD) {
        got = SYS3(__NR_read, a->monitor, a->head + a->got, HEAD - a->got);
        if (got == -EINTR) return true;
        if (got <= 0) return false;
        a->got += (uint32_t)got;
        if (a->got < HEAD) return true;
        a->left = payload_length(a);
    } else {
        got = SYS3(__NR_read, a->monitor, bytes, a->left < sizeof bytes ? a->left : sizeof bytes);
        if (got == -EINTR) return true;
        if (got <= 0) return false;
        a->left -= (uint32_t)got;
        if (a->head[1] == MONITOR_OUTPUT || a->head[1] == MONITOR_ERRORS) {
            if (!write_all(a->head[1] == MONITOR_OUTPUT ? 1 : 2, bytes, got)) return false;
        } else if (a->head[1] == MONITOR_ENDED && a->record_length + (uint32_t)got <= RECORD_MAX) {
            memcpy(a->record + a->record_length, bytes, (size_t)got);
            a->record_length += (uint32_t)got;
        }
    }
    if (!a->left) {
        *ended = a->head[1] == MONITOR_ENDED;
        a->got = 0;
    }
    return true;
}

/* The value of a line of the record that begins with a word and a blank; -1 when there is none. */
static int record_number(const struct attachment *a, const char *word) {
    uint32_t length = (uint32_t)text_length(word);
    for (uint32_t at = 0; at + length + 1 < a->record_length; at++) {
        bool begins = at == 0 || a->record[at - 1] == '\n';
        if (!begins || memcmp(a->record + at, word, length) != 0 || a->record[at + length] != ' ') continue;
        int value = 0;
        for (at += length + 1; at < a->record_length && a->record[at] >= '0' && a->record[at] <= '9'; at++)
            value = value * 10 + (a->record[at] - '0');
        return value;
    }
    return -1;
}

static int exit_code(const struct attachment *a) {
    int exited = record_number(a, "exited"), killed = record_number(a, "killed");
    return exited >= 0 ? exited : killed >= 0 ? 128 + killed : CODE_UNKNOWN;
}

static void tell_signal(struct front *front, struct attachment *a, int signals) {
    uint8_t info[SIGNAL_INFO_SIZE], bytes[4];
    struct writer w = {.bytes = bytes, .room = sizeof bytes};
    if (SYS3(__NR_read, signals, info, sizeof info) != sizeof info) return;
    uint32_t signal;
    memcpy(&signal, info, sizeof signal);
    if (signal == SIGCHLD || signal == SIGPIPE || signal == SIGURG) return;
    if (signal == SIGWINCH && a->flags & WITH_TERMINAL) {
        put_window(a);
    } else if (front->socket >= 0) {
        write_u32(&w, signal);
        if (!frame_send(front, FRAME_SIGNAL, &w, NULL, 0)) {
            SYS1(__NR_close, front->socket);
            front->socket = -1;
        }
    }
}

static int watch_signals(const struct attachment *a) {
    uint64_t caught = a->flags & WITH_SIGNALS ? ~0ull : 1ull << (SIGWINCH - 1);
    SYS4(__NR_rt_sigprocmask, SIG_SETMASK, &caught, NULL, 8);
    return (int)SYS4(__NR_signalfd4, -1, &caught, 8, O_CLOEXEC | O_NONBLOCK);
}

/* True when the engine has something to say, which ends the attachment. */
static bool relay(struct front *front, struct attachment *a, enum outcome *outcome) {
    int signals = watch_signals(a);
    bool ended = false;
    if (a->flags & WITH_TERMINAL) put_window(a);
    if (!(a->flags & WITH_INPUT)) a->input_open = false;
    for (*outcome = LOST;;) {
        if (!flush(a)) return false;
        struct pollfd polls[4] = {{.fd = a->monitor, .events = (short)(POLLIN | (a->out_length ? POLLOUT : 0))},
                                  {.fd = a->input_open && !a->out_length ? 0 : -1, .events = POLLIN},
                                  {.fd = signals, .events = POLLIN},
                                  {.fd = front->socket, .events = POLLIN}};
        long ready = SYS5(__NR_ppoll, polls, 4, NULL, NULL, 0);
        if (ready < 0 && ready != -EINTR) return false;
        if (ready <= 0) continue;
        if (polls[0].revents & (POLLIN | POLLHUP | POLLERR)) {
            if (!take_output(a, &ended)) return false;
            if (ended) {
                *outcome = ENDED;
                return false;
            }
        }
        if (polls[1].revents && take_input(a)) {
            *outcome = DETACHED;
            return false;
        }
        if (polls[2].revents) tell_signal(front, a, signals);
        if (polls[3].revents & POLLIN) return true;
        if (polls[3].revents) {
            SYS1(__NR_close, front->socket);
            front->socket = -1;
        }
    }
}

int attach_run(struct front *front) {
    static struct attachment attachment;
    struct attachment *a = &attachment;
    struct reader r = {.bytes = front->frame, .length = front->frame_length};
    uint8_t bytes[8];
    struct writer w = {.bytes = bytes, .room = sizeof bytes};
    *a = (struct attachment){.flags = read_u32(&r), .input_open = true};
    if (!keys_read(&r, &a->keys) || front->fd_count != 1) front_fail("the engine sent a wrong order to attach", NULL, 0);
    a->monitor = front->fds[0];
    front->fd_count = 0;
    a->raw = a->flags & WITH_TERMINAL && a->flags & WITH_INPUT && terminal_raw(0, &a->before);
    enum outcome outcome;
    bool interrupted = relay(front, a, &outcome);
    if (a->raw) terminal_restore(0, &a->before);
    SYS1(__NR_close, a->monitor);
    if (interrupted) return -1;
    int code = outcome == ENDED ? exit_code(a) : outcome == DETACHED ? 0 : CODE_UNKNOWN;
    write_u32(&w, outcome);
    write_u32(&w, (uint32_t)code);
    if (front->socket >= 0 && frame_send(front, FRAME_DETACHED, &w, NULL, 0)) return -1;
    return code;
}
