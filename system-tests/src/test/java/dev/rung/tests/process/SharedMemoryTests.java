package dev.rung.tests.process;

import static dev.rung.program.ProcessStep.CLONE_PARENT;
import static dev.rung.program.ProcessStep.CLONE_VM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.program.Assembly;
import dev.rung.program.ControlStep.Expect;
import dev.rung.program.ControlStep.Fork;
import dev.rung.program.ControlStep.HeedStream;
import dev.rung.program.ControlStep.Post;
import dev.rung.program.ControlStep.Wait;
import dev.rung.program.FileStep;
import dev.rung.program.FileStep.Close;
import dev.rung.program.FileStep.Openat;
import dev.rung.program.Machine;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import dev.rung.program.StepStream;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream of a program that shares the memory of the one which forks it. */
@SystemTest
class SharedMemoryTests {
    private static final int EIO = 5;

    @TempDir Path folder;

    private final Assembly assembly = new Assembly(machine());

    @Test
    void shouldRunBesideItsParentAndForkOn() throws Exception {
        StepStream front = assembly.stream(0);
        Slot grandchild = assembly.slot("grandchild");
        front.add(new Fork(CLONE_VM, 1));
        front.add(new Wait(1, 7));
        front.add(new Wait(2, 8));
        front.add(new HeedStream(1));
        front.add(new HeedStream(2));
        front.add(new Expect(grandchild, 0, 0, EIO, false));
        StepStream between = assembly.stream(1);
        Slot file = between.add(new Openat(Operand.CWD, "/", FileStep.O_PATH)).into("file");
        between.add(new Fork(CLONE_PARENT, 2)).into(grandchild);
        between.add(new Post(0, 7));
        between.add(new Close(file));
        assembly.stream(2).add(new Post(0, 8));

        assertThat(run()).isEqualTo("0: ");
    }

    @Test
    void shouldTellOfItsFailure() throws Exception {
        StepStream front = assembly.stream(0);
        front.add(new Fork(CLONE_VM, 1));
        front.add(new Wait(1, 7));
        StepStream between = assembly.stream(1);
        between.add(new Expect(Operand.of(1), 1, 0, EIO, false));
        between.add(new Post(0, 7));

        assertThat(run()).isEqualTo("1: rung-exec: step 2: errno 5\n");
    }

    private static Machine machine() {
        return System.getProperty("os.arch").equals("aarch64") ? Machine.AARCH64 : Machine.X86_64;
    }

    /** Its exit status, and what it says. */
    private String run() throws Exception {
        Path executor = folder.resolve("rung-exec");
        Files.copy(OciRuntime.binaryUnderTest(), executor, StandardCopyOption.COPY_ATTRIBUTES);
        Path program = Files.write(folder.resolve("program"), assembly.build().bytes());
        Path said = folder.resolve("said");
        Process process =
                new ProcessBuilder(executor.toString(), program.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() + ": " + Files.readString(said);
    }
}
