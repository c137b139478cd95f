/*
 * The monitor: what stays with a container. It has the container created, keeps its streams and its
 * log, serves who attaches, reaps it and writes down how it ended. It needs no daemon, and outlives it.
 * Its protocol, its records and its log: docs/formats/monitor.md.
 */
#ifndef RUNG_MONITOR_H
#define RUNG_MONITOR_H

#include "front.h"

/* Frames on a monitor's socket and on the spawner's: u8 version, u8 type, u16 0, u32 length, payload. */
#define MONITOR_VERSION 1u
#define MONITOR_HEAD 8u
#define MONITOR_START 1u /* to the spawner */
#define MONITOR_ATTACH 16u /* from clients */
#define MONITOR_INPUT 17u
#define MONITOR_CLOSE_INPUT 18u
#define MONITOR_WINDOW 19u
#define MONITOR_REOPEN_LOG 20u
#define MONITOR_RELEASE 21u
#define MONITOR_STATE 64u /* to clients */
#define MONITOR_CREATED 65u
#define MONITOR_FAILED 66u
#define MONITOR_OUTPUT 67u
#define MONITOR_ERRORS 68u
#define MONITOR_ENDED 69u
#define MONITOR_OOM 70u
#define MONITOR_NOTICE 71u
#define MONITOR_ATTACHED 72u

#define ATTACH_OUTPUT 1u
#define ATTACH_ERRORS 2u

#define ORDER_TERMINAL 1u
#define ORDER_INPUT 2u /* stdin stays open; else it is /dev/null */
#define ORDER_HAND_OVER 4u /* the runtime is the resident at the other end of a socket */
#define ORDER_EPHEMERAL 8u /* the exit record need not survive a power cut */
#define ORDER_LOGS 16u /* the log has a folder of its own */
#define ORDER_AHEAD 32u /* the runtime is the resident, which is connected to the creator already; without terminal or stdin */
#define ORDER_WORDS 128

#define LOG_NONE 0u
#define LOG_JSON 1u
#define LOG_CRI 2u

#define PAGE_ALIGNED __attribute__((aligned(4096)))

struct order {
    uint32_t flags;
    uint32_t log_format;
    uint64_t log_max; /* bytes in one file, 0: no limit */
    uint32_t log_files; /* how many there may be, 0 and 1: one that is emptied */
    uint32_t rows, columns;
    const char *id;
    const char *log_name;
    const char *log_attributes; /* JSON that each line carries, empty for none */
    char **argv;
    int listening; /* where clients connect; some may wait there already */
    int durable; /* the folder of the exit record */
    int logs; /* the folder of the log, often the same */
    int running; /* the folder of what a boot does not survive */
    int hand_over;
};

struct moment {
    int64_t seconds;
    int64_t nanoseconds;
};

/* monitor.c */
/* All that can be done before the order comes; a creator waits for the resident at the other end of the socket then. */
void monitor_prepare(int hand_over, char **envp);
_Noreturn void monitor_main(const struct order *order, char **envp);

/* creation.c */
struct creation {
    int64_t creator; /* runs the OCI verb; its exit status is the verb's; -errno when there is none */
    int output[2]; /* where the container's stdout and stderr are read from; -1 with a terminal */
    int input; /* where its stdin is written to, -1 none */
    int errors; /* where the runtime's stderr is read from */
    int console; /* where the runtime hands over the terminal's master, -1 none */
    struct sharing sharing; /* the creator shares our memory until it ends, or is another program */
};
/* Starts a creator ahead of the order, for one with ORDER_AHEAD; closes the socket. */
void creation_prepare(struct creation *creation, int hand_over, char **envp);
/* Makes the streams and starts the OCI verb, unless that was done ahead; -errno when that cannot be. */
long creation_start(struct creation *creation, const struct order *order, char **envp);
/* Gives back what the creator had, which has ended. */
void creation_forget(struct creation *creation);
/* Accepts the terminal's master; -errno when nobody sent one. */
long creation_take_master(struct creation *creation, const struct order *order);
/* The pid that the runtime wrote to the pid file; 0 when there is none. */
int64_t creation_pid(const struct order *order);

