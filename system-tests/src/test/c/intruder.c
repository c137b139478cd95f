/*
 * What a hostile layer may do that has taken over the process which unpacks it: stands in its place, takes
 * one order as it would, and tries what must not be possible. Prints a line an attempt to the report.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

static int report;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vdprintf(report, format, arguments);
	va_end(arguments);
}

static void tell(const char *what, long result)
{
	say("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "done");
}

static void take_order(int fds[3])
{
	char bytes[64];
	union {
		char room[CMSG_SPACE(3 * sizeof(int))];
		struct cmsghdr head;
	} control;
	struct iovec part = {bytes, sizeof bytes};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	if (recvmsg(3, &message, 0) <= 0) exit(1);
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&message)), 3 * sizeof(int));
}

static void list(const char *label, const char *path)
{
	DIR *folder = opendir(path);
	if (!folder) {
		tell(label, -1);
		return;
	}
	say("%s:", label);
	for (struct dirent *entry; (entry = readdir(folder));)
		if (entry->d_name[0] != '.') say(" %s", entry->d_name);
	say("\n");
	closedir(folder);
}

/* The lines of /proc/self/status that tell of rights. */
static void rights(void)
{
	char line[256];
	FILE *status = fopen("/proc/self/status", "r");
	while (status && fgets(line, sizeof line, status))
		if (!strncmp(line, "Cap", 3) || !strncmp(line, "NoNewPrivs", 10) || !strncmp(line, "Seccomp:", 8)) say("%s", line);
	if (status) fclose(status);
}

/* What its folder lets it do, and what not. */
static void in_folder(int folder)
{
	tell("go up", openat(folder, "../secret", O_RDONLY));
	tell("go up far", openat(folder, "../../../../../../etc/passwd", O_RDONLY));
	tell("make disk", mknodat(folder, "disk", S_IFBLK | 0600, makedev(8, 0)));
	tell("open disk", openat(folder, "disk", O_RDONLY));
	tell("make zero", mknodat(folder, "zero", S_IFCHR | 0600, makedev(1, 5)));
	tell("open zero", openat(folder, "zero", O_RDONLY));
	int file = openat(folder, "file", O_CREAT | O_RDWR, 0755);
	tell("make file", file);
	tell("give away", fchownat(folder, "file", 1234, 1234, 0));
	tell("make setuid", fchmod(file, 04755));
	tell("trust itself", fsetxattr(file, "trusted.overlay.redirect", "/etc", 4, 0));
	close(file);
	char *words[] = {"file", NULL};
	tell("run file", syscall(__NR_execveat, folder, "file", words, NULL, 0));
}

int main(int count, char **words)
{
	int fds[3];
	char byte;
	struct iovec part = {&byte, 1};
	struct {
		unsigned bytes;
		int type;
		char handle[128];
	} handle = {.bytes = 8, .type = 1};
	if (count < 2) return 1;
	take_order(fds);
	report = fds[2];
	rights();
	list("root", "/");
	list("proc", "/proc");
	in_folder(fds[0]);
	tell("open secret", open(words[1], O_RDONLY));
	tell("open engine", open("/proc/1/root/var/lib/rung", O_RDONLY));
	tell("write root", open("/new", O_CREAT | O_WRONLY, 0600));
	tell("write own code", open("/usr/lib/new", O_CREAT | O_WRONLY, 0600));
	tell("write sysctl", open("/proc/sys/kernel/core_pattern", O_WRONLY));
	tell("open by handle", syscall(__NR_open_by_handle_at, fds[0], &handle, O_RDONLY));
	tell("ipv4 socket", socket(AF_INET, SOCK_STREAM, 0));
	tell("unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
	tell("netlink socket", socket(AF_NETLINK, SOCK_RAW, 0));
	tell("fork", fork());
	tell("user namespace", unshare(CLONE_NEWUSER));
	tell("mount namespace", unshare(CLONE_NEWNS));
	tell("mount", mount("none", "/proc", "tmpfs", 0, NULL));
	tell("remount", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
	tell("unmount", umount2("/usr/lib", MNT_DETACH));
	tell("chroot", chroot("/proc"));
	tell("ptrace", ptrace(PTRACE_ATTACH, 1, NULL, NULL));
	tell("read memory", process_vm_readv(1, &part, 1, &part, 1, 0));
	tell("kill", kill(-1, SIGCONT));
	tell("bpf", syscall(__NR_bpf, 0, NULL, 0));
	tell("io_uring", syscall(__NR_io_uring_setup, 1, NULL));
	tell("keyring", syscall(__NR_keyctl, 0, -3, 1));
	tell("userfaultfd", syscall(__NR_userfaultfd, 0));
	tell("become user", setuid(1234));
	tell("host name", sethostname("x", 1));
	tell("load module", syscall(__NR_finit_module, 0, "", 0));
	tell("reboot", syscall(__NR_reboot, 0, 0, 0, NULL));
	say("end\n");
	return 0;
}
