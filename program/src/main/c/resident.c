/* Finding the resident, and starting it where there is none. */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/stat.h>
#include <linux/time_types.h>

#include "front.h"

#define LISTEN_FD 3
#define LAUNCH_MAX (64u * 1024)
#define LAUNCH_WORDS 256
#define SOCKET_LEVEL 1
#define PEER_CREDENTIALS 17
#define FLOCK_EXCLUSIVE 2
#define STARTERS_WAIT_S 20

/* The kernel's struct sockaddr_un. */
struct address {
    uint16_t family;
    char path[108];
};

struct credentials {
    uint32_t pid, uid, gid;
};

/* A text being put together in a fixed buffer; one that does not fit ends the process. */
struct line {
    char text[FRONT_PATH_MAX];
    uint32_t length;
};

static void line_put(struct line *line, const char *text) {
    size_t length = text_length(text);
    if (line->length + length >= sizeof line->text) front_fail("path too long", text, ENAMETOOLONG);
    memcpy(line->text + line->length, text, length + 1);
    line->length += (uint32_t)length;
}

static void line_hex(struct line *line, uint64_t value) {
    char digits[17];
    int at = 16;
    digits[at] = 0;
    do digits[--at] = "0123456789abcdef"[value & 15];
    while ((value >>= 4) != 0);
    line_put(line, digits + at);
}

void front_find_prefix(struct front *front) {
    long length = SYS4(__NR_readlinkat, AT_FDCWD, "/proc/self/exe", front->prefix, FRONT_PATH_MAX - 1);
    if (length < 0) front_fail("cannot find our own binary through /proc/self/exe", NULL, length);
    front->prefix[length] = 0;
    for (int up = 0; up < 2; up++) {
        while (length > 0 && front->prefix[length - 1] != '/') length--;
        if (length > 0) front->prefix[--length] = 0;
    }
}

static long make_folder(const char *path) {
    SYS3(__NR_mkdirat, AT_FDCWD, path, 0700);
    return SYS4(__NR_openat, AT_FDCWD, path, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_RDONLY, 0);
}

