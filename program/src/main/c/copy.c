/* copy: what a directory holds, into a new file system that nobody else has seen yet. */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>

#include "core.h"

#define DEPTH_MAX 64
#define LINK_MAX 4096
#define BENEATH (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS)

static long copy_entries(int from, int to, uint32_t depth);

/* Opened anew by what it is, so that nothing that took its name meanwhile is, such as a device. */
static long copy_content(int file, int to, const char *name, uint64_t left) {
    char path[40] = "/proc/self/fd/";
    path[14 + text_decimal(path + 14, file)] = 0;
    long in = SYS4(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0), got = in;
    if (in < 0) return in;
    long out = SYS4(__NR_openat, to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out < 0) got = out;
    /* No more than there was: somebody may go on writing. */
    while (got >= 0 && left && (got = SYS4(__NR_sendfile, out, in, NULL, left)) > 0) left -= (uint64_t)got;
    if (out >= 0) SYS1(__NR_close, out);
    SYS1(__NR_close, in);
    return got < 0 ? got : 0;
}

static long copy_directory(int folder, int to, const char *name, uint32_t depth) {
    long error = SYS3(__NR_mkdirat, to, name, 0700);
    if (error) return error;
    long made = SYS4(__NR_openat, to, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (made < 0) return made;
    error = copy_entries(folder, (int)made, depth);
    SYS1(__NR_close, made);
    return error;
}

static long copy_link(int link, int to, const char *name) {
    char target[LINK_MAX + 1];
    long length = SYS4(__NR_readlinkat, link, "", target, LINK_MAX);
    if (length < 0) return length;
    target[length] = 0;
    return SYS3(__NR_symlinkat, target, to, name);
}

static long copy_entry(int from, int to, const char *name, uint32_t depth) {
    struct statx is;
    long entry = open_in(from, name, O_PATH | O_NOFOLLOW, BENEATH);
    if (entry < 0) return entry;
    long error = SYS5(__NR_statx, entry, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &is);
    uint32_t kind = is.stx_mode & S_IFMT;
    /* The kernel's dev_t: 12 bits of the minor number lie above the major one. */
    uint64_t device = (is.stx_rdev_minor & 0xff) | is.stx_rdev_major << 8 | (uint64_t)(is.stx_rdev_minor & ~0xffu) << 12;
    if (!error && kind == S_IFREG) error = copy_content((int)entry, to, name, is.stx_size);
    else if (!error && kind == S_IFDIR) error = depth ? copy_directory((int)entry, to, name, depth - 1) : -ELOOP;
    else if (!error && kind == S_IFLNK) error = copy_link((int)entry, to, name);
    else if (!error) error = SYS4(__NR_mknodat, to, name, kind | 0600, device);
    if (!error) error = SYS5(__NR_fchownat, to, name, is.stx_uid, is.stx_gid, AT_SYMLINK_NOFOLLOW);
    if (!error && kind != S_IFLNK) error = SYS3(__NR_fchmodat, to, name, is.stx_mode & 07777);
    SYS1(__NR_close, entry);
    return error;
}

static long copy_entries(int from, int to, uint32_t depth) {
    char entries[2048];
    long folder = open_in(from, ".", O_RDONLY | O_DIRECTORY, BENEATH);
    if (folder < 0) return folder;
    long error = 0, length = 1;
    while (!error && (length = SYS3(__NR_getdents64, folder, entries, sizeof entries)) > 0) {
        uint16_t size;
        for (long at = 0; !error && at < length; at += size) {
            const char *name = entries + at + 19;
            memcpy(&size, entries + at + 16, sizeof size);
            if (!text_equal(name, ".") && !text_equal(name, "..")) error = copy_entry((int)folder, to, name, depth);
        }
    }
    SYS1(__NR_close, folder);
    return error ? error : length;
}

int64_t act_copy(int from, int to) { return copy_entries(from, to, DEPTH_MAX); }
