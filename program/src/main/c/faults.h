/*
 * Fault points, in test builds only (-DRUNG_FAULTS): RUNG_FAULT="stream:step:what" makes that step fail
 * with the errno given as a number, or kills this process ("kill") or the front end ("killparent") before it.
 */
#ifndef RUNG_FAULTS_H
#define RUNG_FAULTS_H

struct fault {
    int64_t stream, step, error; /* error 0: kill */
    bool parent;
    int trigger; /* whoever writes here kills the front end, in which pid namespace ever */
};

#define FAULT_F_SETFL 4
#define FAULT_F_SETOWN 8
#define FAULT_F_SETSIG 10
#define FAULT_O_ASYNC 020000

/* A pipe that signals the front end, which is the process that asks first, when something is written. */
static int fault_trigger(void) {
    int ends[2];
    if (SYS2(__NR_pipe2, ends, 02000000 /* O_CLOEXEC */) != 0) return -1;
    SYS3(__NR_fcntl, ends[0], FAULT_F_SETOWN, SYS0(__NR_getpid));
    SYS3(__NR_fcntl, ends[0], FAULT_F_SETSIG, SIGKILL);
    SYS3(__NR_fcntl, ends[0], FAULT_F_SETFL, FAULT_O_ASYNC);
    return ends[1];
}

static const char *fault_number(const char *text, int64_t *value) {
    for (*value = 0; *text >= '0' && *text <= '9'; text++) *value = *value * 10 + (*text - '0');
    return *text == ':' ? text + 1 : text;
}

static struct fault fault_wanted(void) {
    char environment[65536];
    struct fault fault = {.stream = -1};
    long fd = SYS4(__NR_openat, -100, "/proc/self/environ", 0, 0);
    long length = SYS3(__NR_read, fd, environment, sizeof environment - 1);
    SYS1(__NR_close, fd);
    if (length < 0) return fault;
    environment[length] = 0;
    for (char *word = environment; word < environment + length; word += text_length(word) + 1) {
        if (memcmp(word, "RUNG_FAULT=", 11) != 0) continue;
        const char *what = fault_number(fault_number(word + 11, &fault.stream), &fault.step);
        fault.parent = text_equal(what, "killparent");
        if (fault.parent) fault.trigger = fault_trigger();
        fault_number(what, &fault.error);
    }
    return fault;
}

static int64_t fault_at(uint32_t stream, uint32_t step) {
    static struct fault fault = {.stream = -2};
    if (fault.stream == -2) fault = fault_wanted();
    if (fault.stream != stream || fault.step != step) return 0;
    if (fault.error) return -fault.error;
    if (fault.parent) {
        struct __kernel_timespec while_it_dies = {0, 20 * 1000 * 1000};
        SYS3(__NR_write, fault.trigger, "", 1);
        SYS2(__NR_nanosleep, &while_it_dies, NULL);
    } else {
        SYS2(__NR_kill, SYS0(__NR_getpid), SIGKILL);
        SYS1(__NR_exit_group, 128 + SIGKILL); /* the first process of a pid namespace stands the signal */
    }
    return 0;
}

#endif
