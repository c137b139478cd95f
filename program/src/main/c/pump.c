/*
 * Streams that go by the engine's frames: all bytes of our standard input into a pipe of the engine's, or of
 * such a pipe to our standard output. The kernel moves the pages where it can. The engine never gets the
 * stream itself: when we are killed the pipe ends, whoever else has the stream open.
 */
#include <linux/errno.h>
#include <linux/poll.h>
#include <linux/signal.h>

#include "front.h"

#define TO_OUTPUT 1u
#define MOST (1u << 20)
#define CHUNK 65536u

/* The kernel's struct sigaction; SIG_IGN is handler 1. */
struct ignoring {
    void *handler;
    unsigned long flags;
#if defined(__x86_64__)
    void *restorer;
#endif
    uint64_t mask;
};

static void wait_for_room(int to) {
    struct pollfd poll = {.fd = to, .events = POLLOUT};
    SYS5(__NR_ppoll, &poll, 1, NULL, NULL, 0);
}

/* One portion by copying; 0 at the end. */
static long copy_once(int from, int to) {
    static uint8_t bytes[CHUNK];
    long got = SYS3(__NR_read, from, bytes, sizeof bytes);
    for (long done = 0; done < got;) {
        long put = SYS3(__NR_write, to, bytes + done, got - done);
        if (put == -EAGAIN) wait_for_room(to);
        else if (put < 0 && put != -EINTR) return put;
        if (put > 0) done += put;
    }
    return got;
}

/* 0 when all is through, or the reader wants no more; else -errno. */
static long pump(int from, int to) {
    bool spliced = true;
    for (;;) {
        /* A reader that went away is seen even while nothing comes. */
        struct pollfd polls[2] = {{.fd = from, .events = POLLIN}, {.fd = to, .events = 0}};
        long moved = SYS5(__NR_ppoll, polls, 2, NULL, NULL, 0);
        if (moved == -EINTR) continue;
        if (moved < 0) return moved;
        if (polls[1].revents & POLLERR && !polls[0].revents) return 0;
        moved = spliced ? SYS6(__NR_splice, from, NULL, to, NULL, MOST, 0) : copy_once(from, to);
        if (moved == 0) return 0;
        if (moved == -EINVAL && spliced) {
            spliced = false; /* a terminal, or a file that is appended to */
        } else if (moved == -EAGAIN) {
            wait_for_room(to);
        } else if (moved < 0 && moved != -EINTR) {
            return moved;
        }
    }
}

bool pump_order(struct front *front) {
    struct reader r = {.bytes = front->frame, .length = front->frame_length};
    uint8_t bytes[4];
    struct writer w = {.bytes = bytes, .room = sizeof bytes};
    uint32_t flags = read_u32(&r);
    if (r.broken || flags > TO_OUTPUT || front->fd_count != 1) return false;
    int pipe = front->fds[0];
    front->fd_count = 0;
    struct ignoring ignore = {.handler = (void *)1}, before;
    SYS4(__NR_rt_sigaction, SIGPIPE, &ignore, &before, 8);
    long error = flags & TO_OUTPUT ? pump(pipe, stream_own(1)) : pump(0, pipe);
    SYS4(__NR_rt_sigaction, SIGPIPE, &before, NULL, 8);
    SYS1(__NR_close, pipe);
    write_u32(&w, (uint32_t)-error);
    return frame_send(front, FRAME_PUMPED, &w, NULL, 0);
}
