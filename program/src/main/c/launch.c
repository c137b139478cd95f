/* How a JVM is started: the words of a launch file, which scripts/install writes, and what its starter adds. */
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "resident.h"

#define LAUNCH_MAX (64u * 1024)
#define LAUNCH_ADDED 9

/* One word of the launch file: the first %p in it becomes the prefix. */
static char *launch_word(const char *prefix, char *word) {
    char *mark = word;
    while (*mark && (mark[0] != '%' || mark[1] != 'p')) mark++;
    if (!*mark) return word;
    size_t before = (size_t)(mark - word), length = text_length(prefix), rest = text_length(mark + 2);
    char *whole = front_memory(before + length + rest + 1);
    memcpy(whole, word, before);
    memcpy(whole + before, prefix, length);
    memcpy(whole + before + length, mark + 2, rest + 1);
    return whole;
}

char *next_word(char *word) { return word + text_length(word) + 1; }

void launch_read(struct launch *launch, const char *path, const char *prefix) {
    char *text = front_memory(LAUNCH_MAX);
    long fd = SYS4(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    long length = fd < 0 ? fd : SYS3(__NR_read, fd, text, LAUNCH_MAX - 2);
    if (length <= 0) front_fail("cannot read", path, length);
    SYS1(__NR_close, fd);
    char *end = text + length, *word = text;
    launch->argc = launch->envc = 0;
    for (; word < end && *word && launch->argc < LAUNCH_WORDS - LAUNCH_ADDED; word = next_word(word))
        launch->argv[launch->argc++] = launch_word(prefix, word);
    launch->argv[launch->argc] = NULL;
    for (word = next_word(word); word < end && *word && launch->envc < LAUNCH_WORDS - FRONT_PLACES - 1; word = next_word(word))
        launch->envp[launch->envc++] = launch_word(prefix, word);
    launch->envp[launch->envc] = NULL;
    if (!launch->argc) front_fail("no words in", path, 0);
}

_Noreturn void launch_exec(const struct launch *launch) {
    SYS3(__NR_execve, launch->argv[0], launch->argv, launch->envp);
    leave(127);
}

static void launch_option(struct launch *launch, const char *name, const char *value) {
    if (!value) return;
    launch->argv[launch->argc++] = (char *)(uintptr_t)name;
    launch->argv[launch->argc++] = (char *)(uintptr_t)value;
}

_Noreturn void launch(struct front *front, const char *path, const char *mode, const char *folder, const char *name) {
    struct launch launch;
    launch_read(&launch, path, front->prefix);
    launch_option(&launch, "--docker-socket", front->docker_socket);
    launch_option(&launch, "--cri-socket", front->cri_socket);
    launch.argv[launch.argc++] = (char *)(uintptr_t)mode;
    launch.argv[launch.argc++] = (char *)(uintptr_t) "3";
    if (name) {
        launch.argv[launch.argc++] = (char *)(uintptr_t)folder;
        launch.argv[launch.argc++] = (char *)(uintptr_t)name;
    }
    launch.argv[launch.argc] = NULL;
    for (int i = 0; i < FRONT_PLACES; i++)
        if (front->places[i]) launch.envp[launch.envc++] = front->places[i];
    launch.envp[launch.envc] = NULL;
    if (front->engine) act_hold_hangup();
    launch_exec(&launch);
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

