/* Runs the streams of a checked program. */
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/time_types.h>

#include "core.h"
#include "wire.h"

/* What streams say to each other; after kind and tag comes a failure record where there is one. */
enum message_kind { MESSAGE_POST = 1, MESSAGE_FAILED = 2, MESSAGE_PHASE = 3, MESSAGE_WARNING = 4, MESSAGE_ANSWER = 5 };

/* Who holds one has a frame of its own: in a caller's, it would stay while a container waits. */
struct message {
    uint32_t kind;
    uint32_t tag;
    struct failure failure;
    int fds[PHASE_FDS];
    uint32_t fd_count;
};

/* Errors of perform() that already stand in the failure record. */
#define ERROR_TOLD 0x7000
#define PATIENCE_MS 2000
#define PAGE 4096u /* or a part of one: what is not whole stays */
#define STACK_MAX (256u * 1024)
#define SHARED_STACK (128u * 1024)
#define FRAME_SIZE 1024u /* more than that of a small function */

static void put_u32(struct failure *f, uint32_t value) {
    memcpy(f->bytes + f->length, &value, 4);
    f->length += 4;
}

static void put_text(struct failure *f, const char *text, size_t length) {
    size_t room = FAILURE_MAX - f->length - 12; /* leaves the lengths of later texts their place */
    if (length > room) length = room;
    put_u32(f, (uint32_t)length);
    memcpy(f->bytes + f->length, text, length);
    f->length += (uint32_t)length;
}

static void fill_failure(struct run *run, struct failure *f, uint32_t index, int32_t error, int64_t aux) {
    const struct rung_step *step = &run->steps[index];
    const char *key = (const char *)run->data + step->key, *say = (const char *)run->data + step->say;
    f->length = 0;
    put_u32(f, run->stream);
    put_u32(f, index);
    put_u32(f, (uint32_t)error);
    memcpy(f->bytes + f->length, &aux, 8);
    f->length += 8;
    put_text(f, key, text_length(key));
    put_text(f, say, text_length(say));
    put_text(f, run->text, run->text_length);
}

static void send_message(int fd, uint32_t kind, uint32_t tag, const struct failure *f, const int *fds,
                         uint32_t fd_count) {
    uint32_t head[2] = {kind, tag};
    struct iovec_raw parts[2] = {{head, sizeof head}, {NULL, 0}};
    if (f) parts[1] = (struct iovec_raw){(uint8_t *)(uintptr_t)f->bytes, f->length};
    message_send(fd, parts, f ? 2 : 1, fds, fd_count);
}

/* Reads one message; 0, or -errno, -EPIPE for the end of the peer. */
static int receive_message(int fd, struct message *m, uint32_t flags) {
    uint8_t buffer[8 + FAILURE_MAX];
    struct iovec_raw part = {buffer, sizeof buffer};
    m->fd_count = PHASE_FDS;
    long got = message_receive(fd, &part, 1, m->fds, &m->fd_count, flags);
    if (got < 0) return (int)got;
    if (got == 0) return -EPIPE;
    if (got < 8) return -EPROTO;
    memcpy(&m->kind, buffer, 4);
    memcpy(&m->tag, buffer + 4, 4);
    m->failure.length = (uint32_t)got - 8;
    memcpy(m->failure.bytes, buffer + 8, m->failure.length);
    return 0;
}

/*
 * Receives a message that is nothing but kind and tag, as nearly all are: the room for another's failure would be
 * pages to fault on, in each process anew. 0, or -errno; -EMSGSIZE for any other message, which waits on.
 */
static int receive_brief(int fd, uint32_t *head) {
    long got;
    do got = SYS6(__NR_recvfrom, fd, head, 8, MSG_PEEK | MSG_TRUNC, NULL, NULL);
    while (got == -EINTR);
    if (got < 0) return (int)got;
    if (got == 0) return -EPIPE;
    if (got != 8 || (head[0] != MESSAGE_POST && head[0] != MESSAGE_ANSWER)) return -EMSGSIZE;
    SYS6(__NR_recvfrom, fd, head, 8, 0, NULL, NULL);
    return 0;
}

