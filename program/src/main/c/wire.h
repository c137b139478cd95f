/* Messages with descriptors over a SOCK_SEQPACKET socket. */
#ifndef RUNG_WIRE_H
#define RUNG_WIRE_H

#include "syscall.h"

struct iovec_raw {
    void *base;
    size_t length;
};

#define AF_UNIX 1
#define SOCK_STREAM 1
#define SOCK_SEQPACKET 5
#define SOCK_CLOEXEC 02000000
#define MSG_PEEK 2
#define MSG_DONTWAIT 0x40
#define MSG_NOSIGNAL 0x4000
#define MSG_CMSG_CLOEXEC 0x40000000
#define MSG_CTRUNC 8
#define MSG_TRUNC 0x20

/* The most descriptors that one message carries. */
#define MESSAGE_FDS 64

/* Sends one message; its length or -errno. */
long message_send(int fd, const struct iovec_raw *parts, uint32_t count, const int *fds,
                  uint32_t fd_count);

/*
 * Receives one message; its length, 0 at the end of the peer, or -errno (-EMSGSIZE when it was cut).
 * fds has room for *fd_count descriptors; those beyond are closed. They are close-on-exec.
 */
long message_receive(int fd, const struct iovec_raw *parts, uint32_t count, int *fds,
                     uint32_t *fd_count, uint32_t flags);

#endif
