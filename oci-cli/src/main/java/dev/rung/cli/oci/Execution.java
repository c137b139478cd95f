package dev.rung.cli.oci;

import dev.rung.domain.Errno;
import dev.rung.host.compile.Compiled;
import dev.rung.isolation.HostDescription;
import dev.rung.program.Program;
import dev.rung.resident.Ending;
import dev.rung.resident.FailureRecord;
import dev.rung.resident.PhaseHandler;
import dev.rung.resident.RunResult;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Has programs run by the front end, and tells of what does not succeed. */
final class Execution {
    static final Ending UNDER_WAY = new Ending.UnderWay();

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
            throw StepFailed.of(context, program, failure);
        }
        return result;
    }

    /**
     * Runs a program that makes a process on that host, the last one of the command.
     *
     * @param ending what the front end is to do then
     * @return what is left of that to be told
     */
    Ending make(Compiled compiled, HostDescription host, Supplier<Ending> ending) {
        for (String warning : compiled.warnings()) {
            call.journal().warn(warning);
        }
        Program program = compiled.program();
        RunResult result =
                compiled.phases().isEmpty()
                        ? finish(program, ending)
                        : attempt(program, new PhaseWork(compiled.phases()));
        if (result == null) {
            return UNDER_WAY;
        }
        FailureRecord failure = result.failure();
        if (failure != null) {
            throw StepFailed.of(context(failure), program, failure, reason(failure, host));
        }
        return ending.get();
    }

    /** Runs the last program of a command, which is done then; null when the front end knows. */
    @Nullable RunResult finish(Program program) {
        return finish(program, new Known(Verb.DONE));
    }

    /** As runc: resctrl's errors are few, so that its own words say what was wrong. */
    private String reason(FailureRecord failure, HostDescription host) {
        HostDescription.Resctrl resctrl = host.resctrl();
        if (resctrl == null || !failure.key().startsWith("linux.intelRdt")) {
            return "";
        }
        var files = new CallerCgroups(call.front(), call.files(), Map.of()).byPath();
        return new ResctrlView(files, resctrl.mountPoint()).reason();
    }

    /** What stands before the words of a step that failed, as in runc. */
    private static String context(FailureRecord failure) {
        String say = failure.say();
        if (say.equals("open /dev/tty")
                || say.startsWith("container ")
                || say.startsWith("unable to create the state ")) {
            return "";
        }
        boolean inside = failure.stream() > 0 && !say.startsWith("exec: ");
        return inside
                ? "unable to start container process: error during container init: "
                : "unable to start container process: ";
    }

    /** Runs a program and logs its warnings. */
    RunResult attempt(Program program, PhaseHandler phases) {
        debug(program);
        return logged(call.front().run(program.bytes(), phases));
    }

    /** Runs a program and logs its warnings; null when the front end ends by itself now. */
    private @Nullable RunResult finish(Program program, Supplier<Ending> ending) {
        debug(program);
        RunResult result = call.front().finish(program.bytes(), ending);
        return result == null ? null : logged(result);
    }

    private void debug(Program program) {
        call.journal().debug("running a program of " + program.bytes().length + " bytes");
    }

    private RunResult logged(RunResult result) {
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
