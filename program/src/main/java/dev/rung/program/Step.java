package dev.rung.program;

/**
 * One instruction of a program: a system call, or one of the executor's few acts of its own. Flags
 * are the kernel's numbers, named beside the steps that take them; those of open(2) are x86-64's,
 * and are translated for other machines.
 */
public sealed interface Step
        permits FileStep, MountStep, ProcessStep, CredentialStep, SocketStep, ControlStep {
    /** Writes the step's wire form; called by {@link StepStream#add} only. */
    void lower(Lowering to);
}
