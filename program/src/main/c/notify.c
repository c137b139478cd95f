/* Passing on that a container is ready (sd_notify(3)): from its socket to the caller's service manager. */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/time_types.h>

#include "front.h"

#define DATAGRAM_MAX 4096
#define BARRIER_SECONDS 30

static void tell(const struct notify *notify, const char *text, size_t length) {
    struct iovec_raw part = {(void *)(uintptr_t)text, length};
    message_send(notify->caller, &part, 1, NULL, 0); /* nobody there: not the container's fault */
}

/* The line that says READY; nothing else of a container is passed on, such as another MAINPID. */
static const char *ready_line(char *text, size_t length) {
    text[length] = 0;
    for (char *line = text; line < text + length;) {
        char *end = line;
        while (end < text + length && *end != '\n') end++;
        *end = 0;
        if (end - line > 6 && memcmp(line, "READY=", 6) == 0) return line;
        line = end + 1;
    }
    return NULL;
}

bool notify_pass(const struct notify *notify, int64_t pid) {
    char text[DATAGRAM_MAX + 1], main[32] = "MAINPID=";
    struct iovec_raw part = {text, DATAGRAM_MAX};
    int fds[MESSAGE_FDS];
    uint32_t count = MESSAGE_FDS;
    long got = message_receive(notify->socket, &part, 1, fds, &count, MSG_DONTWAIT);
    for (uint32_t i = 0; got >= 0 && i < count; i++) SYS1(__NR_close, fds[i]);
    const char *line = got > 0 ? ready_line(text, (size_t)got) : NULL;
    if (!line) return false;
    tell(notify, line, text_length(line));
    tell(notify, main, 8 + text_decimal(main + 8, pid));
    return true;
}

/* The manager closes its copy of the pipe once it has read what came before; we must not be gone by then. */
static void barrier(const struct notify *notify) {
    int pipe[2];
    if (SYS2(__NR_pipe2, pipe, O_CLOEXEC) != 0) return;
    struct iovec_raw part = {(void *)(uintptr_t)"BARRIER=1", 9};
    message_send(notify->caller, &part, 1, &pipe[1], 1);
    SYS1(__NR_close, pipe[1]);
    struct pollfd end = {.fd = pipe[0]};
    struct __kernel_timespec limit = {BARRIER_SECONDS, 0};
    SYS5(__NR_ppoll, &end, 1, &limit, NULL, 0);
    SYS1(__NR_close, pipe[0]);
}

void notify_await(const struct notify *notify, int64_t pid, int pidfd) {
    for (;;) {
        struct pollfd polls[2] = {{.fd = notify->socket, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
        long ready = SYS5(__NR_ppoll, polls, 2, NULL, NULL, 0);
        if (ready < 0 && ready != -EINTR) return;
        if (polls[0].revents & POLLIN) {
            if (!notify_pass(notify, pid)) continue;
            barrier(notify);
            return;
        }
        if (polls[1].revents || polls[0].revents) return;
    }
}
