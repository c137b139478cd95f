package dev.rung.bench;

/** What {@code ./dev bench docker} calls, in namespaces that vanish with it. */
public final class DockerBenchMain {
    private DockerBenchMain() {}

    /** Arguments: see {@link BenchCall}. */
    public static void main(String[] args) throws InterruptedException {
        var call = BenchCall.of(args, System.out, System.err);
        Report report = call.report(EngineRoom.RUNG);
        try (var disk = new JournaledDisk();
                Workshop workshop = call.workshop(disk.folder());
                var room = new EngineRoom(workshop, call.prefix(), report)) {
            room.open();
            new DockerBench(workshop, room, report, call.rounds()).all(call.rest());
        }
    }
}
