/*
 * The executor's core: checks a program and runs its streams. No policy, no allocation after start,
 * nothing of the host is looked at but what a step names.
 */
#ifndef RUNG_CORE_H
#define RUNG_CORE_H

#include <stdbool.h>

#include "program.h"
#include "syscall.h"

/* The wire form of a failure: u32 stream, u32 step, i32 error, i64 aux, then key, say and text as
 * u32 length + bytes. Kept as bytes, because it is only handed on. */
#define FAILURE_MAX 8192u

struct failure {
    uint32_t length;
    uint8_t bytes[FAILURE_MAX];
};

#define PHASE_FDS 4

/* What stream 0 calls while it runs. */
struct sink {
    /* Hands descriptors up and waits for patches; false: the stream fails with ECANCELED. */
    bool (*phase)(void *self, uint32_t id, const int *fds, uint32_t count);
    void (*warning)(void *self, const struct failure *failure);
    void *self;
};

/* sharing.c: a child that shares our memory, with a stack and belongings of its own. */
struct sharing {
    uint8_t *at; /* NULL: there is none */
    size_t size;
    uint8_t *stack; /* its lowest byte */
    uint8_t *belongings; /* above the stack, zeroed */
    int32_t alive; /* the kernel clears it once the child is done with all that */
};
struct clone_args;
/* Makes room for one; 0 or -errno. */
long sharing_open(struct sharing *sharing, size_t stack, size_t belongings);
/* Starts it in entry, which gets the belongings and never returns; its pid or -errno. Where the struct lies must stay. */
long sharing_start(struct sharing *sharing, const struct clone_args *how, void (*entry)(void *));
/* Gives the room back, unless the child is still there. */
void sharing_close(struct sharing *sharing);

struct run {
    struct rung_header *header;
    struct rung_step *steps;
    uint8_t *data; /* shared with the streams: patches and holes are seen by all */
    int64_t *slots; /* shared */
    int channel[RUNG_MAX_STREAMS][2];
    uint64_t posted[RUNG_MAX_STREAMS]; /* tags that a peer posted and nobody waited for yet */
    uint32_t stream;
    uintptr_t first_frame; /* of this process's stream: above it is nothing but what was forked */
    uintptr_t stack_from, stack_to; /* where the stack lies, when it is not the one that the process was born with; else 0 */
    struct sharing sharing; /* the stream that shares our memory */
    int report; /* where a child's failures go */
    int withheld; /* a descriptor that no child may hold: the front end's conversation; -1 none */
    int output[2]; /* where stdout and stderr of spawned programs go; -1: kept in text */
    const struct sink *sink;
    char **environment; /* the caller's: of hooks that have none of their own */
    uint32_t text_length; /* what a step has to say beyond its error: a hook's output, a path */
    char text[4096];
};

/* Checks all of a program; NULL when it is good, else what is wrong. Touches nothing outside bytes. */
const char *program_check(const uint8_t *bytes, uint32_t size);

/* Maps a checked program's memory: bytes is copied. Returns 0 or -errno. */
int run_open(struct run *run, const uint8_t *bytes, const struct sink *sink, char **environment);
void run_close(struct run *run);
/* Its memory alone: of a process that has ended, which shared ours. */
void run_forget(struct run *run);

/* Runs stream 0 (and what it forks). True: all steps done; false: failure is filled, undone. */
bool run_start(struct run *run, struct failure *failure);

/* Replaces bytes of the data area; false when they do not fit in it. */
bool run_patch(struct run *run, uint32_t at, const uint8_t *bytes, uint32_t length);

/* Composite steps (acts.c, copy.c). They return a value or -error. */
int64_t act_ensure(int root, const char *path, bool file, uint32_t mode);
int64_t act_spawn(struct run *run, const char *path, char **argv, char **envp, const char *input,
                  uint64_t input_length, uint64_t limit_ms);
int64_t act_probe(struct run *run, char **candidates, bool search);
int64_t act_copy(int from, int to);
int64_t act_starttime(int64_t pid, uint64_t expected);
void act_signals(void);
/* Ignores SIGHUP, which tells a JVM to leave it alone, but blocks it, so that it is kept for a signalfd. */
void act_hold_hangup(void);
long open_in(int root, const char *path, uint64_t flags, uint64_t resolve);

/* text.c */
size_t text_length(const char *text);
bool text_equal(const char *a, const char *b);
uint32_t text_decimal(char *to, int64_t value); /* no NUL; at most 20 characters */
void *memcpy(void *to, const void *from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *a, const void *b, size_t count);

#endif
