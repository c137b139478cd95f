package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.host.compile.Phase;
import dev.rung.host.compile.Schemata;
import dev.rung.host.net.DeviceMove;
import dev.rung.host.net.RouteAnswer;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.resident.PhaseHandler;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What a program of the compiler leaves to us while it runs. */
final class PhaseWork implements PhaseHandler {
    private static final int LONGEST_DATAGRAM = 1 << 16;

    private final List<Phase> phases;

    PhaseWork(List<Phase> phases) {
        this.phases = phases;
    }

    @Override
    public List<Patch> reached(int id, List<Fd> descriptors) {
        return switch (phases.get(id)) {
            case Phase.Home(long uid, int at, int room) ->
                    List.of(home(uid, at, room, descriptors));
            case Phase.CompareSchemata(String folder, List<String> wanted) -> {
                Schemata.check(folder, wanted, schemata(descriptors));
                yield List.of();
            }
            case Phase.MoveDevice device -> move(device, descriptors);
            case Phase.Criu criu -> CriuConversation.speak(criu, descriptors);
            case Phase.CheckOwner owner -> {
                CriuConversation.checkOwner(owner, descriptors);
                yield List.of();
            }
            case Phase.StartUnit start -> {
                UnitWork.start(start, descriptors);
                yield List.of();
            }
        };
    }

    private static String schemata(List<Fd> descriptors) {
        try {
            return new String(
                    Descriptors.readAll(descriptors.getFirst(), Files.SMALL),
                    StandardCharsets.UTF_8);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("read schemata: " + e.getMessage(), e);
        }
    }

    private static List<Patch> move(Phase.MoveDevice device, List<Fd> descriptors) {
        DeviceMove move;
        try {
            move =
                    DeviceMove.of(
                            device.key(),
                            device.name(),
                            device.wanted(),
                            answer(descriptors.get(0)),
                            answer(descriptors.get(1)));
        } catch (ErrnoException e) {
            throw new Failure.HostRefused(
                    "read network device " + device.name() + ": " + e.getMessage(), e);
        }
        if (move.settle().length > device.room()) {
            throw new Failure.Invalid(
                    "network device " + device.name() + " has too many addresses");
        }
        byte[] sizes =
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(move.move().length)
                        .putInt(move.settle().length)
                        .array();
        return List.of(
                new Patch(device.move(), move.move()),
                new Patch(device.settle(), move.settle()),
                new Patch(device.sizes(), sizes));
    }

    private static RouteAnswer answer(Fd socket) throws ErrnoException {
        var answer = new RouteAnswer();
        boolean complete = false;
        while (!complete) {
            complete = answer.add(Descriptors.readNext(socket, LONGEST_DATAGRAM));
        }
        return answer;
    }

    private static Patch home(long uid, int at, int room, List<Fd> descriptors) {
        byte[] passwd = new byte[0];
        if (!descriptors.isEmpty()) {
            try {
                passwd = Descriptors.readAll(descriptors.getFirst(), Files.SMALL);
            } catch (ErrnoException e) {
                throw new Failure.HostRefused("read /etc/passwd: " + e.getMessage(), e);
            }
        }
        byte[] home = ("HOME=" + HomeFolder.of(uid, passwd)).getBytes(StandardCharsets.UTF_8);
        if (home.length >= room) {
            throw new Failure.Invalid("the home folder in /etc/passwd is too long");
        }
        return new Patch(at, Arrays.copyOf(home, home.length + 1));
    }
}