/* The other streams' last words, looked for when one of them ended without any. */
static bool last_words(struct run *run, struct failure *f) {
    for (uint32_t s = 1; s < run->header->streams; s++) {
        struct message m;
        while (run->channel[s][0] >= 0 && receive_message(run->channel[s][0], &m, MSG_DONTWAIT) == 0)
            if (m.kind == MESSAGE_FAILED) {
                *f = m.failure;
                return true;
            }
    }
    return false;
}

static int64_t phase_here(struct run *run, uint32_t id, const int *fds, uint32_t count) {
    return run->sink->phase(run->sink->self, id, fds, count) ? 0 : -ECANCELED;
}

static __attribute__((noinline)) int64_t do_phase(struct run *run, const struct rung_step *step, const int64_t *value) {
    int fds[PHASE_FDS];
    uint32_t count = 0;
    for (uint32_t i = 1; i <= PHASE_FDS; i++)
        if (value[i] >= 0) fds[count++] = (int)value[i];
    uint32_t id = (uint32_t)step->operand[0];
    if (run->stream == 0) return phase_here(run, id, fds, count);
    int fd = run->channel[run->stream][1];
    send_message(fd, MESSAGE_PHASE, id, NULL, fds, count);
    for (;;) {
        uint32_t reply[2];
        int error = receive_brief(fd, reply);
        if (error) return error == -EMSGSIZE ? -EPROTO : error;
        if (reply[0] == MESSAGE_ANSWER) return reply[1] ? 0 : -ECANCELED;
        run->posted[0] |= 1ull << reply[1] % 64; /* the front end was ahead of us */
    }
}

/* Takes a message that is more than brief; 0 when there may be others behind it. */
static __attribute__((noinline)) int64_t heed(struct run *run, int fd, struct failure *f) {
    struct message m;
    int error = receive_message(fd, &m, 0);
    if (error) return error;
    switch (m.kind) {
    case MESSAGE_FAILED:
        *f = m.failure;
        return -ERROR_TOLD;
    case MESSAGE_WARNING:
        run->sink->warning(run->sink->self, &m.failure);
        return 0;
    case MESSAGE_PHASE: {
        bool ok = run->stream == 0 && phase_here(run, m.tag, m.fds, m.fd_count) == 0;
        for (uint32_t i = 0; i < m.fd_count; i++) SYS1(__NR_close, m.fds[i]);
        send_message(fd, MESSAGE_ANSWER, ok, NULL, NULL, 0);
        return 0;
    }
    default:
        return -EPROTO;
    }
}

/*
 * Waits for a message on fd until the wanted tag, the end of the peer (good if end_is_good) or a failure.
 * What the peer posts ahead of its being wanted is kept.
 */
static __attribute__((noinline)) int64_t listen_to(struct run *run, int fd, uint32_t peer, uint32_t tag, bool end_is_good,
                         struct failure *f) {
    for (;;) {
        if (!end_is_good && run->posted[peer] >> tag & 1) {
            run->posted[peer] &= ~(1ull << tag);
            return 0;
        }
        uint32_t head[2];
        int64_t error = receive_brief(fd, head);
        if (!error) {
            if (end_is_good || head[0] != MESSAGE_POST) return -EPROTO;
            run->posted[peer] |= 1ull << head[1] % 64;
            continue;
        }
        if (error == -EMSGSIZE) error = heed(run, fd, f);
        if (error == -EINTR) continue;
        if (error == -EPIPE || error == -ECONNRESET) {
            if (end_is_good && error == -EPIPE) return 0;
            return run->stream == 0 && last_words(run, f) ? -ERROR_TOLD : -ECHILD;
        }
        if (error) return error;
    }
}

static void close_channel(struct run *run, uint32_t stream, int end) {
    if (run->channel[stream][end] >= 0) SYS1(__NR_close, run->channel[stream][end]);
    run->channel[stream][end] = -1;
}

static bool run_stream(struct run *run, struct failure *f);

