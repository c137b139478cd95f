package dev.rung.oci;

import dev.rung.oci.json.JsonFields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A filter of system calls (config-linux.md "Seccomp").
 *
 * @param defaultErrnoRet for ERRNO and TRACE; null: EPERM
 * @param flags null when not given at all, which differs from an empty list: runc then chooses
 *     SPEC_ALLOW
 * @param listenerMetadata handed on to the agent; may hold a NUL
 */
public record Seccomp(
        Action defaultAction,
        @Nullable Long defaultErrnoRet,
        List<Architecture> architectures,
        @Nullable List<Flag> flags,
        @Nullable String listenerPath,
        @Nullable String listenerMetadata,
        List<Syscall> syscalls) {

    /**
     * One rule.
     *
     * @param names known to this machine or not
     * @param errnoRet for ERRNO and TRACE; null: EPERM
     * @param args all of them must match
     */
    public record Syscall(
            List<String> names, Action action, @Nullable Long errnoRet, List<Argument> args) {}

    /**
     * One comparison of an argument.
     *
     * @param index 0 to 5
     * @param value 64 bits without a sign; for MASKED_EQ the mask
     * @param valueTwo for MASKED_EQ what must be left, else unused
     */
    public record Argument(int index, long value, long valueTwo, Operator op) {}

    public enum Action {
        SCMP_ACT_KILL,
        SCMP_ACT_KILL_PROCESS,
        SCMP_ACT_KILL_THREAD,
        SCMP_ACT_TRAP,
        SCMP_ACT_ERRNO,
        SCMP_ACT_TRACE,
        SCMP_ACT_ALLOW,
        SCMP_ACT_LOG,
        SCMP_ACT_NOTIFY
    }

    public enum Operator {
        SCMP_CMP_NE,
        SCMP_CMP_LT,
        SCMP_CMP_LE,
        SCMP_CMP_EQ,
        SCMP_CMP_GE,
        SCMP_CMP_GT,
        SCMP_CMP_MASKED_EQ
    }

    public enum Flag {
        SECCOMP_FILTER_FLAG_TSYNC,
        SECCOMP_FILTER_FLAG_LOG,
        SECCOMP_FILTER_FLAG_SPEC_ALLOW,
        SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
    }

    public enum Architecture {
        SCMP_ARCH_X86,
        SCMP_ARCH_X86_64,
        SCMP_ARCH_X32,
        SCMP_ARCH_ARM,
        SCMP_ARCH_AARCH64,
        SCMP_ARCH_MIPS,
        SCMP_ARCH_MIPS64,
        SCMP_ARCH_MIPS64N32,
        SCMP_ARCH_MIPSEL,
        SCMP_ARCH_MIPSEL64,
        SCMP_ARCH_MIPSEL64N32,
        SCMP_ARCH_PPC,
        SCMP_ARCH_PPC64,
        SCMP_ARCH_PPC64LE,
        SCMP_ARCH_S390,
        SCMP_ARCH_S390X,
        SCMP_ARCH_PARISC,
        SCMP_ARCH_PARISC64,
        SCMP_ARCH_RISCV64,
        SCMP_ARCH_LOONGARCH64,
        SCMP_ARCH_M68K,
        SCMP_ARCH_SH,
        SCMP_ARCH_SHEB
    }

    /** Whether some rule or the default hands the call to a listener. */
    public boolean notifies() {
        if (defaultAction == Action.SCMP_ACT_NOTIFY) {
            return true;
        }
        for (Syscall syscall : syscalls) {
            if (syscall.action == Action.SCMP_ACT_NOTIFY) {
                return true;
            }
        }
        return false;
    }

    /** Reads a profile that stands in a file of its own; null when it asks for nothing. */
    public static @Nullable Seccomp read(String file, byte[] json) {
        return of(JsonFields.read(file, json));
    }

    /** As for runc, neither a default action nor a call listed means no filter at all. */
    static @Nullable Seccomp of(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        List<JsonFields> entries = fields.objects("syscalls");
        if (entries.isEmpty() && fields.optionalText("defaultAction") == null) {
            return null;
        }
        var actions = Action.values();
        var syscalls = new ArrayList<Syscall>(entries.size());
        for (JsonFields entry : entries) {
            syscalls.add(
                    new Syscall(
                            entry.texts("names"),
                            Choice.required(entry, "action", actions),
                            entry.optionalInteger("errnoRet", 0, JsonFields.MAX_UINT32),
                            arguments(entry)));
        }
        return new Seccomp(
                Choice.required(fields, "defaultAction", actions),
                fields.optionalInteger("defaultErrnoRet", 0, JsonFields.MAX_UINT32),
                Choice.listOrEmpty(fields, "architectures", Architecture.values()),
                Choice.list(fields, "flags", Flag.values()),
                fields.optionalText("listenerPath"),
                fields.freeText("listenerMetadata"),
                List.copyOf(syscalls));
    }

    private static List<Argument> arguments(JsonFields fields) {
        List<JsonFields> entries = fields.objects("args");
        if (entries.isEmpty()) {
            return List.of();
        }
        var list = new ArrayList<Argument>(entries.size());
        for (JsonFields entry : entries) {
            list.add(
                    new Argument(
                            (int) entry.integer("index", 0, 5),
                            entry.unsigned("value"),
                            entry.unsignedOrZero("valueTwo"),
                            Choice.required(entry, "op", Operator.values())));
        }
        return List.copyOf(list);
    }
}
