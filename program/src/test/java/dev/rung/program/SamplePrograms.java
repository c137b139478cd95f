package dev.rung.program;

import java.util.List;

/** Programs for tests of the check: between them they hold every op and every kind of operand. */
final class SamplePrograms {
    private SamplePrograms() {}

    /**
     * One that makes the file, then fails at its second step, so that the rest, a step of every op,
     * is checked but never run.
     */
    static Program everyOp(Machine machine, String marker) {
        var assembly = new Assembly(machine);
        Slot made = assembly.slot("made");
        Slot pid = assembly.slot("pid");
        Slot pidfd = assembly.slot("pidfd");
        Slot listener = assembly.slot("listener");
        Hole digits = assembly.hole(Hole.DIGITS);
        Hole number = assembly.hole(8);
        StepStream front = assembly.stream(0);
        front.add(
                        new FileStep.Openat(
                                Operand.CWD,
                                marker,
                                FileStep.O_CREAT | FileStep.O_WRONLY | FileStep.O_CLOEXEC),
                        new Label("root.path", "cannot make the marker"))
                .into(made);
        front.add(new ControlStep.Expect(made, -1, 77, 5, false));
        front.add(new FileStep.Close(made)).toleratingAll().warning();
        front.add(new ControlStep.Decimal(made, digits, 0));
        front.add(ControlStep.Decimal.aligned(made, digits.part(0, 10)));
        front.add(new ControlStep.Poke(made, number));
        front.add(new ControlStep.Load(number.part(0, 4)));
        front.add(new ControlStep.ExpectData(number, 1, 5));
        front.add(new ControlStep.Fork(0x20000000L, 1, Operand.NONE, pidfd)).into(pid);
        front.add(new ControlStep.Starttime(pid));
        front.add(new ControlStep.Post(1, 1));
        front.add(new ControlStep.Wait(1, 2));
        front.add(new ControlStep.Phase(1, made));
        front.add(
                new ControlStep.Spawn(
                        Text.of("/bin/true"),
                        List.of(Text.of("true")),
                        List.of(),
                        Bytes.of("input"),
                        100));
        Mark end = front.mark();
        front.add(new ControlStep.Ensure(made, "/a/b", true, 0644))
                .tolerating(2, 13)
                .skippingTo(end);
        front.add(new FileStep.Openat2(made, "x", FileStep.O_PATH, FileStep.RESOLVE_IN_ROOT))
                .undo(new FileStep.Close(made));
        front.place(end);
        front.add(new ControlStep.Listener(listener, pidfd));
        front.add(new ControlStep.Heed(made));
        front.add(new ControlStep.HeedStream(1));
        StepStream child = assembly.stream(1);
        child.add(new ControlStep.Signals());
        child.add(new ControlStep.Wait(0, 1));
        child.add(new ControlStep.Post(0, 2));
        child.add(new ControlStep.Adopt(made));
        child.add(new FileStep.Dup3(made, Operand.of(9), FileStep.O_CLOEXEC)).into(listener);
        child.add(new ControlStep.Pause(listener, 3));
        List<Text> candidates = List.of(Text.of("/bin/true"), Text.of("/usr/bin/true"));
        Slot chosen = child.add(new ControlStep.Probe(candidates, true)).into("chosen");
        child.add(
                new ControlStep.Exec(
                        candidates, List.of(Text.of("true")), List.of(Text.of("A=b")), chosen));
        assembly.init(pid);
        return assembly.build();
    }

    /** The smallest: one step, no label, no data of its own. */
    static Program small(Machine machine) {
        var assembly = new Assembly(machine);
        assembly.stream(0).add(new ControlStep.Signals());
        return assembly.build();
    }

    /** Four streams, most of them empty, and many slots and strings. */
    static Program wide(Machine machine) {
        var assembly = new Assembly(machine);
        StepStream front = assembly.stream(0);
        for (int i = 0; i < 200; i++) {
            Slot fd =
                    front.add(
                                    new FileStep.Openat(
                                            Operand.CWD, "/some/path/" + i, FileStep.O_PATH),
                                    new Label("mounts[" + i + "]", "cannot open " + i))
                            .into("fd" + i);
            front.add(new FileStep.Close(fd));
        }
        assembly.stream(1);
        assembly.stream(2).add(new ControlStep.Post(0, 9));
        assembly.stream(3);
        return assembly.build();
    }
}