static void forget(uintptr_t from, uintptr_t to) {
    from = (from + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    to &= ~(uintptr_t)(PAGE - 1);
    if (from < to) SYS3(__NR_madvise, from, to - from, MADV_DONTNEED);
}

/*
 * Gives back the memory that a process which is about to wait for long has no more use for: what the
 * stack holds below it, and above it up to the stream's first frame, for child_main never returns;
 * the steps that are done, up to the first that might have to be undone.
 */
static int64_t do_shed(struct run *run, const struct rung_step *step) {
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    const struct rung_step *done = run->steps + run->header->stream_at[run->stream];
    while (done < step && !(done->flags & RUNG_FLAG_UNDO)) done++;
    forget((uintptr_t)run->steps, (uintptr_t)done);
    if (run->stream != 0) forget(run->first_frame, run->stack_to ? run->stack_to : (uintptr_t)run->environment);
    forget(run->stack_to ? run->stack_from : here - STACK_MAX, here - FRAME_SIZE);
    return 0;
}

static _Noreturn void child_main(struct run *run, uint32_t stream, struct failure *f) {
    for (uint32_t s = 1; s < run->header->streams; s++) {
        close_channel(run, s, 0);
        if (s < stream) close_channel(run, s, 1);
    }
    if (run->withheld >= 0) SYS1(__NR_close, run->withheld);
    run->withheld = -1;
    run->stream = stream;
    run->first_frame = (uintptr_t)__builtin_frame_address(0);
    memset(run->posted, 0, sizeof run->posted);
    run->report = run->channel[stream][1];
    if (run_stream(run, f)) leave(0);
    send_message(run->report, MESSAGE_FAILED, 0, f, NULL, 0);
    leave(1);
}

static _Noreturn void forked_main(struct run *run, uint32_t stream) {
    static struct failure f; /* not on the stack, where it would stay while a container waits */
    child_main(run, stream, &f);
}

/* What a stream that shares our memory has for itself. */
struct belongings {
    struct run run;
    struct failure failure;
};

static void sharing_main(void *own) {
    struct belongings *belongings = own;
    child_main(&belongings->run, belongings->run.stream, &belongings->failure);
}

/* Its run is a copy of ours, but for the memory that all streams share. */
static long fork_sharing(struct run *run, const struct clone_args *args, uint32_t stream) {
    if (run->sharing.at) return -EBUSY;
    long error = sharing_open(&run->sharing, SHARED_STACK, sizeof(struct belongings));
    if (error) return error;
    struct belongings *belongings = (struct belongings *)run->sharing.belongings;
    memcpy(&belongings->run, run, offsetof(struct run, text));
    belongings->run.stream = stream;
    belongings->run.stack_from = (uintptr_t)run->sharing.stack;
    belongings->run.stack_to = (uintptr_t)run->sharing.belongings;
    belongings->run.sharing = (struct sharing){.at = NULL};
    long pid = sharing_start(&run->sharing, args, sharing_main);
    if (pid < 0) run->sharing.alive = 0;
    return pid;
}

/* Whether stream 0 forks once more behind this step of its. */
static bool forks_again(const struct run *run, const struct rung_step *step) {
    const struct rung_step *end = run->steps + run->header->stream_at[1];
    while (++step < end)
        if (step->op == RUNG_OP_FORK) return true;
    return false;
}

static int64_t do_fork(struct run *run, const struct rung_step *step, const int64_t *value) {
    int pidfd = -1;
    struct clone_args args = {.flags = (uint64_t)value[0]};
    args.exit_signal = args.flags & CLONE_PARENT ? 0 : SIGCHLD;
    if (step->operand[3] != RUNG_NO_SLOT) {
        args.flags |= CLONE_PIDFD;
        args.pidfd = (uint64_t)(uintptr_t)&pidfd;
    }
    if (value[2] >= 0) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = (uint64_t)value[2];
    }
    uint32_t stream = (uint32_t)step->operand[1];
    long pid = args.flags & CLONE_VM ? fork_sharing(run, &args, stream) : SYS2(__NR_clone3, &args, sizeof args);
    if (pid == 0) forked_main(run, stream);
    if (pid < 0) return pid;
    if (step->operand[3] != RUNG_NO_SLOT) run->slots[step->operand[3]] = pidfd;
    if (run->stream != 0)
        close_channel(run, stream, 1);
    else if (!forks_again(run, step))
        for (uint32_t s = 1; s < run->header->streams; s++) close_channel(run, s, 1);
    return pid;
}

static uint64_t load(const uint8_t *at, uint64_t width) {
    uint64_t value = 0;
    memcpy(&value, at, width);
    return value;
}

