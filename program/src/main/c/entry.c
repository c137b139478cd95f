/* Where the binary begins: by its name it is the front end, the replay of a stored program, the spawner of monitors, or the unpacker of layers. */
#include <linux/auxvec.h>
#include <linux/errno.h>

#include "front.h"

void guard_seed(const unsigned char random[16]);

void front_say(int fd, const char *text, size_t length) {
    while (length > 0) {
        long put = SYS3(__NR_write, fd, text, length);
        if (put == -EINTR || put == -EAGAIN) continue;
        if (put <= 0) return;
        text += put;
        length -= (size_t)put;
    }
}

static const char *own_name = "rung-oci";

void front_name(const char *name) { own_name = name; }

/* Ends the process with one line. Only for what stands in the way of asking the resident at all. */
_Noreturn void front_fail(const char *what, const char *detail, int64_t error) {
    char number[20];
    front_say(2, own_name, text_length(own_name));
    front_say(2, ": ", 2);
    front_say(2, what, text_length(what));
    if (detail) {
        front_say(2, " \"", 2);
        front_say(2, detail, text_length(detail));
        front_say(2, "\"", 1);
    }
    if (error) {
        front_say(2, ": errno ", 8);
        front_say(2, number, text_decimal(number, error < 0 ? -error : error));
    }
    front_say(2, "\n", 1);
    leave(1);
}

bool name_ends(const char *path, const char *name) {
    size_t length = text_length(path), wanted = text_length(name);
    return length >= wanted && text_equal(path + length - wanted, name);
}

_Noreturn __attribute__((used)) void entry(long *stack) {
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 1), **envp = argv + argc + 1;
    long *aux = (long *)envp;
    while (*aux++) {}
    for (; aux[0] != AT_NULL; aux += 2)
        if (aux[0] == AT_RANDOM) guard_seed((const unsigned char *)aux[1]);
    if (argc < 1) leave(1);
    if (name_ends(argv[0], "rung-worker")) leave(worker_main(argv, envp));
    if (name_ends(argv[0], "rung-spawner")) leave(spawner_main(argc, argv, envp));
    if (name_ends(argv[0], "rung-unpacker")) leave(unpacker_main(argc, argv));
    leave(name_ends(argv[0], "rung-exec") ? replay_main(argc, argv, envp) : front_main(argv, envp));
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall entry\n");
#else
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x0, sp\n\tbl entry\n");
#endif
