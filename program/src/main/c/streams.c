/*
 * What processes get as standard streams in the place of ours: nothing, or pipes where ours are a person's
 * terminal, which is not for them to read, set or fake input for.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

#include "front.h"

#define WITH_INPUT 1u
#define SILENT 2u
#define WITH_TERMINAL 4u
#define CHUNK 8192

/* Of descriptor 0, 1 and 2: ours, and our end of the pipe; -1 where it is passed on as it is. */
static struct stream {
    int own;
    int pipe;
} streams[3] = {{-1, -1}, {-1, -1}, {-1, -1}};

static struct keys detaching;

struct keys *stream_keys(void) { return &detaching; }

int stream_own(int fd) { return streams[fd].own < 0 ? fd : streams[fd].own; }

static void put_pipe(int fd) {
    int pair[2];
    struct stream *stream = &streams[fd];
    if (SYS2(__NR_pipe2, pair, O_CLOEXEC) != 0) return;
    stream->own = (int)SYS3(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 10);
    SYS3(__NR_dup3, pair[fd ? 1 : 0], fd, 0);
    SYS1(__NR_close, pair[fd ? 1 : 0]);
    stream->pipe = (int)SYS3(__NR_fcntl, pair[fd ? 0 : 1], F_DUPFD_CLOEXEC, 10);
    SYS1(__NR_close, pair[fd ? 0 : 1]);
}

bool streams_order(struct front *front) {
    struct reader r = {.bytes = front->frame, .length = front->frame_length};
    uint32_t flags = read_u32(&r);
    if (!keys_read(&r, &detaching)) return false;
    if (flags & WITH_TERMINAL) return true;
    for (int fd = 0; fd < 3; fd++) {
        struct terminal_modes modes;
        bool terminal = SYS3(__NR_ioctl, fd, 0x5401 /* TCGETS */, &modes) == 0;
        if (fd == 0 ? !(flags & WITH_INPUT) : (flags & SILENT) != 0) {
            long null = SYS4(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
            if (fd) streams[fd].own = (int)SYS3(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 10);
            SYS3(__NR_dup3, null, fd, 0);
            SYS1(__NR_close, null);
        } else if (terminal) {
            put_pipe(fd);
        }
    }
    return true;
}

/* Copies what is there once; false at the end of from. */
static bool copy_once(int from, int to) {
    uint8_t buffer[CHUNK];
    long got = SYS3(__NR_read, from, buffer, sizeof buffer);
    if (got == -EINTR || got == -EAGAIN) return true;
    return got > 0 && write_all(to, buffer, got);
}

void streams_poll(struct pollfd *polls) {
    for (int fd = 0; fd < 3; fd++) {
        bool used = streams[fd].pipe >= 0;
        polls[fd] = (struct pollfd){.fd = !used ? -1 : fd ? streams[fd].pipe : streams[fd].own, .events = POLLIN};
    }
}

void streams_serve(const struct pollfd *polls) {
    for (int fd = 0; fd < 3; fd++) {
        struct stream *stream = &streams[fd];
        if (stream->pipe < 0 || !polls[fd].revents) continue;
        if (fd ? copy_once(stream->pipe, stream->own) : copy_once(stream->own, stream->pipe)) continue;
        SYS1(__NR_close, stream->pipe);
        stream->pipe = -1;
    }
}

void streams_drain(void) {
    for (int fd = 1; fd < 3; fd++) {
        struct pollfd poll = {.fd = streams[fd].pipe, .events = POLLIN};
        struct { int64_t s, ns; } now = {0, 0};
        while (poll.fd >= 0 && SYS5(__NR_ppoll, &poll, 1, &now, NULL, 0) == 1 && poll.revents & POLLIN)
            if (!copy_once(poll.fd, streams[fd].own)) break;
    }
}
