/*
 * Looks out of a container and prints what it sees, a line "key value" each; bytes that would break
 * a line are printed as \xNN. Without arguments, or as "see PREFIX...", it describes its own process;
 * the other acts do one thing and print "ok RESULT" or "error ERRNO".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int wanted_count;
static char **wanted;

static bool is_wanted(const char *key)
{
	for (int i = 0; i < wanted_count; i++)
		if (!strncmp(key, wanted[i], strlen(wanted[i])))
			return true;
	return wanted_count == 0;
}

static void print_bytes(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = bytes[i];
		if (c < ' ' || c >= 127 || c == '\\')
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

static void see_bytes(const char *key, const char *value, size_t length)
{
	if (!is_wanted(key))
		return;
	printf("%s ", key);
	print_bytes(value, length);
	putchar('\n');
}

__attribute__((format(printf, 2, 3))) static void see(const char *key, const char *format, ...)
{
	char value[8192];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(value, sizeof value, format, arguments);
	va_end(arguments);
	see_bytes(key, value, length < (int)sizeof value ? (size_t)length : sizeof value - 1);
}

static void see_errno(const char *key)
{
	see(key, "error %s", strerrorname_np(errno));
}

static const char *indexed(const char *name, const char *index)
{
	static char key[PATH_MAX + 64];
	snprintf(key, sizeof key, "%s[%s]", name, index);
	return key;
}

static const char *numbered(const char *name, int index)
{
	char text[16];
	snprintf(text, sizeof text, "%d", index);
	return indexed(name, text);
}

/* A line of the file for each numbered key, without its line end. */
static void see_lines(const char *name, const char *path)
{
	FILE *file = fopen(path, "re");
	if (!file) {
		see_errno(name);
		return;
	}
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	for (int i = 0; (length = getline(&line, &room, file)) >= 0; i++)
		see_bytes(numbered(name, i), line, length > 0 && line[length - 1] == '\n' ? length - 1 : length);
	free(line);
	fclose(file);
}

static void see_file(const char *key, const char *path)
{
	char value[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, value, sizeof value);
	if (length < 0)
		see_errno(key);
	else
		see_bytes(key, value, length > 0 && value[length - 1] == '\n' ? length - 1 : length);
	if (fd >= 0)
		close(fd);
}

static void see_link(const char *key, const char *path)
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof target);
	if (length < 0)
		see_errno(key);
	else
		see_bytes(key, target, length);
}

static void see_strings(const char *name, char **strings)
{
	for (int i = 0; strings[i]; i++)
		see_bytes(numbered(name, i), strings[i], strlen(strings[i]));
}

/* Fields of /proc/self/status that tests ask for, under names of their own. */
static void see_status(void)
{
	static const char *const fields[][2] = {
		{"Uid", "uid"}, {"Gid", "gid"}, {"Groups", "groups"}, {"Umask", "umask"},
		{"NoNewPrivs", "no_new_privs"}, {"Seccomp", "seccomp"}, {"Seccomp_filters", "seccomp_filters"},
		{"CapInh", "cap.inheritable"}, {"CapPrm", "cap.permitted"}, {"CapEff", "cap.effective"},
		{"CapBnd", "cap.bounding"}, {"CapAmb", "cap.ambient"}, {"SigBlk", "signals.blocked"},
		{"SigIgn", "signals.ignored"}, {"SigCgt", "signals.caught"}, {"SigPnd", "signals.pending"},
		{"ShdPnd", "signals.pending_all"}, {"Mems_allowed_list", "mems"}, {"NSpid", "nspid"},
		{"Speculation_Store_Bypass", "speculation.store_bypass"},
		{"SpeculationIndirectBranch", "speculation.indirect_branch"},
	};
	FILE *file = fopen("/proc/self/status", "re");
	if (!file) {
		see_errno("status");
		return;
	}
	char line[4096];
	while (fgets(line, sizeof line, file)) {
		char *value = strchr(line, ':');
		if (!value)
			continue;
		*value++ = 0;
		value += strspn(value, " \t");
		value[strcspn(value, "\n")] = 0;
		for (char *tab = value; (tab = strchr(tab, '\t'));)
			*tab = ' ';
		for (size_t length = strlen(value); length > 0 && value[length - 1] == ' '; length--)
			value[length - 1] = 0;
		for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
			if (!strcmp(line, fields[i][0]))
				see(fields[i][1], "%s", value);
	}
	fclose(file);
}

