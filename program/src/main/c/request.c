/* The first frame: what was called, by whom, and the files that nearly every call needs. */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/ioctl.h>
#include <linux/openat2.h>

#include "front.h"

#define REQUEST_MAX (1u << 20)
#define TCGETS_REQUEST 0x5401
#define PREFETCHED 4

static bool starts_with(const char *text, const char *prefix) {
    while (*prefix)
        if (*text++ != *prefix++) return false;
    return true;
}

const char *environment_get(char **envp, const char *name) {
    size_t length = text_length(name);
    for (; *envp; envp++)
        if (starts_with(*envp, name) && (*envp)[length] == '=') return *envp + length + 1;
    return NULL;
}

/* The variables that mean something to a command; nothing else of the caller's environment leaves it. */
static bool wanted(const char *variable) {
    static const char names[] = "XDG_RUNTIME_DIR=\0NOTIFY_SOCKET=\0LISTEN_PID=\0LISTEN_FDS=\0"
                                "LISTEN_FDNAMES=\0HOME=\0PATH=\0TERM=\0DBUS_SESSION_BUS_ADDRESS=\0";
    if (starts_with(variable, "RUNG_") && !starts_with(variable, "RUNG_FRONT=")) return true;
    for (const char *name = names; *name; name += text_length(name) + 1)
        if (starts_with(variable, name)) return true;
    return false;
}

/* The value of -b, --bundle and their = forms: only a guess that saves a round trip. */
static const char *bundle_guess(char **argv) {
    for (; *argv; argv++) {
        const char *word = *argv;
        if (word[0] != '-') continue;
        word += word[1] == '-' ? 2 : 1;
        if ((text_equal(word, "b") || text_equal(word, "bundle")) && argv[1]) return argv[1];
        if (starts_with(word, "b=")) return word + 2;
        if (starts_with(word, "bundle=")) return word + 7;
    }
    return ".";
}

static void write_ids(struct writer *w, uint32_t inherited) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct caps[2] = {{0}, {0}};
    SYS2(__NR_capget, &header, caps);
    uint64_t bounding = 0;
    for (uint32_t cap = 0; cap < 64; cap++) {
        long held = SYS2(__NR_prctl, 23 /* PR_CAPBSET_READ */, cap);
        if (held < 0) break;
        bounding |= (uint64_t)held << cap;
    }
    long mask = SYS1(__NR_umask, 077);
    SYS1(__NR_umask, mask);
    uint32_t flags = 0;
    for (uint32_t fd = 0; fd < 3; fd++) {
        uint8_t termios[64];
        if (SYS3(__NR_ioctl, fd, TCGETS_REQUEST, termios) == 0) flags |= 1u << fd;
    }
    write_u32(w, PROTOCOL_VERSION);
    write_u32(w, flags);
    write_u32(w, (uint32_t)SYS0(__NR_getpid));
    write_u32(w, (uint32_t)SYS0(__NR_geteuid));
    write_u32(w, (uint32_t)SYS0(__NR_getegid));
    write_u32(w, (uint32_t)mask);
    write_u64(w, caps[0].effective | (uint64_t)caps[1].effective << 32);
    write_u64(w, caps[0].permitted | (uint64_t)caps[1].permitted << 32);
    write_u64(w, bounding);
    write_u64(w, caps[0].inheritable | (uint64_t)caps[1].inheritable << 32);
    write_u32(w, inherited);
}

static void write_words(struct writer *w, char **words, bool (*keep)(const char *)) {
    uint32_t count = 0;
    for (char **word = words; *word; word++) count += !keep || keep(*word);
    write_u32(w, count);
    for (char **word = words; *word; word++)
        if (!keep || keep(*word)) write_text(w, *word);
}

/* A file of the bundle, under the name that the resident has for it; none when that is too long. */
static const char *in_bundle(const char *bundle, const char *file, char *path) {
    size_t length = text_length(bundle), more = text_length(file) + 1;
    if (length + more > FRONT_PATH_MAX) return "";
    memcpy(path, bundle, length);
    memcpy(path + length, file, more);
    return path;
}

static uint32_t write_prefetched(struct writer *w, char **argv, int *fds) {
    char config[FRONT_PATH_MAX], passwd[FRONT_PATH_MAX];
    const char *bundle = bundle_guess(argv);
    const struct {
        const char *path;
        uint32_t resolve;
    } files[PREFETCHED] = {
        {"/proc/self/mountinfo", 0},
        {"/proc/self/cgroup", 0},
        {in_bundle(bundle, "/config.json", config), 0},
        {in_bundle(bundle, "/rootfs/etc/passwd", passwd), RESOLVE_NO_SYMLINKS},
    };
    uint32_t opened = 0;
    write_u32(w, PREFETCHED);
    for (uint32_t i = 0; i < PREFETCHED; i++) {
        long fd = open_in(AT_FDCWD, files[i].path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, files[i].resolve);
        write_text(w, files[i].path);
        write_u32(w, files[i].resolve);
        write_u32(w, fd < 0 ? (uint32_t)-fd : 0);
        if (fd >= 0) fds[opened++] = (int)fd;
    }
    return opened;
}

bool request_send(struct front *front, char **argv) {
    struct writer w = {.bytes = front_memory(REQUEST_MAX), .room = REQUEST_MAX};
    char cwd[FRONT_PATH_MAX];
    int fds[PREFETCHED];
    write_ids(&w, front->inherited);
    write_words(&w, argv, NULL);
    write_words(&w, front->envp, wanted);
    long length = SYS2(__NR_getcwd, cwd, sizeof cwd);
    /* A working directory that is gone or out of sight has no name; relative paths then fail as they must. */
    write_text(&w, length > 0 && cwd[0] == '/' ? cwd : "");
    uint32_t opened = write_prefetched(&w, argv, fds);
    bool sent = frame_send(front, FRAME_REQUEST, &w, fds, opened);
    for (uint32_t i = 0; i < opened; i++) SYS1(__NR_close, fds[i]);
    SYS2(__NR_munmap, w.bytes, REQUEST_MAX);
    return sent;
}
