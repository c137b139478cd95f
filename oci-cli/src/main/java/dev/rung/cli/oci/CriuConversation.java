package dev.rung.cli.oci;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.host.compile.Phase;
import dev.rung.host.criu.CriuAnswer;
import dev.rung.host.criu.CriuRequest;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Packets;
import dev.rung.linux.Paths;
import dev.rung.resident.PhaseHandler.Patch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What is said to criu while a program waits, and what is looked at before criu may run. */
final class CriuConversation {
    private static final int LONGEST_ANSWER = 64 * 1024;
    private static final String MASTER = "orphan-pts-master";
    private static final byte[] MASTER_NAME = "/dev/ptmx".getBytes(StandardCharsets.US_ASCII);

    /** How many images may be each other's parents. */
    private static final int MOST_PARENTS = 64;

    private CriuConversation() {}

    /** Goes on to what the phase asks for; the descriptors are closed then. */
    static List<Patch> speak(Phase.Criu phase, List<Fd> descriptors) {
        int longest = Math.max(LONGEST_ANSWER, (phase.message().length + 7) / 8 * 8);
        try (var packets = new Packets(longest)) {
            CriuAnswer answer = converse(phase, descriptors, packets);
            return phase.pid() == 0 ? List.of() : List.of(number(phase.pid(), answer.pid()));
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("criu failed: it ended without an answer", e);
        } finally {
            descriptors.forEach(Fd::close);
        }
    }

    private static CriuAnswer converse(Phase.Criu phase, List<Fd> descriptors, Packets packets)
            throws ErrnoException {
        Fd socket = descriptors.getFirst();
        send(packets, socket, phase.message());
        while (true) {
            var came = new ArrayList<Fd>(1);
            try {
                ByteBuffer message = packets.receive(socket, came);
                if (!message.hasRemaining()) {
                    throw new Failure.HostRefused("criu failed: it ended without an answer", null);
                }
                CriuAnswer answer = CriuAnswer.read(message);
                if (!answer.success()) {
                    throw answer.failure();
                }
                if (!answer.isNotification() || answer.script().equals(phase.until())) {
                    return answer;
                }
                if (answer.script().equals(MASTER)) {
                    passOn(packets, descriptors, came);
                }
                send(packets, socket, CriuRequest.goOn());
            } finally {
                came.forEach(Fd::close);
            }
        }
    }

    private static void passOn(Packets packets, List<Fd> descriptors, List<Fd> came)
            throws ErrnoException {
        if (descriptors.size() < 2 || came.size() != 1) {
            throw new Failure.Invalid(
                    "the images hold a terminal, but the config asks for none (config.json:"
                            + " process.terminal)");
        }
        packets.toSend().put(0, MASTER_NAME);
        packets.send(descriptors.get(1), MASTER_NAME.length, came);
    }

    private static void send(Packets packets, Fd socket, byte[] message) throws ErrnoException {
        packets.toSend().put(0, message);
        packets.send(socket, message.length, List.of());
    }

    private static Patch number(int at, int value) {
        return new Patch(
                at, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    /**
     * Refuses images that another than root or the caller wrote or could write: criu runs what they
     * hold.
     */
    static void checkOwner(Phase.CheckOwner phase, List<Fd> descriptors) {
        try (Fd folder = descriptors.getFirst()) {
            checkFolder(phase.path(), phase.uid(), folder, MOST_PARENTS);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused(
                    "read " + phase.path() + ": " + Errno.phrase(e.errno()), e);
        }
    }

    private static void checkFolder(String path, long uid, Fd folder, int parents)
            throws ErrnoException {
        check(path, uid, Descriptors.status(folder));
        for (KernelPath name : Paths.list(folder)) {
            FileStatus status = Paths.status(folder, name);
            if (!status.is(FileStatus.Type.LINK)) {
                check(path + "/" + name, uid, status);
            } else if (parents == 0) {
                throw new Failure.Denied(path + ": too many parents");
            } else {
                // of incremental images: where the earlier ones are
                try (Fd parent =
                        Paths.open(folder, name, Paths.O_RDONLY | Paths.O_DIRECTORY, 0, 0)) {
                    checkFolder(path + "/" + name, uid, parent, parents - 1);
                }
            }
        }
    }

    private static void check(String path, long uid, FileStatus status) {
        long owner = Integer.toUnsignedLong(status.uid());
        if (owner != 0 && owner != uid || (status.mode() & 0022) != 0) {
            throw new Failure.Denied(
                    path
                            + " is not to be trusted: want images that only root or the caller can"
                            + " write (owner "
                            + owner
                            + ", mode "
                            + Integer.toOctalString(status.mode() & 07777)
                            + ")");
        }
    }
}
