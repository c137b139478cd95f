package dev.rung.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/**
 * A failing system call, or the sudden death of the process that makes it, at each step of a call:
 * afterwards {@code delete --force} leaves nothing. A sample of the steps, all of them with the
 * "long" tests.
 */
@SystemTest
class FaultPointTests {
    private static final int SAMPLE = 11;

    /** EIO, which no step expects. */
    private static final String ERROR = "5";

    private static final int STREAMS = 3;

    /**
     * So many steps in a row may be skipped, or belong to no stream, before the program's end is
     * assumed.
     */
    private static final int REACH = 45;

    /**
     * How one verb is tried: what comes before, the faulty call itself, what must hold after it.
     */
    private record Trial(
            Function<String, List<String>> arguments,
            Consumer<String> before,
            Consumer<String> after) {}

    private final List<String> findings = new ArrayList<>();
    private int points;

    @Test
    @Timeout(180)
    void shouldSurviveFaultsOfCreate(Sandbox sandbox, TestReporter reporter) {
        sweep(sandbox, reporter, "create", SAMPLE);
    }

    @Test
    @Timeout(180)
    void shouldSurviveFaultsOfRun(Sandbox sandbox, TestReporter reporter) {
        sweep(sandbox, reporter, "run", SAMPLE);
    }

    @Test
    @Timeout(180)
    void shouldSurviveFaultsOfStart(Sandbox sandbox, TestReporter reporter) {
        sweep(sandbox, reporter, "start", 2);
    }

    @Test
    @Timeout(180)
    void shouldSurviveFaultsOfExec(Sandbox sandbox, TestReporter reporter) {
        sweep(sandbox, reporter, "exec", 12);
    }

    @Test
    @Timeout(180)
    void shouldSurviveFaultsOfDelete(Sandbox sandbox, TestReporter reporter) {
        sweep(sandbox, reporter, "delete", 2);
    }

    @Test
    @Tag("long")
    @Timeout(1800)
    void shouldSurviveFaultsAtEachStepOfCreate(Sandbox sandbox, TestReporter reporter) {
        sweep(sandbox, reporter, "create", 1);
    }

    @Test
    @Tag("long")
    @Timeout(1800)
    void shouldSurviveFaultsAtEachStepOfRun(Sandbox sandbox, TestReporter reporter) {
        sweep(sandbox, reporter, "run", 1);
    }

    @Test
    @Tag("long")
    @Timeout(1800)
    void shouldSurviveFaultsAtEachStepOfExec(Sandbox sandbox, TestReporter reporter) {
        sweep(sandbox, reporter, "exec", 1);
    }

    @Test
    @Tag("long")
    @Timeout(1800)
    void shouldSurviveFaultsAtEachStepOfDelete(Sandbox sandbox, TestReporter reporter) {
        sweep(sandbox, reporter, "delete", 1);
    }

    private void sweep(Sandbox sandbox, TestReporter reporter, String verb, int stride) {
        FaultyRuntime runtime = FaultyRuntime.in(sandbox);
        Trial trial = trial(sandbox, runtime, verb);
        tryOnce(sandbox, runtime, trial, "9:0:kill"); // there is no stream 9: all must go well
        int first = 0;
        for (int stream = 0; stream < STREAMS; stream++) {
            first = sweepStream(sandbox, runtime, trial, stream, first, stride);
        }
        reporter.publishEntry("faults of " + verb, points + " points");
        assertThat(findings).isEmpty();
        assertThat(points).isGreaterThan(1);
    }

    /** Tries the steps of one stream from the given one on; returns the last that there was. */
    private int sweepStream(
            Sandbox sandbox,
            FaultyRuntime runtime,
            Trial trial,
            int stream,
            int first,
            int stride) {
        int last = first;
        for (int step = first; step <= last + REACH; step += stride) {
            boolean wasThere = tryOnce(sandbox, runtime, trial, stream + ":" + step + ":kill");
            if (wasThere) {
                last = step;
                tryOnce(sandbox, runtime, trial, stream + ":" + step + ":" + ERROR);
                if (stream > 0) {
                    tryOnce(sandbox, runtime, trial, stream + ":" + step + ":killparent");
                }
            }
        }
        return last;
    }

    /**
     * One call with the fault, and what holds afterwards; whether the fault changed its outcome.
     */
    private boolean tryOnce(Sandbox sandbox, FaultyRuntime runtime, Trial trial, String fault) {
        String id = sandbox.newId();
        Outcome outcome = null;
        try {
            trial.before().accept(id);
            outcome = runtime.faulty(fault, trial.arguments().apply(id)).run();
            if (outcome.status() != 0 && outcome.status() != 137) {
                outcome.refused();
            }
            trial.after().accept(id);
            runtime.call("delete", "--force", id).succeed();
            sandbox.expectNothingLeft();
        } catch (AssertionError e) {
            findings.add(
                    fault + ": " + e.getMessage() + (outcome == null ? "" : " after " + outcome));
            if (findings.size() > 8) {
                throw new AssertionError(String.join("\n", findings), e);
            }
        }
        boolean changed = outcome != null && outcome.status() != 0;
        points += changed ? 1 : 0;
        return changed;
    }

    private static Trial trial(Sandbox sandbox, FaultyRuntime runtime, String verb) {
        String waiting = sandbox.bundle().act("signals").write().folder().toString();
        Bundle ending = sandbox.bundle().act("exit", "0").write();
        Consumer<String> nothing = _ -> {};
        Consumer<String> created = id -> runtime.call("create", "--bundle", waiting, id).succeed();
        return switch (verb) {
            case "create" ->
                    new Trial(id -> List.of("create", "--bundle", waiting, id), nothing, nothing);
            case "run" ->
                    new Trial(
                            id -> List.of("run", "--bundle", ending.folder().toString(), id),
                            nothing,
                            nothing);
            case "start" -> new Trial(id -> List.of("start", id), created, nothing);
            case "exec" ->
                    new Trial(
                            id -> List.of("exec", id, "/bin/true"),
                            id ->
                                    runtime.call("run", "--detach", "--bundle", waiting, id)
                                            .succeed(),
                            id ->
                                    assertThat(runtime.call("state", id).succeed().output())
                                            .contains("\"running\""));
            default -> new Trial(id -> List.of("delete", "--force", id), created, nothing);
        };
    }
}
