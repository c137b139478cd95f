/* The front end's conversation with the resident. */
#include "front.h"
#include "resident.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/prctl.h>

#define SEALS 0xfu /* F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE */
#define ARGUMENTS_MAX 64
#define WORKER_FD 3
#define FRONT_VARIABLE "RUNG_FRONT="

/* An exit code that is decided already overrules the one that the resident sends: -1 for none. */
static int converse(struct front *front, int decided);

/*
 * Goes on as a copy of ourselves that nobody can write: a container that executes /proc/self/exe gets
 * a sealed file, never our binary on the host (CVE-2019-5736). The resident keeps one copy for all, so
 * its pages are shared. The request is sent already: the resident works while we exec.
 */
static void become_sealed(struct front *front) {
    char variable[FRONT_PATH_MAX + 64] = FRONT_VARIABLE;
    int fd = front->executor;
    long seals = SYS2(__NR_fcntl, fd, 1034 /* F_GET_SEALS */);
    if (seals < 0 || ((unsigned long)seals & SEALS) != SEALS) front_fail("the executor that the resident gave is not sealed", NULL, 0);
    uint32_t at = (uint32_t)text_length(variable), count = 0;
    at += text_decimal(variable + at, front->socket);
    variable[at++] = ':';
    memcpy(variable + at, front->prefix, text_length(front->prefix) + 1);
    while (front->envp[count]) count++;
    char **envp = front_memory((count + 2) * sizeof *envp);
    memcpy(envp, front->envp, count * sizeof *envp);
    envp[count++] = variable;
    envp[count] = NULL;
    SYS3(__NR_fcntl, front->socket, F_SETFD, 0);
    long error = SYS5(__NR_execveat, fd, "", front->argv, envp, AT_EMPTY_PATH);
    front_fail("cannot execute the sealed executor", NULL, error);
}

/* Keeps the executor that came with HELLO. */
static void take_hello(struct front *front) {
    if (front->frame_type != FRAME_HELLO || front->fd_count != 1) front_fail("the resident did not say hello", NULL, 0);
    front->executor = front->fds[0];
    front->fd_count = 0;
}

/* Takes up the conversation after become_sealed; false when this process is the first one. */
static bool resume(struct front *front) {
    char **word = front->envp;
    size_t name = text_length(FRONT_VARIABLE);
    while (*word && memcmp(*word, FRONT_VARIABLE, name) != 0) word++;
    if (!*word) return false;
    char *value = *word + name;
    for (; *value >= '0' && *value <= '9'; value++) front->socket = front->socket * 10 + (*value - '0');
    size_t length = *value == ':' ? text_length(value + 1) : FRONT_PATH_MAX;
    if (length >= FRONT_PATH_MAX) front_fail("RUNG_FRONT is not ours", NULL, 0);
    memcpy(front->prefix, value + 1, length + 1);
    if (SYS3(__NR_fcntl, front->socket, F_SETFD, FD_CLOEXEC) != 0) front_fail("RUNG_FRONT is not ours", NULL, 0);
    do word[0] = word[1];
    while (*word++);
    SYS2(__NR_prctl, PR_SET_NAME, front->engine ? "rung" : "rung-oci");
    return true;
}

static bool send_failure(struct front *front, uint32_t type, const struct failure *failure) {
    struct writer w = {.bytes = (uint8_t *)(uintptr_t)failure->bytes, .length = failure->length, .room = FAILURE_MAX};
    return frame_send(front, type, &w, NULL, 0);
}

/* What the core calls while stream 0 runs. */

static bool patch_all(struct front *front) {
    struct reader r = {.bytes = front->frame, .length = front->frame_length};
    bool ok = read_u32(&r) == 1;
    uint32_t count = read_u32(&r);
    for (uint32_t i = 0; i < count && !r.broken; i++) {
        uint32_t at = read_u32(&r), length;
        const uint8_t *bytes = read_bytes(&r, &length);
        if (bytes && !run_patch(&front->run, at, bytes, length)) return false;
    }
    return ok && !r.broken;
}

static bool on_phase(void *self, uint32_t id, const int *fds, uint32_t count) {
    struct front *front = self;
    uint8_t bytes[4];
    struct writer w = {.bytes = bytes, .room = sizeof bytes};
    write_u32(&w, id);
    return frame_send(front, FRAME_PHASE, &w, fds, count) && frame_receive(front)
        && front->frame_type == FRAME_CONTINUE && patch_all(front);
}

static void on_warning(void *self, const struct failure *failure) {
    struct front *front = self;
    front->has_warned = true;
    send_failure(front, FRAME_WARNING, failure);
}

