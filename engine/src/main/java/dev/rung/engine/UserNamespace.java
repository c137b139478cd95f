package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import dev.rung.program.Assembly;
import dev.rung.program.Bytes;
import dev.rung.program.ControlStep;
import dev.rung.program.CredentialStep.Prctl;
import dev.rung.program.FileStep;
import dev.rung.program.Hole;
import dev.rung.program.Label;
import dev.rung.program.Machine;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep;
import dev.rung.program.Slot;
import dev.rung.resident.Caller;
import dev.rung.resident.RunResult;
import java.util.ArrayList;
import java.util.List;

/**
 * The ids of containers with a user namespace of their own, and a namespace that has them, for
 * mounts to be mapped by: no process is in it.
 */
final class UserNamespace {
    /** What root of a container is outside: one of the ids that are kept free for containers. */
    static final int FIRST = 0x40000000;

    /** How many there are, from 0 in a container. */
    static final int COUNT = 0x3fff0000;

    private static final long CLONE_NEWUSER = 0x10000000;
    private static final long A_MINUTE_MS = 60_000;
    private static final int PHASE = 1;

    private UserNamespace() {}

    /** Makes one, with a process that does not outlive this. HostRefused when the kernel does. */
    static Fd make(Caller front) {
        var passed = new ArrayList<Fd>();
        RunResult result =
                front.run(
                        program(),
                        (_, descriptors) -> {
                            passed.add(again(descriptors.getFirst()));
                            return List.of();
                        });
        if (result.failure() != null || passed.isEmpty()) {
            passed.forEach(Fd::close);
            throw new Failure.HostRefused("its program failed", null);
        }
        return passed.getFirst();
    }

    /** One of our own: what was passed is closed with the conversation. */
    private static Fd again(Fd descriptor) {
        try {
            KernelPath path = KernelPath.of("/proc/self/fd/" + descriptor.number());
            return Paths.open(null, path, Paths.O_RDONLY, 0, 0);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("open a user namespace: " + e.getMessage(), e);
        }
    }

    private static byte[] program() {
        var assembly = new Assembly(Machine.own());
        var front = assembly.stream(0);
        Slot pid = assembly.slot("helper");
        Slot pidfd = assembly.slot("helperPidfd");
        front.add(new ControlStep.Fork(CLONE_NEWUSER, 1, Operand.NONE, pidfd)).into(pid);
        Hole path = assembly.hole(Bytes.of("/proc/"), Hole.DIGITS);
        front.add(new ControlStep.Decimal(pid, path.from("/proc/".length()), 0));
        Slot process =
                front.add(
                                new FileStep.Openat(
                                        Operand.CWD,
                                        path,
                                        FileStep.O_PATH | FileStep.O_DIRECTORY,
                                        0))
                        .into("process");
        for (String map : List.of("gid_map", "uid_map")) {
            Slot file = front.add(new FileStep.Openat(process, map, FileStep.O_WRONLY)).into("map");
            front.add(new FileStep.Write(file, "0 " + FIRST + " " + COUNT + "\n"));
            front.add(new FileStep.Close(file));
        }
        Slot namespace =
                front.add(new FileStep.Openat(process, "ns/user", FileStep.O_RDONLY))
                        .into("namespace");
        front.add(new ControlStep.Phase(PHASE, namespace));
        front.add(new FileStep.Close(namespace));
        front.add(new FileStep.Close(process));
        front.add(new ProcessStep.PidfdSendSignal(pidfd, ProcessStep.SIGKILL));
        front.add(
                new ProcessStep.Waitid(
                        ProcessStep.P_PIDFD, pidfd, null, ProcessStep.WEXITED | ProcessStep.WALL));
        front.add(new FileStep.Close(pidfd));
        var helper = assembly.stream(1);
        helper.add(Prctl.parentDeathSignal(ProcessStep.SIGKILL), Label.NONE);
        helper.add(new FileStep.Ppoll(Operand.NONE, 0, A_MINUTE_MS), Label.NONE);
        return assembly.build().bytes();
    }
}
