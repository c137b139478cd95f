/*
 * The front end: what a person or a container manager calls as rung-oci. It hands its call to a warm
 * JVM (the resident), runs the programs that come back in its own process, and prints what it is told.
 * It knows neither JSON nor the verbs of the command line. The frames: docs/formats/program.md.
 */
#ifndef RUNG_FRONT_H
#define RUNG_FRONT_H

#include "core.h"
#include "wire.h"

#define FRAME_REQUEST 1u
#define FRAME_OPENED 2u
#define FRAME_RESULT 3u
#define FRAME_WARNING 4u
#define FRAME_PHASE 5u
#define FRAME_INPUT 6u
#define FRAME_SIGNAL 7u
#define FRAME_DETACHED 8u
#define FRAME_PUMPED 9u
#define FRAME_HELLO 64u
#define FRAME_OPEN 65u
#define FRAME_PROGRAM 66u
#define FRAME_CONTINUE 67u
#define FRAME_TEXT 68u
#define FRAME_LOG 69u
#define FRAME_READ_STDIN 70u
#define FRAME_EXIT 71u
#define FRAME_WAIT 72u
#define FRAME_READY 73u
#define FRAME_FINISH 74u
#define FRAME_ATTACH 75u
#define FRAME_SEAL 76u
#define FRAME_BECOME 77u
#define FRAME_STREAMS 78u
#define FRAME_PUMP 79u
#define FRAME_IN_MEMFD 0x80000000u

#define FRAME_INLINE_MAX (128u * 1024)
#define FRAME_MAX (4u << 20)
#define PROTOCOL_VERSION 1u

#define FRONT_PATH_MAX 4096u
#define FRONT_PLACES 3

struct front {
    char **argv;
    char **envp;
    char prefix[FRONT_PATH_MAX]; /* where we are installed: PREFIX/bin/rung-oci */
    bool engine; /* called as rung: asks the engine, not the resident */
    /* Of an ordinary user who calls the engine, from the first attempt to reach it on, else -1: who holds its
     * namespaces, and the folder of its sockets. */
    int holder, folder;
    const char *docker_socket, *cri_socket; /* where rungd was told to serve Docker's API, and a kubelet; NULL: nowhere, empty: where it usually is */
    char folder_path[FRONT_PATH_MAX];
    char *places[FRONT_PLACES]; /* variables of the environment by which that engine finds its folders */
    int executor; /* the sealed copy of ourselves that we have not become yet, -1 none */
    uint32_t inherited; /* descriptors open from 3 on when we were called */
    int socket;
    uintptr_t stack_from, stack_to; /* as those of a run */
    uint8_t *frame; /* the last frame's payload */
    uint32_t frame_length;
    uint32_t frame_type;
    int fds[MESSAGE_FDS];
    uint32_t fd_count;
    struct run run; /* the last program; its slots stay readable */
    bool has_run;
    bool has_warned; /* the last program did */
};

/* A payload being written. Overflow is remembered and refused when it is sent. */
struct writer {
    uint8_t *bytes;
    uint32_t length;
    uint32_t room;
    bool full;
};

/* A payload being read; broken once anything was missing. */
struct reader {
    const uint8_t *bytes;
    uint32_t length;
    uint32_t at;
    bool broken;
};

void write_u32(struct writer *w, uint32_t value);
void write_u64(struct writer *w, uint64_t value);
void write_bytes(struct writer *w, const void *bytes, uint32_t length);
void write_text(struct writer *w, const char *text); /* u32 length + bytes */
uint32_t read_u32(struct reader *r);
const uint8_t *read_bytes(struct reader *r, uint32_t *length); /* u32 length + bytes */
/* Copies a string with its NUL into buffer; NULL when it is broken, too long or has a NUL inside. */
const char *read_path(struct reader *r, char *buffer, uint32_t room);

/* frames.c */
void *front_memory(size_t size); /* zeroed pages; ends the process when there are none */
bool frame_send(struct front *front, uint32_t type, const struct writer *w, const int *fds,
                uint32_t fd_count);
/* Receives the next frame into front->frame and front->fds; false at the end of the peer or on nonsense. */
bool frame_receive(struct front *front);
void frame_close_fds(struct front *front);