/* The frames of the resident. */

static bool send_result(struct front *front, bool ok, const struct failure *failure) {
    static uint8_t bytes[FAILURE_MAX + RUNG_MAX_SLOTS * 8 + 16];
    struct writer w = {.bytes = bytes, .room = sizeof bytes};
    write_u32(&w, ok);
    if (!ok) write_bytes(&w, failure->bytes, failure->length);
    uint32_t slots = front->has_run ? front->run.header->slots : 0;
    write_u32(&w, slots);
    for (uint32_t i = 0; i < slots; i++) write_u64(&w, (uint64_t)front->run.slots[i]);
    return frame_send(front, FRAME_RESULT, &w, NULL, 0);
}

/* Checks and runs one program; the run stays open for its slots. */
static bool run_program(struct front *front, const uint8_t *bytes, uint32_t length, struct failure *failure) {
    struct sink sink = {.phase = on_phase, .warning = on_warning, .self = front};
    bool again = front->has_run;
    front->has_run = false; /* first, for who looks at what we left when we were killed */
    if (again) run_close(&front->run);
    const char *wrong = program_check(bytes, length);
    if (wrong) front_fail("the resident sent a program with a wrong", wrong, 0);
    if (run_open(&front->run, bytes, &sink, front->envp) != 0) front_fail("no memory for a program", NULL, 0);
    front->has_run = true;
    front->has_warned = false;
    front->run.withheld = front->socket;
    front->run.stack_from = front->stack_from;
    front->run.stack_to = front->stack_to;
    /* The program was copied: its pages here would stay with a created container's waiting init. */
    if (front->frame) SYS3(__NR_madvise, front->frame, FRAME_MAX, MADV_DONTNEED);
    return run_start(&front->run, failure);
}

static bool on_program(struct front *front) {
    static struct failure failure;
    bool ok = run_program(front, front->frame, front->frame_length, &failure);
    return send_result(front, ok, &failure);
}

/*
 * A program behind which comes the frame that is to follow it: when it succeeds and there is nothing
 * to tell, we go on to that without asking. Else it is passed over, and the resident decides.
 */
static bool on_finish(struct front *front) {
    static struct failure failure;
    bool ok = run_program(front, front->frame, front->frame_length, &failure);
    if (ok && !front->has_warned) return true;
    return frame_receive(front) && send_result(front, ok, &failure);
}

static bool on_open(struct front *front) {
    struct reader r = {.bytes = front->frame, .length = front->frame_length};
    uint8_t bytes[4 + 4 * MESSAGE_FDS];
    struct writer w = {.bytes = bytes, .room = sizeof bytes};
    int opened[MESSAGE_FDS];
    uint32_t count = read_u32(&r), opened_count = 0;
    if (r.broken || count > MESSAGE_FDS) return false;
    write_u32(&w, count);
    for (uint32_t i = 0; i < count; i++) {
        char path[FRONT_PATH_MAX];
        uint32_t folder = read_u32(&r);
        uint32_t flags = read_u32(&r), resolve = read_u32(&r);
        if (!(flags & O_PATH)) flags |= O_NOCTTY; /* openat2 refuses what O_PATH ignores */
        if (!read_path(&r, path, sizeof path)) return false;
        if (folder != UINT32_MAX && folder >= front->fd_count) return false;
        long fd = open_in(folder == UINT32_MAX ? AT_FDCWD : front->fds[folder], path, flags, resolve);
        write_u32(&w, fd < 0 ? (uint32_t)-fd : 0);
        if (fd >= 0) opened[opened_count++] = (int)fd;
    }
    bool sent = !r.broken && frame_send(front, FRAME_OPENED, &w, opened, opened_count);
    for (uint32_t i = 0; i < opened_count; i++) SYS1(__NR_close, opened[i]);
    return sent;
}

static bool on_text(struct front *front) {
    struct reader r = {.bytes = front->frame, .length = front->frame_length};
    uint32_t fd = read_u32(&r);
    if (r.broken || (fd != 1 && fd != 2)) return false;
    front_say(stream_own((int)fd), (const char *)r.bytes + r.at, r.length - r.at);
    return true;
}

