package dev.rung.oci;

import static dev.rung.oci.Complaint.quoted;

import dev.rung.oci.ContainerProcess.IoPriority;
import dev.rung.oci.ContainerProcess.Rlimit;
import dev.rung.oci.ContainerProcess.RlimitType;
import dev.rung.oci.ContainerProcess.Scheduler;
import dev.rung.oci.ContainerProcess.SchedulerPolicy;
import java.util.EnumSet;
import java.util.List;

/** What must hold of a process, the container's own or that of exec. */
final class ProcessRules {
    private static final long SHORTEST_SPAN_NS = 1024;

    private ProcessRules() {}

    static void check(Complaint complaint, ContainerProcess process) {
        if (process.cwd().isEmpty()) {
            throw complaint.at("cwd", "Cwd property must not be empty");
        }
        if (!process.cwd().startsWith("/")) {
            throw complaint.at("cwd", "Cwd must be an absolute path");
        }
        if (process.args().isEmpty()) {
            throw complaint.at("args", "args must not be empty");
        }
        checkEnvironment(complaint, process.env());
        checkRlimits(complaint, process.rlimits());
        Scheduler scheduler = process.scheduler();
        if (scheduler != null) {
            checkScheduler(complaint, scheduler);
        }
        IoPriority io = process.ioPriority();
        if (io != null && (io.priority() < 0 || io.priority() > 7)) {
            throw complaint.at(
                    "ioPriority.priority", "invalid ioPriority.Priority: " + io.priority());
        }
    }

    private static void checkEnvironment(Complaint complaint, List<String> env) {
        for (int i = 0; i < env.size(); i++) {
            int equals = env.get(i).indexOf('=');
            if (equals < 0) {
                throw complaint.at("env", i, "invalid environment variable: missing '='");
            }
            if (equals == 0) {
                throw complaint.at("env", i, "invalid environment variable: name cannot be empty");
            }
        }
    }

    private static void checkRlimits(Complaint complaint, List<Rlimit> rlimits) {
        var seen = EnumSet.noneOf(RlimitType.class);
        for (int i = 0; i < rlimits.size(); i++) {
            if (!seen.add(rlimits.get(i).type())) {
                throw complaint.at("rlimits", i, "duplicated rlimit " + rlimits.get(i).type());
            }
        }
    }

    private static void checkScheduler(Complaint complaint, Scheduler scheduler) {
        SchedulerPolicy policy = scheduler.policy();
        boolean nices =
                policy == SchedulerPolicy.SCHED_OTHER || policy == SchedulerPolicy.SCHED_BATCH;
        if (nices && (scheduler.nice() < -20 || scheduler.nice() > 19)) {
            throw complaint.at(
                    "scheduler.nice",
                    "invalid scheduler.nice: "
                            + scheduler.nice()
                            + " when scheduler.policy is "
                            + policy);
        }
        boolean realTime =
                policy == SchedulerPolicy.SCHED_FIFO || policy == SchedulerPolicy.SCHED_RR;
        if (scheduler.priority() != 0 && !realTime) {
            throw complaint.at(
                    "scheduler.priority",
                    "scheduler.priority can only be specified for SchedFIFO or SchedRR policy");
        }
        long runtime = scheduler.runtime() == null ? 0 : scheduler.runtime();
        long deadline = scheduler.deadline() == null ? 0 : scheduler.deadline();
        if (policy == SchedulerPolicy.SCHED_DEADLINE) {
            checkDeadline(complaint, scheduler, runtime, deadline);
        } else if (runtime != 0 || deadline != 0 || scheduler.period() != 0) {
            throw complaint.at(
                    "scheduler",
                    "scheduler runtime/deadline/period can only be specified for SchedDeadline"
                            + " policy");
        }
    }

    /** What the kernel would refuse without saying why (sched(7)), in the words of crun. */
    private static void checkDeadline(
            Complaint complaint, Scheduler scheduler, long runtime, long deadline) {
        if (scheduler.runtime() == null) {
            throw wrongDeadline(complaint, "runtime", "requires `runtime`");
        }
        if (scheduler.deadline() == null) {
            throw wrongDeadline(complaint, "deadline", "requires `deadline`");
        }
        if (runtime == 0) {
            throw wrongDeadline(complaint, "runtime", "runtime must be greater than 0");
        }
        if (deadline == 0) {
            throw wrongDeadline(complaint, "deadline", "deadline must be greater than 0");
        }
        if (Long.compareUnsigned(runtime, deadline) > 0) {
            throw wrongDeadline(
                    complaint,
                    "runtime",
                    "runtime ("
                            + Long.toUnsignedString(runtime)
                            + ") must be <= deadline ("
                            + Long.toUnsignedString(deadline)
                            + ")");
        }
        long period = scheduler.period();
        if (period != 0 && Long.compareUnsigned(deadline, period) > 0) {
            throw wrongDeadline(
                    complaint,
                    "deadline",
                    "deadline ("
                            + Long.toUnsignedString(deadline)
                            + ") must be <= period ("
                            + Long.toUnsignedString(period)
                            + ")");
        }
        checkSpan(complaint, "runtime", runtime);
        checkSpan(complaint, "deadline", deadline);
        if (period != 0) {
            checkSpan(complaint, "period", period);
        }
    }

    private static void checkSpan(Complaint complaint, String name, long value) {
        if (value < SHORTEST_SPAN_NS) {
            throw wrongDeadline(
                    complaint,
                    name,
                    name
                            + " ("
                            + Long.toUnsignedString(value)
                            + ") must be between "
                            + SHORTEST_SPAN_NS
                            + " and "
                            + Long.MAX_VALUE);
        }
    }

    private static RuntimeException wrongDeadline(Complaint complaint, String name, String words) {
        return complaint.at("scheduler." + name, "sched_setattr: `SCHED_DEADLINE` " + words);
    }

    /** Absolute paths, as the specification asks in several places. */
    static void checkAbsolute(Complaint complaint, String key, List<String> paths) {
        for (int i = 0; i < paths.size(); i++) {
            if (!paths.get(i).startsWith("/")) {
                throw complaint.at(key, i, "want an absolute path, got " + quoted(paths.get(i)));
            }
        }
    }
}
