package dev.rung.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Running;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.attacks.Resident;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * kill -9 of the front end, of the resident and of a container's waiting process, at any moment.
 */
@SystemTest
class SuddenDeathTests {
    private static final long SEED = 20261101;
    private static final int ROUNDS = 40;
    private static final int MANY_ROUNDS = 2000;

    @Test
    void shouldLeaveNothingWhenTheFrontEndIsKilled(Sandbox sandbox) {
        killFrontEnds(sandbox, ROUNDS);
    }

    @Test
    @Tag("long")
    @Timeout(900)
    void shouldLeaveNothingWhenThousandsOfFrontEndsAreKilled(Sandbox sandbox) {
        killFrontEnds(sandbox, MANY_ROUNDS);
    }

    private static void killFrontEnds(Sandbox sandbox, int rounds) {
        String waiting = sandbox.bundle().act("signals").write().folder().toString();
        var random = new Random(SEED);
        long whole = medianOf(sandbox, waiting);
        for (int round = 0; round < rounds; round++) {
            String id = sandbox.newId();
            String verb = round % 2 == 0 ? "create" : "run";
            try (Running call = sandbox.runtime().command(verb, "--bundle", waiting, id).start()) {
                LockSupport.parkNanos((long) (random.nextDouble() * 1.5 * whole));
                ProcessHandle.of(call.pid()).ifPresent(ProcessHandle::destroyForcibly);
                call.await(Duration.ofSeconds(10));
                sandbox.runtime().command("delete", "--force", id).succeed();
            }
            sandbox.expectNothingLeft();
        }
    }

    /** How long a create takes, in ns. */
    private static long medianOf(Sandbox sandbox, String bundle) {
        long[] times = new long[5];
        for (int i = 0; i < times.length; i++) {
            String id = sandbox.newId();
            long start = System.nanoTime();
            sandbox.runtime().command("create", "--bundle", bundle, id).succeed();
            times[i] = System.nanoTime() - start;
            sandbox.runtime().command("delete", "--force", id).succeed();
        }
        java.util.Arrays.sort(times);
        return times[times.length / 2];
    }

    @Test
    void shouldLeaveNothingWhenTheResidentIsKilled(Sandbox sandbox) throws IOException {
        killResidents(sandbox, 12);
    }

    @Test
    @Tag("long")
    @Timeout(900)
    void shouldLeaveNothingWhenTheResidentIsKilledAgainAndAgain(Sandbox sandbox)
            throws IOException {
        killResidents(sandbox, 300);
    }

    private static void killResidents(Sandbox sandbox, int rounds) throws IOException {
        assumeTrue(sandbox.runtime().isRung(), "only rung-oci has a resident");
        Path home = Files.createDirectory(sandbox.folder().resolve("home"));
        sandbox.atTheEnd(() -> Resident.endAll(home));
        Files.createDirectories(sandbox.runtime().root()); // else there is nothing to list
        String waiting = sandbox.bundle().act("signals").write().folder().toString();
        var random = new Random(SEED);
        List<String> verbs = List.of("create", "run", "start", "exec", "kill", "delete");
        for (int round = 0; round < rounds; round++) {
            String id = sandbox.newId();
            String verb = verbs.get(round % verbs.size());
            prepare(sandbox, home, verb, waiting, id);
            call(sandbox, home, List.of("list")).succeed();
            Resident resident = Resident.in(home);

            try (Running call = call(sandbox, home, arguments(verb, waiting, id)).start()) {
                LockSupport.parkNanos((long) (random.nextDouble() * 12_000_000));
                resident.kill();
                if (verb.equals("run")) {
                    LockSupport.parkNanos(20_000_000);
                    ProcessHandle.of(call.pid()).ifPresent(ProcessHandle::destroyForcibly);
                    call.await(Duration.ofSeconds(30));
                } else {
                    Outcome outcome = call.await(Duration.ofSeconds(30));
                    if (outcome.status() != 0) {
                        outcome.refused();
                    }
                }
                call(sandbox, home, List.of("delete", "--force", id)).succeed();
            }
            sandbox.expectNothingLeft();
        }
    }

    private static void prepare(Sandbox sandbox, Path home, String verb, String bundle, String id) {
        if (!verb.equals("create") && !verb.equals("run")) {
            call(sandbox, home, List.of("create", "--bundle", bundle, id)).succeed();
            if (!verb.equals("start")) {
                call(sandbox, home, List.of("start", id)).succeed();
            }
        }
    }

    private static List<String> arguments(String verb, String bundle, String id) {
        return switch (verb) {
            case "create", "run" -> List.of(verb, "--bundle", bundle, id);
            case "exec" -> List.of("exec", id, "/bin/true");
            case "kill" -> List.of("kill", id, "USR1");
            case "delete" -> List.of("delete", "--force", id);
            default -> List.of(verb, id);
        };
    }

    private static Command call(Sandbox sandbox, Path home, List<String> arguments) {
        return sandbox.runtime().command(arguments).with("RUNG_HOME", home.toString());
    }

    @Test
    void shouldTellOfAContainerWhoseWaitingProcessWasKilled(Sandbox sandbox) {
        var container = sandbox.create(sandbox.bundle().act("signals"));
        ProcessHandle.of(container.pid()).ifPresent(ProcessHandle::destroyForcibly);
        container.await("stopped");

        container.call("start").refused();

        assertThat(container.status()).isEqualTo("stopped");
        container.call("exec", List.of(), List.of("/bin/true")).refused();
        container.delete();
        sandbox.expectNothingLeft();
    }
}
