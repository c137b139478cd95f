/* Frames between the front end and the resident: little-endian, one message each. */
#include <linux/errno.h>
#include <linux/mman.h>

#include "front.h"

void write_bytes(struct writer *w, const void *bytes, uint32_t length) {
    if (length > w->room - w->length) {
        w->full = true;
        return;
    }
    memcpy(w->bytes + w->length, bytes, length);
    w->length += length;
}

void write_u32(struct writer *w, uint32_t value) { write_bytes(w, &value, sizeof value); }

void write_u64(struct writer *w, uint64_t value) { write_bytes(w, &value, sizeof value); }

void write_text(struct writer *w, const char *text) {
    uint32_t length = (uint32_t)text_length(text);
    write_u32(w, length);
    write_bytes(w, text, length);
}

uint32_t read_u32(struct reader *r) {
    uint32_t value = 0;
    if (r->length - r->at < sizeof value) r->broken = true;
    if (r->broken) return 0;
    memcpy(&value, r->bytes + r->at, sizeof value);
    r->at += sizeof value;
    return value;
}

const uint8_t *read_bytes(struct reader *r, uint32_t *length) {
    *length = read_u32(r);
    if (r->broken || *length > r->length - r->at) {
        r->broken = true;
        *length = 0;
        return NULL;
    }
    const uint8_t *bytes = r->bytes + r->at;
    r->at += *length;
    return bytes;
}

const char *read_path(struct reader *r, char *buffer, uint32_t room) {
    uint32_t length;
    const uint8_t *bytes = read_bytes(r, &length);
    if (!bytes || length >= room) return NULL;
    memcpy(buffer, bytes, length);
    buffer[length] = 0;
    return text_length(buffer) == length ? buffer : NULL;
}

void *front_memory(size_t size) {
    long at = SYS6(__NR_mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at < 0 && at > -4096) front_fail("no memory", NULL, at);
    return (void *)at;
}

static int memfd_of(const uint8_t *bytes, uint32_t length) {
    long fd = SYS2(__NR_memfd_create, "rung-frame", 1 /* MFD_CLOEXEC */);
    for (uint32_t at = 0; fd >= 0 && at < length;) {
        long put = SYS3(__NR_write, fd, bytes + at, length - at);
        if (put <= 0) {
            SYS1(__NR_close, fd);
            return (int)(put ? put : -EIO);
        }
        at += (uint32_t)put;
    }
    return (int)fd;
}

bool frame_send(struct front *front, uint32_t type, const struct writer *w, const int *fds,
                uint32_t fd_count) {
    uint32_t head[2] = {type, w->length};
    struct iovec_raw parts[2] = {{head, sizeof head}, {w->bytes, w->length}};
    if (w->full) return false;
    if (w->length <= FRAME_INLINE_MAX - 8)
        return message_send(front->socket, parts, 2, fds, fd_count) >= 0;
    int all[MESSAGE_FDS];
    if (fd_count >= MESSAGE_FDS) return false;
    all[0] = memfd_of(w->bytes, w->length);
    if (all[0] < 0) return false;
    memcpy(all + 1, fds, fd_count * sizeof(int));
    head[0] |= FRAME_IN_MEMFD;
    bool sent = message_send(front->socket, parts, 1, all, fd_count + 1) >= 0;
    SYS1(__NR_close, all[0]);
    return sent;
}

void frame_close_fds(struct front *front) {
    for (uint32_t i = 0; i < front->fd_count; i++)
        if (front->fds[i] >= 0) SYS1(__NR_close, front->fds[i]);
    front->fd_count = 0;
}

/* The payload of a big frame, out of the first descriptor that came with it. */
static bool read_memfd(struct front *front) {
    if (front->fd_count == 0 || front->frame_length > FRAME_MAX) return false;
    int fd = front->fds[0];
    uint32_t at = 0;
    while (at < front->frame_length) {
        long got = SYS4(__NR_pread64, fd, front->frame + at, front->frame_length - at, at);
        if (got <= 0) return false;
        at += (uint32_t)got;
    }
    SYS1(__NR_close, fd);
    front->fd_count--;
    memmove(front->fds, front->fds + 1, front->fd_count * sizeof(int));
    return true;
}

bool frame_receive(struct front *front) {
    uint32_t head[2];
    if (!front->frame) front->frame = front_memory(FRAME_MAX);
    struct iovec_raw parts[2] = {{head, sizeof head}, {front->frame, FRAME_INLINE_MAX}};
    frame_close_fds(front);
    front->fd_count = MESSAGE_FDS;
    long got = message_receive(front->socket, parts, 2, front->fds, &front->fd_count, 0);
    if (got < 8) return false;
    front->frame_type = head[0] & ~FRAME_IN_MEMFD;
    front->frame_length = head[1];
    if (head[0] & FRAME_IN_MEMFD) return got == 8 && read_memfd(front);
    return head[1] == (uint32_t)got - 8;
}
