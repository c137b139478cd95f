/*
 * The container's log: lines of JSON as Docker's json-file driver writes them, or CRI's. A line ends at
 * its newline, after 16 KiB, or with the stream. A disk that is full costs lines, never the container.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/stat.h>

#include "monitor.h"

#define LINE_MAX (16u * 1024)
#define STAGED_MAX (128u * 1024)
#define LINE_OVERHEAD 256 /* beyond the attributes: keys, stream, time */
#define ATTRIBUTES_MAX (STAGED_MAX - LINE_MAX * 6 - LINE_OVERHEAD) /* so that any line finds room */
#define NAME_MAX_BYTES 256
#define LOG_MODE 0640

struct stamp {
    uint32_t length;
    char text[36];
};

struct stream {
    uint32_t length; /* of what stands in line */
    bool continued; /* parts of this line are written already, with this time */
    struct stamp first;
    uint8_t line[LINE_MAX] PAGE_ALIGNED;
};

struct log_state log_state;

static struct stream streams[2] PAGE_ALIGNED;
static uint8_t staged[STAGED_MAX] PAGE_ALIGNED;

static struct {
    const struct order *order;
    int fd; /* -1: there is none, or it could not be opened again */
    uint64_t size; /* of the file */
    uint64_t limit; /* the size at which it is rotated, 0 never */
    uint32_t staged; /* bytes that wait to be written, whole lines */
    uint32_t lines; /* how many these are */
    uint32_t attributes;
    struct stamp now; /* when the bytes that are being taken came */
} log = {.fd = -1};

/* Once, without following links; a name that somebody else made is taken only when it is a plain file. */
static long open_file(const char *name, uint32_t more) {
    struct statx info;
    uint32_t flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    long fd = SYS4(__NR_openat, log.order->logs, name, flags | more, LOG_MODE);
    if (fd < 0) return fd;
    long error = SYS5(__NR_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &info);
    if (!error && ((info.stx_mode & S_IFMT) != S_IFREG || info.stx_nlink != 1)) error = -EINVAL;
    if (error) {
        SYS1(__NR_close, fd);
        return error;
    }
    log.size = info.stx_size;
    return fd;
}

long log_open(const struct order *order) {
    log.order = order;
    log.limit = order->log_max;
    log.attributes = (uint32_t)text_length(order->log_attributes);
    if (order->log_format == LOG_NONE) return 0;
    if (text_length(order->log_name) > NAME_MAX_BYTES - 24 || log.attributes > ATTRIBUTES_MAX) return -ENAMETOOLONG;
    long fd = open_file(order->log_name, 0);
    if (fd < 0) return fd;
    log.fd = (int)fd;
    return 0;
}

static void say_failing(bool failing) {
    if (failing) log_state.dropped += log.lines;
    log_state.failing = failing;
}

/* Writes what is staged; what finds no room is dropped, and no half line stays. */
static void flush(void) {
    uint32_t length = log.staged;
    long put = 0;
    if (!length) return;
    if (log.fd >= 0)
        do put = SYS3(__NR_write, log.fd, staged, length);
        while (put == -EINTR);
    if (put == (long)length) {
        log.size += length;
        say_failing(false);
    } else {
        uint32_t whole = put > 0 ? (uint32_t)put : 0;
        while (whole > 0 && staged[whole - 1] != '\n') whole--;
        if (put > 0) SYS2(__NR_ftruncate, log.fd, log.size + whole);
        for (uint32_t i = 0; i < whole; i++) log.lines -= staged[i] == '\n';
        log.size += whole;
        say_failing(true);
    }
    log.staged = log.lines = 0;
}

static const char *numbered(char *to, const char *end, uint32_t number) {
    uint32_t at = (uint32_t)text_length(log.order->log_name);
    memcpy(to, log.order->log_name, at);
    if (number) {
        to[at++] = '.';
        at += text_decimal(to + at, number);
    }
    memcpy(to + at, end, text_length(end) + 1);
    return to;
}