static int64_t do_expect(struct run *run, const struct rung_step *step, const int64_t *value) {
    uint64_t x = (uint64_t)value[0];
    if ((step->kinds & 15) == RUNG_KIND_DATA) x = load(run->data + step->operand[0], step->operand[1]);
    bool equal = (x & (uint64_t)value[2]) == (uint64_t)value[3];
    return equal != (value[5] == 1) ? 0 : -value[4];
}

/* How many digits it wrote. */
static int64_t do_decimal(struct run *run, const struct rung_step *step, int64_t value) {
    char digits[20];
    uint32_t count = text_decimal(digits, value);
    uint8_t *hole = run->data + step->operand[1];
    uint64_t width = step->operand[2];
    if (width == 0) {
        memcpy(hole, digits, count);
        hole[count] = 0;
        return count;
    }
    if (count > width) count = (uint32_t)width;
    memset(hole, ' ', width - count);
    memcpy(hole + width - count, digits, count);
    return count;
}

static bool readable(int fd) {
    struct pollfd poll = {.fd = fd, .events = POLLIN};
    struct __kernel_timespec now = {0, 0};
    return SYS5(__NR_ppoll, &poll, 1, &now, NULL, 0) > 0;
}

static int64_t do_listener(struct run *run, const struct rung_step *step, int pidfd) {
    volatile int64_t *slot = &run->slots[step->operand[0]];
    for (uint32_t round = 1; *slot == -1; round++) {
        relax();
        if (round % 1024 == 0) {
            if (readable(pidfd)) return -ESRCH;
            SYS0(__NR_sched_yield);
        }
    }
    return *slot;
}

static int64_t do_call(const struct rung_step *step, const int64_t *v) {
    struct __kernel_timespec nap = {0, 500 * 1000};
    long result;
    for (uint32_t waited_us = 0;; waited_us += (uint32_t)(nap.tv_nsec / 1000)) {
        result = SYS6(step->nr, v[0], v[1], v[2], v[3], v[4], v[5]);
        bool busy = result == -EBUSY && step->flags & RUNG_FLAG_PATIENT;
        bool raced = result == -EAGAIN && step->nr == __NR_openat2; /* see open_in */
        if (!(busy || raced) || waited_us >= PATIENCE_MS * 1000) break;
        SYS2(__NR_nanosleep, &nap, NULL);
        if (nap.tv_nsec < 16000000) nap.tv_nsec *= 2;
    }
    if ((step->flags & RUNG_FLAG_EXACT) && result >= 0 && result != v[2]) return -EIO;
    return result;
}

static int64_t do_exec(struct run *run, const struct rung_step *step, const int64_t *v) {
    char **candidates = (char **)v[0];
    if (step->operand[3] == 0) return act_probe(run, candidates, v[5] == 1);
    if (v[4] < 0) return -ENOENT;
    for (int64_t i = 0; i < v[4]; i++)
        if (!candidates[i]) return -ENOENT;
    const char *path = candidates[v[4]];
    if (!path) return -ENOENT;
    long error = SYS3(__NR_execve, path, v[1], v[2]);
    run->text_length = (uint32_t)text_length(path);
    if (run->text_length > sizeof run->text) run->text_length = sizeof run->text;
    memcpy(run->text, path, run->text_length);
    return error;
}

