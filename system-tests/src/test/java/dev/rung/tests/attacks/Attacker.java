package dev.rung.tests.attacks;

import dev.rung.testkit.Command;
import dev.rung.testkit.Running;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** The static program attacker.c, on the host in the role of another container, or in a rootfs. */
final class Attacker {
    private final Path binary;

    private Attacker(Path binary) {
        this.binary = binary;
    }

    /** Puts the program into this folder. */
    static Attacker in(Path folder) {
        Path binary = folder.resolve("attacker");
        try (InputStream stream = Attacker.class.getResourceAsStream("attacker")) {
            if (stream == null) {
                throw new IOException("the tests were built without attacker.c");
            }
            Files.copy(stream, binary, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(binary, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Attacker(binary);
    }

    /** A call of it on the host. */
    Command command(String... act) {
        var arguments = new ArrayList<>(List.of(act));
        arguments.addFirst(binary.toString());
        return Command.of(arguments);
    }

    /** Exchanges two names without a pause until closed, for ten minutes at most. */
    Running swap(Path one, Path other) {
        Running swapping = command("swap", one.toString(), other.toString(), "600").start();
        swapping.awaitOutput(output -> output.contains("swapping"));
        return swapping;
    }
}
