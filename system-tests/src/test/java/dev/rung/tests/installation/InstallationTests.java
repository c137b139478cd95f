package dev.rung.tests.installation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
        Path installed = sandbox.runtime().binary().getParent().getParent();
        Path moved = sandbox.folder().resolve("moved");
        Command.of("cp", "-a", installed.toString(), moved.toString()).succeed();
        Path launch = moved.resolve("lib/launch");
        String words = Files.readString(launch);
        assertThat(words).contains("\0-XX:AOTCache=lib/rung.aot\0");

        // With this, a JVM that cannot use the cache ends instead of starting slowly.
        Files.writeString(launch, words.replaceFirst("\0", "\0-XX:AOTMode=on\0"));

        Command.of(moved.resolve("bin/rung-oci").toString(), "--version")
                .with("RUNG_RESIDENT", "off")
                .succeed();
    }
}
