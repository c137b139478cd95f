#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/signal.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#include "monitor.h"

#define SOCKET_NAME "monitor.sock"
#define SET_WINDOW 0x5414
#define SIGNAL_INFO_SIZE 128
#define IDLE_MS 1000
#define RETRY_MS 1000
#define TERMINAL_DRAIN_MS 200 /* for what a terminal's last writer left */
#define FAILURE_TEXT_MAX 4096u
#define ENDED_TEXT_MAX 2048u

enum phase { CREATING, CREATED, ENDED, LEAVING };

static struct {
    const struct order *order;
    enum phase phase;
    struct creation creation;
    struct record record;
    struct oom oom;
    struct ending ending;
    int64_t pid;
    int signals;
    int pidfd; /* of a container's process that is not our child, else -1 */
    uint64_t oom_told;
    bool failing_told;
    bool touched; /* buffers were used since they were given back */
    int64_t forget_at; /* when the creator's memory is given back */
    int64_t drain_until;
    int64_t retry_at;
} monitor = {.pidfd = -1, .signals = -1};

static bool has_terminal(void) { return monitor.order->flags & ORDER_TERMINAL; }

static void enter(enum phase phase, bool recorded) {
    monitor.phase = phase;
    clients_say_state(phase < LEAVING ? phase : ENDED, recorded ? &monitor.record : NULL);
}

/* Before it is told that all is over, so that who comes afterwards looks for the record at once. */
static void close_door(void) { SYS3(__NR_unlinkat, monitor.order->running, SOCKET_NAME, 0); }

static void send_text(uint32_t type, const char *text) {
    size_t length = text_length(text);
    memcpy(clients_outgoing(), text, length);
    clients_send(type, (uint32_t)length, 0);
}

/* Tells that there is no container, and why. Only while no client is busy, as in all of the creation. */
static void fail(uint32_t code, const void *text, uint32_t length) {
    uint8_t *to = clients_outgoing();
    memcpy(to, &code, sizeof code);
    memmove(to + sizeof code, text, length);
    close_door();
    clients_send(MONITOR_FAILED, (uint32_t)sizeof code + length, 0);
    SYS3(__NR_unlinkat, monitor.order->running, "console.sock", 0);
    record_unreserve(monitor.order);
    monitor.phase = LEAVING;
}

static void fail_ourselves(const char *doing, long error) {
    char text[160];
    struct writer w = {.bytes = (uint8_t *)text, .room = sizeof text};
    char digits[20];
    write_bytes(&w, "rung-monitor: ", 14);
    write_bytes(&w, doing, (uint32_t)text_length(doing));
    write_bytes(&w, ": errno ", 8);
    write_bytes(&w, digits, text_decimal(digits, -error));
    fail(1, text, w.length);
}

/* What the runtime had to say, as far as a pipe holds it; the end of it, if that is much. */
static void fail_as_runtime(int status) {
    static uint8_t text[FAILURE_TEXT_MAX * 16] PAGE_ALIGNED;
    uint32_t length = 0;
    long got;
    while (length < sizeof text && (got = SYS3(__NR_read, monitor.creation.errors, text + length, sizeof text - length)) > 0)
        length += (uint32_t)got;
    while (length > 0 && text[length - 1] == '\n') length--;
    uint32_t skipped = length > FAILURE_TEXT_MAX ? length - FAILURE_TEXT_MAX : 0;
    fail((uint32_t)(status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff), text + skipped, length - skipped);
}

static void ended(bool known, int status) {
    monitor.ending.known = known;
    monitor.ending.status = status;
    monitor.ending.at = moment_now();
    uint64_t kills = oom_kills(&monitor.oom);
    monitor.ending.oom_kills = kills > monitor.oom_told ? kills : monitor.oom_told;
    monitor.drain_until = clock_ms() + TERMINAL_DRAIN_MS;
    enter(ENDED, true);
}

static void created(int status) {
    struct creation *creation = &monitor.creation;
    if (status != 0) {
        fail_as_runtime(status);
        return;
    }
    long error = creation->console >= 0 ? creation_take_master(creation, monitor.order) : 0;
    if (error) {
        fail_ourselves("the runtime handed over no terminal", error);
        return;
    }
    monitor.pid = creation_pid(monitor.order);
    if (monitor.pid <= 0) {
        fail_ourselves("the runtime wrote no pid file", -ENOENT);
        return;
    }
    if (has_terminal()) SYS1(__NR_close, creation->errors);
    client_events.input = creation->input;
    record_running(&monitor.record, monitor.order, monitor.pid);
    enter(CREATED, true);
    memcpy(clients_outgoing(), monitor.record.text, monitor.record.length);
    clients_send(MONITOR_CREATED, monitor.record.length, 0);
    oom_watch(&monitor.oom, monitor.pid);
    long ours = SYS4(__NR_wait4, monitor.pid, &status, WNOHANG | __WALL, NULL);
    if (ours == monitor.pid) {
        ended(true, status);
    } else if (ours < 0) {
        monitor.pidfd = (int)SYS2(__NR_pidfd_open, monitor.pid, 0);
        if (monitor.pidfd < 0) ended(false, 0);
    }
    if (!(monitor.order->flags & ORDER_AHEAD)) shed_rights();
    shed_rest();
    /* Later, as a process that ends at once is waited for. */
    monitor.forget_at = clock_ms() + IDLE_MS;
    monitor.touched = true;
}