/* request.c */
bool request_send(struct front *front, char **argv);
const char *environment_get(char **envp, const char *name);

/* resident.c */
/* Fills front->prefix from where our binary lies. */
void front_find_prefix(struct front *front);
/* A connected socket to the resident of this user, started when there is none. */
int resident_connect(struct front *front);
/* Becomes the engine itself, in the foreground; ends the process where one runs already. */
_Noreturn void resident_become(struct front *front, char **argv);

/* launch.c */
#define LAUNCH_WORDS 256

struct launch {
    uint32_t argc, envc;
    char *argv[LAUNCH_WORDS];
    char *envp[LAUNCH_WORDS];
};
/* Reads a launch file, in which %p stands for the prefix; ends the process where there is none. */
void launch_read(struct launch *launch, const char *path, const char *prefix);
_Noreturn void launch_exec(const struct launch *launch);

/* notify.c */
struct notify {
    int socket; /* where the container tells of itself; -1 none */
    int caller; /* connected to the caller's service manager */
};
/* Takes one message; true when it said READY, which is passed on with pid as the main one. */
bool notify_pass(const struct notify *notify, int64_t pid);
/* Waits until the container is ready or ended, and for its being heard of. */
void notify_await(const struct notify *notify, int64_t pid, int pidfd);

/* The head of the kernel's struct termios; the rest is carried along. */
#define TERMIOS_SIZE 64
struct terminal_modes {
    uint32_t input, output, control, local;
    uint8_t rest[TERMIOS_SIZE - 16];
};

/* keys.c */
#define KEYS_MAX 16u
struct keys {
    uint8_t bytes[KEYS_MAX];
    uint32_t count, at; /* at: how many of them were typed last */
};
/* Takes them from a frame; false when they are no keys. */
bool keys_read(struct reader *r, struct keys *keys);
/* Copies what was typed, but for the keys, which may make KEYS_MAX bytes more; true when those were typed whole. */
bool keys_typed(struct keys *keys, const uint8_t *typed, uint32_t count, uint8_t *to, uint32_t *length);

/* attach.c: serves an ATTACH frame; -1 when the conversation goes on, else the exit code. */
int attach_run(struct front *front);

/* pump.c */
bool pump_order(struct front *front); /* serves a PUMP frame */

/* streams.c */
bool streams_order(struct front *front); /* serves a STREAMS frame */
struct keys *stream_keys(void); /* that detach us from the terminal of a process of ours */
int stream_own(int fd); /* our own stream, whatever processes get as descriptor fd */
struct pollfd;
void streams_poll(struct pollfd *polls); /* fills three */
void streams_serve(const struct pollfd *polls);
void streams_drain(void); /* what is still in the pipes after the end of the process */

/* wait.c */
bool write_all(int fd, const uint8_t *bytes, long count);
/* Makes a terminal raw; false when fd is none. */
bool terminal_raw(int fd, struct terminal_modes *before);
void terminal_restore(int fd, const struct terminal_modes *before);
/* Waits for the process of the WAIT frame; its exit code as a shell gives it. */
struct wait_order {
    int64_t pid;
    int terminal; /* descriptor of the terminal's master to relay, -1 none */
    struct notify notify;
};
int wait_for(const struct wait_order *order);

/* entry.c */
bool name_ends(const char *path, const char *name);
void front_name(const char *name); /* how lines of front_fail begin */
_Noreturn void front_fail(const char *what, const char *detail, int64_t error);
void front_say(int fd, const char *text, size_t length);
int replay_main(int argc, char **argv, char **envp);
/* What ps shows of a process; the words that we were called with leave room for it, or for a part. */
void name_process(char **argv, const char *name, const char *id);
int spawner_main(int argc, char **argv, char **envp); /* spawner.c */
int unpacker_main(int argc, char **argv); /* unpacker.c */
/* front.c: a front end of the engine itself, over a socket that it was given: runs programs until that is closed. */
int worker_main(char **argv, char **envp);
int front_main(char **argv, char **envp);
/* front.c: the whole call over a connected socket, in a process that is a sealed copy already; its exit code. */
int front_hand_over(struct front *front);
/* front.c: gives back what a call took of memory, for who shared it; its process has ended. */
void front_forget(struct front *front);

#endif
