package dev.rung.host.compile;

import dev.rung.oci.ContainerProcess.IoPriority;
import dev.rung.oci.ContainerProcess.RlimitType;
import dev.rung.oci.ContainerProcess.Scheduler;
import dev.rung.oci.ContainerProcess.SchedulerFlag;
import dev.rung.oci.CpuList;
import dev.rung.oci.LinuxConfig.MemoryPolicy;
import dev.rung.oci.LinuxConfig.MemoryPolicyFlag;
import dev.rung.program.Bytes;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.IoprioSet;
import dev.rung.program.ProcessStep.SchedSetattr;
import dev.rung.program.ProcessStep.SetMempolicy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers and structures of the kernel for limits, priorities and placement. */
final class Scheduling {
    private Scheduling() {}

    /** sched_setattr(2) of the process itself. */
    static SchedSetattr step(Scheduler scheduler) {
        long flags = 0;
        for (SchedulerFlag flag : scheduler.flags()) {
            flags |=
                    switch (flag) {
                        case SCHED_FLAG_RESET_ON_FORK -> 0x01;
                        case SCHED_FLAG_RECLAIM -> 0x02;
                        case SCHED_FLAG_DL_OVERRUN -> 0x04;
                        case SCHED_FLAG_KEEP_POLICY -> 0x08;
                        case SCHED_FLAG_KEEP_PARAMS -> 0x10;
                        case SCHED_FLAG_UTIL_CLAMP_MIN -> 0x20;
                        case SCHED_FLAG_UTIL_CLAMP_MAX -> 0x40;
                    };
        }
        int policy =
                switch (scheduler.policy()) {
                    case SCHED_OTHER -> 0;
                    case SCHED_FIFO -> 1;
                    case SCHED_RR -> 2;
                    case SCHED_BATCH -> 3;
                    case SCHED_ISO -> 4;
                    case SCHED_IDLE -> 5;
                    case SCHED_DEADLINE -> 6;
                };
        return new SchedSetattr(
                Operand.SELF,
                policy,
                flags,
                scheduler.nice(),
                scheduler.priority(),
                scheduler.runtime() == null ? 0 : scheduler.runtime(),
                scheduler.deadline() == null ? 0 : scheduler.deadline(),
                scheduler.period());
    }

    /** ioprio_set(2) of the process itself. */
    static IoprioSet step(IoPriority priority) {
        int number =
                switch (priority.ioClass()) {
                    case IOPRIO_CLASS_RT -> 1;
                    case IOPRIO_CLASS_BE -> 2;
                    case IOPRIO_CLASS_IDLE -> 3;
                };
        return new IoprioSet(Operand.SELF, number, priority.priority());
    }

    /** The number of a resource of getrlimit(2), the same on x86-64 and arm64. */
    static int limit(RlimitType type) {
        return switch (type) {
            case RLIMIT_CPU -> 0;
            case RLIMIT_FSIZE -> 1;
            case RLIMIT_DATA -> 2;
            case RLIMIT_STACK -> 3;
            case RLIMIT_CORE -> 4;
            case RLIMIT_RSS -> 5;
            case RLIMIT_NPROC -> 6;
            case RLIMIT_NOFILE -> 7;
            case RLIMIT_MEMLOCK -> 8;
            case RLIMIT_AS -> 9;
            case RLIMIT_LOCKS -> 10;
            case RLIMIT_SIGPENDING -> 11;
            case RLIMIT_MSGQUEUE -> 12;
            case RLIMIT_NICE -> 13;
            case RLIMIT_RTPRIO -> 14;
            case RLIMIT_RTTIME -> 15;
        };
    }

    /** set_mempolicy(2). */
    static SetMempolicy step(MemoryPolicy policy) {
        int mode =
                switch (policy.mode()) {
                    case MPOL_DEFAULT -> 0;
                    case MPOL_PREFERRED -> 1;
                    case MPOL_BIND -> 2;
                    case MPOL_INTERLEAVE -> 3;
                    case MPOL_LOCAL -> 4;
                    case MPOL_PREFERRED_MANY -> 5;
                    case MPOL_WEIGHTED_INTERLEAVE -> 6;
                };
        for (MemoryPolicyFlag flag : policy.flags()) {
            mode |=
                    switch (flag) {
                        case MPOL_F_STATIC_NODES -> 1 << 15;
                        case MPOL_F_RELATIVE_NODES -> 1 << 14;
                        case MPOL_F_NUMA_BALANCING -> 1 << 13;
                    };
        }
        return new SetMempolicy(
                mode, policy.nodes() == null ? Bytes.NONE : Bytes.of(mask(policy.nodes())));
    }

    /** A set of numbers as the kernel takes it: words of 64 bits, bit n for number n. */
    static byte[] mask(CpuList numbers) {
        long[] words = numbers.words();
        var bytes = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long word : words) {
            bytes.putLong(word);
        }
        return bytes.array();
    }
}
