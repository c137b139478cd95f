package dev.rung.program;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The executor's own acts: what no single system call does. */
public sealed interface ControlStep extends Step {
    /**
     * Writes a number as decimal digits: with width 0 from the left and NUL-ended, which needs
     * {@link Hole#DIGITS} bytes; else to the right of so many bytes, blanks before it. Result: how
     * many digits.
     */
    record Decimal(Operand value, Hole into, int width) implements ControlStep {
        public Decimal {
            if (width < 0 || width > 20 || into.size() < (width == 0 ? Hole.DIGITS : width)) {
                throw new IllegalArgumentException(
                        "a decimal of width " + width + " in " + into.size() + " bytes");
            }
        }

        /** As wide as the hole, at most 20. */
        public static Decimal aligned(Operand value, Hole into) {
            return new Decimal(value, into, into.size());
        }

        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_DECIMAL).operand(value).offset(into).number(width);
        }
    }

    /** Writes a number in binary, as wide as the hole: 1, 2, 4 or 8 bytes. */
    record Poke(Operand value, Hole into) implements ControlStep {
        public Poke {
            checkWidth(into);
        }

        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_POKE).operand(value).offset(into).number(into.size());
        }
    }

    /** Reads a number in binary, unsigned, as wide as the hole: 1, 2, 4 or 8 bytes. Result: it. */
    record Load(Hole from) implements ControlStep {
        public Load {
            checkWidth(from);
        }

        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_LOAD).offset(from).number(from.size());
        }
    }

    /**
     * clone3(2); the child goes on at the beginning of the stream, and the rest of this one is the
     * parent's. Stream 0 may do so several times, also with one stream again after its process
     * ended; others do it once. Result: the pid.
     *
     * @param flags CLONE_NEW…, CLONE_PARENT, and CLONE_VM for one stream at most, which executes
     *     nothing: it shares the memory of its parent until it ends
     * @param cgroup the directory of the cgroup that the child begins in, else {@link Operand#NONE}
     * @param pidfd gets the child's pidfd
     */
    record Fork(long flags, int stream, Operand cgroup, @Nullable Slot pidfd)
            implements ControlStep {
        public Fork(long flags, int stream) {
            this(flags, stream, Operand.NONE, null);
        }

        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_FORK).number(flags).number(stream).operand(cgroup);
            if (pidfd == null) {
                to.number(Format.NO_SLOT);
            } else {
                to.use().sets(pidfd, to.stream());
                to.number(pidfd.index());
            }
        }
    }

    /** Tells a stream that this point is reached; tags are 0 to 63. One of the two is stream 0. */
    record Post(int stream, int tag) implements ControlStep {
        public Post {
            checkTag(tag);
        }

        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_POST).number(stream).number(tag);
        }
    }

    /**
     * Waits until a stream posts this tag. One of the two is stream 0. Its failure is ours; ECHILD
     * when it ends before.
     */
    record Wait(int stream, int tag) implements ControlStep {
        public Wait {
            checkTag(tag);
        }

        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_WAIT).number(stream).number(tag);
        }
    }

    /**
     * When a process was started, in ticks since boot: field 22 of /proc/PID/stat. ESRCH when there
     * is none, or one started at another time than expected (0 for any). Result: the time.
     */
    record Starttime(Operand pid, Operand expected) implements ControlStep {
        public Starttime(Operand pid) {
            this(pid, Operand.of(0));
        }

        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_STARTTIME).operand(pid).operand(expected);
        }
    }

    /**
     * Opens (O_PATH) a path below a root directory, which no link leaves, and makes what is missing
     * of it: directories of this mode, and the last part as an empty file if a file is asked for.
     * Result: the descriptor.
     */
    record Ensure(Operand root, Text path, boolean file, int mode) implements ControlStep {
        public Ensure(Operand root, String path, boolean file, int mode) {
            this(root, Text.of(path), file, mode);
        }

        public Ensure {
            if ((mode & ~07777) != 0) {
                throw new IllegalArgumentException("mode " + Integer.toOctalString(mode));
            }
        }

        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_ENSURE).operand(root).text(path).number(file ? 1 : 0).number(mode);
        }
    }

    /**
     * Copies what a directory holds into another one, which is empty and nobody else sees: kinds,
     * contents, owners and modes, but neither times nor extended attributes. ELOOP for a tree of
     * more than 64 levels.
     *
     * @param from read as long as the step takes; nothing that is changed in it meanwhile leads out
     */
    record CopyTree(Operand from, Operand to) implements ControlStep {
        @Override
        public void lower(Lowering step) {
            step.op(Format.OP_COPY).operand(from).operand(to);
        }
    }

    /**
     * From now on what programs of this stream and of those that it forks print goes to these
     * descriptors.
     *
     * @param out for standard output, {@link Operand#NONE}: kept for the report
     * @param err the same for standard error
     */
    record Output(Operand out, Operand err) implements ControlStep {
        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_OUTPUT).operand(out).operand(err);
        }
    }

    /**
     * Runs a program to its end, with these bytes on its standard input; what it prints is kept for
     * the report, 4 KiB of it. Fails unless it exits with 0; ETIMEDOUT after the limit, when it is
     * killed.
     *
     * @param env null for the environment of the front end's caller
     * @param limitMs milliseconds, 0 for no limit
     */
    record Spawn(Text path, List<Text> argv, @Nullable List<Text> env, Bytes input, long limitMs)
            implements ControlStep {
        public Spawn {
            argv = List.copyOf(argv);
            env = env == null ? null : List.copyOf(env);
            if (limitMs < 0) {
                throw new IllegalArgumentException("time limit " + limitMs);
            }
        }

        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_SPAWN).text(path).table(argv);
            if (env == null) {
                to.number(0);
            } else {
                to.table(env);
            }
            to.bytes(input).number(input.length()).number(Math.min(limitMs, 0xfffffffeL));
        }
    }

    /**
     * Looks for the first candidate that is an executable file. ENOENT when there is none, EACCES
     * when there is one that may not be executed; with search the report is the label's words and
     * no more ("executable file not found in $PATH"). Result: its index.
     */
    record Probe(List<Text> candidates, boolean search) implements ControlStep {
        public Probe {
            candidates = List.copyOf(candidates);
        }

        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_EXEC)
                    .table(candidates)
                    .table(List.of())
                    .table(List.of())
                    .number(0)
                    .number(0)
                    .number(search ? 1 : 0);
        }
    }

    /** execve(2) of the candidate with this index, which {@link Probe} found. */
    record Exec(List<Text> candidates, List<Text> argv, List<Text> env, Operand chosen)
            implements ControlStep {
        public Exec {
            candidates = List.copyOf(candidates);
            argv = List.copyOf(argv);
            env = List.copyOf(env);
        }

        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_EXEC)
                    .table(candidates)
                    .table(argv)
                    .table(env)
                    .number(1)
                    .operand(chosen);
        }
    }

    /**
     * Passes descriptors (four at most; unset slots are left out) up to Java and waits for what it
     * changes in the data. ECANCELED when it refuses.
     */
    record Phase(int id, List<Operand> fds) implements ControlStep {
        public Phase {
            fds = List.copyOf(fds);
            if (fds.size() > 4) {
                throw new IllegalArgumentException("a phase passes four descriptors at most");
            }
        }

        public Phase(int id, Operand... fds) {
            this(id, List.of(fds));
        }

        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_PHASE).number(id);
            for (int i = 0; i < 4; i++) {
                to.operand(i < fds.size() ? fds.get(i) : Operand.NONE);
            }
        }
    }

    /** Fails with errno unless (value & mask) == expected; with differ, if it is. */
    record Expect(Operand value, long mask, long expected, int errno, boolean differ)
            implements ControlStep {
        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_EXPECT)
                    .operand(value)
                    .number(0)
                    .number(mask)
                    .number(expected)
                    .number(errno)
                    .number(differ ? 1 : 0);
        }
    }

    /** As {@link Expect}, of a number of 1, 2, 4 or 8 bytes in the data. */
    record ExpectData(Hole data, long mask, long expected, int errno, boolean differ)
            implements ControlStep {
        public ExpectData {
            checkWidth(data);
        }

        public ExpectData(Hole data, long expected, int errno) {
            this(data, -1, expected, errno, false);
        }

        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_EXPECT)
                    .bytes(data)
                    .number(data.size())
                    .number(mask)
                    .number(expected)
                    .number(errno)
                    .number(differ ? 1 : 0);
        }
    }

    /** From now on this stream reports to that socket: the connection of a start command. */
    record Adopt(Operand socket) implements ControlStep {
        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_ADOPT).operand(socket);
        }
    }

    /** Waits for the end of a socket's other side, which is success; its failure report is ours. */
    record Heed(Operand socket) implements ControlStep {
        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_HEED).operand(socket).number(0);
        }
    }

    /**
     * Waits for the end of a stream, or its exec, which is success; its failure is ours. Stream 0
     * only.
     */
    record HeedStream(int stream) implements ControlStep {
        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_HEED).number(stream).number(1);
        }
    }

    /**
     * Waits, without a system call of the other's, until a stream behind its seccomp filter has set
     * the slot to its listener; ESRCH when the pidfd's process ends first. Result: the slot's
     * value.
     */
    record Listener(Slot slot, Operand pidfd) implements ControlStep {
        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_LISTENER).index(slot).operand(pidfd);
        }
    }

    /**
     * Gives back the memory that the process has no more use for, before it waits for long: of its
     * stack, and of the steps that are done. The stream forks no more.
     */
    record Shed() implements ControlStep {
        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_SHED);
        }
    }

    /** Gives all signals their default disposition, and blocks none. */
    record Signals() implements ControlStep {
        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_SIGNALS);
        }
    }

    /** Waits without any system call until another stream has set the slot to this value. */
    record Pause(Slot slot, long value) implements ControlStep {
        @Override
        public void lower(Lowering to) {
            to.op(Format.OP_PAUSE).index(slot).number(value);
        }
    }

    private static void checkTag(int tag) {
        if (tag < 0 || tag >= Format.MAX_TAGS) {
            throw new IllegalArgumentException("tag " + tag);
        }
    }

    private static void checkWidth(Hole hole) {
        int width = hole.size();
        if (width != 1 && width != 2 && width != 4 && width != 8) {
            throw new IllegalArgumentException("a number of " + width + " bytes");
        }
    }
}
