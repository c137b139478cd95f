package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.host.compile.Phase;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.resident.PhaseHandler;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What a program of the compiler leaves to us while it runs. */
final class PhaseWork implements PhaseHandler {
    private final List<Phase> phases;

    PhaseWork(List<Phase> phases) {
        this.phases = phases;
    }

    @Override
    public List<Patch> reached(int id, List<Fd> descriptors) {
        return switch (phases.get(id)) {
            case Phase.CopyUp(String destination) ->
                    throw new Failure.Unsupported(
                            "tmpcopyup of " + destination + " is not there yet");
            case Phase.Home(long uid, int at, int room) ->
                    List.of(home(uid, at, room, descriptors));
        };
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