static bool on_log(struct front *front) {
    struct reader r = {.bytes = front->frame, .length = front->frame_length};
    char path[FRONT_PATH_MAX];
    if (!read_path(&r, path, sizeof path)) return false;
    long fd = SYS4(__NR_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
    if (fd < 0) return true; /* the command said so when it checked the log at its start */
    front_say((int)fd, (const char *)r.bytes + r.at, r.length - r.at);
    SYS1(__NR_close, fd);
    return true;
}

static bool on_read_stdin(struct front *front) {
    struct reader r = {.bytes = front->frame, .length = front->frame_length};
    uint32_t most = read_u32(&r);
    struct writer w = {.bytes = front_memory(FRAME_MAX), .room = FRAME_MAX};
    if (r.broken || most > FRAME_MAX) most = FRAME_MAX;
    long got;
    do got = SYS3(__NR_read, 0, w.bytes, most);
    while (got == -EINTR);
    w.length = got > 0 ? (uint32_t)got : 0;
    bool sent = frame_send(front, FRAME_INPUT, &w, NULL, 0);
    SYS2(__NR_munmap, w.bytes, FRAME_MAX);
    return sent;
}

static int64_t slot_of(struct front *front, uint32_t slot) {
    return front->has_run && slot < front->run.header->slots ? front->run.slots[slot] : -1;
}

static struct notify read_notify(struct front *front, struct reader *r) {
    struct notify notify = {.socket = (int)slot_of(front, read_u32(r))};
    notify.caller = (int)slot_of(front, read_u32(r));
    return notify;
}

static int on_ready(struct front *front) {
    struct reader r = {.bytes = front->frame, .length = front->frame_length};
    int64_t pid = slot_of(front, read_u32(&r));
    int pidfd = (int)slot_of(front, read_u32(&r));
    struct notify notify = read_notify(front, &r);
    if (r.broken || pid <= 0 || pidfd < 0 || notify.socket < 0) front_fail("the resident sent a wrong order to wait", NULL, 0);
    SYS1(__NR_close, front->socket);
    notify_await(&notify, pid, pidfd);
    return 0;
}

/* Waits for the container, then cleans up; without a resident where the cleanup is a plain program. */
static int on_wait(struct front *front) {
    struct reader r = {.bytes = front->frame, .length = front->frame_length};
    read_u32(&r); /* flags: none defined in version 1 */
    struct wait_order order = {.pid = slot_of(front, read_u32(&r))};
    read_u32(&r); /* the pidfd's slot: the child is ours and unreaped, so its pid serves */
    order.terminal = (int)slot_of(front, read_u32(&r));
    order.notify = read_notify(front, &r);
    uint32_t length, argc;
    const uint8_t *received = read_bytes(&r, &length);
    uint8_t *cleanup = NULL;
    if (received && length) {
        cleanup = front_memory(length);
        memcpy(cleanup, received, length);
    }
    argc = read_u32(&r);
    char *again[ARGUMENTS_MAX];
    if (argc >= ARGUMENTS_MAX) r.broken = true;
    for (uint32_t i = 0; i < argc && !r.broken; i++) {
        again[i] = front_memory(FRONT_PATH_MAX);
        if (!read_path(&r, again[i], FRONT_PATH_MAX)) r.broken = true;
    }
    if (r.broken || order.pid <= 0) front_fail("the resident sent a wrong order to wait", NULL, 0);
    again[argc] = NULL;
    SYS1(__NR_close, front->socket);

    int code = wait_for(&order);
    struct failure ignored;
    front->socket = -1;
    if (cleanup && run_program(front, cleanup, length, &ignored)) return code;
    if (argc == 0) return code;
    front->socket = resident_connect(front);
    if (!request_send(front, again) || !frame_receive(front)) return code;
    return converse(front, code);
}

/* Executes what the engine says in our place; comes back only when that is no order. */
static bool become_other(struct front *front) {
    struct reader r = {.bytes = front->frame, .length = front->frame_length};
    uint32_t count = read_u32(&r);
    if (r.broken || count == 0 || count > FRONT_PATH_MAX) return false;
    char **words = front_memory((count + 1) * sizeof *words);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t length;
        const uint8_t *bytes = read_bytes(&r, &length);
        if (!bytes) return false;
        words[i] = front_memory(length + 1);
        memcpy(words[i], bytes, length);
    }
    long error = SYS3(__NR_execve, words[0], words, front->envp);
    front_fail("cannot execute", words[0], error);
}

