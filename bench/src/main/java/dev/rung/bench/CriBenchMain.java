package dev.rung.bench;

import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** What {@code ./dev bench cri} calls, in namespaces that vanish with it. */
public final class CriBenchMain {
    private CriBenchMain() {}

    /** Arguments: where rung is installed, the source of the race, rounds. */
    public static void main(String[] args) throws InterruptedException, ExecutionException {
        Path prefix = Path.of(args[0]).toAbsolutePath();
        var report = new Report(System.out, EngineRoom.RUNG);
        Consumer<String> errors = System.err::println;
        try (var disk = new JournaledDisk();
                var workshop =
                        new Workshop(
                                disk.folder(),
                                prefix.resolve("bin/rung-oci"),
                                Path.of(args[1]),
                                errors);
                var room = new CriRoom(workshop, prefix, report)) {
            room.open();
            new CriBench(room, report, Integer.parseInt(args[2])).all();
        }
    }
}
