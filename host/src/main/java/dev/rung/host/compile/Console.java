package dev.rung.host.compile;

import static dev.rung.program.FileStep.O_CLOEXEC;
import static dev.rung.program.FileStep.O_CREAT;
import static dev.rung.program.FileStep.O_NOCTTY;
import static dev.rung.program.FileStep.O_NOFOLLOW;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.FileStep.O_RDWR;

import dev.rung.oci.ContainerProcess;
import dev.rung.oci.ContainerProcess.ConsoleSize;
import dev.rung.program.Bytes;
import dev.rung.program.FileStep.Dup3;
import dev.rung.program.FileStep.Openat;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep.Ioctl;
import dev.rung.program.SocketStep.IoctlData;
import dev.rung.program.SocketStep.SendDescriptors;
import org.jspecify.annotations.Nullable;

/**
 * The terminal of a process (config.md "process.terminal"): a pair of the container's own devpts,
 * whose one end is sent to the caller and whose other is 0, 1, 2 and /dev/console.
 */
final class Console {
    private static final long DEVPTS_MAGIC = 0x1cd1;
    private static final String NAME = "/dev/ptmx";

    private final ContainerProcess process;
    private final Script s;

    Console(ContainerProcess process, Script s) {
        this.process = process;
        this.s = s;
    }

    /**
     * Makes the pair and sends the caller's end, or keeps it for the front end to take.
     *
     * @param root where /dev/pts is looked up
     * @param pts the container's devpts when we mounted it ourselves; else what lies at
     *     /dev/pts/ptmx is made sure of before it is opened (CVE-2025-52565)
     * @param socket connected to whoever wants the terminal; null: the front end
     * @param master the caller's end
     * @return our end
     */
    Slot open(Operand root, @Nullable Slot pts, @Nullable Slot socket, Slot master) {
        s.at("process.terminal", "verify ptmx handle");
        if (pts != null) {
            s.add(new Openat(pts, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)).into(master);
        } else {
            Slot found = s.slot("ptmxPath");
            s.openInsideNoLinks(found, root, "/dev/pts/ptmx", O_PATH | O_NOFOLLOW);
            s.expectFileSystem(found, DEVPTS_MAGIC);
            s.expectCharacterDevice(found, 5, 2);
            s.close(found);
            s.openInsideNoLinks(master, root, "/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW);
        }
        s.expectFileSystem(master, DEVPTS_MAGIC);
        s.expectCharacterDevice(master, 5, 2);
        s.at("process.terminal", "failed to get peer end of newly-allocated console");
        s.add(IoctlData.unlockTerminal(master));
        Slot peer = s.add("console", Ioctl.terminalPeer(master));
        ConsoleSize size = process.consoleSize();
        if (size != null && size.height() != 0 && size.width() != 0) {
            s.at("process.consoleSize", "unable to resize the console");
            s.add(IoctlData.windowSize(master, size.height(), size.width()));
        }
        s.at("process.terminal", "unable to send the console");
        if (socket == null) {
            s.post(0, Sync.CONSOLE);
        } else {
            s.add(new SendDescriptors(socket, Bytes.of(NAME), master));
            s.close(master);
            s.close(socket);
        }
        return peer;
    }

    /** Binds our end onto /dev/console. */
    void mount(Slot root, Slot peer) {
        s.at("process.terminal", "create /dev/console mount target");
        Slot dev = s.ensureDirectory("dev", root, "/dev");
        Slot target = s.openat("target", dev, "console", O_CREAT | O_NOFOLLOW, 0666);
        Slot tree = s.copyTree("tree", peer, "", 0);
        s.moveMount(tree, target);
        s.close(tree);
        s.close(target);
        s.close(dev);
    }

    /** Puts it in the place of 0, 1 and 2, and makes it the controlling terminal. */
    void use(Slot peer) {
        s.at("process.terminal", "unable to use the console");
        for (int fd = 0; fd < 3; fd++) {
            s.add(new Dup3(peer, Operand.of(fd), 0));
        }
        s.close(peer);
        s.at("process.terminal", "ioctl(setctty)");
        s.add(Ioctl.controllingTerminal(Operand.of(0)));
    }
}
