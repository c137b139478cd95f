/*
 * The stack protector's two symbols, which a libc would bring (gcc's -mstack-protector-guard=global).
 * The entry calls guard_seed with the 16 bytes that AT_RANDOM points to, before anything is read.
 */

unsigned long __stack_chk_guard = 0x00000a0dff5b1e00;

void guard_seed(const unsigned char random[16]);
void guard_seed(const unsigned char random[16])
{
	unsigned long guard = 0;
	for (int i = 1; i < 8; i++)
		guard |= (unsigned long)random[i] << (8 * i);
	/* The lowest byte stays NUL, so that an overrunning string cannot write the guard. */
	__stack_chk_guard = guard;
}

_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void)
{
	__builtin_trap();
}
