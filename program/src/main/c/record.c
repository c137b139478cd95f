/* What a monitor writes down about its container: lines of a key, a blank and a value. */
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "monitor.h"

#define RECORD_NAME "running"
#define RECORD_NEW "running.new"
#define EXIT_NAME "exit"
#define EXIT_NEW "exit.new"
#define CLOCK_REALTIME_ID 0
#define CLOCK_MONOTONIC_ID 1
#define DAY 86400
#define START_TIME_FIELD 22 /* of /proc/PID/stat, see proc(5) */
#define BOOT_ID_LENGTH 36

struct moment moment_now(void) {
    struct moment now = {0, 0};
    SYS2(__NR_clock_gettime, CLOCK_REALTIME_ID, &now);
    return now;
}

int64_t clock_ms(void) {
    struct moment now = {0, 0};
    SYS2(__NR_clock_gettime, CLOCK_MONOTONIC_ID, &now);
    return now.seconds * 1000 + now.nanoseconds / 1000000;
}

static uint32_t put_digits(char *to, uint64_t value, uint32_t digits) {
    for (uint32_t i = digits; i-- > 0; value /= 10) to[i] = (char)('0' + value % 10);
    return digits;
}

uint32_t moment_text(char *to, struct moment moment, bool fixed) {
    /* Days are counted from 1 March of the year 0, so that a leap day is the last of its year. */
    uint64_t days = (uint64_t)(moment.seconds / DAY) + 719468, second = (uint64_t)(moment.seconds % DAY);
    uint64_t era = days / 146097, of_era = days % 146097;
    uint64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t shifted = (5 * of_year + 2) / 153, month = shifted < 10 ? shifted + 3 : shifted - 9;
    uint32_t at = put_digits(to, era * 400 + year_of_era + (month <= 2), 4);
    to[at++] = '-';
    at += put_digits(to + at, month, 2);
    to[at++] = '-';
    at += put_digits(to + at, of_year - (153 * shifted + 2) / 5 + 1, 2);
    to[at++] = 'T';
    at += put_digits(to + at, second / 3600, 2);
    to[at++] = ':';
    at += put_digits(to + at, second / 60 % 60, 2);
    to[at++] = ':';
    at += put_digits(to + at, second % 60, 2);
    if (moment.nanoseconds || fixed) {
        to[at++] = '.';
        at += put_digits(to + at, (uint64_t)moment.nanoseconds, 9);
        while (!fixed && to[at - 1] == '0') at--;
    }
    to[at++] = 'Z';
    return at;
}

static void put(struct writer *w, const char *text) { write_bytes(w, text, (uint32_t)text_length(text)); }

static void put_text(struct writer *w, const char *key, const char *value) {
    put(w, key);
    put(w, " ");
    put(w, value);
    put(w, "\n");
}

static void put_number(struct writer *w, const char *key, int64_t value) {
    char digits[24];
    digits[text_decimal(digits, value)] = 0;
    put_text(w, key, digits);
}

static void put_moment(struct writer *w, const char *key, struct moment moment) {
    char text[32];
    text[moment_text(text, moment, false)] = 0;
    put_text(w, key, text);
}

uint64_t process_start_time(int64_t pid) {
    char path[40] = "/proc/", text[512];
    uint32_t at = 6;
    at += text_decimal(path + at, pid);
    memcpy(path + at, "/stat", 6);
    long fd = SYS4(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    long length = fd < 0 ? fd : SYS3(__NR_read, fd, text, sizeof text);
    if (fd >= 0) SYS1(__NR_close, fd);
    /* The second field, the command, may hold anything; after its last parenthesis come numbers only. */
    long end = length - 1;
    while (end >= 0 && text[end] != ')') end--;
    if (end < 0) return 0;
    uint64_t value = 0;
    for (int field = 2; end < length && field < START_TIME_FIELD; end++) field += text[end] == ' ';
    for (; end < length && text[end] >= '0' && text[end] <= '9'; end++) value = value * 10 + (uint64_t)(text[end] - '0');
    return value;
}

void record_prepare(struct record *record) {
    long fd = SYS4(__NR_openat, AT_FDCWD, "/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC, 0);
    if (fd >= 0) {
        SYS3(__NR_read, fd, record->boot_id, BOOT_ID_LENGTH);
        SYS1(__NR_close, fd);
    }
    record->monitor = SYS0(__NR_getpid);
    record->monitor_start_time = process_start_time(record->monitor);
}

/* Writes a file under another name; 0 or -errno. */
static long write_new(int folder, const char *name, const struct writer *w, bool sync) {
    long fd = SYS4(__NR_openat, folder, name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return fd;
    long put_bytes = w->full ? -E2BIG : SYS3(__NR_write, fd, w->bytes, w->length), error = 0;
    if (put_bytes != (long)w->length) error = put_bytes < 0 ? put_bytes : -ENOSPC;
    if (!error) error = SYS2(__NR_ftruncate, fd, w->length);
    if (!error && sync) error = SYS1(__NR_fsync, fd);
    SYS1(__NR_close, fd);
    return error;
}

void record_reserve(const struct order *order) {
    static const char nothing[sizeof((struct record *)NULL)->text];
    struct writer padded = {.bytes = (uint8_t *)(uintptr_t)nothing, .length = sizeof nothing, .room = sizeof nothing};
    write_new(order->durable, EXIT_NEW, &padded, false);
}

void record_unreserve(const struct order *order) { SYS3(__NR_unlinkat, order->durable, EXIT_NEW, 0); }

long record_running(struct record *record, const struct order *order, int64_t pid) {
    struct writer w = {.bytes = (uint8_t *)record->text, .room = sizeof record->text};
    put_number(&w, "format", MONITOR_VERSION);
    put_text(&w, "id", order->id);
    put_number(&w, "pid", pid);
    put_number(&w, "start-time", (int64_t)process_start_time(pid));
    put_text(&w, "boot-id", record->boot_id);
    put_number(&w, "monitor-pid", record->monitor);
    put_number(&w, "monitor-start-time", (int64_t)record->monitor_start_time);
    put_number(&w, "terminal", order->flags & ORDER_TERMINAL ? 1 : 0);
    put_moment(&w, "created", moment_now());
    record->length = w.length;
    long error = write_new(order->running, RECORD_NEW, &w, false);
    if (!error) error = SYS4(__NR_renameat, order->running, RECORD_NEW, order->running, RECORD_NAME);
    return error;
}

void record_complete(struct writer *w, const struct record *record, const struct ending *ending) {
    int status = ending->status;
    write_bytes(w, record->text, record->length);
    put_moment(w, "ended", ending->at);
    if (!ending->known) {
        put_text(w, "exit", "unknown");
    } else if (status & 0x7f) {
        put_number(w, "killed", status & 0x7f);
        put_number(w, "core-dumped", status >> 7 & 1);
    } else {
        put_number(w, "exited", status >> 8 & 0xff);
    }
    put_number(w, "oom-kills", (int64_t)ending->oom_kills);
    put_number(w, "log-bytes", (int64_t)ending->log_bytes);
    put_number(w, "log-dropped-lines", (int64_t)ending->log_dropped);
    put(w, "complete\n");
}

long record_ended(const struct order *order, const struct writer *text) {
    bool sync = !(order->flags & ORDER_EPHEMERAL);
    long error = write_new(order->durable, EXIT_NEW, text, sync);
    if (!error) error = SYS4(__NR_renameat, order->durable, EXIT_NEW, order->durable, EXIT_NAME);
    if (!error && sync) error = SYS1(__NR_fsync, order->durable);
    return error;
}