/* NAME becomes NAME.1, NAME.1 becomes NAME.2, and so on; with a single file, it is emptied. */
static void rotate(void) {
    char from[NAME_MAX_BYTES], to[NAME_MAX_BYTES];
    int folder = log.order->logs;
    flush();
    log.limit = log.size + log.order->log_max; /* tried again then, if it fails now */
    if (log.order->log_files <= 1) {
        if (SYS2(__NR_ftruncate, log.fd, 0) != 0) return;
        log.size = 0;
    } else {
        uint64_t old = log.size;
        SYS3(__NR_unlinkat, folder, numbered(from, ".new", 0), 0);
        long fd = open_file(from, O_EXCL);
        if (fd < 0) return;
        for (uint32_t i = log.order->log_files - 1; i > 0; i--)
            SYS4(__NR_renameat, folder, numbered(from, "", i - 1), folder, numbered(to, "", i));
        if (SYS4(__NR_renameat, folder, numbered(from, ".new", 0), folder, log.order->log_name) != 0) {
            SYS1(__NR_close, fd);
            log.size = old;
            return;
        }
        SYS1(__NR_close, log.fd);
        log.fd = (int)fd;
    }
    log.limit = log.order->log_max;
}

void log_reopen(void) {
    if (log.order->log_format == LOG_NONE) return;
    flush();
    long fd = open_file(log.order->log_name, 0);
    if (fd < 0) return;
    if (log.fd >= 0) SYS1(__NR_close, log.fd);
    log.fd = (int)fd;
    log.limit = log.order->log_max;
}

/* Sixteen bytes at a time: in whatever vector instructions every machine of this kind has. */
typedef int8_t block __attribute__((vector_size(16)));

static inline block block_at(const uint8_t *bytes) {
    block value;
    __builtin_memcpy(&value, bytes, sizeof value);
    return value;
}

