/* Becoming what a launch file says. */
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "resident.h"

#define LAUNCH_MAX (64u * 1024)
#define LAUNCH_WORDS 256

/* One word of the launch file: a leading %p becomes the prefix. */
static char *launch_word(struct front *front, char *word) {
    if (word[0] != '%' || word[1] != 'p') return word;
    size_t prefix = text_length(front->prefix), rest = text_length(word + 2);
    char *whole = front_memory(prefix + rest + 1);
    memcpy(whole, front->prefix, prefix);
    memcpy(whole + prefix, word + 2, rest + 1);
    return whole;
}

char *next_word(char *word) { return word + text_length(word) + 1; }

_Noreturn void launch(struct front *front, const char *path, const char *mode, const char *folder, const char *name) {
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
    for (word = next_word(word); word < end && *word && envc < LAUNCH_WORDS - FRONT_PLACES - 1; word = next_word(word))
        envp[envc++] = launch_word(front, word);
    for (int i = 0; i < FRONT_PLACES; i++)
        if (front->places[i]) envp[envc++] = front->places[i];
    envp[envc] = NULL;
    if (argc < 2) leave(127);
    if (front->engine) act_hold_hangup();
    SYS3(__NR_execve, argv[0], argv, envp);
    leave(127);
}

/*
 * Leaves the caller's cgroups for those at the top, where that is allowed: else it would be counted there,
 * killed with the caller, and keep the cgroup from being removed. Done for those at the common places only.
 */
void leave_cgroups(void) {
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
void detach(int listening, int log) {
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