static void see_limits(void)
{
	static const char *const names[] = {
		"cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks",
		"sigpending", "msgqueue", "nice", "rtprio", "rttime",
	};
	for (int i = 0; i < (int)(sizeof names / sizeof *names); i++) {
		struct rlimit64 limit;
		if (getrlimit64(i, &limit))
			continue;
		char soft[32], hard[32];
		snprintf(soft, sizeof soft, limit.rlim_cur == RLIM64_INFINITY ? "infinity" : "%llu", (unsigned long long)limit.rlim_cur);
		snprintf(hard, sizeof hard, limit.rlim_max == RLIM64_INFINITY ? "infinity" : "%llu", (unsigned long long)limit.rlim_max);
		see(indexed("rlimit", names[i]), "%s %s", soft, hard);
	}
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
	return atoi((*a)->d_name) - atoi((*b)->d_name);
}

static void see_descriptors(void)
{
	struct dirent **entries;
	int count = scandir("/proc/self/fd", &entries, NULL, by_number);
	for (int i = 0; i < count; i++) {
		char path[64];
		snprintf(path, sizeof path, "/proc/self/fd/%.20s", entries[i]->d_name);
		/* scandir's own descriptor is closed by now, so its name leads nowhere. */
		if (*entries[i]->d_name != '.' && fcntl(atoi(entries[i]->d_name), F_GETFD) >= 0)
			see_link(indexed("fd", entries[i]->d_name), path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	else
		see_errno("fd");
}

static void see_namespaces(void)
{
	static const char *const names[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[32];
		snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
		see_link(indexed("namespace", names[i]), path);
	}
	see_lines("uid_map", "/proc/self/uid_map");
	see_lines("gid_map", "/proc/self/gid_map");
	see_file("setgroups", "/proc/self/setgroups");
	see_lines("timens_offsets", "/proc/self/timens_offsets");
}

static void see_schedule(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
		uint32_t util_min, util_max;
	} attributes = {.size = 48};
	if (syscall(SYS_sched_getattr, 0, &attributes, 48, 0) == 0) {
		see("scheduler.policy", "%u", attributes.policy);
		see("scheduler.flags", "%llu", (unsigned long long)attributes.flags);
		see("scheduler.nice", "%d", attributes.nice);
		see("scheduler.priority", "%u", attributes.priority);
		see("scheduler.deadline", "%llu %llu %llu", (unsigned long long)attributes.runtime,
		    (unsigned long long)attributes.deadline, (unsigned long long)attributes.period);
	}
	long priority = syscall(SYS_ioprio_get, 1, 0);
	see("ioprio", "%ld %ld", priority >> 13, priority & 0x1fff);
	cpu_set_t processors;
	if (sched_getaffinity(0, sizeof processors, &processors) == 0) {
		char list[4096] = "";
		size_t used = 0;
		for (int i = 0; i < CPU_SETSIZE && used < sizeof list - 8; i++)
			if (CPU_ISSET(i, &processors))
				used += sprintf(list + used, "%s%d", used ? "," : "", i);
		see("affinity", "%s", list);
	}
	int mode = -1;
	unsigned long nodes[16] = {0};
	if (syscall(SYS_get_mempolicy, &mode, nodes, sizeof nodes * 8, NULL, 0) == 0)
		see("memory_policy", "%d %lx", mode, nodes[0]);
}

static void see_process(void)
{
	see("pid", "%d", getpid());
	see("ppid", "%d", getppid());
	see("pgid", "%d", getpgid(0));
	see("sid", "%d", getsid(0));
	int signal = -1;
	prctl(PR_GET_PDEATHSIG, &signal);
	see("pdeathsig", "%d", signal);
	see("dumpable", "%d", prctl(PR_GET_DUMPABLE));
	see("securebits", "%d", prctl(PR_GET_SECUREBITS));
	int subreaper = -1;
	prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
	see("child_subreaper", "%d", subreaper);
	see("personality", "%x", personality(0xffffffff));
	see("timer_slack", "%d", prctl(PR_GET_TIMERSLACK));
	char keyring[256];
	long length = syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, keyring, sizeof keyring);
	if (length < 0)
		see_errno("keyring");
	else
		see("keyring", "%s", keyring);
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	see("clock.monotonic", "%ld", now.tv_sec);
	clock_gettime(CLOCK_BOOTTIME, &now);
	see("clock.boottime", "%ld", now.tv_sec);
	see_file("oom_score_adj", "/proc/self/oom_score_adj");
	see_file("label", "/proc/self/attr/current");
	see_file("loginuid", "/proc/self/loginuid");
	see_link("exe", "/proc/self/exe");
}

