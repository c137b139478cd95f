/* Finding the resident, and starting it where there is none. */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/stat.h>

#include "resident.h"

void front_find_prefix(struct front *front) {
    long length = SYS4(__NR_readlinkat, AT_FDCWD, "/proc/self/exe", front->prefix, FRONT_PATH_MAX - 1);
    if (length < 0) front_fail("cannot find our own binary through /proc/self/exe", NULL, length);
    front->prefix[length] = 0;
    for (int up = 0; up < 2; up++) {
        while (length > 0 && front->prefix[length - 1] != '/') length--;
        if (length > 0) front->prefix[--length] = 0;
    }
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

/* Forks twice, so that the resident is nobody's child but init's; the first process is reaped here. */
static void start_detached(struct front *front, int listening, int log, const char *launch_path,
                           const char *mode, const char *folder, const char *name) {
    long pid = SYS5(__NR_clone, SIGCHLD_NUMBER, 0, 0, 0, 0);
    if (pid < 0) front_fail("cannot fork the resident", NULL, pid);
    if (pid == 0) {
        SYS0(__NR_setsid);
        if (SYS5(__NR_clone, SIGCHLD_NUMBER, 0, 0, 0, 0) != 0) leave(0);
        detach(listening, log);
        if (name) leave_cgroups();
        SYS1(__NR_chdir, front->prefix); /* the launch file's paths are relative, so that it may be moved */
        launch(front, launch_path, mode, folder, name);
    }
    long reaped;
    do reaped = SYS4(__NR_wait4, pid, NULL, 0, NULL);
    while (reaped == -EINTR);
}

static int start_and_connect(struct front *front, int folder, const char *folder_path, const char *name,
                             const char *launch_path, const struct address *address) {
    int lock = lock_starters(front, folder);
    int fd = try_connect(address);
    if (fd < 0) {
        int listening = listen_at(folder, name, address);
        long log = SYS4(__NR_openat, folder, front->engine ? "rungd.log" : "resident.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (front->holder >= 0)
            holder_start(front, front->holder, listening, (int)log, launch_path, folder_path, name);
        else
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

/* Goes to where an ordinary user's engine is; once, because who has joined its user namespace is root there. */
static void enter_once(struct front *front) {
    struct line path = {.length = 0};
    if (front->holder >= 0) return;
    front->folder = open_folder(front, &path);
    memcpy(front->folder_path, path.text, path.length + 1);
    front->holder = holder_enter(front, front->folder, front->folder_path);
}

int resident_connect(struct front *front) {
    struct line folder_path = {.length = 0}, name = {.length = 0}, launch_path = {.length = 0};
    struct address address;
    name_socket(front, &name, &launch_path);
    if (front->engine && (front->holder >= 0 || SYS0(__NR_geteuid) != 0)) {
        enter_once(front);
        address_of(&address, front->folder, name.text);
        int fd = try_connect(&address);
        return fd >= 0 ? fd : start_and_connect(front, front->folder, front->folder_path, name.text, launch_path.text, &address);
    }
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

/* Of a listening socket; -1 for anything else. */
static int socket_type(int fd) {
    int type = 0, listens = 0;
    uint32_t size = sizeof type;
    long error = SYS5(__NR_getsockopt, fd, 1 /* SOL_SOCKET */, 3 /* SO_TYPE */, &type, &size);
    size = sizeof listens;
    if (!error) error = SYS5(__NR_getsockopt, fd, 1, 30 /* SO_ACCEPTCONN */, &listens, &size);
    return error || !listens ? -1 : type;
}

/*
 * Whether a service manager gave us the socket, from descriptor 3 on (sd_listen_fds(3)). There may be a
 * second one of the kind ListenStream: Docker's, which goes to descriptor 0, where Java finds it.
 */
static bool is_activated(const struct front *front) {
    const char *pid = environment_get(front->envp, "LISTEN_PID");
    const char *count = environment_get(front->envp, "LISTEN_FDS");
    if (!pid || !count || number_of(pid) != (uint32_t)SYS0(__NR_getpid)) return false;
    int own = -1, docker = -1, number = (int)number_of(count);
    for (int fd = LISTEN_FD; number <= 2 && fd < LISTEN_FD + number; fd++) {
        int type = socket_type(fd);
        if (type == SOCK_SEQPACKET && own < 0) own = fd;
        if (type == SOCK_STREAM && docker < 0) docker = fd;
    }
    if (own < 0 || number != (docker < 0 ? 1 : 2))
        front_fail("want from the service manager one listening socket of the kind ListenSequentialPacket, and at most one of the kind ListenStream", NULL, 0);
    if (docker >= 0) SYS3(__NR_dup3, docker, 10, O_CLOEXEC);
    if (own != LISTEN_FD) SYS3(__NR_dup3, own, LISTEN_FD, 0);
    /* Anything else that is a socket there would be taken for it. */
    if (docker >= 0) SYS3(__NR_dup3, 10, 0, 0);
    return true;
}

/* An ordinary user's engine runs in the holder's namespaces: who was called as rungd waits for its end. */
static _Noreturn void stand_by(long engine) {
    uint64_t ends = 1ull << (1 - 1) | 1ull << (2 - 1) | 1ull << (15 - 1); /* SIGHUP, SIGINT, SIGTERM */
    uint8_t info[128];
    SYS4(__NR_rt_sigprocmask, 0 /* SIG_BLOCK */, &ends, NULL, 8);
    struct pollfd polls[2] = {{.fd = (int)SYS2(__NR_pidfd_open, engine, 0), .events = POLLIN},
                              {.fd = (int)SYS4(__NR_signalfd4, -1, &ends, 8, O_CLOEXEC | O_NONBLOCK), .events = POLLIN}};
    while (polls[0].fd >= 0 && !polls[0].revents) {
        SYS5(__NR_ppoll, polls, 2, NULL, NULL, 0);
        if (SYS3(__NR_read, polls[1].fd, info, sizeof info) > 0)
            SYS4(__NR_pidfd_send_signal, polls[0].fd, 15, NULL, 0);
    }
    leave(0);
}

static _Noreturn void tell_usage(void) {
    static const char usage[] =
        "Usage:  rungd [OPTIONS]\n"
        "\n"
        "The engine, in the foreground until SIGTERM; rung starts one by itself when there is none.\n"
        "\n"
        "Options:\n"
        "      --docker-socket PATH   Serve Docker's API there, too, such as /var/run/docker.sock\n"
        "      --cri-socket [PATH]    Serve a kubelet (default /run/rung/cri.sock)\n"
        "\n"
        "RUNG_HOME=DIR makes it a private engine, all of which lies in DIR. Settings are read from rung.toml.\n";
    leave(write_all(1, (const uint8_t *)usage, sizeof usage - 1) ? 0 : 1);
}

_Noreturn void resident_become(struct front *front, char **argv) {
    struct line folder_path = {.length = 0}, name = {.length = 0}, launch_path = {.length = 0};
    struct address address;
    for (char **word = argv + 1; *word; word++) {
        bool path = word[1] && word[1][0] == '/';
        if (text_equal(*word, "--docker-socket") && path)
            front->docker_socket = *++word;
        else if (text_equal(*word, "--cri-socket"))
            front->cri_socket = path ? *++word : "";
        else if (text_equal(*word, "--help") || text_equal(*word, "-h"))
            tell_usage();
        else
            front_fail("rungd takes nothing but --docker-socket PATH and --cri-socket [PATH], paths absolute, got", *word, 0);
    }
    name_socket(front, &name, &launch_path);
    bool ordinary = SYS0(__NR_geteuid) != 0, activated = is_activated(front);
    int lock = -1, listening = LISTEN_FD, folder;
    if (ordinary) {
        enter_once(front);
        folder = front->folder;
        line_put(&folder_path, front->folder_path);
    } else {
        folder = open_folder(front, &folder_path);
    }
    address_of(&address, folder, name.text);
    if (!activated) {
        lock = lock_starters(front, folder);
        if (try_connect(&address) >= 0) front_fail("an engine runs already, its socket is in", folder_path.text, 0);
        listening = listen_at(folder, name.text, &address);
    }
    if (ordinary) {
        if (argv[1]) front_fail("an ordinary user's engine takes no", argv[1], 0);
        long engine = holder_start(front, front->holder, listening, 2, launch_path.text, folder_path.text, name.text);
        SYS3(__NR_close_range, 3, ~0u, 0);
        stand_by(engine);
    }
    SYS1(__NR_close, lock);
    if (!activated) {
        long moved = SYS3(__NR_fcntl, listening, F_DUPFD, 10);
        SYS3(__NR_dup3, moved, LISTEN_FD, 0);
    }
    SYS3(__NR_close_range, LISTEN_FD + 1, ~0u, 0);
    SYS3(__NR_fcntl, LISTEN_FD, F_SETFD, 0);
    SYS1(__NR_chdir, front->prefix);
    launch(front, launch_path.text, "--listen", folder_path.text, name.text);
}
