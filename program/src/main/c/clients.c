/*
 * Who is connected to a monitor: any number up to a limit, each told what happens, some attached to the
 * container's streams. All get the same frame from one buffer, each at its own pace; until the last one
 * has it, or lost its patience, nothing more is read from the container. So nobody misses a byte, and
 * nobody stops the container for ever.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/poll.h>

#include "monitor.h"

#define SOCKET_LEVEL 1
#define PEER_CREDENTIALS 17
#define PATIENCE_DEFAULT_MS 10000u
#define PATIENCE_MAX_MS 600000u
#define SMALL_MAX 16
#define INPUT_MAX (64u * 1024)
#define DISCARD_MAX 256u
#define PAGE 4096u

struct client {
    int fd; /* -1: this place is free */
    uint32_t audience; /* ATTACH_ bits */
    uint32_t patience_ms;
    bool busy; /* has not taken the last frame yet */
    bool deaf; /* says nothing any more, but may listen */
    uint32_t sent; /* bytes of the last frame */
    int64_t stuck_at; /* since when it takes nothing */
    uint8_t head[MONITOR_HEAD];
    uint32_t got; /* bytes of the head */
    uint32_t left; /* bytes of the payload that are to come */
    uint8_t small[SMALL_MAX];
};

static struct client clients[CLIENTS_MAX];
static uint32_t high; /* places that were ever used */
static uint32_t waiting; /* how many are busy */

/* Whole pages, which can be given back: what shared the last one would be gone, too. */
static uint8_t frame[(MONITOR_HEAD + OUTGOING_MAX + PAGE - 1) / PAGE * PAGE] PAGE_ALIGNED;
static uint32_t frame_length;

static uint8_t input[INPUT_MAX] PAGE_ALIGNED; /* for the container's stdin */
static uint32_t input_length, input_at;

static uint8_t state[MONITOR_HEAD + 4 + sizeof(struct record)];
static uint32_t state_length;

struct client_events client_events = {.input = -1};

static void drop(struct client *client) {
    SYS1(__NR_close, client->fd);
    client->fd = -1;
    waiting -= client->busy;
}

static void put_head(uint8_t *to, uint32_t type, uint32_t length) {
    memset(to, 0, MONITOR_HEAD);
    to[0] = MONITOR_VERSION;
    to[1] = (uint8_t)type;
    memcpy(to + 4, &length, sizeof length);
}

/* out */