static void see_terminal(void)
{
	for (int fd = 0; fd < 3; fd++)
		see(numbered("isatty", fd), "%d", isatty(fd));
	struct winsize size;
	if (ioctl(0, TIOCGWINSZ, &size) == 0) {
		see("tty.size", "%d %d", size.ws_col, size.ws_row);
		char name[PATH_MAX] = "";
		if (ttyname_r(0, name, sizeof name) == 0)
			see("tty.name", "%s", name);
		else
			see_errno("tty.name");
		see("tty.foreground", "%d", tcgetpgrp(0));
	}
}

static void see_entry(const char *name, int folder, const char *entry)
{
	struct stat status;
	char target[PATH_MAX];
	const char *key = indexed(name, entry);
	if (fstatat(folder, entry, &status, AT_SYMLINK_NOFOLLOW)) {
		see_errno(key);
		return;
	}
	unsigned mode = status.st_mode & 07777;
	switch (status.st_mode & S_IFMT) {
	case S_IFLNK: {
		ssize_t length = readlinkat(folder, entry, target, sizeof target - 1);
		target[length < 0 ? 0 : length] = 0;
		see(key, "link %s", target);
		break;
	}
	case S_IFCHR:
	case S_IFBLK:
		see(key, "%s %u:%u %04o %u %u", S_ISCHR(status.st_mode) ? "char" : "block", major(status.st_rdev),
		    minor(status.st_rdev), mode, status.st_uid, status.st_gid);
		break;
	default:
		see(key, "%s %04o %u %u",
		    S_ISDIR(status.st_mode) ? "folder" : S_ISFIFO(status.st_mode) ? "fifo" : S_ISSOCK(status.st_mode) ? "socket" : "file",
		    mode, status.st_uid, status.st_gid);
	}
}

static int see_folder(const char *name, const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < count; i++) {
		if (strcmp(entries[i]->d_name, ".") && strcmp(entries[i]->d_name, ".."))
			see_entry(name, folder, entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	if (folder >= 0)
		close(folder);
	return count;
}

static void see_system(void)
{
	static const char *const sysctls[] = {
		"kernel/hostname", "kernel/domainname", "kernel/shmmax", "kernel/msgmax", "kernel/sem", "kernel/shm_rmid_forced",
		"fs/mqueue/msg_max", "net/ipv4/ip_forward", "net/ipv4/ip_unprivileged_port_start", "net/ipv4/ping_group_range",
		"net/core/somaxconn", "vm/overcommit_memory",
	};
	struct utsname names;
	uname(&names);
	see("hostname", "%s", names.nodename);
	see("domainname", "%s", names.domainname);
	see("kernel", "%s", names.release);
	for (size_t i = 0; i < sizeof sysctls / sizeof *sysctls; i++) {
		char path[128];
		snprintf(path, sizeof path, "/proc/sys/%s", sysctls[i]);
		see_file(indexed("sysctl", sysctls[i]), path);
	}
	see_folder("interface", "/sys/class/net");
}

static int look(int argc, char **argv, char **whole_argv, char **environment)
{
	char folder[PATH_MAX];
	wanted_count = argc;
	wanted = argv;
	/* Before anything opens a file of its own. */
	see_descriptors();
	see_strings("argv", whole_argv);
	see_strings("environ", environment);
	if (getcwd(folder, sizeof folder))
		see("cwd", "%s", folder);
	else
		see_errno("cwd");
	see_process();
	see_status();
	see_limits();
	see_schedule();
	see_namespaces();
	see_lines("cgroup", "/proc/self/cgroup");
	see_lines("mountinfo", "/proc/self/mountinfo");
	see_system();
	see_terminal();
	see_folder("dev", "/dev");
	return 0;
}

static int say_result(long result)
{
	if (result < 0)
		printf("error %s\n", strerrorname_np(errno));
	else
		printf("ok %ld\n", result);
	return result < 0;
}

static long number(const char *text)
{
	return strtol(text, NULL, 0);
}

static int fork_children(int count)
{
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			pause();
			_exit(0);
		}
		if (pid < 0) {
			printf("error %s after %d\n", strerrorname_np(errno), i);
			return 1;
		}
	}
	printf("ok %d\n", count);
	return 0;
}

