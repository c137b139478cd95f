package dev.rung.bench;

import java.util.concurrent.ExecutionException;

/** What {@code ./dev bench cri} calls, in namespaces that vanish with it. */
public final class CriBenchMain {
    private CriBenchMain() {}

    /** Arguments: see {@link BenchCall}. */
    public static void main(String[] args) throws InterruptedException, ExecutionException {
        var call = BenchCall.of(args, System.out, System.err);
        Report report = call.report(EngineRoom.RUNG);
        try (var disk = new JournaledDisk();
                Workshop workshop = call.workshop(disk.folder());
                var room = new CriRoom(workshop, call.prefix(), report)) {
            room.open();
            new CriBench(room, report, call.rounds()).all();
        }
    }
}
