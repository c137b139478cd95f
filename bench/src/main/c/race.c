/*
 * Times commands in turn, so that contestants share whatever the machine does meanwhile:
 *     race ROUNDS WARMUP PLAN
 * PLAN is a file; each line is one timed command: contestant, phase, mount namespace file or "-", then
 * the words of the command, all separated by tabs. In a word, {id} becomes a name that is new each
 * round and the same for all lines of a contestant. Standard input and output of commands are
 * /dev/null, errors go to PLAN.errors. Prints a line a command: contestant, phase, rounds, failures,
 * then minimum, 10th percentile, median, 90th percentile, maximum and mean in microseconds, by tabs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINES_MAX 64
#define WORDS_MAX 64

struct line {
    char *contestant, *phase;
    int mount_namespace;
    char *words[WORDS_MAX];
    int count;
    double *times_us;
    long failures;
};

static struct line lines[LINES_MAX];
static int line_count;
static int errors_fd;

static void die(const char *what) {
    perror(what);
    exit(2);
}

static void read_plan(const char *path) {
    char *text = NULL;
    size_t room = 0;
    FILE *in = fopen(path, "r");
    if (!in) die(path);
    while (getline(&text, &room, in) > 0 && line_count < LINES_MAX) {
        text[strcspn(text, "\n")] = 0;
        if (!*text || *text == '#') continue;
        struct line *line = &lines[line_count++];
        char *rest = strdup(text), *word;
        line->contestant = strsep(&rest, "\t");
        line->phase = strsep(&rest, "\t");
        word = strsep(&rest, "\t");
        line->mount_namespace = word && strcmp(word, "-") ? open(word, O_RDONLY | O_CLOEXEC) : -1;
        while ((word = strsep(&rest, "\t")) && line->count < WORDS_MAX - 1) line->words[line->count++] = word;
        if (!line->count) {
            fprintf(stderr, "%s: line %d has no command\n", path, line_count);
            exit(2);
        }
    }
    free(text);
    fclose(in);
}

static char *with_id(const char *word, const char *id) {
    const char *hole = strstr(word, "{id}");
    char *out;
    if (!hole) return strdup(word);
    if (asprintf(&out, "%.*s%s%s", (int)(hole - word), word, id, hole + 4) < 0) die("asprintf");
    return out;
}

static double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double run(struct line *line, const char *id) {
    char *argv[WORDS_MAX];
    int status;
    for (int i = 0; i < line->count; i++) argv[i] = with_id(line->words[i], id);
    argv[line->count] = NULL;
    double begin = now_us();
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        if (line->mount_namespace >= 0 && setns(line->mount_namespace, CLONE_NEWNS)) _exit(126);
        dup2(null, 0);
        dup2(null, 1);
        dup2(errors_fd, 2);
        execv(argv[0], argv);
        _exit(127);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    double took = now_us() - begin;
    if (status) line->failures++;
    for (int i = 0; i < line->count; i++) free(argv[i]);
    return took;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    char id[64], errors[4096];
    if (argc != 4) {
        fprintf(stderr, "usage: race ROUNDS WARMUP PLAN\n");
        return 2;
    }
    long rounds = atol(argv[1]), warmup = atol(argv[2]);
    read_plan(argv[3]);
    snprintf(errors, sizeof errors, "%s.errors", argv[3]);
    errors_fd = open(errors, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    for (int i = 0; i < line_count; i++) lines[i].times_us = calloc((size_t)rounds, sizeof(double));
    for (long round = -warmup; round < rounds; round++)
        for (int i = 0; i < line_count; i++) {
            snprintf(id, sizeof id, "race-%s-%d-%ld", lines[i].contestant, (int)getpid(), round + warmup);
            long before = lines[i].failures;
            double took = run(&lines[i], id);
            if (round >= 0) lines[i].times_us[round] = took;
            else lines[i].failures = before;
        }
    for (int i = 0; i < line_count; i++) {
        double *t = lines[i].times_us, sum = 0;
        qsort(t, (size_t)rounds, sizeof *t, by_value);
        for (long r = 0; r < rounds; r++) sum += t[r];
        printf("%s\t%s\t%ld\t%ld\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\n", lines[i].contestant, lines[i].phase, rounds,
               lines[i].failures, t[0], t[rounds / 10], t[rounds / 2], t[rounds * 9 / 10], t[rounds - 1],
               sum / (double)rounds);
    }
    return 0;
}
