package dev.rung.cli;

import dev.rung.program.Assembly;
import dev.rung.program.ControlStep;
import dev.rung.program.Hole;
import dev.rung.program.Label;
import dev.rung.program.Machine;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep.IoctlData;
import dev.rung.program.StepStream;
import dev.rung.resident.PhaseHandler;
import dev.rung.resident.RunResult;

/** The terminal that a person's stdout or stderr is. */
final class Terminal {
    private static final int USUAL = 100;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int WINDOW = 8;

    private Terminal() {}

    /** How many characters a line has; a usual number when stdout is no terminal. */
    static int width(Invocation call) {
        return call.caller().request().terminals().out() ? width(call, STDOUT) : USUAL;
    }

    /** The same of stderr. */
    static int widthOfErrors(Invocation call) {
        return call.caller().request().terminals().err() ? width(call, STDERR) : USUAL;
    }

    private static int width(Invocation call, int stream) {
        var assembly = new Assembly(Machine.own());
        StepStream steps = assembly.stream(0);
        Hole size = assembly.hole(WINDOW);
        Slot columns = assembly.slot("columns");
        steps.add(IoctlData.readWindowSize(Operand.of(stream), size), Label.NONE).toleratingAll();
        steps.add(new ControlStep.Load(size.part(2, 2)), Label.NONE).into(columns);
        call.caller().seal();
        RunResult result = call.caller().run(assembly.build().bytes(), PhaseHandler.NONE);
        int width = (int) result.slot(columns.index());
        return result.succeeded() && width > 0 ? width : USUAL;
    }
}
