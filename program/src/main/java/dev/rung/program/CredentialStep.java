package dev.rung.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Steps that change who a process is and what it may do: all of the thread that runs them. */
public sealed interface CredentialStep extends Step {
    int PR_SET_PDEATHSIG = 1;
    int PR_SET_DUMPABLE = 4;
    int PR_SET_KEEPCAPS = 8;
    int PR_SET_NAME = 15;
    int PR_CAPBSET_READ = 23;
    int PR_CAPBSET_DROP = 24;
    int PR_SET_SECUREBITS = 28;
    int PR_SET_CHILD_SUBREAPER = 36;
    int PR_SET_NO_NEW_PRIVS = 38;
    int PR_CAP_AMBIENT = 47;
    int PR_CAP_AMBIENT_RAISE = 2;
    int PR_CAP_AMBIENT_LOWER = 3;
    int PR_CAP_AMBIENT_CLEAR_ALL = 4;

    long SECCOMP_FILTER_FLAG_TSYNC = 1;
    long SECCOMP_FILTER_FLAG_LOG = 2;
    long SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
    long SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
    long SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 16;
    long SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32;

    int BPF_PROG_TYPE_CGROUP_DEVICE = 15;
    int BPF_CGROUP_DEVICE = 6;
    long BPF_F_ALLOW_OVERRIDE = 1;
    long BPF_F_ALLOW_MULTI = 2;
    long BPF_F_REPLACE = 4;

    /** prctl(2) with plain numbers. */
    record Prctl(int option, long second, long third) implements CredentialStep {
        /** The signal that this process gets when its parent ends, 0 for none. */
        public static Prctl parentDeathSignal(int signal) {
            return new Prctl(PR_SET_PDEATHSIG, signal, 0);
        }

        public static Prctl dumpable(boolean dumpable) {
            return new Prctl(PR_SET_DUMPABLE, dumpable ? 1 : 0, 0);
        }

        public static Prctl keepCapabilities(boolean keep) {
            return new Prctl(PR_SET_KEEPCAPS, keep ? 1 : 0, 0);
        }

        public static Prctl noNewPrivileges() {
            return new Prctl(PR_SET_NO_NEW_PRIVS, 1, 0);
        }

        public static Prctl dropFromBoundingSet(int capability) {
            return new Prctl(PR_CAPBSET_DROP, capability, 0);
        }

        public static Prctl clearAmbientSet() {
            return new Prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0);
        }

