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
        boolean timed =
                scheduler.runtime() != 0 || scheduler.deadline() != 0 || scheduler.period() != 0;
        if (timed && policy != SchedulerPolicy.SCHED_DEADLINE) {
            throw complaint.at(
                    "scheduler",
                    "scheduler runtime/deadline/period can only be specified for SchedDeadline"
                            + " policy");
        }
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
