/*
 * Times commands of contestants, in an order that changes each round, so that they share whatever the
 * machine does meanwhile and none always runs in the wake of the same other:
 *     race ROUNDS WARMUP PLAN          one command at a time, each timed
 *     race -j JOBS COUNT PLAN          COUNT times each line's command, JOBS at a time; the whole is timed,
 *                                      five times, the lines in turn, and once more before that
 * PLAN is a file; each line is one command: contestant, phase, mount namespace, then the words of the
 * command, all separated by tabs. The lines of a contestant run in their order. A phase that begins
 * with "-" is not timed. The mount namespace is "-", or "-unified" for one without the hybrid layout's
 * /sys/fs/cgroup/unified. In a word, {id} becomes a name that is new each round and the same for all
 * lines of a contestant, {job} the number of the job below JOBS. Standard input and output of commands
 * are /dev/null, errors go to PLAN.errors. Prints a line a command: contestant, phase, rounds,
 * failures, then minimum, 10th percentile, median, 90th percentile, maximum and mean in microseconds,
 * by tabs; with -j those of one command's share of the whole.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINES_MAX 64
#define WORDS_MAX 64
#define JOBS_MAX 64
#define BATCHES 5
/*
 * Between commands: what one leaves to be done is not done in another's time, and a grace period that the
 * kernel began for one (to move a process to another cgroup) is over before the next could profit from it.
 */
#define PAUSE_NS 40000000

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

/* A mount namespace like ours, only without the cgroup v2 hierarchy beside those of v1. */
static int namespace_without_unified(void) {
    int ready[2];
    char path[64], byte;
    if (pipe2(ready, O_CLOEXEC)) die("pipe");
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) {
        if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) _exit(1);
        if (umount2("/sys/fs/cgroup/unified", MNT_DETACH) && errno != EINVAL && errno != ENOENT) _exit(1);
        if (write(ready[1], "", 1) != 1) _exit(1);
        pause();
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1) die("mount namespace without /sys/fs/cgroup/unified");
    close(ready[0]);
    snprintf(path, sizeof path, "/proc/%d/ns/mnt", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) die(path);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return fd;
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
        line->mount_namespace = word && !strcmp(word, "-unified") ? namespace_without_unified() : -1;
        while ((word = strsep(&rest, "\t")) && line->count < WORDS_MAX - 1) line->words[line->count++] = word;
        if (!line->count) {
            fprintf(stderr, "%s: line %d has no command\n", path, line_count);
            exit(2);
        }
    }
    free(text);
    fclose(in);
}

static char *with_hole_filled(char *word, const char *name, const char *value) {
    for (char *hole; (hole = strstr(word, name));) {
        char *out;
        if (asprintf(&out, "%.*s%s%s", (int)(hole - word), word, value, hole + strlen(name)) < 0) die("asprintf");
        free(word);
        word = out;
    }
    return word;
}

static double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static pid_t start(const struct line *line, const char *id, int job) {
    char *argv[WORDS_MAX], number[16];
    snprintf(number, sizeof number, "%d", job);
    for (int i = 0; i < line->count; i++)
        argv[i] = with_hole_filled(with_hole_filled(strdup(line->words[i]), "{id}", id), "{job}", number);
    argv[line->count] = NULL;
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        if (line->mount_namespace >= 0 && setns(line->mount_namespace, CLONE_NEWNS)) _exit(126);
        dup2(null, 0);
        dup2(null, 1);
        dup2(errors_fd, 2);
        execvp(argv[0], argv);
        _exit(127);
    }
    for (int i = 0; i < line->count; i++) free(argv[i]);
    return pid;
}

static double run(struct line *line, const char *id) {
    int status;
    double begin = now_us();
    pid_t pid = start(line, id, 0);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    double took = now_us() - begin;
    if (status) line->failures++;
    return took;
}