/* record.c */
struct moment moment_now(void);
int64_t clock_ms(void); /* monotonic */
uint32_t moment_text(char *to, struct moment moment, bool fixed); /* RFC 3339, UTC; fixed: always nine digits of a second, else no trailing zeros; at most 30 bytes */
struct record {
    char text[1536]; /* what is known from the creation on */
    uint32_t length;
    char boot_id[40];
    int64_t monitor; /* our pid */
    uint64_t monitor_start_time;
};
struct ending {
    bool known; /* status is the wait status; else somebody else reaped the container */
    int status;
    struct moment at;
    uint64_t oom_kills;
    uint64_t log_bytes, log_dropped;
};
/* Finds out what is known before there is an order. */
void record_prepare(struct record *record);
/* Takes the room for the exit record on a disk that may fill up, under a name that nobody looks at, longer than it will be. */
void record_reserve(const struct order *order);
/* Gives it back. */
void record_unreserve(const struct order *order);
/* Puts together and writes the record of a container that runs; 0 or -errno. */
long record_running(struct record *record, const struct order *order, int64_t pid);
/* Puts a completed record where the exit is looked for; 0 or -errno, then it may be called again. */
long record_ended(const struct order *order, const struct writer *text);
void record_complete(struct writer *w, const struct record *record, const struct ending *ending);
uint64_t process_start_time(int64_t pid); /* clock ticks since the boot; 0 when it is gone */

/* oom.c */
struct oom {
    int counts; /* the file that counts kills, -1 none */
    int event; /* readable, or exceptional, when it changed; -1 none */
    bool by_eventfd;
};
void oom_watch(struct oom *oom, int64_t pid);
/* Takes notice of an event; how many processes were killed up to now. */
uint64_t oom_kills(const struct oom *oom);

/* logfile.c */
struct log_state {
    uint64_t bytes; /* taken from the container */
    uint64_t dropped; /* lines that found no room */
    bool failing; /* since the last line that was written */
};
extern struct log_state log_state;
long log_open(const struct order *order);
void log_reopen(void);
/* Takes what came from stream 0 (stdout) or 1 (stderr). */
void log_take(int stream, const uint8_t *bytes, uint32_t length);
/* Writes down what has no end of line yet. */
void log_end(void);
void log_forget_buffers(void);

/* clients.c */
#define CLIENTS_MAX 32
#define OUTGOING_MAX (64u * 1024)
struct client_events {
    int input; /* where the container's stdin is written to, -1 none */
    bool close_input; /* a client wants it closed */
    bool reopen_log;
    bool released;
    uint16_t window[4]; /* rows, columns, 0, 0 */
    bool resized;
};
extern struct client_events client_events;
/* The payload of the next frame to all: room for OUTGOING_MAX bytes. Only while nobody is busy. */
uint8_t *clients_outgoing(void);
/* Sends what stands there to all who want it; audience is 0 or an ATTACH_ bit. */
void clients_send(uint32_t type, uint32_t length, uint32_t audience);
bool clients_busy(void); /* some have not taken the last frame yet */
void clients_accept(int listening);
/* What clients who come learn first: the phase and the record. */
void clients_say_state(uint32_t phase, const struct record *record);
struct pollfd;
uint32_t clients_poll(struct pollfd *polls);
void clients_serve(const struct pollfd *polls, uint32_t count);
int64_t clients_deadline(void); /* when somebody's patience ends, on the monotonic clock; 0 nobody waits */
void clients_drop_stuck(void);
void clients_forget_buffers(void);
bool input_waits(void); /* for room in the container's stdin */
void input_flush(void);
bool input_done(void); /* to be closed, and all before that is written */

/* shed.c */
/* Gives up what only creating needs, once the creator is there: it keeps all that. */
void shed_rights(void);
/* Gives up the rest, once the creator, with which we share memory, has ended. */
void shed_rest(void);

#endif