static int64_t perform(struct run *run, const struct rung_step *step, struct failure *f) {
    int64_t v[6];
    bool raw = step->op == RUNG_OP_EXPECT || step->op == RUNG_OP_DECIMAL || step->op == RUNG_OP_POKE
            || step->op == RUNG_OP_PHASE;
    for (uint32_t i = 0; i < 6; i++) {
        uint64_t operand = step->operand[i];
        switch (step->kinds >> (4 * i) & 15) {
        case RUNG_KIND_LITERAL: v[i] = (int64_t)operand; break;
        case RUNG_KIND_DATA: v[i] = (int64_t)(uintptr_t)(run->data + operand); break;
        case RUNG_KIND_SLOT:
            v[i] = run->slots[operand];
            /* An unset slot must never reach the kernel as -1 (kill) or as AT_FDCWD. */
            if (v[i] < 0 && !raw) return -EBADF;
            break;
        default: v[i] = (int64_t)(uintptr_t)&run->slots[operand];
        }
    }
    run->text_length = 0;
    switch (step->op) {
    case RUNG_OP_CALL: return do_call(step, v);
    case RUNG_OP_DECIMAL: return do_decimal(run, step, v[0]);
    case RUNG_OP_POKE: memcpy(run->data + v[1], &v[0], (size_t)v[2]); return 0;
    case RUNG_OP_LOAD: return (int64_t)load(run->data + v[0], (uint64_t)v[1]);
    case RUNG_OP_FORK: return do_fork(run, step, v);
    case RUNG_OP_POST: {
        int fd = run->stream == 0 ? run->channel[v[0]][0] : run->channel[run->stream][1];
        send_message(fd, MESSAGE_POST, (uint32_t)v[1], NULL, NULL, 0);
        return 0;
    }
    case RUNG_OP_WAIT: {
        int fd = run->stream == 0 ? run->channel[v[0]][0] : run->channel[run->stream][1];
        return listen_to(run, fd, (uint32_t)v[0], (uint32_t)v[1], false, f);
    }
    case RUNG_OP_HEED:
        return listen_to(run, v[1] ? run->channel[v[0]][0] : (int)v[0], 0, 0, true, f);
    case RUNG_OP_STARTTIME: return act_starttime(v[0], (uint64_t)v[1]);
    case RUNG_OP_ENSURE: return act_ensure((int)v[0], (const char *)v[1], v[2] == 1, (uint32_t)v[3]);
    case RUNG_OP_COPY: return act_copy((int)v[0], (int)v[1]);
    case RUNG_OP_SPAWN:
        return act_spawn(run, (const char *)v[0], (char **)v[1],
                         v[2] ? (char **)v[2] : run->environment, (const char *)v[3],
                         (uint64_t)v[4], (uint64_t)v[5]);
    case RUNG_OP_EXEC: return do_exec(run, step, v);
    case RUNG_OP_PHASE: return do_phase(run, step, v);
    case RUNG_OP_EXPECT: return do_expect(run, step, v);
    case RUNG_OP_ADOPT: run->report = (int)v[0]; return 0;
    case RUNG_OP_SHED: return do_shed(run, step);
    case RUNG_OP_OUTPUT: run->output[0] = (int)v[0], run->output[1] = (int)v[1]; return 0;
    case RUNG_OP_LISTENER: return do_listener(run, step, (int)v[1]);
    case RUNG_OP_PAUSE: {
        volatile int64_t *slot = &run->slots[v[0]];
        while (*slot != v[1]) relax();
        return 0;
    }
    default: act_signals(); return 0;
    }
}

static bool tolerated(const struct rung_step *step, int64_t error) {
    if (error == ERROR_TOLD) return false;
    if (step->flags & RUNG_FLAG_TOLERATE_ALL) return true;
    for (uint32_t i = 0; i < 4; i++)
        if (step->tolerate[i] && step->tolerate[i] == error) return true;
    return false;
}

static bool is_error(int64_t value) { return value < 0 && value > -0x8000; }

/* Runs the undo steps of what succeeded, the last first; each on its own, whatever came of the others. */
static void undo(struct run *run, uint32_t begin, uint32_t failed, const uint64_t *done) {
    for (uint32_t i = failed; i-- > begin;) {
        if (!(run->steps[i].flags & RUNG_FLAG_UNDO)) continue;
        uint32_t acquired = i;
        while (acquired > begin && (run->steps[acquired].flags & RUNG_FLAG_UNDO)) acquired--;
        struct failure ignored;
        if (done[acquired / 64] >> (acquired % 64) & 1) (void)perform(run, &run->steps[i], &ignored);
    }
}

#ifdef RUNG_FAULTS
#include "faults.h"
#else
static inline int64_t fault_at(uint32_t stream, uint32_t step) {
    (void)stream, (void)step;
    return 0;
}
#endif

static void warn(struct run *run, const struct failure *f) {
    if (run->stream == 0) run->sink->warning(run->sink->self, f);
    else send_message(run->report, MESSAGE_WARNING, 0, f, NULL, 0);
}

