/*
 * rung-exec PROGRAM [CLEANUP]: runs a stored program with no JVM near, waits for the container that it
 * made and runs the cleanup: the kernel's own time for the same work.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "front.h"

static bool no_phase(void *self, uint32_t id, const int *fds, uint32_t count) {
    (void)self, (void)id, (void)fds, (void)count;
    return false; /* a program that needs an answer from Java cannot be replayed */
}

static void say_failure(void *self, const struct failure *failure) {
    (void)self;
    struct reader r = {.bytes = failure->bytes, .length = failure->length};
    char number[20];
    uint32_t length;
    read_u32(&r);
    uint32_t step = read_u32(&r), error = read_u32(&r);
    read_u32(&r);
    read_u32(&r);
    front_say(2, "rung-exec: step ", 16);
    front_say(2, number, text_decimal(number, step));
    for (int i = 0; i < 3; i++) {
        const uint8_t *text = read_bytes(&r, &length);
        if (!text || !length) continue;
        front_say(2, ": ", 2);
        front_say(2, (const char *)text, length);
    }
    front_say(2, ": errno ", 8);
    front_say(2, number, text_decimal(number, error));
    front_say(2, "\n", 1);
}

/* Reads and checks a program, before one runs that may change the working directory. */
static void load(struct run *run, const char *path, char **environment) {
    static const struct sink sink = {.phase = no_phase, .warning = say_failure};
    uint8_t *bytes = front_memory(RUNG_MAX_SIZE + 1);
    long fd = SYS4(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) front_fail("cannot open the program", path, fd);
    uint32_t length = 0;
    for (long got = 1; got > 0; length += (uint32_t)got) {
        got = SYS3(__NR_read, fd, bytes + length, RUNG_MAX_SIZE + 1 - length);
        if (got < 0) front_fail("cannot read the program", path, got);
    }
    SYS1(__NR_close, fd);
    const char *wrong = program_check(bytes, length);
    if (wrong) front_fail("not a good program, wrong is its", wrong, 0);
    if (run_open(run, bytes, &sink, environment) != 0) front_fail("no memory for the program", path, 0);
}

/* The pid of the container's process, 0 when the program names none. */
static int64_t replay(struct run *run) {
    static struct failure failure;
    if (!run_start(run, &failure)) {
        say_failure(NULL, &failure);
        leave(1);
    }
    return run->header->init_slot ? run->slots[run->header->init_slot - 1] : 0;
}

int replay_main(int argc, char **argv, char **envp) {
    static struct run program, cleanup;
    if (argc < 2 || argc > 3) front_fail("usage: rung-exec PROGRAM [CLEANUP]", NULL, 0);
    load(&program, argv[1], envp);
    if (argc == 3) load(&cleanup, argv[2], envp);
    struct wait_order order = {.pid = replay(&program), .terminal = -1};
    int code = order.pid > 0 ? wait_for(&order) : 0;
    if (argc == 3) replay(&cleanup);
    return code;
}
