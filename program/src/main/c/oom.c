/* Who counts the OOM kills of the container's cgroup: memory.oom_control of version 1, memory.events of version 2. */
#include <linux/fcntl.h>

#include "monitor.h"

#define CGROUP_ROOT "/sys/fs/cgroup"
#define EVENTFD_FLAGS (O_CLOEXEC | O_NONBLOCK)

static char table[4096] PAGE_ALIGNED;

/* The end of one of the comma-separated words between begin and end, or NULL. */
static bool names(const char *begin, const char *end, const char *word) {
    size_t length = text_length(word);
    while (begin < end) {
        const char *comma = begin;
        while (comma < end && *comma != ',') comma++;
        if ((size_t)(comma - begin) == length && memcmp(begin, word, length) == 0) return true;
        begin = comma + 1;
    }
    return false;
}

static long open_below(const char *root, const char *path, size_t length, const char *name, uint32_t flags) {
    static char whole[4096 + 64] PAGE_ALIGNED;
    struct writer w = {.bytes = (uint8_t *)whole, .room = sizeof whole - 1};
    write_bytes(&w, root, (uint32_t)text_length(root));
    write_bytes(&w, path, (uint32_t)length);
    write_bytes(&w, "/", 1);
    write_bytes(&w, name, (uint32_t)text_length(name));
    if (w.full) return -1;
    whole[w.length] = 0;
    return SYS4(__NR_openat, AT_FDCWD, whole, flags | O_CLOEXEC, 0);
}

static void watch_first(struct oom *oom, const char *path, size_t length) {
    oom->counts = (int)open_below(CGROUP_ROOT "/memory", path, length, "memory.oom_control", O_RDONLY);
    if (oom->counts < 0) return;
    long event = SYS2(__NR_eventfd2, 0, EVENTFD_FLAGS);
    long control = open_below(CGROUP_ROOT "/memory", path, length, "cgroup.event_control", O_WRONLY);
    char order[48];
    uint32_t at = text_decimal(order, event);
    order[at++] = ' ';
    at += text_decimal(order + at, oom->counts);
    if (event >= 0 && control >= 0 && SYS3(__NR_write, control, order, at) == (long)at) {
        oom->event = (int)event;
        oom->by_eventfd = true;
    }
    if (control >= 0) SYS1(__NR_close, control);
}

static void watch_second(struct oom *oom, const char *path, size_t length) {
    oom->counts = (int)open_below(CGROUP_ROOT, path, length, "memory.events", O_RDONLY);
    oom->event = oom->counts;
}

void oom_watch(struct oom *oom, int64_t pid) {
    char path[40] = "/proc/";
    uint32_t at = 6;
    *oom = (struct oom){.counts = -1, .event = -1};
    at += text_decimal(path + at, pid);
    memcpy(path + at, "/cgroup", 8);
    long fd = SYS4(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    long length = fd < 0 ? fd : SYS3(__NR_read, fd, table, sizeof table);
    if (fd >= 0) SYS1(__NR_close, fd);
    /* Each line is number:controllers:path. */
    for (char *line = table, *end = table + (length < 0 ? 0 : length), *next; line < end; line = next + 1) {
        for (next = line; next < end && *next != '\n';) next++;
        char *controllers = line, *below;
        while (controllers < next && *controllers != ':') controllers++;
        for (below = ++controllers; below < next && *below != ':';) below++;
        if (below >= next) continue;
        size_t rest = (size_t)(next - below - 1);
        if (rest == 1) rest = 0; /* the root: its path is a slash, which open_below adds */
        if (names(controllers, below, "memory")) watch_first(oom, below + 1, rest);
        else if (below == controllers && oom->counts < 0) watch_second(oom, below + 1, rest);
        if (oom->by_eventfd) return;
    }
}

uint64_t oom_kills(const struct oom *oom) {
    static const char key[] = "oom_kill ";
    char text[512];
    uint64_t unread, kills = 0;
    if (oom->by_eventfd) SYS3(__NR_read, oom->event, &unread, sizeof unread);
    long length = oom->counts < 0 ? -1 : SYS4(__NR_pread64, oom->counts, text, sizeof text, 0);
    for (long at = 0; at + 9 < length; at++) {
        if ((at > 0 && text[at - 1] != '\n') || memcmp(text + at, key, 9) != 0) continue;
        for (at += 9; at < length && text[at] >= '0' && text[at] <= '9'; at++) kills = kills * 10 + (uint64_t)(text[at] - '0');
        break;
    }
    return kills;
}