static int converse(struct front *front, int decided) {
    /* The first frame may be HELLO again in a later conversation: we are sealed already. */
    for (;;) {
        bool good = true;
        if (!frame_receive(front)) {
            if (decided >= 0) return decided;
            front_fail("the resident ended before the call was done", NULL, 0);
        }
        switch (front->frame_type) {
        case FRAME_OPEN: good = on_open(front); break;
        case FRAME_PROGRAM: good = on_program(front); break;
        case FRAME_FINISH: good = on_finish(front); break;
        case FRAME_TEXT: good = on_text(front); break;
        case FRAME_LOG: good = on_log(front); break;
        case FRAME_READ_STDIN: good = on_read_stdin(front); break;
        case FRAME_WAIT: return on_wait(front);
        case FRAME_READY: return on_ready(front);
        case FRAME_ATTACH: {
            int code = attach_run(front);
            if (code >= 0) return code;
            break;
        }
        case FRAME_SEAL: become_sealed(front); break;
        case FRAME_STREAMS: good = streams_order(front); break;
        case FRAME_PUMP: good = pump_order(front); break;
        case FRAME_BECOME: good = become_other(front); break;
        case FRAME_EXIT: {
            struct reader r = {.bytes = front->frame, .length = front->frame_length};
            int code = (int)read_u32(&r);
            return decided >= 0 ? decided : code;
        }
        default: good = false;
        }
        if (!good) front_fail("the resident sent a frame that makes no sense", NULL, 0);
    }
}

/* Closed standard descriptors must not be taken by files of ours. */
static void open_standard(void) {
    for (int fd = 0; fd < 3; fd++)
        if (SYS2(__NR_fcntl, fd, F_GETFD) < 0) SYS4(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR, 0);
}

int front_hand_over(struct front *front) {
    if (!request_send(front, front->argv) || !frame_receive(front) || front->frame_type != FRAME_HELLO)
        front_fail("the resident does not answer", NULL, 0);
    return converse(front, -1);
}

void front_forget(struct front *front) {
    if (front->has_run) run_forget(&front->run);
    if (front->frame) SYS2(__NR_munmap, front->frame, FRAME_MAX);
}

int worker_main(char **argv, char **envp) {
    static struct front front;
    front.argv = argv;
    front.envp = envp;
    front.executor = -1;
    front.holder = front.folder = -1;
    front.socket = WORKER_FD;
    act_signals();
    SYS3(__NR_fcntl, WORKER_FD, F_SETFD, FD_CLOEXEC);
    SYS3(__NR_close_range, WORKER_FD + 1, ~0u, 0);
    SYS2(__NR_prctl, PR_SET_NAME, "rung-worker");
    if (!request_send(&front, argv) || !frame_receive(&front)) return 1;
    return converse(&front, 0);
}

/* rung demo: the script that is installed beside us. */
static _Noreturn void show_demo(struct front *front, char **argv, char **envp) {
    struct line script = {.length = 0}, programs = {.length = 0};
    line_put(&script, front->prefix);
    line_put(&script, "/share/rung/demo");
    line_put(&programs, front->prefix);
    line_put(&programs, "/bin");
    if (argv[2]) front_fail("rung demo takes no arguments, got", argv[2], 0);
    char *words[] = {script.text, programs.text, NULL};
    long error = SYS3(__NR_execve, script.text, words, envp);
    front_fail("cannot execute", script.text, error);
}

int front_main(char **argv, char **envp) {
    static struct front front;
    front.argv = argv;
    front.envp = envp;
    front.executor = -1;
    front.holder = front.folder = -1;
    front.engine = name_ends(argv[0], "rung") || name_ends(argv[0], "rungd");
    if (front.engine) front_name("rung");
    if (!resume(&front)) {
        open_standard();
        while (SYS2(__NR_fcntl, 3 + front.inherited, F_GETFD) >= 0) front.inherited++;
        /* Only those without a gap before them can be meant for a container: the rest ends with this image. */
        SYS3(__NR_close_range, 3 + front.inherited, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */);
        front_find_prefix(&front);
        if (name_ends(argv[0], "rungd")) resident_become(&front, argv);
        if (name_ends(argv[0], "rung") && argv[1] && text_equal(argv[1], "daemon")) resident_become(&front, argv + 1);
        if (name_ends(argv[0], "rung") && argv[1] && text_equal(argv[1], "demo")) show_demo(&front, argv, envp);
        /* A resident that was leaving when we came ends the conversation before it began: once more. */
        for (int attempt = 0;; attempt++) {
            front.socket = resident_connect(&front);
            if (request_send(&front, argv) && frame_receive(&front)) break;
            SYS1(__NR_close, front.socket);
            if (attempt == 3) front_fail(front.engine ? "the engine does not answer; see rungd.log beside its socket"
                                                      : "the resident does not answer; see resident.log beside its socket", NULL, 0);
        }
        take_hello(&front);
        if (front.holder >= 0) SYS1(__NR_close, front.holder);
        front.holder = -1;
        /* Most calls of rung run no program here: the engine says when one does. */
        if (!front.engine) become_sealed(&front);
    }
    return converse(&front, -1);
}
