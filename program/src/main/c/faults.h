/*
 * Fault points, in test builds only (-DRUNG_FAULTS): RUNG_FAULT="stream:step:what" makes that step fail
 * with the errno given as a number, or kills this process ("kill") or its parent ("killparent") before it.
 */
#ifndef RUNG_FAULTS_H
#define RUNG_FAULTS_H

struct fault {
    int64_t stream, step, error; /* error 0: kill */
    bool parent;
};

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
        fault_number(what, &fault.error);
    }
    return fault;
}

static int64_t fault_at(uint32_t stream, uint32_t step) {
    static struct fault fault = {.stream = -2};
    if (fault.stream == -2) fault = fault_wanted();
    if (fault.stream != stream || fault.step != step) return 0;
    if (fault.error) return -fault.error;
    /* 0 is a parent in another pid namespace (and to kill(), everybody's group); 1 is nobody of ours. */
    long parent = fault.parent ? SYS0(__NR_getppid) : 0;
    SYS2(__NR_kill, parent > 1 ? parent : SYS0(__NR_getpid), SIGKILL);
    return 0;
}

#endif
