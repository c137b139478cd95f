/* The folder of our sockets, and the sockets in it. */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/stat.h>
#include <linux/time_types.h>

#include "resident.h"

#define SOCKET_LEVEL 1
#define PEER_CREDENTIALS 17
#define FLOCK_EXCLUSIVE 2
#define STARTERS_WAIT_S 20

struct credentials {
    uint32_t pid, uid, gid;
};

void line_put(struct line *line, const char *text) {
    size_t length = text_length(text);
    if (line->length + length >= sizeof line->text) front_fail("path too long", text, ENAMETOOLONG);
    memcpy(line->text + line->length, text, length + 1);
    line->length += (uint32_t)length;
}

void line_hex(struct line *line, uint64_t value) {
    char digits[17];
    int at = 16;
    digits[at] = 0;
    do digits[--at] = "0123456789abcdef"[value & 15];
    while ((value >>= 4) != 0);
    line_put(line, digits + at);
}

void line_decimal(struct line *line, int64_t value) {
    char digits[21];
    digits[text_decimal(digits, value)] = 0;
    line_put(line, digits);
}

static long make_folder(const char *path) {
    SYS3(__NR_mkdirat, AT_FDCWD, path, 0700);
    return SYS4(__NR_openat, AT_FDCWD, path, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_RDONLY, 0);
}

int open_folder(struct front *front, struct line *path) {
    uint32_t uid = (uint32_t)SYS0(__NR_geteuid);
    const char *home = environment_get(front->envp, "RUNG_HOME");
    const char *runtime = environment_get(front->envp, "XDG_RUNTIME_DIR");
    if (home && *home) {
        line_put(path, home);
        struct statx info;
        long wrong = SYS5(__NR_statx, AT_FDCWD, home, 0, STATX_UID, &info);
        if (wrong == -ENOENT && SYS3(__NR_mkdirat, AT_FDCWD, home, 0700) == 0)
            wrong = SYS5(__NR_statx, AT_FDCWD, home, 0, STATX_UID, &info);
        if (wrong) front_fail("cannot use RUNG_HOME", home, wrong);
        if (info.stx_uid != uid) front_fail("RUNG_HOME belongs to another user, so it is not used", home, 0);
        line_put(path, "/run");
    } else if (uid == 0) {
        line_put(path, "/run/rung");
    } else if (runtime && *runtime) {
        line_put(path, runtime);
        line_put(path, "/rung");
    } else {
        /* as systemd names it; a login without a session, such as by su, has no variable */
        line_put(path, "/run/user/");
        line_decimal(path, uid);
        if (SYS3(__NR_faccessat, AT_FDCWD, path->text, 2 /* W_OK */))
            front_fail("XDG_RUNTIME_DIR is not set: it names the folder for the sockets of a user", NULL, 0);
        line_put(path, "/rung");
    }
    long fd = make_folder(path->text);
    if ((fd == -ENOENT || fd == -EACCES) && uid == 0 && !(home && *home) && runtime && *runtime) {
        /* Root of a user namespace only: /run is another's, but the user who made it has a folder. */
        path->length = 0;
        line_put(path, runtime);
        line_put(path, "/rung");
        fd = make_folder(path->text);
    }
    if (fd < 0) front_fail("cannot open the folder of the resident's socket", path->text, fd);
    struct statx info;
    long wrong = SYS5(__NR_statx, fd, "", AT_EMPTY_PATH, STATX_UID | STATX_MODE, &info);
    if (wrong || info.stx_uid != uid || (info.stx_mode & 077))
        front_fail("the folder of the resident's socket must be the user's own, with mode 0700", path->text, 0);
    return (int)fd;
}

void address_of(struct address *address, int folder, const char *name) {
    /* Through the descriptor, because a socket's path may have no more than 107 bytes. */
    char digits[20];
    uint32_t count = text_decimal(digits, folder);
    size_t length = text_length(name);
    memset(address, 0, sizeof *address);
    address->family = AF_UNIX;
    memcpy(address->path, "/proc/self/fd/", 14);
    memcpy(address->path + 14, digits, count);
    address->path[14 + count] = '/';
    if (15 + count + length >= sizeof address->path) front_fail("socket name too long", name, ENAMETOOLONG);
    memcpy(address->path + 15 + count, name, length + 1);
}

long peer_error(int fd) {
    struct credentials peer;
    uint32_t length = sizeof peer;
    long error = SYS5(__NR_getsockopt, fd, SOCKET_LEVEL, PEER_CREDENTIALS, &peer, &length);
    return error ? error : peer.uid == (uint32_t)SYS0(__NR_geteuid) ? 0 : -EPERM;
}

int try_connect(const struct address *address) {
    long fd = SYS3(__NR_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0) return (int)fd;
    long error;
    do error = SYS3(__NR_connect, fd, address, sizeof *address);
    while (error == -EINTR);
    if (error) {
        SYS1(__NR_close, fd);
        return (int)error;
    }
    error = peer_error((int)fd);
    if (error) front_fail("the resident's socket belongs to another user", NULL, error);
    return (int)fd;
}

int lock_starters(const struct front *front, int folder) {
    long fd = SYS4(__NR_openat, folder, front->engine ? "rungd.lock" : "resident.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) front_fail("cannot open the lock of those that start the resident", NULL, fd);
    struct __kernel_timespec nap = {0, 20 * 1000 * 1000};
    for (int round = 0; SYS2(__NR_flock, fd, FLOCK_EXCLUSIVE | 4 /* LOCK_NB */) != 0; round++) {
        if (round > STARTERS_WAIT_S * 50) front_fail("another caller holds the lock of those that start the resident", NULL, 0);
        SYS2(__NR_nanosleep, &nap, NULL);
    }
    return (int)fd;
}

int listen_at(int folder, const char *name, const struct address *address) {
    SYS3(__NR_unlinkat, folder, name, 0);
    long listening = SYS3(__NR_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    long mask = SYS1(__NR_umask, 0177);
    long error = listening < 0 ? listening : SYS3(__NR_bind, listening, address, sizeof *address);
    SYS1(__NR_umask, mask);
    if (!error) error = SYS2(__NR_listen, listening, 1024);
    if (error) front_fail("cannot listen on the resident's socket", name, error);
    return (int)listening;
}