static int allocate(long mib)
{
	char *memory = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return say_result(-1);
	for (long i = 0; i < mib << 20; i += 4096)
		memory[i] = 1;
	return say_result(mib);
}

static int copy_out(const char *path)
{
	char bytes[65536];
	ssize_t length;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return say_result(-1);
	while ((length = read(fd, bytes, sizeof bytes)) > 0)
		fwrite(bytes, 1, length, stdout);
	return length < 0 ? say_result(-1) : 0;
}

static int write_text(const char *path, const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);
	if (fd < 0)
		return say_result(-1);
	return say_result(write(fd, text, strlen(text)));
}

static int connect_tcp(const char *address, int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	inet_pton(AF_INET, address, &to.sin_addr);
	return say_result(connect(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&to, sizeof to));
}

static int unix_socket(const char *path, bool listening)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (!listening)
		return connect(fd, (struct sockaddr *)&address, sizeof address) ? -1 : fd;
	return bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 16) ? -1 : fd;
}

static int receive_descriptor(int connection, char *name, size_t room)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec data = {name, room - 1};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t length = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (length < 0)
		return -1;
	name[length] = 0;
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return -1;
	int fd;
	memcpy(&fd, CMSG_DATA(header), sizeof fd);
	return fd;
}

/* The other end of --console-socket: takes one terminal, says what came, then relays it: what the
 * terminal prints to stdout, and stdin to the terminal. Ends when the terminal does. */
static int receive_terminal(const char *path)
{
	char name[4096];
	int listener = unix_socket(path, true);
	if (listener < 0)
		return say_result(-1);
	printf("listening %s\n", path);
	fflush(stdout);
	int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	int terminal = connection < 0 ? -1 : receive_descriptor(connection, name, sizeof name);
	if (terminal < 0)
		return say_result(-1);
	see("terminal.name", "%s", name);
	fflush(stdout);
	if (fork() == 0) {
		char bytes[4096];
		ssize_t length;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while ((length = read(0, bytes, sizeof bytes)) > 0)
			if (write(terminal, bytes, length) != length)
				break;
		_exit(0);
	}
	char bytes[4096];
	ssize_t length;
	while ((length = read(terminal, bytes, sizeof bytes)) > 0)
		if (write(1, bytes, length) != length)
			break;
	return 0;
}

/* Tells the service manager, as sd_notify(3) would. */
static int notify(const char *text)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path ? path : "");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return say_result(sendto(fd, text, strlen(text), 0, (struct sockaddr *)&address, sizeof address));
}

/* A service manager: says "listening", then what it is told, a line each, for ever. */
static int receive_notifications(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char text[4096];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (bind(fd, (struct sockaddr *)&address, sizeof address))
		return say_result(-1);
	for (puts("listening");; putchar('\n')) {
		fflush(stdout);
		memset(text, 0, sizeof text);
		int passed = receive_descriptor(fd, text, sizeof text);
		printf("told ");
		print_bytes(text, strlen(text));
		if (passed >= 0)
			close(passed);
	}
}

/* Says "ready", then names each signal that comes; SIGTERM ends it with status 0. */
static int wait_for_signals(void)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	puts("ready");
	for (;;) {
		fflush(stdout);
		int signal = sigwaitinfo(&all, NULL);
		printf("signal %s\n", signal > 0 && sigabbrev_np(signal) ? sigabbrev_np(signal) : "?");
		if (signal == SIGTERM)
			return 0;
	}
}