        public static Prctl raiseInAmbientSet(int capability) {
            return new Prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability);
        }

        public static Prctl childSubreaper(boolean subreaper) {
            return new Prctl(PR_SET_CHILD_SUBREAPER, subreaper ? 1 : 0, 0);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.PRCTL).number(option).number(second).number(third);
        }
    }

    /** prctl(PR_SET_NAME): the name in ps, 15 bytes at most. */
    record SetName(Text name) implements CredentialStep {
        public SetName(String name) {
            this(Text.of(name));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.PRCTL).number(PR_SET_NAME).text(name);
        }
    }

    /** capset(2) of the process itself; bit n is capability n. */
    record Capset(long effective, long permitted, long inheritable) implements CredentialStep {
        private static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522;

        @Override
        public void lower(Lowering to) {
            DataArea data = to.data();
            int header = data.reserve(8);
            data.put32(header, LINUX_CAPABILITY_VERSION_3);
            int sets = data.reserve(24);
            for (int half = 0; half < 2; half++) {
                data.put32(sets + 12 * half, (int) (effective >>> (32 * half)));
                data.put32(sets + 12 * half + 4, (int) (permitted >>> (32 * half)));
                data.put32(sets + 12 * half + 8, (int) (inheritable >>> (32 * half)));
            }
            to.call(Call.CAPSET).address(header).address(sets);
        }
    }

    /** setgroups(2); the groups are u32 each. */
    record Setgroups(Operand count, Bytes groups) implements CredentialStep {
        public static Setgroups of(List<Integer> groups) {
            var bytes = ByteBuffer.allocate(4 * groups.size()).order(ByteOrder.LITTLE_ENDIAN);
            for (int group : groups) {
                bytes.putInt(group);
            }
            return new Setgroups(Operand.of(groups.size()), Bytes.of(bytes.array()));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.SETGROUPS).operand(count).bytes(groups);
        }
    }

    /** setresuid(2) with the same id three times. */
    record Setresuid(Operand uid) implements CredentialStep {
        public Setresuid(long uid) {
            this(Operand.of(uid));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.SETRESUID).operand(uid).operand(uid).operand(uid);
        }
    }

    /** setresgid(2) with the same id three times. */
    record Setresgid(Operand gid) implements CredentialStep {
        public Setresgid(long gid) {
            this(Operand.of(gid));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.SETRESGID).operand(gid).operand(gid).operand(gid);
        }
    }

    /** keyctl(2) that makes or joins a session keyring. Result: its serial number. */
    record KeyctlJoin(Text name) implements CredentialStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.KEYCTL).number(1).text(name);
        }
    }

    /** keyctl(2) that sets the permissions of a key. */
    record KeyctlSetperm(Operand key, long permissions) implements CredentialStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.KEYCTL).number(5).operand(key).number(permissions);
        }
    }

    /**
     * seccomp(2) that installs a filter: an array of struct sock_filter, 8 bytes each. Result: the
     * listener with SECCOMP_FILTER_FLAG_NEW_LISTENER.
     */
    record Seccomp(long flags, Bytes filter) implements CredentialStep {
        @Override
        public void lower(Lowering to) {
            DataArea data = to.data();
            int program = data.reserve(16);
            data.put16(program, filter.length() / 8);
            data.pointer(program + 8, data.bytes(filter));
            to.call(Call.SECCOMP).number(1).number(flags).address(program);
        }
    }

    /**
     * bpf(2) that loads a program: an array of struct bpf_insn, 8 bytes each. Result: the
     * descriptor.
     */
    record BpfLoad(int type, Bytes instructions, Text licence, Text name)
            implements CredentialStep {
        @Override
        public void lower(Lowering to) {
            DataArea data = to.data();
            int attr = data.reserve(64);
            data.put32(attr, type);
            data.put32(attr + 4, instructions.length() / 8);
            data.pointer(attr + 8, data.bytes(instructions));
            data.pointer(attr + 16, data.text(licence));
            byte[] label = data.copyOfText(name, 15);
            data.put(attr + 48, label);
            to.call(Call.BPF).number(5).address(attr).number(64);
        }
    }

    /** bpf(2) that attaches a program to a cgroup; with BPF_F_REPLACE in place of another. */
    record BpfAttach(Operand cgroup, Operand program, int type, long flags, Operand replaced)
            implements CredentialStep {
        @Override
        public void lower(Lowering to) {
            DataArea data = to.data();
            int attr = data.reserve(24);
            data.put32(attr + 8, type);
            data.put32(attr + 12, (int) flags);
            to.poke(cgroup, attr, 4);
            to.poke(program, attr + 4, 4);
            if (!replaced.equals(Operand.NONE)) {
                to.poke(replaced, attr + 16, 4);
            }
            to.call(Call.BPF).number(8).address(attr).number(24);
        }
    }

    /** bpf(2) that detaches a program from a cgroup. */
    record BpfDetach(Operand cgroup, Operand program, int type) implements CredentialStep {
        @Override
        public void lower(Lowering to) {
            DataArea data = to.data();
            int attr = data.reserve(16);
            data.put32(attr + 8, type);
            to.poke(cgroup, attr, 4);
            to.poke(program, attr + 4, 4);
            to.call(Call.BPF).number(9).address(attr).number(16);
        }
    }

    /**
     * bpf(2) that asks which programs are attached to a cgroup: their ids, u32 each, 0 behind the
     * last. ENOSPC when the hole is too small for all.
     */
    record BpfQuery(Operand cgroup, int type, Hole ids) implements CredentialStep {
        @Override
        public void lower(Lowering to) {
            DataArea data = to.data();
            int attr = data.reserve(32);
            data.put32(attr + 4, type);
            data.pointer(attr + 16, ids.at());
            data.put32(attr + 24, ids.size() / 4);
            to.poke(cgroup, attr, 4);
            to.call(Call.BPF).number(16).address(attr).number(32);
        }
    }

    /** bpf(2) that opens a program by its id. Result: the descriptor. */
    record BpfOpen(Operand id) implements CredentialStep {
        @Override
        public void lower(Lowering to) {
            int attr = to.data().reserve(12);
            to.poke(id, attr, 4);
            to.call(Call.BPF).number(13).address(attr).number(12);
        }
    }
}
