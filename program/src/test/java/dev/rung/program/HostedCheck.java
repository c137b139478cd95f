package dev.rung.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The executor's check, built as an ordinary program with sanitizers around a driver of the tests.
 */
final class HostedCheck {
    private static final Path SOURCES = Path.of("src/main/c").toAbsolutePath();
    private static final Path DRIVERS = Path.of("src/test/c").toAbsolutePath();

    private HostedCheck() {}

    /** Builds a driver, or skips the test where there is no compiler with sanitizers. */
    static Path build(String driver, Path folder) throws IOException, InterruptedException {
        Path probe = Files.writeString(folder.resolve("probe.c"), "int main(void) { return 0; }\n");
        List<String> sanitized =
                List.of(
                        "gcc",
                        "-std=gnu17",
                        "-g",
                        "-O1",
                        "-fsanitize=address,undefined",
                        "-fno-sanitize-recover=all");
        var tryOut = new ArrayList<>(sanitized);
        tryOut.addAll(List.of("-o", folder.resolve("probe").toString(), probe.toString()));
        assumeTrue(run(tryOut).status == 0, "no gcc with sanitizers");
        Path binary = folder.resolve(driver);
        var build = new ArrayList<>(sanitized);
        build.addAll(List.of("-fno-builtin", "-I" + SOURCES, "-o", binary.toString()));
        build.add(DRIVERS.resolve(driver + ".c").toString());
        build.add(SOURCES.resolve("check.c").toString());
        Ended ended = run(build);
        assertThat(ended.status).as(ended.output).isZero();
        return binary;
    }

    /** The machine that the tests run on. */
    static Machine machine() {
        return System.getProperty("os.arch").equals("aarch64") ? Machine.AARCH64 : Machine.X86_64;
    }

    /** The executor that Maven built for this machine. */
    static Path executor() {
        String name = machine() == Machine.X86_64 ? "x86_64" : "aarch64";
        Path executor = Path.of("target/native", name, "rung-exec").toAbsolutePath();
        assumeTrue(Files.isExecutable(executor), "there is no " + executor);
        return executor;
    }

    record Ended(int status, String output) {}

    /** Runs a program and keeps all that it prints. */
    static Ended run(List<String> arguments) throws IOException, InterruptedException {
        Path output = Files.createTempFile("rung-program", ".txt");
        try {
            Process process;
            try {
                process =
                        new ProcessBuilder(arguments)
                                .redirectErrorStream(true)
                                .redirectOutput(output.toFile())
                                .start();
            } catch (IOException e) {
                return new Ended(127, String.valueOf(e.getMessage()));
            }
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(arguments + " took more than a minute");
            }
            byte[] said = Files.readAllBytes(output);
            return new Ended(process.exitValue(), new String(said, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }
}
