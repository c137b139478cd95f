package dev.rung.host.compile;

import static dev.rung.program.FileStep.O_CREAT;
import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_NOFOLLOW;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.FileStep.O_TRUNC;
import static dev.rung.program.FileStep.O_WRONLY;

import dev.rung.host.compile.CheckpointRequest.OutsideMount;
import dev.rung.host.compile.CheckpointRequest.OutsideNamespace;
import dev.rung.host.criu.CriuOptions.Choice;
import dev.rung.host.criu.CriuRequest;
import dev.rung.program.Assembly;
import dev.rung.program.Bytes;
import dev.rung.program.ControlStep.Ensure;
import dev.rung.program.ControlStep.Starttime;
import dev.rung.program.FileStep.Write;
import dev.rung.program.Machine;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.PidfdOpen;
import dev.rung.program.Slot;
import java.util.List;

/** Compiles checkpoint: criu as a child of the front end, spoken to by Java in a phase. */
public final class CheckpointProgram {
    /** What criu writes into the working folder. */
    public static final String LOG = "dump.log";

    /** What the first process had as its standard streams, among the images. */
    public static final String DESCRIPTORS = "descriptors.json";

    private CheckpointProgram() {}

    /** The program of a dump, or of one that only takes memory ahead. */
    public static Compiled compile(CheckpointRequest wanted, Machine machine) {
        var assembly = new Assembly(machine);
        var phases = new Phases();
        var front = new Script(assembly, 0, phases);
        var criu = new CriuProcess(wanted.criu(), front, new Script(assembly, 1, phases));
        Slot pidfd = front.slot("pidfd");
        Operand first = Operand.of(wanted.pid());
        front.at("", "container not running");
        front.add(new PidfdOpen(first, 0)).into(pidfd);
        Slot pid = front.slot("pid");
        front.add(new Starttime(first, Operand.of(wanted.startTime()))).into(pid);
        Slot images = folder(front, front.slot("images"), wanted.images());
        CriuRequest request =
                CriuRequest.dump(
                                wanted.options(),
                                criu.hand(images),
                                LOG,
                                wanted.pid(),
                                wanted.rootfs())
                        .freezer(wanted.freezer());
        if (wanted.work() != null) {
            request.workFolder(criu.hand(folder(front, front.slot("work"), wanted.work())));
        }
        if (wanted.statusFd() >= 0) {
            request.status(criu.hand(Operand.of(wanted.statusFd())));
        }
        if (!wanted.options().has(Choice.PRE_DUMP)) {
            front.at("", "unable to store " + DESCRIPTORS);
            long flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;
            Slot file = front.openat("descriptors", images, DESCRIPTORS, flags, 0600);
            front.add(new Write(file, Bytes.of(wanted.descriptors())));
            front.close(file);
            for (OutsideMount mount : wanted.mounts()) {
                request.mount(mount.key(), mount.value());
            }
        }
        for (OutsideNamespace namespace : wanted.namespaces()) {
            request.external(namespace.kind().type, namespace.inode(), namespace.kind().key);
        }
        criu.fork(Operand.NONE);
        Slot socket = criu.meet();
        front.at("", "criu failed");
        front.phase(Phase.Criu.toItsEnd(request.bytes()), socket);
        criu.part(socket);
        criu.become(false);
        return new Compiled(assembly.build(), phases.list(), List.of(), pid, pidfd, null, null);
    }

    /** A folder of the caller's, made when it is missing. */
    static Slot folder(Script s, Slot into, String path) {
        s.at("", "unable to make the folder " + Quoted.of(path));
        Slot host = s.openat("hostRoot", Operand.CWD, "/", O_PATH | O_DIRECTORY, 0);
        s.add(new Ensure(host, path, false, 0700)).into(into);
        s.close(host);
        return into;
    }
}