static long send_now(const struct client *client, const uint8_t *bytes, uint32_t length) {
    return SYS6(__NR_sendto, client->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
}

static void push(struct client *client) {
    long put = send_now(client, frame + client->sent, frame_length - client->sent);
    if (put < 0 && put != -EAGAIN) {
        drop(client);
        return;
    }
    if (put > 0) {
        client->sent += (uint32_t)put;
        client->stuck_at = 0;
    }
    bool busy = client->sent < frame_length;
    if (busy && !client->stuck_at) client->stuck_at = clock_ms();
    waiting += (uint32_t)busy - (uint32_t)client->busy;
    client->busy = busy;
}

uint8_t *clients_outgoing(void) { return frame + MONITOR_HEAD; }

bool clients_busy(void) { return waiting > 0; }

void clients_send(uint32_t type, uint32_t length, uint32_t audience) {
    put_head(frame, type, length);
    frame_length = MONITOR_HEAD + length;
    for (struct client *client = clients; client < clients + high; client++) {
        if (client->fd < 0 || (audience && !(client->audience & audience))) continue;
        client->sent = 0;
        client->stuck_at = 0;
        push(client);
    }
}

int64_t clients_deadline(void) {
    int64_t first = 0;
    for (const struct client *client = clients; client < clients + high; client++) {
        if (client->fd < 0 || !client->busy) continue;
        int64_t end = client->stuck_at + client->patience_ms;
        if (!first || end < first) first = end;
    }
    return first;
}

void clients_drop_stuck(void) {
    int64_t now = waiting ? clock_ms() : 0;
    for (struct client *client = clients; client < clients + high; client++)
        if (client->fd >= 0 && client->busy && now >= client->stuck_at + client->patience_ms) drop(client);
}

void clients_say_state(uint32_t phase, const struct record *record) {
    uint32_t length = sizeof phase + (record ? record->length : 0);
    put_head(state, MONITOR_STATE, length);
    memcpy(state + MONITOR_HEAD, &phase, sizeof phase);
    if (record) memcpy(state + MONITOR_HEAD + sizeof phase, record->text, record->length);
    state_length = MONITOR_HEAD + length;
}

void clients_accept(int listening) {
    struct {
        uint32_t pid, uid, gid;
    } peer;
    uint32_t length = sizeof peer;
    long fd = SYS4(__NR_accept4, listening, NULL, NULL, SOCK_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return;
    struct client *client = clients;
    while (client < clients + high && client->fd >= 0) client++;
    bool wrong = SYS5(__NR_getsockopt, fd, SOCKET_LEVEL, PEER_CREDENTIALS, &peer, &length) != 0;
    if (wrong || peer.uid != (uint32_t)SYS0(__NR_geteuid) || client == clients + CLIENTS_MAX) {
        SYS1(__NR_close, fd);
        return;
    }
    if (client == clients + high) high++;
    *client = (struct client){.fd = (int)fd, .patience_ms = PATIENCE_DEFAULT_MS};
    if (send_now(client, state, state_length) != (long)state_length) drop(client);
}

/* in */

bool input_waits(void) { return input_length > 0; }

bool input_done(void) { return client_events.close_input && !input_length; }

void input_flush(void) {
    while (input_length) {
        long put = client_events.input < 0 ? (long)input_length : SYS3(__NR_write, client_events.input, input + input_at, input_length);
        if (put == -EAGAIN) return;
        if (put <= 0) put = input_length; /* the container closed it: nobody will read this */
        input_at += (uint32_t)put;
        input_length -= (uint32_t)put;
    }
    input_at = 0;
}

static void attach(struct client *client) {
    uint32_t wish[2];
    uint8_t answer[MONITOR_HEAD + sizeof log_state.bytes];
    memcpy(wish, client->small, sizeof wish);
    client->audience = wish[0] & (ATTACH_OUTPUT | ATTACH_ERRORS);
    client->patience_ms = wish[1] < PATIENCE_MAX_MS ? wish[1] : PATIENCE_MAX_MS;
    put_head(answer, MONITOR_ATTACHED, sizeof log_state.bytes);
    memcpy(answer + MONITOR_HEAD, &log_state.bytes, sizeof log_state.bytes);
    if (send_now(client, answer, sizeof answer) != sizeof answer) drop(client);
}

static void handle(struct client *client) {
    uint32_t length;
    memcpy(&length, client->head + 4, sizeof length);
    client->got = 0;
    switch (client->head[1]) {
    case MONITOR_ATTACH:
        if (length == 8) attach(client);
        break;
    case MONITOR_CLOSE_INPUT: client_events.close_input = true; break;
    case MONITOR_WINDOW:
        if (length != 4) break;
        memcpy(client_events.window, client->small, 4);
        client_events.resized = true;
        break;
    case MONITOR_REOPEN_LOG: client_events.reopen_log = true; break;
    case MONITOR_RELEASE: client_events.released = true; break;
    default: break; /* of a later version, which means nothing here */
    }
}

/* Takes one piece of what comes from a client, the head of a frame or some of what it carries; false when it is to be dropped. */
static bool take_piece(struct client *client) {
    uint8_t discarded[DISCARD_MAX];
    uint32_t length, type = client->head[1];
    uint8_t *to;
    uint32_t most;
    bool is_input = client->got == MONITOR_HEAD && type == MONITOR_INPUT;
    if (client->got < MONITOR_HEAD) {
        to = client->head + client->got;
        most = MONITOR_HEAD - client->got;
    } else if (is_input) {
        to = input;
        most = client->left < INPUT_MAX ? client->left : INPUT_MAX;
    } else {
        memcpy(&length, client->head + 4, sizeof length);
        to = length <= SMALL_MAX ? client->small + (length - client->left) : discarded;
        most = length <= SMALL_MAX || client->left < DISCARD_MAX ? client->left : DISCARD_MAX;
    }
    long got = SYS3(__NR_read, client->fd, to, most);
    if (got == -EAGAIN || got == -EINTR) return true;
    if (got < 0) return false;
    if (got == 0) {
        client->deaf = true;
        return true;
    }
    if (client->got < MONITOR_HEAD) {
        client->got += (uint32_t)got;
        if (client->got < MONITOR_HEAD) return true;
        if (client->head[0] != MONITOR_VERSION) return false;
        memcpy(&client->left, client->head + 4, sizeof client->left);
    } else {
        client->left -= (uint32_t)got;
    }
    if (is_input) {
        input_length = (uint32_t)got;
        input_flush();
    }
    if (!client->left) handle(client);
    return true;
}

/* Takes what comes next from a client, a head together with what it announces. */
static bool take(struct client *client) {
    if (!take_piece(client)) return false;
    bool begun = client->got == MONITOR_HEAD && client->head[1] == MONITOR_INPUT;
    return !begun || input_waits() || client->deaf || take_piece(client);
}

/* Each client's place in polls is its place among the clients. */
uint32_t clients_poll(struct pollfd *polls) {
    for (uint32_t i = 0; i < high; i++) {
        const struct client *client = &clients[i];
        bool says_input = client->got == MONITOR_HEAD && client->head[1] == MONITOR_INPUT;
        short events = client->busy ? POLLOUT : 0;
        if (!client->deaf && !client->busy && !(says_input && input_waits())) events |= POLLIN;
        /* One whose input has to wait is not looked at: even when it has hung up, what it said counts. */
        polls[i] = (struct pollfd){.fd = says_input && !events ? -1 : client->fd, .events = events};
    }
    return high;
}

void clients_serve(const struct pollfd *polls, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct client *client = &clients[i];
        if (client->fd < 0 || client->fd != polls[i].fd || !polls[i].revents) continue;
        if (client->busy && polls[i].revents & POLLOUT) push(client);
        if (client->fd < 0) continue;
        bool says_input = client->got == MONITOR_HEAD && client->head[1] == MONITOR_INPUT;
        /* Another may have filled the room for input since polls were made. */
        if (polls[i].revents & POLLIN && polls[i].events & POLLIN && !(says_input && input_waits())) {
            if (!take(client)) drop(client);
        } else if (polls[i].revents & (POLLHUP | POLLERR | POLLNVAL) && !(polls[i].revents & POLLIN)) {
            drop(client);
        }
    }
}

void clients_forget_buffers(void) {
    if (!waiting) SYS3(__NR_madvise, frame, sizeof frame, MADV_DONTNEED);
    if (!input_length) SYS3(__NR_madvise, input, sizeof input, MADV_DONTNEED);
}