static void print(const struct line *line, long rounds, const double *six) {
    printf("%s\t%s\t%ld\t%ld", line->contestant, line->phase, rounds, line->failures);
    for (int i = 0; i < 6; i++) printf("\t%.0f", six[i]);
    printf("\n");
    fflush(stdout);
}

/* One batch; the first one is not timed. */
static void run_jobs(struct line *line, long batch, long jobs, long count) {
    pid_t pids[JOBS_MAX] = {0};
    double begin = now_us();
    long started = 0, running = 0;
    while (started < count || running) {
        for (int job = 0; job < jobs && started < count; job++)
            if (!pids[job]) {
                char id[64];
                snprintf(id, sizeof id, "race-%s-%d-%ld-%ld", line->contestant, (int)getpid(), batch, started++);
                pids[job] = start(line, id, job);
                running++;
            }
        int status;
        pid_t ended = wait(&status);
        for (int job = 0; job < jobs; job++)
            if (pids[job] == ended) {
                pids[job] = 0;
                running--;
                if (status) line->failures++;
            }
    }
    if (batch > 0) line->times_us[batch - 1] = (now_us() - begin) / (double)count;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The first lines of the contestants, in an order that is new each time. */
static int shuffled(int *firsts) {
    int count = 0;
    for (int i = 0; i < line_count; i++)
        if (!i || strcmp(lines[i].contestant, lines[i - 1].contestant)) firsts[count++] = i;
    for (int i = count - 1; i > 0; i--) {
        int other = rand() % (i + 1), kept = firsts[i];
        firsts[i] = firsts[other];
        firsts[other] = kept;
    }
    return count;
}

static void run_round(long round, long warmup) {
    int firsts[LINES_MAX], count = shuffled(firsts);
    for (int c = 0; c < count; c++) {
        char id[64];
        snprintf(id, sizeof id, "race-%s-%d-%ld", lines[firsts[c]].contestant, (int)getpid(), round + warmup);
        for (int i = firsts[c]; i < line_count && !strcmp(lines[i].contestant, lines[firsts[c]].contestant); i++) {
            long before = lines[i].failures;
            nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
            double took = run(&lines[i], id);
            if (round >= 0) lines[i].times_us[round] = took;
            else lines[i].failures = before;
        }
    }
}

int main(int argc, char **argv) {
    char errors[4096];
    bool jobs = argc == 5 && !strcmp(argv[1], "-j");
    if (argc != 4 && !jobs) {
        fprintf(stderr, "usage: race ROUNDS WARMUP PLAN, or race -j JOBS COUNT PLAN\n");
        return 2;
    }
    const char *plan = argv[argc - 1];
    long first = atol(argv[argc - 3]), second = atol(argv[argc - 2]);
    if (first < 1 || (jobs && first > JOBS_MAX)) {
        fprintf(stderr, "race: ROUNDS is at least 1, JOBS between 1 and %d\n", JOBS_MAX);
        return 2;
    }
    read_plan(plan);
    snprintf(errors, sizeof errors, "%s.errors", plan);
    errors_fd = open(errors, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    long times = jobs ? BATCHES : first;
    for (int i = 0; i < line_count; i++) lines[i].times_us = calloc((size_t)times, sizeof(double));
    if (jobs)
        for (long batch = 0; batch <= BATCHES; batch++)
            for (int i = 0; i < line_count; i++) run_jobs(&lines[i], batch, first, second);
    else
        for (long round = -second; round < first; round++) run_round(round, second);
    for (int i = 0; i < line_count; i++) {
        double *t = lines[i].times_us, sum = 0;
        if (lines[i].phase[0] == '-') continue;
        qsort(t, (size_t)times, sizeof *t, by_value);
        for (long r = 0; r < times; r++) sum += t[r];
        print(&lines[i], times,
              (double[]){t[0], t[times / 10], t[times / 2], t[times * 9 / 10], t[times - 1], sum / (double)times});
    }
    return 0;
}
