package dev.rung.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Command;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.attacks.Resident;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/**
 * Many containers, at once and one after another: nothing is leaked, on the machine or in the
 * resident.
 */
@SystemTest
class ManyContainersTests {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    @Timeout(120)
    void shouldMakeManyContainersAtOnce(Sandbox sandbox) throws Exception {
        String bundle = sandbox.bundle().act("signals").write().folder().toString();
        var ids = new ArrayList<String>();
        for (int i = 0; i < 200; i++) {
            ids.add(sandbox.newId());
        }
        inParallel(20, ids, id -> call(sandbox, null, "create", "--bundle", bundle, id).succeed());
        assertThat(call(sandbox, null, "list", "--quiet").succeed().output().lines().toList())
                .hasSameElementsAs(ids);
        inParallel(20, ids, id -> call(sandbox, null, "start", id).succeed());
        inParallel(20, ids, id -> call(sandbox, null, "exec", id, "/bin/true").succeed());
        inParallel(20, ids, id -> call(sandbox, null, "delete", "--force", id).succeed());

        assertThat(call(sandbox, null, "list", "--quiet").succeed().output()).isEmpty();
        sandbox.expectNothingLeft();
    }

    /** Of all that try the same id at once, exactly one gets it. */
    @Test
    void shouldGiveANameToOneOfMany(Sandbox sandbox) throws Exception {
        String bundle = sandbox.bundle().act("signals").write().folder().toString();
        for (int round = 0; round < 5; round++) {
            String id = sandbox.newId();
            try (var threads = Executors.newFixedThreadPool(10)) {
                var tries = new ArrayList<Future<Integer>>();
                for (int i = 0; i < 10; i++) {
                    tries.add(
                            threads.submit(() ->
                                    call(sandbox, null, "create", "--bundle", bundle, id)
                                            .run()
                                            .status()));
                }
                int made = 0;
                for (Future<Integer> one : tries) {
                    made += one.get() == 0 ? 1 : 0;
                }
                assertThat(made).isOne();
            }
            assertThat(call(sandbox, null, "state", id).succeed().output()).contains("\"created\"");
            call(sandbox, null, "delete", "--force", id).succeed();
            sandbox.expectNothingLeft();
        }
    }

    /** Many want to delete the same container; all end, and nothing is left. */
    @Test
    void shouldDeleteForMany(Sandbox sandbox) throws Exception {
        String bundle = sandbox.bundle().act("signals").write().folder().toString();
        for (int round = 0; round < 5; round++) {
            String id = sandbox.newId();
            call(sandbox, null, "create", "--bundle", bundle, id).succeed();
            inParallel(
                    8,
                    List.of(id, id, id, id, id, id, id, id),
                    one -> call(sandbox, null, "delete", "--force", one).run());
            sandbox.expectNothingLeft();
        }
    }

    private interface Job {
        void doFor(String id);
    }

    private static void inParallel(int width, List<String> ids, Job job)
            throws InterruptedException, ExecutionException {
        try (var threads = Executors.newFixedThreadPool(width)) {
            var jobs = new ArrayList<Future<?>>();
            for (String id : ids) {
                jobs.add(threads.submit(() -> job.doFor(id)));
            }
            for (Future<?> done : jobs) {
                done.get();
            }
        }
    }

    @Test
    @Timeout(240)
    void shouldMakeAThousandOneAfterAnother(Sandbox sandbox, TestReporter reporter)
            throws Exception {
        runMany(sandbox, reporter, 1_000, 12 * 1024);
    }

    @Test
    @Tag("long")
    @Timeout(1800)
    void shouldMakeTensOfThousandsOneAfterAnother(Sandbox sandbox, TestReporter reporter)
            throws Exception {
        runMany(sandbox, reporter, 20_000, 12 * 1024);
    }

    /**
     * Runs so many, and compares the resident after a quarter with the resident at the end.
     *
     * @param growth that is no leak, in KiB: the heap is collected when it is, not when we look
     */
    private static void runMany(Sandbox sandbox, TestReporter reporter, int count, int growth)
            throws IOException {
        Path home = Files.createDirectory(sandbox.folder().resolve("home"));
        sandbox.atTheEnd(() -> Resident.endAll(home));
        String bundle = sandbox.bundle().act("exit", "0").write().folder().toString();
        long memory = 0;
        int descriptors = 0;
        for (int i = 0; i < count; i++) {
            call(sandbox, home, "run", "--bundle", bundle, "one-" + sandbox.newId()).succeed();
            if (i == count / 4 && sandbox.runtime().isRung()) {
                memory = Resident.in(home).pss();
                descriptors = Resident.in(home).descriptors().size();
            }
        }
        sandbox.expectNothingLeft();
        if (sandbox.runtime().isRung()) {
            Resident resident = Resident.in(home);
            reporter.publishEntry(
                    "resident after " + count + " runs",
                    memory
                            + " to "
                            + resident.pss()
                            + " KiB, "
                            + resident.descriptors().size()
                            + " descriptors");
            assertThat(resident.pss()).isLessThan(memory + growth);
            assertThat(resident.descriptors()).hasSizeLessThanOrEqualTo(descriptors + 2);
        }
    }

    private static Command call(Sandbox sandbox, @Nullable Path home, String... arguments) {
        Command command = sandbox.runtime().command(arguments).within(PATIENCE);
        return home == null ? command : command.with("RUNG_HOME", home.toString());
    }
}