static void reap(void) {
    uint8_t info[SIGNAL_INFO_SIZE];
    int status;
    long pid;
    SYS3(__NR_read, monitor.signals, info, sizeof info);
    /* The container's process may end first; it must not be reaped before we know that it is the one. */
    if (monitor.phase == CREATING) {
        if (SYS4(__NR_wait4, monitor.creation.creator, &status, WNOHANG | __WALL, NULL) != monitor.creation.creator) return;
        created(status);
    }
    while ((pid = SYS4(__NR_wait4, -1, &status, WNOHANG | __WALL, NULL)) > 0)
        if (pid == monitor.pid && monitor.phase == CREATED) ended(true, status);
}

static void close_output(int stream) {
    int *output = &monitor.creation.output[stream];
    if (*output == client_events.input) client_events.input = -1;
    SYS1(__NR_close, *output);
    *output = -1;
}

static void take_output(int stream) {
    uint8_t *bytes = clients_outgoing();
    long got = SYS3(__NR_read, monitor.creation.output[stream], bytes, OUTGOING_MAX);
    if (got > 0) {
        monitor.touched = true;
        log_take(stream, bytes, (uint32_t)got);
        clients_send(stream == 0 ? MONITOR_OUTPUT : MONITOR_ERRORS, (uint32_t)got, stream == 0 ? ATTACH_OUTPUT : ATTACH_ERRORS);
    } else if (got != -EAGAIN && got != -EINTR) {
        close_output(stream);
    } else if (monitor.phase >= ENDED && (!has_terminal() || clock_ms() >= monitor.drain_until)) {
        close_output(stream); /* a process that lives on holds it open; its container has ended */
    }
}

static bool drained(void) { return monitor.creation.output[0] < 0 && monitor.creation.output[1] < 0; }

/* Writes down how it ended; with the record safe, or known to somebody who says so, all is done. */
static void conclude(void) {
    static char text[ENDED_TEXT_MAX];
    struct writer w = {.bytes = (uint8_t *)text, .room = sizeof text};
    if (!monitor.retry_at) log_end();
    monitor.ending.log_bytes = log_state.bytes;
    monitor.ending.log_dropped = log_state.dropped;
    record_complete(&w, &monitor.record, &monitor.ending);
    if (record_ended(monitor.order, &w) != 0 && !client_events.released) {
        if (!monitor.retry_at) send_text(MONITOR_NOTICE, "the exit record cannot be written; it is tried again");
        monitor.retry_at = clock_ms() + RETRY_MS;
        return;
    }
    close_door();
    memcpy(clients_outgoing(), text, w.length);
    clients_send(MONITOR_ENDED, w.length, 0);
    enter(LEAVING, true);
}

/* What there is to tell all clients; one frame at a time, while none is busy. */
static void tell(void) {
    if (clients_busy() || monitor.phase == LEAVING) return;
    if (log_state.failing && !monitor.failing_told) {
        monitor.failing_told = true;
        send_text(MONITOR_NOTICE, "the log cannot be written; lines are dropped");
    } else if (monitor.ending.oom_kills > monitor.oom_told) {
        monitor.oom_told = monitor.ending.oom_kills;
        memcpy(clients_outgoing(), &monitor.oom_told, sizeof monitor.oom_told);
        clients_send(MONITOR_OOM, sizeof monitor.oom_told, 0);
    } else if (monitor.phase == ENDED && drained() && (!monitor.retry_at || client_events.released || clock_ms() >= monitor.retry_at)) {
        conclude();
    }
}

static void obey(void) {
    struct client_events *events = &client_events;
    if (events->resized && has_terminal() && events->input >= 0) SYS3(__NR_ioctl, events->input, SET_WINDOW, events->window);
    events->resized = false;
    if (events->reopen_log) log_reopen();
    events->reopen_log = false;
    if (input_done() && !has_terminal() && events->input >= 0) {
        SYS1(__NR_close, events->input);
        events->input = -1;
    }
}

