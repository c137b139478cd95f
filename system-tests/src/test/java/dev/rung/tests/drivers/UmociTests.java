package dev.rung.tests.drivers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Observation;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.SystemTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Bundles that {@code umoci unpack} writes, run by the runtime alone. */
@SystemTest
@NeedsProgram({"umoci", "setpriv", "script"})
@TestInstance(Lifecycle.PER_CLASS)
class UmociTests {
    private final Room room = new Room();
    private final Path layout = room.imageLayout();

    @AfterAll
    void end() {
        room.close();
    }

    @Test
    void shouldRunABundle() {
        Path bundle = room.path("plain");
        unpack("", bundle);
        // umoci asks for a terminal, which this caller does not have.
        withoutTerminal(bundle);

        Observation seen = run(bundle, "plain").succeeded().observed();

        assertThat(seen.list("argv")).containsExactly("/observer");
        assertThat(seen.list("environ")).contains("ORIGIN=image");
        assertThat(seen.of("pid")).isEqualTo("1");
    }

    @Test
    void shouldRunABundleOnATerminal() {
        Path bundle = room.path("terminal");
        unpack("", bundle);
        String state = room.path("state").toString();
        try (Terminal terminal =
                room.terminal(
                        List.of(
                                OciRuntime.binaryUnderTest().toString(),
                                "--root",
                                state,
                                "run",
                                "--bundle",
                                bundle.toString(),
                                "terminal"))) {
            Outcome outcome = terminal.await(Duration.ofSeconds(20)).succeeded();

            assertThat(outcome.output().lines().filter(line -> line.startsWith("tty.")))
                    .contains("tty.name /dev/pts/0", "tty.size 77 33");
        }
    }

    @Test
    void shouldRunABundleOfAnOrdinaryUser() {
        Path bundle = room.path("home/bundle");
        asUser("umoci unpack --rootless --image %s:1 %s".formatted(layout, bundle)).succeed();
        withoutTerminal(bundle);

        Observation seen =
                asUser(
                                "%s --root %s run --bundle %s rootless"
                                        .formatted(
                                                OciRuntime.binaryUnderTest(),
                                                room.path("home/state"),
                                                bundle))
                        .succeed()
                        .observed();

        assertThat(seen.of("uid")).isEqualTo("0 0 0 0");
        assertThat(seen.of("uid_map", 0).strip().split(" +"))
                .containsExactly("0", "" + Room.UID, "1");
        assertThat(seen.list("environ")).contains("ORIGIN=image");
    }

    private void unpack(String options, Path bundle) {
        Command.of(Words.of("umoci unpack %s --image %s:1 %s".formatted(options, layout, bundle)))
                .succeed();
    }

    private static void withoutTerminal(Path bundle) {
        String config = bundle.resolve("config.json").toString();
        Command.of("sed", "-i", "s/\"terminal\": true/\"terminal\": false/", config).succeed();
    }

    private Outcome run(Path bundle, String id) {
        return room.command(
                        OciRuntime.binaryUnderTest().toString(),
                        "--root",
                        room.path("state").toString(),
                        "run",
                        "--bundle",
                        bundle.toString(),
                        id)
                .run();
    }

    private Command asUser(String line) {
        String user =
                "setpriv --reuid %d --regid %d --clear-groups env HOME=%s XDG_RUNTIME_DIR=/run/user/%d "
                        .formatted(Room.UID, Room.UID, room.path("home"), Room.UID);
        return room.command(Words.of(user + line));
    }
}
