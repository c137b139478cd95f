package dev.rung.cli.oci;

import dev.rung.domain.Errno;
import dev.rung.program.Program;
import dev.rung.resident.FailureRecord;
import dev.rung.resident.PhaseHandler;
import dev.rung.resident.RunResult;

/** Has programs run by the front end, and tells of what does not succeed. */
final class Execution {
    private final Call call;

    Execution(Call call) {
        this.call = call;
    }

    /** Runs a program that must succeed. */
    RunResult run(Program program) {
        return run(program, PhaseHandler.NONE, "");
    }

    /**
     * Runs a program that must succeed.
     *
     * @param context what stands before the words of a failed step, with a colon and a blank
     */
    RunResult run(Program program, PhaseHandler phases, String context) {
        RunResult result = attempt(program, phases);
        FailureRecord failure = result.failure();
        if (failure != null) {
            throw new StepFailed(context, failure, "");
        }
        return result;
    }

    /** Runs a program and logs its warnings. */
    RunResult attempt(Program program, PhaseHandler phases) {
        call.journal().debug("running a program of " + program.bytes().length + " bytes");
        RunResult result = call.front().run(program.bytes(), phases);
        for (FailureRecord warning : result.warnings()) {
            call.journal().warn(StepFailed.words(warning));
        }
        return result;
    }

    static boolean failedWith(RunResult result, int errno) {
        return result.failure() != null && result.failure().error() == errno;
    }

    /** Whether the process that a program was for is not there any more. */
    static boolean lackedProcess(RunResult result) {
        return failedWith(result, Errno.ESRCH);
    }
}
