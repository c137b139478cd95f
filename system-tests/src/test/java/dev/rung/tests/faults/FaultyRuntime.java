package dev.rung.tests.faults;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.Sandbox;
import dev.rung.tests.attacks.Resident;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The runtime under test, installed a second time with the executor that was built with fault
 * points, and with a resident of its own. Faults are named as faults.h says, "stream:step:what".
 */
final class FaultyRuntime {
    private final Path binary;
    private final Path state;
    private final Path home;

    private FaultyRuntime(Path binary, Path state, Path home) {
        this.binary = binary;
        this.state = state;
        this.home = home;
    }

    /** Installs it in the sandbox, or skips the test. */
    static FaultyRuntime in(Sandbox sandbox) {
        assumeTrue(sandbox.runtime().isRung(), "only rung-oci has fault points");
        Path built =
                Path.of(
                        "program/target/native",
                        System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64",
                        "rung-oci-faults");
        assumeTrue(Files.isExecutable(built), "there is no " + built);
        Path installed = sandbox.runtime().binary().getParent().getParent();
        Path prefix = sandbox.folder().resolve("prefix");
        try {
            Path home = Files.createDirectory(sandbox.folder().resolve("home"));
            Files.createDirectories(prefix.resolve("bin"));
            // Only jars and the like, so a copy of it is small; a link would have the other's
            // inode.
            Command.of("cp", "-a", installed.resolve("lib").toString(), prefix.toString())
                    .succeed();
            Path binary = prefix.resolve("bin/rung-oci");
            Files.copy(built, binary, StandardCopyOption.COPY_ATTRIBUTES);
            sandbox.atTheEnd(() -> Resident.endAll(home));
            return new FaultyRuntime(binary, sandbox.runtime().root(), home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path home() {
        return home;
    }

    /** A call without a fault. */
    Command call(List<String> arguments) {
        var all = new ArrayList<>(List.of(binary.toString(), "--root", state.toString()));
        all.addAll(arguments);
        return Command.of(all).with("RUNG_HOME", home.toString());
    }

    Command call(String... arguments) {
        return call(List.of(arguments));
    }

    /** A call with a fault. */
    Command faulty(String fault, List<String> arguments) {
        return call(arguments).with("RUNG_FAULT", fault);
    }
}
