package dev.rung.engine;

import dev.rung.linux.Fd;
import dev.rung.oci.IdMapping;
import dev.rung.program.Assembly;
import dev.rung.program.Bytes;
import dev.rung.program.ControlStep;
import dev.rung.program.CredentialStep;
import dev.rung.program.CredentialStep.Prctl;
import dev.rung.program.FileStep;
import dev.rung.program.Hole;
import dev.rung.program.Label;
import dev.rung.program.Machine;
import dev.rung.program.MountStep;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep;
import dev.rung.program.Slot;
import dev.rung.program.Step;
import dev.rung.program.StepStream;
import dev.rung.program.Text;
import dev.rung.resident.Caller;
import dev.rung.resident.PhaseHandler;
import dev.rung.resident.RunResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the namespaces that a pod's containers share. The process in which they begin ends again,
 * unless they share process numbers: then it stays as their first, which reaps the others' orphans.
 */
final class SandboxProgram {
    private static final int PHASE = 1;
    private static final int READY = 1;
    private static final int MAPPED = 2;
    private static final int MOST_PASSED = 4; // descriptors with a phase
    private static final int NOBODY = 65534;
    private static final long CLONE_NEWUSER = 0x10000000;
    private static final long A_CENTURY_MS = 3_153_600_000_000L;
    private static final long A_MINUTE_MS = 60_000;
    private static final long LONGEST_END_MS = 10_000;
    private static final int FIRST_OF_OURS = 3;

    private final List<String> kinds;
    private final String hostname;
    private final @Nullable IdMapping ids;
    private final Path pidFile;
    private final Path empty;
    private final Assembly assembly = new Assembly(Machine.own());

    /** Descriptors of the namespaces of these kinds; lent. */
    interface Keeper {
        void keep(List<String> kinds, List<Fd> namespaces);
    }

    /**
     * Kinds are net, ipc, uts, pid and user; the user namespace owns the others.
     *
     * @param ids users and groups of a user namespace; null without one
     * @param pidFile gets the number of a process that stays
     * @param empty the folder that is all that such a process sees
     */
    SandboxProgram(
            List<String> kinds,
            String hostname,
            @Nullable IdMapping ids,
            Path pidFile,
            Path empty) {
        this.kinds = kinds;
        this.hostname = hostname;
        this.ids = ids;
        this.pidFile = pidFile;
        this.empty = empty;
    }

    /** Runs it to its end; false when the kernel refused. */
    boolean run(Caller front, Keeper keeper) {
        PhaseHandler phases =
                (phase, descriptors) -> {
                    keeper.keep(parts().get(phase - PHASE), descriptors);
                    // else they would be closed with the worker's conversation, and keep all alive
                    descriptors.forEach(Fd::close);
                    return List.of();
                };
        RunResult result = front.run(bytes(), phases);
        return result.succeeded();
    }

    /**
     * Ends a process that stayed, and waits for its end, which comes once all others of its
     * namespace have been waited for; it may be somebody else's child by now.
     */
    static void end(Caller front, int pid) {
        var assembly = new Assembly(Machine.own());
        var steps = assembly.stream(0);
        Slot pidfd = steps.add(new ProcessStep.PidfdOpen(Operand.of(pid), 0)).into("pidfd");
        steps.add(new ProcessStep.PidfdSendSignal(pidfd, ProcessStep.SIGKILL)).toleratingAll();
        steps.add(new FileStep.Ppoll(pidfd, FileStep.Ppoll.POLLIN, LONGEST_END_MS)).toleratingAll();
        steps.add(
                        new ProcessStep.Waitid(
                                ProcessStep.P_PIDFD,
                                pidfd,
                                null,
                                ProcessStep.WEXITED | ProcessStep.WALL | ProcessStep.WNOHANG))
                .toleratingAll();
        steps.add(new FileStep.Close(pidfd));
        front.run(assembly.build().bytes(), PhaseHandler.NONE);
    }

    /** Forgets one that stayed here and that another front end has ended meanwhile, if any. */
    private static void reap(StepStream front) {
        long options = ProcessStep.WEXITED | ProcessStep.WALL | ProcessStep.WNOHANG;
        front.add(new ProcessStep.Waitid(ProcessStep.P_ALL, Operand.of(0), null, options))
                .toleratingAll();
    }

