package dev.rung.oci;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The "process" of a config and the file of exec's --process (config.md "Process", "POSIX process",
 * "Linux Process").
 *
 * @param consoleSize null: the terminal keeps its own
 * @param cwd empty when absent, which {@link Validation} refuses
 * @param capabilities null: not given at all
 * @param execCpuAffinity null: not given
 */
public record ContainerProcess(
        boolean terminal,
        @Nullable ConsoleSize consoleSize,
        User user,
        List<String> args,
        List<String> env,
        String cwd,
        @Nullable Capabilities capabilities,
        List<Rlimit> rlimits,
        boolean noNewPrivileges,
        @Nullable String apparmorProfile,
        @Nullable Integer oomScoreAdj,
        @Nullable Scheduler scheduler,
        @Nullable String selinuxLabel,
        @Nullable IoPriority ioPriority,
        @Nullable CpuAffinity execCpuAffinity) {

    /** What stands for the process of a config that has none; it may do nothing. */
    public static final ContainerProcess NONE =
            new ContainerProcess(
                    false,
                    null,
                    new User(0, 0, null, List.of()),
                    List.of(),
                    List.of(),
                    "/",
                    new Capabilities(List.of(), List.of(), List.of(), List.of(), List.of()),
                    List.of(),
                    false,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null);

    /** The highest user or group id: 2^32 - 1 means "leave as it is" to the kernel. */
    private static final long HIGHEST_ID = JsonFields.MAX_UINT32 - 1;

    /** In characters; 65535 at most, as the kernel's winsize holds no more. */
    public record ConsoleSize(int height, int width) {}

    /**
     * Ids inside the container, up to 2^32 - 2.
     *
     * @param umask 0 to 0777; null: the caller's is kept
     */
    public record User(long uid, long gid, @Nullable Integer umask, List<Long> additionalGids) {}

    /** Names such as CAP_CHOWN, known or not: an unknown one only warns. */
    public record Capabilities(
            List<String> bounding,
            List<String> effective,
            List<String> inheritable,
            List<String> permitted,
            List<String> ambient) {}

    /** Both limits in 64 bits without a sign; -1 (all ones) is RLIM_INFINITY. */
    public record Rlimit(RlimitType type, long hard, long soft) {}

    /** Resources of getrlimit(2). */
    public enum RlimitType {
        RLIMIT_CPU,
        RLIMIT_FSIZE,
        RLIMIT_DATA,
        RLIMIT_STACK,
        RLIMIT_CORE,
        RLIMIT_RSS,
        RLIMIT_NPROC,
        RLIMIT_NOFILE,
        RLIMIT_MEMLOCK,
        RLIMIT_AS,
        RLIMIT_LOCKS,
        RLIMIT_SIGPENDING,
        RLIMIT_MSGQUEUE,
        RLIMIT_NICE,
        RLIMIT_RTPRIO,
        RLIMIT_RTTIME
    }

    /**
     * sched_setattr(2); the three times in ns, 64 bits without a sign.
     *
     * @param runtime null: not given
     * @param deadline null: not given
     */
    public record Scheduler(
            SchedulerPolicy policy,
            int nice,
            int priority,
            List<SchedulerFlag> flags,
            @Nullable Long runtime,
            @Nullable Long deadline,
            long period) {}

    public enum SchedulerPolicy {
        SCHED_OTHER,
        SCHED_FIFO,
        SCHED_RR,
        SCHED_BATCH,
        SCHED_ISO,
        SCHED_IDLE,
        SCHED_DEADLINE
    }

    public enum SchedulerFlag {
        SCHED_FLAG_RESET_ON_FORK,
        SCHED_FLAG_RECLAIM,
        SCHED_FLAG_DL_OVERRUN,
        SCHED_FLAG_KEEP_POLICY,
        SCHED_FLAG_KEEP_PARAMS,
        SCHED_FLAG_UTIL_CLAMP_MIN,
        SCHED_FLAG_UTIL_CLAMP_MAX
    }

    /** ioprio_set(2); the priority from 0 (highest) to 7. */
    public record IoPriority(IoPriorityClass ioClass, int priority) {}

    public enum IoPriorityClass {
        IOPRIO_CLASS_RT,
        IOPRIO_CLASS_BE,
        IOPRIO_CLASS_IDLE
    }

    /**
     * Where an exec'd process may run.
     *
     * @param initial before it enters the container's cgroup
     * @param last after that ("final")
     */
    public record CpuAffinity(@Nullable CpuList initial, @Nullable CpuList last) {}

    /** Reads the file of exec's --process; call {@link Validation#checkProcess} with the result. */
    public static ContainerProcess read(String file, byte[] json) {
        return of(JsonFields.read(file, json));
    }

    static ContainerProcess of(JsonFields fields) {
        return new ContainerProcess(
                fields.flag("terminal"),
                consoleSize(fields.optionalObject("consoleSize")),
                user(fields.optionalObject("user")),
                fields.texts("args"),
                fields.texts("env"),
                textOrEmpty(fields, "cwd"),
                capabilities(fields.optionalObject("capabilities")),
                rlimits(fields),
                fields.flag("noNewPrivileges"),
                fields.optionalText("apparmorProfile"),
                oomScoreAdj(fields),
                scheduler(fields.optionalObject("scheduler")),
                fields.optionalText("selinuxLabel"),
                ioPriority(fields.optionalObject("ioPriority")),
                affinity(fields.optionalObject("execCPUAffinity")));
    }

    private static String textOrEmpty(JsonFields fields, String name) {
        String text = fields.optionalText(name);
        return text == null ? "" : text;
    }

    private static @Nullable ConsoleSize consoleSize(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        long height = fields.integerOr("height", 0, JsonFields.MAX_UINT32, 0);
        long width = fields.integerOr("width", 0, JsonFields.MAX_UINT32, 0);
        return new ConsoleSize((int) Math.min(height, 65535), (int) Math.min(width, 65535));
    }

    private static User user(@Nullable JsonFields fields) {
        if (fields == null) {
            return new User(0, 0, null, List.of());
        }
        Long umask = fields.optionalInteger("umask", 0, JsonFields.MAX_UINT32);
        List<Long> groups = fields.unsigned32s("additionalGids");
        for (int i = 0; i < groups.size(); i++) {
            if (groups.get(i) > HIGHEST_ID) {
                throw fields.invalid(
                        "additionalGids",
                        i,
                        "want an integer from 0 to " + HIGHEST_ID + ", got " + groups.get(i));
            }
        }
        return new User(
                fields.integerOr("uid", 0, HIGHEST_ID, 0),
                fields.integerOr("gid", 0, HIGHEST_ID, 0),
                umask == null ? null : (int) (umask & 0777),
                groups);
    }

    private static @Nullable Capabilities capabilities(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        return new Capabilities(
                fields.texts("bounding"),
                fields.texts("effective"),
                fields.texts("inheritable"),
                fields.texts("permitted"),
                fields.texts("ambient"));
    }

    private static List<Rlimit> rlimits(JsonFields fields) {
        List<JsonFields> entries = fields.objects("rlimits");
        var list = new ArrayList<Rlimit>(entries.size());
        for (JsonFields entry : entries) {
            list.add(
                    new Rlimit(
                            Choice.required(entry, "type", RlimitType.values()),
                            entry.unsigned("hard"),
                            entry.unsigned("soft")));
        }
        return List.copyOf(list);
    }

    private static @Nullable Integer oomScoreAdj(JsonFields fields) {
        Long value = fields.optionalInteger("oomScoreAdj", Integer.MIN_VALUE, Integer.MAX_VALUE);
        return value == null ? null : value.intValue();
    }

    private static @Nullable Scheduler scheduler(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        return new Scheduler(
                Choice.required(fields, "policy", SchedulerPolicy.values()),
                (int) fields.integerOr("nice", Integer.MIN_VALUE, Integer.MAX_VALUE, 0),
                (int) fields.integerOr("priority", Integer.MIN_VALUE, Integer.MAX_VALUE, 0),
                Choice.listOrEmpty(fields, "flags", SchedulerFlag.values()),
                fields.optionalUnsigned("runtime"),
                fields.optionalUnsigned("deadline"),
                fields.unsignedOrZero("period"));
    }

    private static @Nullable IoPriority ioPriority(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        return new IoPriority(
                Choice.required(fields, "class", IoPriorityClass.values()),
                (int) fields.integerOr("priority", Integer.MIN_VALUE, Integer.MAX_VALUE, 0));
    }

    private static @Nullable CpuAffinity affinity(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        return new CpuAffinity(cpuList(fields, "initial"), cpuList(fields, "final"));
    }

    static @Nullable CpuList cpuList(JsonFields fields, String name) {
        String text = fields.optionalText(name);
        if (text == null) {
            return null;
        }
        try {
            return CpuList.of(text);
        } catch (Failure.Invalid reason) {
            throw fields.invalid(name, String.valueOf(reason.getMessage()));
        }
    }
}
