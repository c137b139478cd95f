package dev.rung.host.seccomp;

import java.util.List;

/** A compiled profile: what to hand to seccomp(2), SECCOMP_SET_MODE_FILTER. */
public final class SeccompFilter {
    private static final int INSTRUCTION = 8;

    private final byte[] program;
    private final int flags;
    private final List<String> warnings;
    private final List<String> remarks;

    SeccompFilter(byte[] program, int flags, List<String> warnings, List<String> remarks) {
        this.program = program;
        this.flags = flags;
        this.warnings = List.copyOf(warnings);
        this.remarks = List.copyOf(remarks);
    }

    /** The array of struct sock_filter, in the machine's byte order; a copy. */
    public byte[] program() {
        return program.clone();
    }

    /** How many instructions the program has: the {@code len} of struct sock_fprog. */
    public int length() {
        return program.length / INSTRUCTION;
    }

    /** SECCOMP_FILTER_FLAG_* bits. */
    public int flags() {
        return flags;
    }

    /**
     * Whether seccomp(2) returns a listener, which goes to the agent at linux.seccomp.listenerPath.
     */
    public boolean hasListener() {
        return (flags & SeccompSupport.FLAG_NEW_LISTENER) != 0;
    }

    /** What the user should know, one line each. */
    public List<String> warnings() {
        return warnings;
    }

    /** Calls that no kernel known here has, one line each; runc says that with --debug only. */
    public List<String> remarks() {
        return remarks;
    }
}
