/*
 * The ids of an ordinary user's namespace: 0 inside is the user outside, and those from 1 on are the subordinate
 * ones that /etc/subuid and /etc/subgid give (subuid(5)), mapped by newuidmap and newgidmap, which check that. Where
 * there are none the user is alone.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/stat.h>

#include "resident.h"

#define RANGES_MAX 32
#define RANGE_DIGITS 21

/* First ids and counts, as text, because they are only handed on. */
struct ranges {
    char first[RANGES_MAX][RANGE_DIGITS], count[RANGES_MAX][RANGE_DIGITS];
    uint64_t counts[RANGES_MAX];
    uint32_t length;
};

/* A file as text; empty when it cannot be read. */
struct text {
    const char *at, *end;
};

static struct text read_text(const char *path) {
    struct text none = {NULL, NULL};
    struct statx info;
    long fd = SYS4(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0);
    if (fd < 0) return none;
    long wrong = SYS5(__NR_statx, fd, "", AT_EMPTY_PATH, STATX_SIZE, &info);
    long at = wrong || !info.stx_size ? -EINVAL : SYS6(__NR_mmap, NULL, info.stx_size, PROT_READ, MAP_PRIVATE, fd, 0);
    SYS1(__NR_close, fd);
    if (at < 0 && at > -4096) return none;
    return (struct text){(const char *)at, (const char *)at + info.stx_size};
}

/* The next field of a line, copied if it fits; at stands behind its colon, or at the end of the line. */
static bool field(struct text *text, char *to, uint32_t room) {
    uint32_t length = 0;
    const char *at = text->at;
    for (; at < text->end && *at != ':' && *at != '\n'; at++)
        if (length < room) to[length++] = *at;
    bool ended = at >= text->end || *at == '\n';
    text->at = ended ? at : at + 1;
    if (length == room) length = 0; /* too long to be anybody's */
    to[length] = 0;
    return !ended;
}

static void next_line(struct text *text) {
    while (text->at < text->end && *text->at++ != '\n') continue;
}

/* The user's name in /etc/passwd, or else as the environment says: who gives the ids checks it. */
static const char *user_name(const struct front *front, const char *uid) {
    static char name[128];
    char word[32];
    for (struct text text = read_text("/etc/passwd"); text.at < text.end; next_line(&text)) {
        if (field(&text, name, sizeof name - 1) && field(&text, word, sizeof word - 1)
            && (field(&text, word, sizeof word - 1), text_equal(word, uid)))
            return name;
    }
    const char *said = environment_get(front->envp, "USER");
    return said ? said : uid;
}

static uint64_t number_of(const char *digits) {
    uint64_t number = 0;
    for (; *digits >= '0' && *digits <= '9' && number < UINT32_MAX; digits++) number = number * 10 + (uint64_t)(*digits - '0');
    return *digits || number > UINT32_MAX ? 0 : number;
}

/* What a file of subordinate ids has for a user, by name or number. */
static void read_ranges(struct ranges *ranges, const char *path, const char *name, const char *uid) {
    char who[128];
    ranges->length = 0;
    for (struct text text = read_text(path); text.at < text.end && ranges->length < RANGES_MAX; next_line(&text)) {
        uint32_t i = ranges->length;
        if (!field(&text, who, sizeof who - 1) || !(text_equal(who, name) || text_equal(who, uid))) continue;
        field(&text, ranges->first[i], RANGE_DIGITS - 1);
        field(&text, ranges->count[i], RANGE_DIGITS - 1);
        ranges->counts[i] = number_of(ranges->count[i]);
        if (number_of(ranges->first[i]) && ranges->counts[i]) ranges->length++;
    }
}

/* One of the programs that may give ids, if it is root's and nobody else's to change. */
static bool is_trusted(const char *program) {
    struct statx info;
    return SYS5(__NR_statx, AT_FDCWD, program, 0, STATX_UID | STATX_MODE, &info) == 0 && info.stx_uid == 0 && !(info.stx_mode & 022);
}

static void map_by(const char *program, const char *pid, const char *own, const struct ranges *ranges) {
    static char inside[RANGES_MAX][RANGE_DIGITS];
    const char *argv[5 + 3 * RANGES_MAX + 1] = {program, pid, "0", own, "1"};
    uint32_t argc = 5;
    uint64_t next = 1;
    for (uint32_t i = 0; i < ranges->length; i++) {
        inside[i][text_decimal(inside[i], (int64_t)next)] = 0;
        argv[argc++] = inside[i];
        argv[argc++] = ranges->first[i];
        argv[argc++] = ranges->count[i];
        next += ranges->counts[i];
    }
    long child = SYS5(__NR_clone, SIGCHLD_NUMBER, 0, 0, 0, 0);
    if (child == 0) {
        const char *envp[] = {NULL};
        SYS3(__NR_dup3, 2, 1, 0);
        SYS3(__NR_execve, program, argv, envp);
        leave(127);
    }
    int status = 1;
    long reaped;
    do reaped = child < 0 ? child : SYS4(__NR_wait4, child, &status, 0, NULL);
    while (reaped == -EINTR);
    if (reaped < 0 || status != 0)
        front_fail("the ids that /etc/subuid and /etc/subgid give this user could not be mapped by", program, reaped < 0 ? reaped : 0);
}

static void write_file(const char *pid, const char *name, const struct line *text) {
    struct line path = {.length = 0};
    line_put(&path, "/proc/");
    line_put(&path, pid);
    line_put(&path, name);
    long fd = SYS4(__NR_openat, AT_FDCWD, path.text, O_WRONLY | O_CLOEXEC, 0);
    long put = fd < 0 ? fd : SYS3(__NR_write, fd, text->text, text->length);
    if (put < 0) front_fail("cannot map this user into a user namespace", path.text, put);
    SYS1(__NR_close, fd);
}

static void map_alone(const char *pid, const char *name, const char *own) {
    struct line map = {.length = 0};
    line_put(&map, "0 ");
    line_put(&map, own);
    line_put(&map, " 1\n");
    write_file(pid, name, &map);
}

void mapping_write(struct front *front, long pid) {
    static const char newuidmap[] = "/usr/bin/newuidmap", newgidmap[] = "/usr/bin/newgidmap";
    static struct ranges uids, gids;
    char process[RANGE_DIGITS], uid[RANGE_DIGITS], gid[RANGE_DIGITS];
    process[text_decimal(process, pid)] = 0;
    uid[text_decimal(uid, SYS0(__NR_geteuid))] = 0;
    gid[text_decimal(gid, SYS0(__NR_getegid))] = 0;
    const char *name = user_name(front, uid);
    read_ranges(&uids, "/etc/subuid", name, uid);
    read_ranges(&gids, "/etc/subgid", name, uid);
    if (uids.length && gids.length && is_trusted(newuidmap) && is_trusted(newgidmap)) {
        map_by(newuidmap, process, uid, &uids);
        map_by(newgidmap, process, gid, &gids);
        return;
    }
    struct line deny = {.length = 0};
    line_put(&deny, "deny");
    write_file(process, "/setgroups", &deny); /* else the kernel takes no map of groups (user_namespaces(7)) */
    map_alone(process, "/uid_map", uid);
    map_alone(process, "/gid_map", gid);
}