/* Opens the folder of our sockets: ours alone, or not at all. */
static int open_folder(struct front *front, struct line *path) {
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
        front_fail("XDG_RUNTIME_DIR is not set: it names the folder for the sockets of a user", NULL, 0);
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

/*
 * The name of the socket: another build of Rung is another launch file, and another user or cgroup
 * namespace sees other things, so each gets a resident of its own; the old one goes when it is idle.
 */
static void name_socket(struct front *front, struct line *name, struct line *launch) {
    struct statx info;
    line_put(launch, front->prefix);
    if (front->engine) {
        /* One engine has the state, whoever built it. */
        line_put(launch, "/lib/launch-engine");
        line_put(name, "rung.sock");
        return;
    }
    line_put(launch, "/lib/launch");
    long wrong = SYS5(__NR_statx, AT_FDCWD, launch->text, 0, STATX_INO | STATX_MTIME, &info);
    if (wrong) front_fail("Rung is not installed whole", launch->text, wrong);
    line_put(name, "resident-");
    line_hex(name, info.stx_ino);
    line_hex(name, (uint64_t)info.stx_mtime.tv_sec << 30 ^ info.stx_mtime.tv_nsec);
    line_put(name, "-");
    /* /proc/PID/cgroup is shown from the reader's cgroup namespace, so that one must be the caller's too. */
    static const char *const namespaces[] = {"/proc/self/ns/user", "/proc/self/ns/cgroup"};
    for (int i = 0; i < 2; i++) {
        wrong = SYS5(__NR_statx, AT_FDCWD, namespaces[i], 0, STATX_INO, &info);
        if (i) line_put(name, "-");
        line_hex(name, wrong ? 0 : info.stx_ino);
    }
    line_put(name, ".sock");
}

static void address_of(struct address *address, int folder, const char *name) {
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

static void check_peer(int fd) {
    struct credentials peer;
    uint32_t length = sizeof peer;
    long wrong = SYS5(__NR_getsockopt, fd, SOCKET_LEVEL, PEER_CREDENTIALS, &peer, &length);
    if (wrong || peer.uid != (uint32_t)SYS0(__NR_geteuid))
        front_fail("the resident's socket belongs to another user", NULL, wrong);
}

/* A connected socket, or -errno. */
static int try_connect(const struct address *address) {
    long fd = SYS3(__NR_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0) return (int)fd;
    long error;
    do error = SYS3(__NR_connect, fd, address, sizeof *address);
    while (error == -EINTR);
    if (error) {
        SYS1(__NR_close, fd);
        return (int)error;
    }
    check_peer((int)fd);
    return (int)fd;
}

/* start */

/* One word of the launch file: a leading %p becomes the prefix. */
static char *launch_word(struct front *front, char *word) {
    if (word[0] != '%' || word[1] != 'p') return word;
    size_t prefix = text_length(front->prefix), rest = text_length(word + 2);
    char *whole = front_memory(prefix + rest + 1);
    memcpy(whole, front->prefix, prefix);
    memcpy(whole + prefix, word + 2, rest + 1);
    return whole;
}

static char *next_word(char *word) { return word + text_length(word) + 1; }

static _Noreturn void launch(struct front *front, const char *path, const char *mode, const char *folder,
                             const char *name) {
    char *text = front_memory(LAUNCH_MAX), *argv[LAUNCH_WORDS], *envp[LAUNCH_WORDS];
    long fd = SYS4(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    long length = fd < 0 ? fd : SYS3(__NR_read, fd, text, LAUNCH_MAX - 2);
    if (length <= 0) leave(127);
    char *end = text + length;
    uint32_t argc = 0, envc = 0;
    char *word = text;
    for (; word < end && *word && argc < LAUNCH_WORDS - 5; word = next_word(word))
        argv[argc++] = launch_word(front, word);
    argv[argc++] = (char *)(uintptr_t)mode;
    argv[argc++] = (char *)(uintptr_t) "3";
    if (name) {
        argv[argc++] = (char *)(uintptr_t)folder;
        argv[argc++] = (char *)(uintptr_t)name;
    }
    argv[argc] = NULL;
    for (word = next_word(word); word < end && *word && envc < LAUNCH_WORDS - 1; word = next_word(word))
        envp[envc++] = launch_word(front, word);
    envp[envc] = NULL;
    if (argc < 2) leave(127);
    SYS3(__NR_execve, argv[0], argv, envp);
    leave(127);
}

/*
 * Leaves the caller's cgroups for those at the top, where that is allowed: else it would be counted there,
 * killed with the caller, and keep the cgroup from being removed. Done for those at the common places only.
 */
static void leave_cgroups(void) {
    static char text[4096];
    long fd = SYS4(__NR_openat, AT_FDCWD, "/proc/self/cgroup", O_RDONLY | O_CLOEXEC, 0);
    long length = fd < 0 ? fd : SYS3(__NR_read, fd, text, sizeof text - 1);
    if (fd >= 0) SYS1(__NR_close, fd);
    /* Each line is number:controllers:path. */
    for (char *line = text, *end = text + (length < 0 ? 0 : length), *next; line < end; line = next) {
        for (next = line; next < end && *next != '\n'; next++) continue;
        *next++ = 0;
        char *name = line, *path;
        while (*name && *name != ':') name++;
        for (path = name + (*name != 0); *path && *path != ':'; path++) continue;
        if (!*path || text_equal(path, ":/")) continue; /* stands at the top already */
        *path = 0;
        if (memcmp(++name, "name=", 5) == 0) name += 5;
        static const char *const unified[] = {"", "/unified"};
        for (int i = 0; i < (*name ? 1 : 2); i++) {
            struct line procs = {.length = 0};
            line_put(&procs, "/sys/fs/cgroup");
            if (*name) line_put(&procs, "/");
            line_put(&procs, *name ? name : unified[i]);
            line_put(&procs, "/cgroup.procs");
            fd = SYS4(__NR_openat, AT_FDCWD, procs.text, O_WRONLY | O_CLOEXEC, 0);
            if (fd < 0) continue;
            SYS3(__NR_write, fd, "0", 1);
            SYS1(__NR_close, fd);
        }
    }
}

/*
 * Becomes what the resident is started from: nothing of whoever happened to call is inherited, neither
 * descriptors (a caller that waits for the end of our stderr must not wait for the resident), nor
 * session, working directory, environment, signals, umask.
 */
static void detach(int listening, int log) {
    long null = SYS4(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR, 0);
    int moved = (int)SYS3(__NR_fcntl, listening, F_DUPFD, 10), log_moved = (int)SYS3(__NR_fcntl, log, F_DUPFD, 10);
    if (null < 0 || moved < 0) leave(127);
    SYS3(__NR_dup3, moved, LISTEN_FD, 0);
    for (int fd = 0; fd < 3; fd++)
        if (null != fd) SYS3(__NR_dup3, null, fd, 0);
    if (log_moved >= 0) SYS3(__NR_dup3, log_moved, 2, 0);
    SYS3(__NR_close_range, LISTEN_FD + 1, ~0u, 0);
    SYS1(__NR_chdir, "/");
    SYS1(__NR_umask, 077);
    act_signals();
}

/* Forks twice, so that the resident is nobody's child but init's; the first process is reaped here. */
static void start_detached(struct front *front, int listening, int log, const char *launch_path,
                           const char *mode, const char *folder, const char *name) {
    long pid = SYS5(__NR_clone, 17 /* SIGCHLD */, 0, 0, 0, 0);
    if (pid < 0) front_fail("cannot fork the resident", NULL, pid);
    if (pid == 0) {
        SYS0(__NR_setsid);
        if (SYS5(__NR_clone, 17, 0, 0, 0, 0) != 0) leave(0);
        detach(listening, log);
        if (name) leave_cgroups();
        SYS1(__NR_chdir, front->prefix); /* the launch file's paths are relative, so that it may be moved */
        launch(front, launch_path, mode, folder, name);
    }
    long reaped;
    do reaped = SYS4(__NR_wait4, pid, NULL, 0, NULL);
    while (reaped == -EINTR);
}

static int lock_starters(const struct front *front, int folder) {
    long fd = SYS4(__NR_openat, folder, front->engine ? "rungd.lock" : "resident.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) front_fail("cannot open the lock of those that start the resident", NULL, fd);
    struct __kernel_timespec nap = {0, 20 * 1000 * 1000};
    for (int round = 0; SYS2(__NR_flock, fd, FLOCK_EXCLUSIVE | 4 /* LOCK_NB */) != 0; round++) {
        if (round > STARTERS_WAIT_S * 50) front_fail("another caller holds the lock of those that start the resident", NULL, 0);
        SYS2(__NR_nanosleep, &nap, NULL);
    }
    return (int)fd;
}

static int listen_at(int folder, const char *name, const struct address *address) {
    SYS3(__NR_unlinkat, folder, name, 0);
    long listening = SYS3(__NR_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    long mask = SYS1(__NR_umask, 0177);
    long error = listening < 0 ? listening : SYS3(__NR_bind, listening, address, sizeof *address);
    SYS1(__NR_umask, mask);
    if (!error) error = SYS2(__NR_listen, listening, 1024);
    if (error) front_fail("cannot listen on the resident's socket", name, error);
    return (int)listening;
}

static int start_and_connect(struct front *front, int folder, const char *folder_path, const char *name,
                             const char *launch_path, const struct address *address) {
    int lock = lock_starters(front, folder);
    int fd = try_connect(address);
    if (fd < 0) {
        int listening = listen_at(folder, name, address);
        long log = SYS4(__NR_openat, folder, front->engine ? "rungd.log" : "resident.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        start_detached(front, listening, (int)log, launch_path, "--listen", folder_path, name);
        SYS1(__NR_close, listening);
        if (log >= 0) SYS1(__NR_close, log);
        fd = try_connect(address);
        if (fd < 0) front_fail("cannot connect to the resident that was just started", name, fd);
    }
    SYS1(__NR_close, lock);
    return fd;
}

/* A JVM for this one call, over a pair of sockets. */
static int start_once(struct front *front, const char *launch_path) {
    int pair[2];
    long error = SYS4(__NR_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
    if (error) front_fail("cannot make a pair of sockets", NULL, error);
    long log = SYS3(__NR_fcntl, 2, F_DUPFD_CLOEXEC, 3);
    start_detached(front, pair[1], (int)log, launch_path, "--once", NULL, NULL);
    SYS1(__NR_close, pair[1]);
    if (log >= 0) SYS1(__NR_close, log);
    return pair[0];
}

/*
 * Whether what is started here, with the caller's limit of open files, could serve but few callers at
 * once. Where not even a JVM can be started the call ends here.
 */
static int opens_few(void) {
    struct {
        uint64_t soft, hard;
    } limit;
    if (SYS4(__NR_prlimit64, 0, 7 /* RLIMIT_NOFILE */, NULL, &limit) != 0) return 0;
    if (limit.soft < 16) front_fail("cannot start the resident: too many open files", NULL, 0);
    return limit.hard < 1024;
}

int resident_connect(struct front *front) {
    struct line folder_path = {.length = 0}, name = {.length = 0}, launch_path = {.length = 0};
    struct address address;
    name_socket(front, &name, &launch_path);
    const char *resident = environment_get(front->envp, "RUNG_RESIDENT");
    if (resident && text_equal(resident, "off")) {
        opens_few();
        return start_once(front, launch_path.text);
    }
    int folder = open_folder(front, &folder_path);
    address_of(&address, folder, name.text);
    int fd = try_connect(&address);
    if (fd < 0 && opens_few())
        fd = start_once(front, launch_path.text);
    else if (fd < 0)
        fd = start_and_connect(front, folder, folder_path.text, name.text, launch_path.text, &address);
    SYS1(__NR_close, folder);
    return fd;
}

static uint32_t number_of(const char *text) {
    uint32_t number = 0;
    for (; text && *text >= '0' && *text <= '9' && number < 100000000; text++)
        number = number * 10 + (uint32_t)(*text - '0');
    return number;
}

/* Whether a service manager gave us the socket, as descriptor 3 (sd_listen_fds(3)). */
static bool is_activated(const struct front *front) {
    const char *pid = environment_get(front->envp, "LISTEN_PID");
    const char *count = environment_get(front->envp, "LISTEN_FDS");
    if (!pid || !count || number_of(pid) != (uint32_t)SYS0(__NR_getpid)) return false;
    int type = 0, listens = 0;
    uint32_t size = sizeof type;
    long error = SYS5(__NR_getsockopt, LISTEN_FD, 1 /* SOL_SOCKET */, 3 /* SO_TYPE */, &type, &size);
    size = sizeof listens;
    if (!error) error = SYS5(__NR_getsockopt, LISTEN_FD, 1, 30 /* SO_ACCEPTCONN */, &listens, &size);
    if (error || number_of(count) != 1 || type != SOCK_SEQPACKET || !listens)
        front_fail("want one listening socket of the kind ListenSequentialPacket from the service manager", NULL, 0);
    return true;
}

_Noreturn void resident_become(struct front *front, char **argv) {
    struct line folder_path = {.length = 0}, name = {.length = 0}, launch_path = {.length = 0};
    struct address address;
    if (argv[1]) front_fail("rungd takes no arguments, got", argv[1], 0);
    name_socket(front, &name, &launch_path);
    int folder = open_folder(front, &folder_path);
    address_of(&address, folder, name.text);
    if (is_activated(front)) {
        SYS3(__NR_close_range, LISTEN_FD + 1, ~0u, 0);
        SYS3(__NR_fcntl, LISTEN_FD, F_SETFD, 0);
        SYS1(__NR_chdir, front->prefix);
        launch(front, launch_path.text, "--listen", folder_path.text, name.text);
    }
    int lock = lock_starters(front, folder);
    if (try_connect(&address) >= 0) front_fail("an engine runs already, its socket is in", folder_path.text, 0);
    int listening = listen_at(folder, name.text, &address);
    SYS1(__NR_close, lock);
    long moved = SYS3(__NR_fcntl, listening, F_DUPFD, 10);
    SYS3(__NR_dup3, moved, LISTEN_FD, 0);
    SYS3(__NR_close_range, LISTEN_FD + 1, ~0u, 0);
    SYS1(__NR_chdir, front->prefix);
    launch(front, launch_path.text, "--listen", folder_path.text, name.text);
}