/* Milliseconds, -1 for ever. */
static int64_t time_to_wait(void) {
    if (clients_busy()) {
        int64_t left = clients_deadline() - clock_ms();
        return left > 0 ? left : 0;
    }
    if (monitor.phase == ENDED) return monitor.retry_at ? RETRY_MS : drained() ? 0 : 10;
    return monitor.touched ? IDLE_MS : -1;
}

static void serve_once(void) {
    enum { SIGNALS, LISTENING, CONSOLE, OOM, INPUT, PIDFD, OUTPUT, ERRORS, FIXED };
    struct pollfd polls[FIXED + CLIENTS_MAX];
    const struct creation *creation = &monitor.creation;
    bool reading = monitor.phase != CREATING && !clients_busy();
    polls[SIGNALS] = (struct pollfd){.fd = monitor.signals, .events = POLLIN};
    polls[LISTENING] = (struct pollfd){.fd = monitor.order->listening, .events = POLLIN};
    polls[CONSOLE] = (struct pollfd){.fd = monitor.phase == CREATING ? creation->console : -1, .events = POLLIN};
    polls[OOM] = (struct pollfd){.fd = monitor.phase == CREATED ? monitor.oom.event : -1,
                                 .events = monitor.oom.by_eventfd ? POLLIN : POLLPRI};
    polls[INPUT] = (struct pollfd){.fd = input_waits() ? client_events.input : -1, .events = POLLOUT};
    polls[PIDFD] = (struct pollfd){.fd = monitor.phase == CREATED ? monitor.pidfd : -1, .events = POLLIN};
    polls[OUTPUT] = (struct pollfd){.fd = reading ? creation->output[0] : -1, .events = POLLIN};
    polls[ERRORS] = (struct pollfd){.fd = reading ? creation->output[1] : -1, .events = POLLIN};
    uint32_t clients = clients_poll(polls + FIXED);
    int64_t wait = time_to_wait();
    struct __kernel_timespec limit = {wait / 1000, wait % 1000 * 1000000};
    long ready = SYS5(__NR_ppoll, polls, FIXED + clients, wait < 0 ? NULL : &limit, NULL, 0);
    if (ready == 0 && wait == IDLE_MS && monitor.phase == CREATED) {
        log_forget_buffers();
        clients_forget_buffers();
        monitor.touched = false;
    }
    if (monitor.phase == CREATED && creation->sharing.at && clock_ms() >= monitor.forget_at) creation_forget(&monitor.creation);
    if (clients_busy()) clients_drop_stuck();
    if (ready < 0) return;
    if (polls[CONSOLE].revents) creation_take_master(&monitor.creation, monitor.order);
    if (polls[OOM].revents) monitor.ending.oom_kills = oom_kills(&monitor.oom);
    clients_serve(polls + FIXED, clients);
    if (polls[LISTENING].revents) clients_accept(monitor.order->listening);
    if (input_waits() && (polls[INPUT].revents || client_events.input < 0)) input_flush();
    obey();
    for (int stream = 0; stream < 2; stream++)
        if (creation->output[stream] >= 0 && !clients_busy() && (polls[OUTPUT + stream].revents || (reading && monitor.phase == ENDED)))
            take_output(stream);
    if (polls[PIDFD].revents) ended(false, 0);
    if (polls[SIGNALS].revents) reap();
}

void monitor_prepare(int hand_over, char **envp) {
    uint64_t child = 1ull << (SIGCHLD - 1);
    monitor.oom = (struct oom){.counts = -1, .event = -1};
    record_prepare(&monitor.record);
    enter(CREATING, false);
    SYS5(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    monitor.signals = (int)SYS4(__NR_signalfd4, -1, &child, 8, O_CLOEXEC | O_NONBLOCK);
    creation_prepare(&monitor.creation, hand_over, envp);
}

_Noreturn void monitor_main(const struct order *order, char **envp) {
    monitor.order = order;
    SYS3(__NR_fcntl, order->listening, F_SETFL, O_NONBLOCK);
    clients_accept(order->listening); /* who had us started */
    long error = monitor.signals;
    const char *doing = "watching for the end of processes";
    if (error >= 0) {
        doing = "opening the log";
        error = log_open(order);
    }
    if (error >= 0) {
        doing = "making the container's streams";
        error = creation_start(&monitor.creation, order, envp);
        client_events.input = monitor.creation.input; /* what is said this early waits in the pipe */
    }
    if (order->hand_over >= 0) SYS1(__NR_close, order->hand_over);
    if (error < 0) {
        fail_ourselves(doing, error);
    } else {
        /* What would hold up a process that ends at once is done while it is made. */
        record_reserve(order);
        if (order->flags & ORDER_AHEAD) shed_rights();
    }
    while (monitor.phase != LEAVING || clients_busy()) {
        serve_once();
        tell();
    }
    leave(0);
}
