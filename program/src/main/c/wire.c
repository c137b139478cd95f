#include "wire.h"

#include <linux/errno.h>

#include "core.h"

#define SOL_SOCKET_LEVEL 1
#define SCM_RIGHTS_TYPE 1

/* The kernel's struct user_msghdr and struct cmsghdr. */
struct message_header {
    void *name;
    int name_length;
    const struct iovec_raw *parts;
    size_t part_count;
    void *control;
    size_t control_length;
    unsigned int flags;
};

struct control {
    size_t length;
    int level;
    int type;
    int fds[MESSAGE_FDS];
};

#define CONTROL_HEAD offsetof(struct control, fds)

long message_send(int fd, const struct iovec_raw *parts, uint32_t count, const int *fds,
                  uint32_t fd_count) {
    struct control control = {CONTROL_HEAD + fd_count * sizeof(int), SOL_SOCKET_LEVEL, SCM_RIGHTS_TYPE, {0}};
    struct message_header header = {.parts = parts, .part_count = count};
    if (fd_count > MESSAGE_FDS) return -E2BIG;
    if (fd_count) {
        memcpy(control.fds, fds, fd_count * sizeof(int));
        header.control = &control;
        header.control_length = (control.length + sizeof(size_t) - 1) & ~(sizeof(size_t) - 1);
    }
    long sent;
    do sent = SYS3(__NR_sendmsg, fd, &header, MSG_NOSIGNAL);
    while (sent == -EINTR);
    return sent;
}

long message_receive(int fd, const struct iovec_raw *parts, uint32_t count, int *fds,
                     uint32_t *fd_count, uint32_t flags) {
    struct control control;
    struct message_header header = {.parts = parts,
                                    .part_count = count,
                                    .control = &control,
                                    .control_length = sizeof control};
    uint32_t room = *fd_count, kept = 0;
    *fd_count = 0;
    long got;
    do got = SYS3(__NR_recvmsg, fd, &header, MSG_CMSG_CLOEXEC | flags);
    while (got == -EINTR);
    if (got < 0) return got;
    if (header.control_length >= CONTROL_HEAD && control.level == SOL_SOCKET_LEVEL
        && control.type == SCM_RIGHTS_TYPE) {
        uint32_t count_in = (uint32_t)((control.length - CONTROL_HEAD) / sizeof(int));
        for (uint32_t i = 0; i < count_in; i++) {
            if (kept < room) fds[kept++] = control.fds[i];
            else SYS1(__NR_close, control.fds[i]);
        }
    }
    *fd_count = kept;
    if (header.flags & (MSG_TRUNC | MSG_CTRUNC)) {
        for (uint32_t i = 0; i < kept; i++) SYS1(__NR_close, fds[i]);
        *fd_count = 0;
        return -EMSGSIZE;
    }
    return got;
}