static bool run_stream(struct run *run, struct failure *f) {
    uint64_t done[RUNG_MAX_STEPS / 64];
    uint32_t begin = run->header->stream_at[run->stream];
    uint32_t end = run->stream + 1 < run->header->streams ? run->header->stream_at[run->stream + 1]
                                                          : run->header->steps;
    for (uint32_t i = begin / 64; i * 64 < end; i++) done[i] = 0;
    for (uint32_t i = begin; i < end; i++) {
        const struct rung_step *step = &run->steps[i];
        if (step->flags & RUNG_FLAG_UNDO) continue;
        int64_t value = fault_at(run->stream, i);
        if (value == 0) value = perform(run, step, f);
        if (is_error(value)) {
            if (!tolerated(step, -value)) {
                if (value != -ERROR_TOLD) fill_failure(run, f, i, (int32_t)-value, 0);
                undo(run, begin, i, done);
                return false;
            }
            if (step->flags & RUNG_FLAG_WARN) {
                fill_failure(run, f, i, (int32_t)-value, 0);
                warn(run, f);
            }
            i += step->skip;
        } else {
            done[i / 64] |= 1ull << (i % 64);
        }
        if (step->result != RUNG_NO_SLOT) run->slots[step->result] = value;
    }
    return true;
}

bool run_start(struct run *run, struct failure *failure) {
    for (uint32_t s = 1; s < run->header->streams; s++) {
        long error = SYS4(__NR_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, run->channel[s]);
        if (error) {
            fill_failure(run, failure, 0, (int32_t)-error, 0);
            return false;
        }
    }
    run->stream = 0;
    return run_stream(run, failure);
}

/* The data, and the slots behind it, are shared with the streams; the steps are each process's own. */
static uint32_t slots_at(const struct rung_header *header) { return (header->data_size + 7) & ~7u; }

static size_t shared_size(const struct rung_header *header) { return slots_at(header) + header->slots * 8; }

static long map_memory(size_t size, uint64_t flags) {
    /* All of it is written at once: together that takes less than a fault for each page. */
    return SYS6(__NR_mmap, NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
}

int run_open(struct run *run, const uint8_t *bytes, const struct sink *sink, char **environment) {
    const struct rung_header *header = (const struct rung_header *)bytes;
    long code = map_memory(header->data_at, MAP_PRIVATE), data = map_memory(shared_size(header), MAP_SHARED);
    if (is_error(code)) return (int)code;
    if (is_error(data)) return (int)data;
    memcpy((void *)code, bytes, header->data_at);
    run->header = (struct rung_header *)code;
    run->steps = (struct rung_step *)(code + header->steps_at);
    run->data = (uint8_t *)data;
    memcpy(run->data, bytes + header->data_at, header->data_size);
    run->slots = (int64_t *)(run->data + slots_at(header));
    for (uint32_t i = 0; i < run->header->slots; i++) run->slots[i] = -1;
    for (uint32_t s = 0; s < RUNG_MAX_STREAMS; s++) {
        run->channel[s][0] = run->channel[s][1] = -1;
        run->posted[s] = 0;
    }
    for (uint32_t i = 0; i < run->header->relocs; i++) {
        uint32_t offset;
        memcpy(&offset, bytes + header->relocs_at + 4 * i, 4);
        uint64_t *word = (uint64_t *)(run->data + offset);
        *word = *word == RUNG_NULL ? 0 : (uint64_t)(uintptr_t)(run->data + *word);
    }
    run->stream = 0;
    run->report = run->withheld = run->output[0] = run->output[1] = -1;
    run->sink = sink;
    run->environment = environment;
    run->text_length = 0;
    run->stack_from = run->stack_to = 0;
    run->sharing = (struct sharing){.at = NULL};
    return 0;
}

void run_close(struct run *run) {
    for (uint32_t s = 1; s < run->header->streams; s++) {
        close_channel(run, s, 0);
        close_channel(run, s, 1);
    }
    run_forget(run);
}

void run_forget(struct run *run) {
    sharing_close(&run->sharing);
    SYS2(__NR_munmap, run->data, shared_size(run->header));
    SYS2(__NR_munmap, run->header, run->header->data_at);
}

bool run_patch(struct run *run, uint32_t at, const uint8_t *bytes, uint32_t length) {
    if (at == 0 || at >= run->header->data_size || length >= run->header->data_size - at) return false;
    memcpy(run->data + at, bytes, length);
    return true;
}
