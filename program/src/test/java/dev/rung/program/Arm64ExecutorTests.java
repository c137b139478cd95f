package dev.rung.program;

import static dev.rung.program.FileStep.O_CLOEXEC;
import static dev.rung.program.FileStep.O_CREAT;
import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_NOFOLLOW;
import static dev.rung.program.FileStep.O_RDONLY;
import static dev.rung.program.FileStep.O_WRONLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.domain.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The executor for arm64, run by QEMU's user mode where this is another machine. */
class Arm64ExecutorTests {
    private static final Path QEMU = Path.of("/usr/bin/qemu-aarch64-static");
    private static final Path EXECUTOR =
            Path.of("target/native/aarch64/rung-exec").toAbsolutePath();

    @TempDir Path folder;

    @Test
    void shouldReplayAProgram() throws Exception {
        Path made = folder.resolve("made");
        var assembly = new Assembly(Machine.AARCH64);
        StepStream front = assembly.stream(0);
        Hole digits = assembly.hole(Hole.DIGITS);
        Hole status = assembly.hole(FileStep.Statx.SIZE);
        front.add(new FileStep.Mkdirat(Operand.CWD, made.toString(), 0755));
        Slot directory =
                front.add(
                                new FileStep.Openat(
                                        Operand.CWD,
                                        made.toString(),
                                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
                        .into("directory");
        front.add(new FileStep.Symlinkat("file", directory, "link"));
        Slot file =
                front.add(new FileStep.Openat(directory, "file", O_WRONLY | O_CREAT, 0640))
                        .into("file");
        front.add(new FileStep.Statx(file, status));
        Slot mode = front.add(new ControlStep.Load(FileStep.Statx.mode(status))).into("mode");
        front.add(new ControlStep.Decimal(mode, digits, 0));
        front.add(new FileStep.Write(file, digits.part(0, 5)));
        Slot link =
                front.add(new FileStep.Openat(directory, "link", O_RDONLY | O_NOFOLLOW))
                        .tolerating(Errno.ELOOP)
                        .into("followed");
        front.add(new ControlStep.Expect(link, -1, -Errno.ELOOP, Errno.EPROTO, false));
        front.add(new FileStep.Openat(directory, "file", O_RDONLY | O_DIRECTORY))
                .tolerating(Errno.ENOTDIR);

        HostedCheck.Ended ended = run(assembly.build().bytes());

        assertThat(ended.output()).isEmpty();
        assertThat(ended.status()).isZero();
        assertThat(made.resolve("file")).hasContent(Integer.toString(FileStep.S_IFREG | 0640));
    }

    @Test
    void shouldSayWhichStepFailed() throws Exception {
        HostedCheck.Ended ended = run(sample(Machine.AARCH64));

        assertThat(ended.output()).isEqualTo("rung-exec: step 1: errno 5\n");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(marker()).exists();
    }

    @Test
    void shouldRefuseProgramsOfAnotherMachine() throws Exception {
        assertThat(run(sample(Machine.X86_64)).output()).contains("wrong is its \"machine\"");
        assertThat(marker()).doesNotExist();
    }

    @Test
    void shouldRefuseWhatIsNoProgram() throws Exception {
        byte[] good = sample(Machine.AARCH64);
        var wrong = new ArrayList<byte[]>();
        for (int length : new int[] {0, 79, 80, 152, good.length - 1}) {
            wrong.add(Arrays.copyOf(good, length));
        }
        for (int at : new int[] {Format.HEADER_MAGIC, Format.HEADER_STEPS, Format.HEADER_DATA_AT}) {
            wrong.add(changed(good, at));
        }
        wrong.add(changed(good, Format.HEADER_SIZE + Format.STEP_KINDS));

        for (byte[] program : wrong) {
            assertThat(run(program).status()).isEqualTo(1);
            assertThat(marker()).doesNotExist();
        }
    }

    private static byte[] changed(byte[] program, int at) {
        byte[] copy = program.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putInt(at, -1);
        return copy;
    }

    private byte[] sample(Machine machine) {
        return SamplePrograms.everyOp(machine, marker().toString()).bytes();
    }

    private Path marker() {
        return folder.resolve("marker");
    }

    private HostedCheck.Ended run(byte[] program) throws Exception {
        assumeTrue(Files.isExecutable(EXECUTOR), "there is no compiler for arm64");
        Path stored = Files.write(folder.resolve("program"), program);
        var arguments = new ArrayList<>(List.of(EXECUTOR.toString(), stored.toString()));
        if (HostedCheck.machine() != Machine.AARCH64) {
            assumeTrue(Files.isExecutable(QEMU), "there is no " + QEMU);
            arguments.addFirst(QEMU.toString());
        }
        return HostedCheck.run(arguments);
    }
}