    private byte[] bytes() {
        boolean stays = kinds.contains("pid");
        var front = assembly.stream(0);
        reap(front);
        Slot pid = assembly.slot("helper");
        Slot pidfd = assembly.slot("helperPidfd");
        front.add(new ControlStep.Fork(flags(), 1, Operand.NONE, pidfd))
                .into(pid)
                .undo(new ProcessStep.PidfdSendSignal(pidfd, ProcessStep.SIGKILL));
        Hole path = assembly.hole(Bytes.of("/proc/"), Hole.DIGITS);
        Hole number = path.from("/proc/".length());
        Slot digits = front.add(new ControlStep.Decimal(pid, number, 0)).into("digits");
        Slot process =
                front.add(
                                new FileStep.Openat(
                                        Operand.CWD,
                                        path,
                                        FileStep.O_PATH | FileStep.O_DIRECTORY,
                                        0))
                        .into("process");
        if (ids != null) {
            map(front, process, ids);
        }
        front.add(new ControlStep.Wait(1, READY));
        if (stays) {
            Slot file =
                    front.add(
                                    new FileStep.Openat(
                                            Operand.CWD,
                                            pidFile.toString(),
                                            FileStep.O_WRONLY | FileStep.O_CREAT | FileStep.O_TRUNC,
                                            0600))
                            .into("pidFile");
            front.add(new FileStep.Write(file, number, digits));
            front.add(new FileStep.Close(file));
        }
        List<List<String>> parts = parts();
        for (int i = 0; i < parts.size(); i++) {
            var namespaces = new ArrayList<Operand>();
            for (String kind : parts.get(i)) {
                namespaces.add(
                        front.add(new FileStep.Openat(process, "ns/" + kind, FileStep.O_RDONLY))
                                .into(kind));
            }
            front.add(new ControlStep.Phase(PHASE + i, namespaces.toArray(new Operand[0])));
            for (Operand namespace : namespaces) {
                front.add(new FileStep.Close(namespace));
            }
        }
        front.add(new FileStep.Close(process));
        if (!stays) {
            front.add(new ProcessStep.PidfdSendSignal(pidfd, ProcessStep.SIGKILL));
            front.add(
                    new ProcessStep.Waitid(
                            ProcessStep.P_PIDFD,
                            pidfd,
                            null,
                            ProcessStep.WEXITED | ProcessStep.WALL));
        }
        front.add(new FileStep.Close(pidfd));
        helper(stays);
        return assembly.build().bytes();
    }

    /** As many of the kinds at a time as can be passed. */
    private List<List<String>> parts() {
        var parts = new ArrayList<List<String>>();
        for (int i = 0; i < kinds.size(); i += MOST_PASSED) {
            parts.add(kinds.subList(i, Math.min(kinds.size(), i + MOST_PASSED)));
        }
        return parts;
    }

    private static void map(StepStream front, Slot process, IdMapping ids) {
        String line = ids.containerId() + " " + ids.hostId() + " " + ids.size() + "\n";
        for (String map : List.of("gid_map", "uid_map")) {
            Slot file = front.add(new FileStep.Openat(process, map, FileStep.O_WRONLY)).into("map");
            front.add(new FileStep.Write(file, line));
            front.add(new FileStep.Close(file));
        }
        front.add(new ControlStep.Post(1, MAPPED));
    }

    private void helper(boolean stays) {
        var helper = assembly.stream(1);
        if (!stays) {
            helper.add(Prctl.parentDeathSignal(ProcessStep.SIGKILL), Label.NONE);
        }
        if (ids != null) {
            helper.add(new ControlStep.Wait(0, MAPPED), Label.NONE);
        }
        if (kinds.contains("uts")) {
            helper.add(new ProcessStep.Sethostname(hostname), Label.NONE);
        }
        if (stays) {
            harmless(helper);
        }
        helper.add(new ControlStep.Post(0, READY), Label.NONE);
        if (stays) {
            helper.add(new FileStep.CloseRange(FIRST_OF_OURS, 0), Label.NONE);
        }
        long limit = stays ? A_CENTURY_MS : A_MINUTE_MS;
        helper.add(new FileStep.Ppoll(Operand.NONE, 0, limit), Label.NONE);
    }

    /**
     * The containers see the process that stays, and some may trace it: so it sees nothing of the
     * host, holds nothing of ours, and can do nothing.
     */
    private void harmless(StepStream helper) {
        var steps = new ArrayList<Step>();
        steps.add(new CredentialStep.SetName(Text.of("rung-pod")));
        steps.add(new ProcessStep.Setsid());
        steps.add(new ProcessStep.IgnoreChildren());
        steps.add(new FileStep.Dup3(Operand.of(0), Operand.of(1), 0));
        steps.add(new FileStep.Dup3(Operand.of(0), Operand.of(2), 0));
        steps.add(new MountStep.Chroot(empty.toString()));
        steps.add(new FileStep.Chdir("/"));
        steps.add(CredentialStep.Setgroups.of(List.of()));
        int nobody = (int) (ids == null ? NOBODY : Math.min(NOBODY, ids.size() - 1));
        steps.add(new CredentialStep.Setresgid(nobody));
        steps.add(new CredentialStep.Setresuid(nobody));
        steps.add(Prctl.noNewPrivileges());
        steps.add(Prctl.dumpable(false));
        for (Step step : steps) {
            helper.add(step, Label.NONE);
        }
    }

    private long flags() {
        long flags = 0;
        for (String kind : kinds) {
            flags |=
                    switch (kind) {
                        case "net" -> ProcessStep.CLONE_NEWNET;
                        case "ipc" -> ProcessStep.CLONE_NEWIPC;
                        case "uts" -> ProcessStep.CLONE_NEWUTS;
                        case "pid" -> ProcessStep.CLONE_NEWPID;
                        case "user" -> CLONE_NEWUSER;
                        default -> throw new IllegalArgumentException(kind);
                    };
        }
        return flags;
    }
}
