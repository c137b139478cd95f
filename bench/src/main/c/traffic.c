/*
 * Times traffic between network namespaces, all ways in turn, so that they share whatever the machine
 * does meanwhile:
 *     traffic ROUNDS WARMUP PLAN
 * PLAN is a file; each line is one way: contestant, phase, the client's namespace, the server's (paths
 * of files such as /proc/PID/ns/net), the port that the server listens at, and the IPv4 address and port
 * that the client calls, separated by tabs. The phase is "stream", a connection over which STREAM_BYTES
 * go one way, or "talk", one over which a byte goes forth and back TALK_COUNT times, both ends on one
 * processor, so that no sleeping one has to be woken. Prints a line a way, as race does: contestant,
 * phase, rounds, failures, then minimum, 10th percentile, median, 90th percentile, maximum and mean of
 * the times in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LINES_MAX 32
#define CHUNK (128 << 10)
#define STREAM_BYTES (256L << 20)
#define TALK_COUNT 1000
#define PATIENCE_S 10

struct way {
    char *contestant, *phase;
    int client_namespace, server_namespace;
    in_port_t port;
    struct sockaddr_in called;
    double *times_us;
    long failures;
};

static struct way ways[LINES_MAX];
static int way_count;
static char chunk[CHUNK];

static void die(const char *what) {
    perror(what);
    exit(2);
}

static int namespace_at(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) die(path);
    return fd;
}

/* A socket stays in the namespace in which it was made. */
static int socket_in(int namespace) {
    if (setns(namespace, CLONE_NEWNET)) die("setns");
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0) die("socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return fd;
}

static void stay_on(long cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)(cpu % sysconf(_SC_NPROCESSORS_ONLN)), &set);
    sched_setaffinity(0, sizeof set, &set);
}

/* Streams are told from talks by their first byte; each is answered when the caller has said all. */
static void serve_call(int call) {
    char kind;
    long got = 0;
    ssize_t n;
    if (read(call, &kind, 1) != 1) return;
    stay_on(kind == 's');
    if (kind == 's') {
        while (got < STREAM_BYTES && (n = read(call, chunk, sizeof chunk)) > 0) got += n;
        if (got == STREAM_BYTES && write(call, &kind, 1) != 1) return;
        return;
    }
    while ((n = read(call, &kind, 1)) == 1)
        if (write(call, &kind, 1) != 1) return;
}

static void serve(int namespace, in_port_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port};
    int listener = socket_in(namespace);
    struct timeval forever = {0};
    setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof forever);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 8)) {
        close(listener); /* another way has its server there */
        return;
    }
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
        for (;;) {
            int call = accept(listener, NULL, NULL);
            if (call < 0) continue;
            serve_call(call);
            close(call);
        }
    }
    close(listener);
}

static double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Zero when it went well. */
static int stream(int call) {
    char kind = 's';
    if (write(call, &kind, 1) != 1) return 1;
    for (long left = STREAM_BYTES; left > 0;) {
        ssize_t n = write(call, chunk, (size_t)(left < CHUNK ? left : CHUNK));
        if (n <= 0) return 1;
        left -= n;
    }
    return read(call, &kind, 1) != 1;
}

static int talk(int call) {
    char kind = 't';
    if (write(call, &kind, 1) != 1) return 1;
    for (int i = 0; i < TALK_COUNT; i++)
        if (write(call, &kind, 1) != 1 || read(call, &kind, 1) != 1) return 1;
    return 0;
}

static void run(struct way *way, long round) {
    int call = socket_in(way->client_namespace);
    stay_on(0);
    if (connect(call, (struct sockaddr *)&way->called, sizeof way->called)) {
        perror(way->contestant);
        way->failures += round >= 0;
        close(call);
        return;
    }
    double begin = now_us();
    int failed = !strcmp(way->phase, "stream") ? stream(call) : talk(call);
    if (round >= 0) {
        way->times_us[round] = now_us() - begin;
        way->failures += failed;
    }
    close(call);
}

static void read_plan(const char *path) {
    char *text = NULL;
    size_t room = 0;
    FILE *in = fopen(path, "re");
    if (!in) die(path);
    while (getline(&text, &room, in) > 0 && way_count < LINES_MAX) {
        char *words[7], *rest = strdup(text);
        rest[strcspn(rest, "\n")] = 0;
        for (int i = 0; i < 7; i++)
            if (!(words[i] = strsep(&rest, "\t"))) {
                fprintf(stderr, "%s: line %d has fewer than seven words\n", path, way_count + 1);
                exit(2);
            }
        struct way *way = &ways[way_count++];
        way->contestant = words[0];
        way->phase = words[1];
        way->client_namespace = namespace_at(words[2]);
        way->server_namespace = namespace_at(words[3]);
        way->port = htons((in_port_t)atoi(words[4]));
        way->called = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(words[6]))};
        if (inet_pton(AF_INET, words[5], &way->called.sin_addr) != 1) die(words[5]);
    }
    free(text);
    fclose(in);
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(struct way *way, long rounds) {
    double *t = way->times_us, sum = 0;
    qsort(t, (size_t)rounds, sizeof *t, by_value);
    for (long r = 0; r < rounds; r++) sum += t[r];
    printf("%s\t%s\t%ld\t%ld\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\n", way->contestant, way->phase, rounds,
           way->failures, t[0], t[rounds / 10], t[rounds / 2], t[rounds * 9 / 10], t[rounds - 1],
           sum / (double)rounds);
}

int main(int argc, char **argv) {
    if (argc != 4 || atol(argv[1]) < 1) {
        fprintf(stderr, "usage: traffic ROUNDS WARMUP PLAN\n");
        return 2;
    }
    long rounds = atol(argv[1]), warmup = atol(argv[2]);
    signal(SIGPIPE, SIG_IGN);
    read_plan(argv[3]);
    int order[LINES_MAX];
    for (int i = 0; i < way_count; i++) {
        order[i] = i;
        ways[i].times_us = calloc((size_t)rounds, sizeof(double));
        serve(ways[i].server_namespace, ways[i].port);
    }
    for (long round = -warmup; round < rounds; round++) {
        for (int i = way_count - 1; i > 0; i--) {
            int other = rand() % (i + 1), kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        for (int i = 0; i < way_count; i++) run(&ways[order[i]], round);
    }
    for (int i = 0; i < way_count; i++) print(&ways[i], rounds);
    return 0;
}