static inline bool any(block mask) {
    uint64_t halves[2];
    __builtin_memcpy(halves, &mask, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

static uint8_t *copy(uint8_t *to, const char *text, uint32_t length) {
    uint32_t i = 0;
    for (; i + sizeof(block) <= length; i += sizeof(block)) __builtin_memcpy(to + i, text + i, sizeof(block));
    for (; i < length; i++) to[i] = (uint8_t)text[i];
    return to + length;
}

#define PUT(to, literal) copy(to, literal, sizeof literal - 1)

static struct stamp stamp_now(void) {
    struct stamp stamp;
    /* Docker's files have no trailing zeros; lines of CRI have nine digits, as CRI-O's, and so sort by time. */
    stamp.length = moment_text(stamp.text, moment_now(), log.order->log_format == LOG_CRI);
    return stamp;
}

/* How many bytes the UTF-8 character there has; 0 when it is none (RFC 3629). */
static uint32_t character(const uint8_t *at, uint32_t left) {
    uint32_t size = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc2 || at[0] > 0xf4 || left < size) return 0;
    for (uint32_t i = 1; i < size; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    if (at[0] == 0xe0 && at[1] < 0xa0) return 0; /* longer than it need be */
    if (at[0] == 0xed && at[1] > 0x9f) return 0; /* half of a surrogate pair */
    if (at[0] == 0xf0 && at[1] < 0x90) return 0;
    if (at[0] == 0xf4 && at[1] > 0x8f) return 0; /* beyond the last one */
    return size;
}

static uint8_t *escape(uint8_t *to, uint32_t code) {
    to = PUT(to, "\\u");
    for (int shift = 12; shift >= 0; shift -= 4) *to++ = (uint8_t) "0123456789abcdef"[code >> shift & 15];
    return to;
}

/* As Go's encoding/json does it, HTML's characters included: what reads Docker's logs reads these. */
static uint8_t *put_json(uint8_t *to, const uint8_t *bytes, uint32_t length) {
    for (uint32_t i = 0; i < length;) {
        for (; length - i >= sizeof(block); i += sizeof(block), to += sizeof(block)) {
            block is = block_at(bytes + i); /* signed: bytes from 0x80 on are less than a blank, too */
            if (any((is < ' ') | (is == '"') | (is == '\\') | (is == '<') | (is == '>') | (is == '&'))) break;
            __builtin_memcpy(to, &is, sizeof is);
        }
        if (i == length) break;
        uint8_t byte = bytes[i];
        if (byte >= 0x80) {
            uint32_t size = character(bytes + i, length - i);
            bool separator = size == 3 && byte == 0xe2 && bytes[i + 1] == 0x80 && (bytes[i + 2] & 0xfe) == 0xa8;
            if (size == 0) to = escape(to, 0xfffd);
            else if (separator) to = escape(to, 0x2000u | (bytes[i + 2] & 0x3f));
            else to = copy(to, (const char *)bytes + i, size);
            i += size ? size : 1;
            continue;
        }
        i++;
        if (byte >= 0x20 && byte != '\\' && byte != '"' && byte != '<' && byte != '>' && byte != '&') {
            *to++ = byte;
        } else if (byte == '\\' || byte == '"') {
            *to++ = '\\';
            *to++ = byte;
        } else if (byte == '\n' || byte == '\r') {
            *to++ = '\\';
            *to++ = byte == '\n' ? 'n' : 'r';
        } else {
            to = escape(to, byte);
        }
    }
    return to;
}

static uint8_t *put_json_line(uint8_t *to, int stream, const uint8_t *bytes, uint32_t length, bool whole, const struct stamp *time) {
    to = PUT(to, "{\"log\":\"");
    to = put_json(to, bytes, length);
    if (whole) to = PUT(to, "\\n");
    to = stream == 0 ? PUT(to, "\",\"stream\":\"stdout\"") : PUT(to, "\",\"stream\":\"stderr\"");
    if (log.attributes) {
        to = PUT(to, ",\"attrs\":");
        to = copy(to, log.order->log_attributes, log.attributes);
    }
    to = PUT(to, ",\"time\":\"");
    to = copy(to, time->text, time->length);
    return PUT(to, "\"}\n");
}

static uint8_t *put_cri_line(uint8_t *to, int stream, const uint8_t *bytes, uint32_t length, bool whole, const struct stamp *time) {
    to = copy(to, time->text, time->length);
    to = stream == 0 ? PUT(to, " stdout ") : PUT(to, " stderr ");
    to = whole ? PUT(to, "F ") : PUT(to, "P ");
    to = copy(to, (const char *)bytes, length);
    *to++ = '\n';
    return to;
}

static void emit(int number, const uint8_t *bytes, uint32_t length, bool whole) {
    struct stream *stream = &streams[number];
    bool json = log.order->log_format == LOG_JSON;
    uint32_t longest = length * (json ? 6 : 1) + log.attributes + LINE_OVERHEAD;
    const struct stamp *time = stream->continued ? &stream->first : &log.now;
    if (log.limit && log.size + log.staged >= log.limit) rotate();
    if (longest > STAGED_MAX - log.staged) flush();
    uint8_t *to = staged + log.staged;
    to = json ? put_json_line(to, number, bytes, length, whole, time) : put_cri_line(to, number, bytes, length, whole, time);
    log.staged = (uint32_t)(to - staged);
    log.lines++;
    /* All parts have the time of the first; CRI gives each part its own. */
    if (!whole && json && !stream->continued) stream->first = log.now;
    stream->continued = !whole && json;
}

static uint32_t find_newline(const uint8_t *bytes, uint32_t length) {
    uint32_t at = 0;
    while (length - at >= sizeof(block) && !any(block_at(bytes + at) == '\n')) at += sizeof(block);
    while (at < length && bytes[at] != '\n') at++;
    return at;
}

void log_take(int number, const uint8_t *bytes, uint32_t length) {
    struct stream *stream = &streams[number];
    log_state.bytes += length;
    if (log.order->log_format == LOG_NONE) return;
    log.now = stamp_now();
    while (length > 0) {
        uint32_t room = LINE_MAX - stream->length, seen = length < room ? length : room;
        uint32_t end = find_newline(bytes, seen);
        bool whole = end < seen;
        if (stream->length == 0 && (whole || end == LINE_MAX)) {
            emit(number, bytes, end, whole);
        } else {
            memcpy(stream->line + stream->length, bytes, end);
            stream->length += end;
            if (whole || stream->length == LINE_MAX) {
                emit(number, stream->line, stream->length, whole);
                stream->length = 0;
            }
        }
        bytes += end + whole;
        length -= end + whole;
    }
    flush();
}

void log_end(void) {
    if (log.order->log_format == LOG_NONE) return;
    log.now = stamp_now();
    for (int i = 0; i < 2; i++) {
        if (streams[i].length) emit(i, streams[i].line, streams[i].length, false);
        streams[i].length = 0;
    }
    flush();
}

void log_forget_buffers(void) {
    SYS3(__NR_madvise, staged, sizeof staged, MADV_DONTNEED);
    for (int i = 0; i < 2; i++)
        if (!streams[i].length) SYS3(__NR_madvise, streams[i].line, sizeof streams[i].line, MADV_DONTNEED);
}
