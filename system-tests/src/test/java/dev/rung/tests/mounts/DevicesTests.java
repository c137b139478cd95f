package dev.rung.tests.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Device nodes beyond the default ones, as config-linux.md "Devices" says. */
@SystemTest
class DevicesTests {
    private static final Map<String, Object> NODE =
            Map.of(
                    "path",
                    "/dev/inside",
                    "type",
                    "c",
                    "major",
                    1,
                    "minor",
                    5,
                    "fileMode",
                    0662,
                    "uid",
                    10,
                    "gid",
                    11);

    @Test
    void shouldMakeANodeWithOwnerAndMode(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .set("linux.devices", List.of(NODE))
                        .act("stat", "/dev/inside", ",", "see", "dev");

        Outcome outcome = sandbox.run(bundle).succeeded();

        assertThat(outcome.observed().of("dev", "inside")).isEqualTo("char 1:5 0662 10 11");
    }

    @Test
    void shouldMakeTheSameInAUserNamespace(Sandbox sandbox) {
        List<Map<String, Integer>> mapping =
                List.of(Map.of("containerID", 0, "hostID", 100_000, "size", 65_536));
        Bundle bundle =
                sandbox.bundle()
                        .namespace("user", null)
                        .set("linux.uidMappings", mapping)
                        .set("linux.gidMappings", mapping)
                        .set("linux.devices", List.of(NODE))
                        .act("see", "dev", "mountinfo");

        Outcome outcome = sandbox.run(bundle).succeeded();

        assertThat(outcome.observed().of("dev", "inside")).isEqualTo("char 1:5 0662 10 11");
        assertThat(outcome.observed().mountAt("/dev/inside").options())
                .contains("nosuid", "noexec");
        assertThat(outcome.observed().mountAt("/dev/inside").options()).doesNotContain("nodev");
    }

    @Test
    void shouldRefuseADevThatIsALink(Sandbox sandbox) throws Exception {
        Path elsewhere = Files.createDirectory(sandbox.folder().resolve("elsewhere"));
        Bundle bundle = sandbox.bundle().act("exit", "0").set("mounts", List.of());
        Files.delete(bundle.rootfs().resolve("dev"));
        Files.createSymbolicLink(bundle.rootfs().resolve("dev"), elsewhere);

        sandbox.run(bundle).refused();

        assertThat(elsewhere).isEmptyDirectory();
        assertThat(bundle.rootfs().resolve(elsewhere.toString().substring(1))).doesNotExist();
    }
}
