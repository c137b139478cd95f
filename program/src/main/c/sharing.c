/*
 * Processes that share our memory, each with a stack of its own. What is dear in a fork is the memory: its
 * page tables are copied, and from then on each side faults on every page that it writes; in a virtual
 * machine that is a millisecond and more, and a process like this one takes some ten microseconds.
 */
#include <linux/mman.h>
#include <linux/sched.h>

#include "core.h"

#define GUARD 4096u /* what overruns the stack meets this */

/* clone3, with what the child does: its stack is another one, so it can't return to who called. */
static long clone_into(const struct clone_args *args, void (*entry)(void *), void *argument) {
#if defined(__x86_64__)
    long result;
    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "mov %[argument], %%rdi\n\t"
                     "call *%[entry]\n\t"
                     "ud2\n"
                     "1:"
                     : "=a"(result)
                     : "a"(__NR_clone3), "D"(args), "S"(sizeof *args), [entry] "r"(entry), [argument] "r"(argument)
                     : "rcx", "r11", "memory");
    return result;
#else
    register long x8 __asm__("x8") = __NR_clone3;
    register long x0 __asm__("x0") = (long)args;
    register long x1 __asm__("x1") = (long)sizeof *args;
    __asm__ volatile("svc 0\n\t"
                     "cbnz x0, 1f\n\t"
                     "mov x0, %[argument]\n\t"
                     "blr %[entry]\n\t"
                     "brk 0\n"
                     "1:"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), [entry] "r"(entry), [argument] "r"(argument)
                     : "memory");
    return x0;
#endif
}

long sharing_open(struct sharing *sharing, size_t stack, size_t belongings) {
    size_t above = (belongings + 15) & ~(size_t)15;
    sharing->size = (GUARD + stack + above + GUARD - 1) & ~(size_t)(GUARD - 1);
    long at = SYS6(__NR_mmap, NULL, sharing->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at < 0 && at > -4096) return at;
    SYS3(__NR_mprotect, at, GUARD, PROT_NONE);
    sharing->at = (uint8_t *)at;
    sharing->belongings = sharing->at + sharing->size - above;
    sharing->stack = sharing->at + GUARD;
    sharing->alive = 1;
    return 0;
}

long sharing_start(struct sharing *sharing, const struct clone_args *how, void (*entry)(void *)) {
    struct clone_args args = *how;
    args.flags |= CLONE_VM | CLONE_CHILD_CLEARTID;
    args.child_tid = (uint64_t)(uintptr_t)&sharing->alive;
    args.stack = (uint64_t)(uintptr_t)sharing->stack;
    args.stack_size = (uint64_t)(sharing->belongings - sharing->stack);
    return clone_into(&args, entry, sharing->belongings);
}

void sharing_close(struct sharing *sharing) {
    if (!sharing->at || __atomic_load_n(&sharing->alive, __ATOMIC_ACQUIRE)) return;
    SYS2(__NR_munmap, sharing->at, sharing->size);
    sharing->at = NULL;
}
