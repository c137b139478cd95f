package dev.rung.tests.installation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code ./rung install} lays out. */
@SystemTest
class InstallationTests {

    @BeforeEach
    void onlyOurs(Sandbox sandbox) {
        assumeTrue(sandbox.runtime().isRung(), "peers are not installed by us");
    }

    @Test
    void shouldStartWithItsCacheWhereverItWasMoved(Sandbox sandbox) throws Exception {
        // With this, a JVM that cannot use the cache ends instead of starting slowly.
        Path moved = installedWith(sandbox, "-XX:AOTMode=on");

        Command.of(moved.resolve("bin/rung-oci").toString(), "--version")
                .with("RUNG_RESIDENT", "off")
                .succeed();
    }

    /**
     * Classes that the cache does not hold cost the first call of all a millisecond each. Those
     * that the JVM makes for calls to native functions can't be held; ours come from switches over
     * types, from equals, hashCode and toString of records, and from lambdas that no recorded call
     * reached.
     */
    @Test
    void shouldMakeHardlyAnyClassWhileItServesTheFirstCall(Sandbox sandbox) throws Exception {
        Path classes = sandbox.folder().resolve("classes");
        Path moved = installedWith(sandbox, "-Xlog:class+load:file=" + classes);
        Bundle bundle = sandbox.bundle().args("true").write();

        Command.of(
                        moved.resolve("bin/rung-oci").toString(),
                        "--root",
                        sandbox.folder().resolve("roots").toString(),
                        "run",
                        "--bundle",
                        bundle.folder().toString(),
                        sandbox.newId())
                .with("RUNG_RESIDENT", "off")
                .succeed();

        try (var lines = Files.lines(classes)) {
            assertThat(lines.filter(line -> !line.endsWith("shared objects file")))
                    .hasSizeLessThan(30);
        }
    }

    /** A copy of the installation whose JVM is started with one more option. */
    private static Path installedWith(Sandbox sandbox, String option) throws Exception {
        Path installed = sandbox.runtime().binary().getParent().getParent();
        Path moved = sandbox.folder().resolve("moved");
        Command.of("cp", "-a", installed.toString(), moved.toString()).succeed();
        Path launch = moved.resolve("lib/launch");
        String words = Files.readString(launch);
        assertThat(words).contains("\0-XX:AOTCache=lib/rung.aot\0");
        Files.writeString(launch, words.replaceFirst("\0", "\0" + option + "\0"));
        return moved;
    }
}