static int sleep_for(const char *seconds)
{
	double wanted_time = strtod(seconds, NULL);
	struct timespec time = {(time_t)wanted_time, (long)((wanted_time - (time_t)wanted_time) * 1e9)};
	while (nanosleep(&time, &time) && errno == EINTR)
		;
	return 0;
}

static int act(const char *name, int argc, char **argv)
{
	const char *a = argc > 0 ? argv[0] : "", *b = argc > 1 ? argv[1] : "", *c = argc > 2 ? argv[2] : "";
	long numbers[6] = {0};
	for (int i = 0; i < argc && i < 6; i++)
		numbers[i] = number(argv[i]);

	if (!strcmp(name, "exit"))
		return (int)numbers[0];
	if (!strcmp(name, "sleep"))
		return sleep_for(a);
	if (!strcmp(name, "signals"))
		return wait_for_signals();
	if (!strcmp(name, "raise"))
		return signal((int)numbers[0], SIG_DFL), raise((int)numbers[0]);
	if (!strcmp(name, "read"))
		return copy_out(a);
	if (!strcmp(name, "write"))
		return write_text(a, b, O_CREAT | O_TRUNC);
	if (!strcmp(name, "append"))
		return write_text(a, b, O_CREAT | O_APPEND);
	if (!strcmp(name, "poke"))
		return write_text(a, b, 0);
	if (!strcmp(name, "list"))
		return see_folder("entry", a) < 0 ? say_result(-1) : 0;
	if (!strcmp(name, "stat"))
		return see_entry("stat", AT_FDCWD, a), 0;
	if (!strcmp(name, "open"))
		return say_result(open(a, argc > 1 ? (int)numbers[1] : O_RDONLY));
	if (!strcmp(name, "mkdir"))
		return say_result(mkdir(a, 0755));
	if (!strcmp(name, "unlink"))
		return say_result(unlink(a));
	if (!strcmp(name, "mount"))
		return say_result(mount(a, b, c, argc > 3 ? numbers[3] : 0, argc > 4 ? argv[4] : NULL));
	if (!strcmp(name, "umount"))
		return say_result(umount2(a, (int)numbers[1]));
	if (!strcmp(name, "mknod"))
		return say_result(mknod(a, (*b == 'b' ? S_IFBLK : *b == 'c' ? S_IFCHR : S_IFIFO) | 0600, makedev(numbers[2], numbers[3])));
	if (!strcmp(name, "chown"))
		return say_result(lchown(a, numbers[1], numbers[2]));
	if (!strcmp(name, "setuid"))
		return say_result(setuid(numbers[0]));
	if (!strcmp(name, "sethostname"))
		return say_result(sethostname(a, strlen(a)));
	if (!strcmp(name, "unshare"))
		return say_result(unshare((int)numbers[0]));
	if (!strcmp(name, "chroot"))
		return say_result(chroot(a));
	if (!strcmp(name, "kill"))
		return say_result(kill((pid_t)numbers[0], (int)numbers[1]));
	if (!strcmp(name, "syscall"))
		return say_result(syscall(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]));
	if (!strcmp(name, "fork"))
		return fork_children((int)numbers[0]);
	if (!strcmp(name, "allocate"))
		return allocate(numbers[0]);
	if (!strcmp(name, "connect"))
		return connect_tcp(a, (int)numbers[1]);
	if (!strcmp(name, "connect-unix"))
		return say_result(unix_socket(a, false));
	if (!strcmp(name, "notify"))
		return notify(a);
	if (!strcmp(name, "receive-notifications"))
		return receive_notifications(a);
	if (!strcmp(name, "receive-terminal"))
		return receive_terminal(a);
	fprintf(stderr, "observer: unknown act \"%s\"\n", name);
	return 125;
}

/* Several acts may follow one another, separated by the argument ",": the last one's status counts. */
int main(int argc, char **argv, char **environment)
{
	int status = 0;
	if (argc < 2)
		return look(0, NULL, argv, environment);
	for (int first = 1; first < argc;) {
		int end = first;
		while (end < argc && strcmp(argv[end], ","))
			end++;
		if (!strcmp(argv[first], "see"))
			status = look(end - first - 1, argv + first + 1, argv, environment);
		else
			status = act(argv[first], end - first - 1, argv + first + 1);
		fflush(stdout);
		first = end + 1;
	}
	return status;
}
