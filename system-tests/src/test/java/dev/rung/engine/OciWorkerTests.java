package dev.rung.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.cli.oci.CommandLine;
import dev.rung.cli.oci.LentFront;
import dev.rung.domain.KernelPath;
import dev.rung.engine.monitor.FrontEnds;
import dev.rung.linux.Fd;
import dev.rung.linux.Memfds;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The engine's own front ends, with real processes. */
@SystemTest
class OciWorkerTests {
    @Test
    void shouldNotHoldUpOthersWithAVerbThatTakesItsTime() throws Exception {
        byte[] binary = Files.readAllBytes(OciRuntime.binaryUnderTest());
        var slowBegun = new CountDownLatch(3);
        var slowMayEnd = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                Fd sealed = Memfds.sealed(KernelPath.of("rung-exec"), binary);
                var worker = new OciWorker(sealed, new CommandLine(), new FrontEnds())) {
            var slow = new ArrayList<CompletableFuture<LentFront.Said>>();
            for (int i = 0; i < 3; i++) {
                slow.add(
                        CompletableFuture.supplyAsync(
                                () -> worker.run(_ -> await(slowBegun, slowMayEnd)), threads));
            }
            assertThat(slowBegun.await(20, TimeUnit.SECONDS)).isTrue();

            LentFront.Said said =
                    CompletableFuture.supplyAsync(() -> worker.run(List.of("--version")), threads)
                            .get(20, TimeUnit.SECONDS);

            assertThat(said.out()).contains("rung-oci");
            slowMayEnd.countDown();
            for (CompletableFuture<LentFront.Said> each : slow) {
                assertThat(each.get(20, TimeUnit.SECONDS).code()).isZero();
            }
        }
    }

    private static LentFront.Said await(CountDownLatch begun, CountDownLatch mayEnd) {
        begun.countDown();
        try {
            mayEnd.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new LentFront.Said(0, "", "");
    }
}
