package dev.rung.program;

import org.jspecify.annotations.Nullable;

/** Steps on namespaces, processes, limits and scheduling. */
public sealed interface ProcessStep extends Step {
    long CLONE_NEWTIME = 0x00000080;
    long CLONE_NEWNS = 0x00020000;
    long CLONE_NEWCGROUP = 0x02000000;
    long CLONE_NEWUTS = 0x04000000;
    long CLONE_NEWIPC = 0x08000000;
    long CLONE_NEWUSER = 0x10000000;
    long CLONE_NEWPID = 0x20000000;
    long CLONE_NEWNET = 0x40000000;
    long CLONE_VM = 0x00000100;
    long CLONE_PARENT = 0x00008000;

    int SIGKILL = 9;
    int SIGTERM = 15;

    int SIG_BLOCK = 0;
    int SIG_UNBLOCK = 1;
    int SIG_SETMASK = 2;

    int P_ALL = 0;
    int P_PID = 1;
    int P_PIDFD = 3;
    long WNOHANG = 0x01;
    long WEXITED = 0x04;
    long WNOWAIT = 0x01000000;
    long WALL = 0x40000000;

    /** setns(2): a namespace's descriptor with its kind or 0, or a pidfd with several kinds. */
    record Setns(Operand fd, long types) implements ProcessStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.SETNS).operand(fd).number(types);
        }
    }

    /** unshare(2). */
    record Unshare(long flags) implements ProcessStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.UNSHARE).number(flags);
        }
    }

    /** sethostname(2). */
    record Sethostname(Bytes name) implements ProcessStep {
        public Sethostname(String name) {
            this(Bytes.of(name));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.SETHOSTNAME).bytes(name).number(name.length());
        }
    }

    /** setdomainname(2). */
    record Setdomainname(Bytes name) implements ProcessStep {
        public Setdomainname(String name) {
            this(Bytes.of(name));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.SETDOMAINNAME).bytes(name).number(name.length());
        }
    }

    /** umask(2). Result: the one before. */
    record Umask(int mask) implements ProcessStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.UMASK).number(mask);
        }
    }

    /** setsid(2). */
    record Setsid() implements ProcessStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.SETSID);
        }
    }

    /** personality(2), of the process itself. */
    record Personality(long persona) implements ProcessStep {
        public static final long PER_LINUX = 0;
        public static final long PER_LINUX32 = 8;

        @Override
        public void lower(Lowering to) {
            to.call(Call.PERSONALITY).number(persona);
        }
    }

    /** prlimit64(2) that sets a limit; -1 is unlimited. */
    record Prlimit64(Operand pid, int resource, long soft, long hard) implements ProcessStep {
        @Override
        public void lower(Lowering to) {
            int limits = to.data().reserve(16);
            to.data().put64(limits, soft);
            to.data().put64(limits + 8, hard);
            to.call(Call.PRLIMIT64).operand(pid).number(resource).address(limits).number(0);
        }
    }

    /**
     * sched_setattr(2).
     *
     * @param flags SCHED_FLAG_ bits
     * @param runtime, deadline, period nanoseconds, for SCHED_DEADLINE
     */
    record SchedSetattr(
            Operand pid,
            int policy,
            long flags,
            int nice,
            int priority,
            long runtime,
            long deadline,
            long period)
            implements ProcessStep {
        private static final int SIZE = 48; // SCHED_ATTR_SIZE_VER0, without utilisation clamps

        @Override
        public void lower(Lowering to) {
            DataArea data = to.data();
            int attr = data.reserve(SIZE);
            data.put32(attr, SIZE);
            data.put32(attr + 4, policy);
            data.put64(attr + 8, flags);
            data.put32(attr + 16, nice);
            data.put32(attr + 20, priority);
            data.put64(attr + 24, runtime);
            data.put64(attr + 32, deadline);
            data.put64(attr + 40, period);
            to.call(Call.SCHED_SETATTR).operand(pid).address(attr).number(0);
        }
    }

    /** ioprio_set(2) of one process: class (1 real-time, 2 best effort, 3 idle) and level. */
    record IoprioSet(Operand pid, int ioClass, int level) implements ProcessStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.IOPRIO_SET).number(1).operand(pid).number(ioClass << 13 | level);
        }
    }

    /** sched_setaffinity(2); bit n of the mask is processor n. */
    record SchedSetaffinity(Operand pid, Bytes mask) implements ProcessStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.SCHED_SETAFFINITY).operand(pid).number(mask.length()).bytes(mask);
        }
    }

    /** rt_sigaction(2) of SIGCHLD: children that end are reaped by the kernel. */
    record IgnoreChildren() implements ProcessStep {
        private static final int SIGCHLD = 17;
        private static final int SIG_IGN = 1;
        private static final int ACTION_BYTES = 32;

        @Override
        public void lower(Lowering to) {
            int action = to.data().reserve(ACTION_BYTES);
            to.data().put64(action, SIG_IGN);
            to.call(Call.RT_SIGACTION).number(SIGCHLD).address(action).number(0).number(8);
        }
    }

    /** clock_gettime(2): seconds and nanoseconds, 8 bytes each. */
    record ClockGettime(int clock, Hole into) implements ProcessStep {
        /** CLOCK_MONOTONIC, by which System.nanoTime counts. */
        public static final int MONOTONIC = 1;

        public static final int SIZE = 16;

        @Override
        public void lower(Lowering to) {
            to.call(Call.CLOCK_GETTIME).number(clock).bytes(into);
        }
    }

    /**
     * set_mempolicy(2); bit n of the nodes is memory node n; a multiple of 8 bytes, may be empty.
     */
    record SetMempolicy(int mode, Bytes nodes) implements ProcessStep {
        public SetMempolicy {
            if (nodes.length() % 8 != 0) {
                throw new IllegalArgumentException("nodes come as words of 64 bits");
            }
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.SET_MEMPOLICY).number(mode);
            if (nodes.length() == 0) {
                to.number(0).number(0);
            } else {
                // The kernel reads one bit less than it is told.
                to.bytes(nodes).number(8L * nodes.length() + 1);
            }
        }
    }

    /** rt_sigprocmask(2); bit n-1 is signal n. */
    record RtSigprocmask(int how, long mask) implements ProcessStep {
        @Override
        public void lower(Lowering to) {
            int set = to.data().reserve(8);
            to.data().put64(set, mask);
            to.call(Call.RT_SIGPROCMASK).number(how).address(set).number(0).number(8);
        }
    }

    /** pidfd_open(2). Result: the descriptor. */
    record PidfdOpen(Operand pid, long flags) implements ProcessStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.PIDFD_OPEN).operand(pid).number(flags);
        }
    }

    /** pidfd_send_signal(2). */
    record PidfdSendSignal(Operand pidfd, int signal) implements ProcessStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.PIDFD_SEND_SIGNAL).operand(pidfd).number(signal).number(0).number(0);
        }
    }

    /**
     * pidfd_getfd(2): a copy of another process's descriptor, close-on-exec. Result: the
     * descriptor.
     */
    record PidfdGetfd(Operand pidfd, Operand target) implements ProcessStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.PIDFD_GETFD).operand(pidfd).operand(target).number(0);
        }
    }

    /** waitid(2); siginfo_t of 128 bytes goes into the hole. */
    record Waitid(int idType, Operand id, @Nullable Hole info, long options)
            implements ProcessStep {
        public static final int SIZE = 128;

        public Waitid {
            if (info != null && info.size() < SIZE) {
                throw new IllegalArgumentException("waitid needs " + SIZE + " bytes");
            }
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.WAITID).number(idType).operand(id);
            if (info == null) {
                to.number(0).number(options);
            } else {
                to.bytes(info).number(options);
            }
        }
    }

    /** kill(2). */
    record Kill(Operand pid, int signal) implements ProcessStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.KILL).operand(pid).number(signal);
        }
    }
}
